"""Each server that was chosen, and a person with a mailbox on it; a proxy between writes down what the program says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from faults import proxy
from faults.proxy import Proxy
from servers import kinds
from servers.loopback import Listening
from servers.posts import ImapPost, imap_post
from shell.program import Home

from watcher.samples import AUTHSERV


@pytest.fixture(params=kinds.CHOSEN)
def server(
    server_of: Callable[[str], AbstractContextManager[Listening]], request: pytest.FixtureRequest
) -> Iterator[Listening]:
    with server_of(request.param) as listening:
        yield listening


@pytest.fixture
def post(server: Listening) -> ImapPost:
    return imap_post(server)


@pytest.fixture
def wire(server: Listening) -> Iterator[Proxy]:
    with proxy.running(server.port) as between:
        yield between


@pytest.fixture
def home(server: Listening, wire: Proxy, tmp_path: Path) -> Home:
    settings = {"WATCHER_IMAP_PORT": str(wire.port), "WATCHER_TRUSTED_AUTHSERV": AUTHSERV, "WATCHER_LANGUAGES": "en,de"}
    return Home(tmp_path, server.environment() | settings)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a server, where all were asked for."""
    if not kinds.EVERY_ONE:
        return
    terminalreporter.section("servers")
    for name in kinds.ALL:
        counts = {
            outcome: sum(f"[{name}" in report.nodeid for report in terminalreporter.stats.get(outcome, ()))
            for outcome in ("passed", "failed", "error", "skipped")
        }
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        terminalreporter.line(f"{name:<12}{told}")
