"""One browser and one `watcher run` for the tests of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium
from browser.visits import Visit, Watching, visiting, watching
from playwright.sync_api import Browser, expect
from servers.loopback import NotHere

expect.set_options(timeout=30_000)
"""As long as a page may take on a machine that has much else to do."""


@pytest.fixture(scope="module")
def browser(needed: Callable[[Path | NotHere], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium.running(needed(chromium.packages()), tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture(scope="module")
def watched(
    browser: Browser,
    packages: Path | NotHere,
    needed: Callable[[Path | NotHere], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Watching]:
    assert browser.is_connected(), "where there is no browser, nothing is started"
    with watching(needed(packages), tmp_path_factory.mktemp("home")) as one:
        yield one


@pytest.fixture
def visit(browser: Browser, watched: Watching) -> Iterator[Visit]:
    with browser.new_context() as context, visiting(context, watched) as one:
        yield one


@pytest.fixture
def plain(browser: Browser, watched: Watching) -> Iterator[Visit]:
    """The same without JavaScript."""
    with browser.new_context(java_script_enabled=False) as context, visiting(context, watched) as one:
        yield one
