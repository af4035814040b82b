"""Fixtures that several folders share: real servers, and a loud word about tests that found none to run on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot, NotHere, Style

NOT_RUN = pytest.StashKey[list[str]]()
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_RUN] = []


@pytest.fixture(scope="session")
def packages() -> Iterator[Path | NotHere]:
    """Dovecot's unpacked packages, or why there are none."""
    try:
        with dovecot_server.packages() as root:
            yield root
    except NotHere as reason:
        yield reason


@pytest.fixture
def unpacked(packages: Path | NotHere, request: pytest.FixtureRequest) -> Path:
    """The packages, for a test that cannot run without: in CI their absence is a failure, else it is told by name."""
    if isinstance(packages, Path):
        return packages
    if IN_CI:
        pytest.fail(f"no real server to test against: {packages}")
    request.config.stash[NOT_RUN].append(request.node.nodeid)
    pytest.skip(f"no real server: {packages}")


@pytest.fixture
def dovecot(unpacked: Path) -> Iterator[Dovecot]:
    """A fresh Dovecot."""
    with dovecot_server.running(unpacked) as server:
        yield server


@pytest.fixture
def dovecot_of(unpacked: Path, request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A fresh Dovecot in the style that the test's parameter names."""
    style: Style = request.param
    with dovecot_server.running(unpacked, style) as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = config.stash[NOT_RUN]
    if not names:
        return
    terminalreporter.section("NOT RUN: these tests need a real IMAP server and found none", sep="!", red=True)
    for name in names:
        terminalreporter.line(f"  {name}")
