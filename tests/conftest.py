"""Fixtures that several folders share: real servers, and a loud word about tests that found none to run on."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from pathlib import Path

import pytest
import structlog
from servers import dovecot as dovecot_server
from servers import kinds
from servers import neomutt as neomutt_program
from servers.dovecot import Dovecot, Style
from servers.loopback import Listening, NotHere

NOT_RUN = pytest.StashKey[list[str]]()
IS_NEEDED = kinds.EVERY_ONE or os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_RUN] = []


@pytest.fixture(autouse=True)
def _usual_mask() -> None:
    """The command line makes private what it writes, and a test that calls it here would so for all after it."""
    os.umask(0o022)


@pytest.fixture(autouse=True)
def _usual_log() -> Iterator[None]:
    """A command that is called here sets the log to the standard error of its own test, which ends with it."""
    yield
    structlog.reset_defaults()
    logging.basicConfig(force=True)


@pytest.fixture(scope="session")
def programs() -> Iterator[Callable[[str], Path | NotHere]]:
    """A server's programs by its name, copied once, or why there are none."""
    with ExitStack() as copies:

        @cache
        def programs_of(name: str) -> Path | NotHere:
            try:
                root: Path = copies.enter_context(kinds.ALL[name].packages())
            except NotHere as reason:
                return reason
            return root

        yield programs_of


@pytest.fixture(scope="session")
def packages(programs: Callable[[str], Path | NotHere]) -> Path | NotHere:
    """Dovecot's programs, or why there are none."""
    return programs("dovecot")


@pytest.fixture
def unpacked(packages: Path | NotHere, request: pytest.FixtureRequest) -> Path:
    """Dovecot's programs, for a test that cannot run without."""
    return _found(packages, request)


@pytest.fixture
def neomutt(request: pytest.FixtureRequest) -> Path:
    """A mail program's packages, for a test that cannot run without."""
    try:
        return neomutt_program.programs()
    except NotHere as reason:
        return _found(reason, request)


@pytest.fixture(scope="module")
def needed(request: pytest.FixtureRequest) -> Callable[[Path | NotHere], Path]:
    """Programs that a whole file of tests cannot run without."""
    return lambda found: _found(found, request)


@pytest.fixture
def server_of(
    programs: Callable[[str], Path | NotHere], request: pytest.FixtureRequest
) -> Callable[[str], AbstractContextManager[Listening]]:
    """Starts a fresh server by its name."""

    def start(name: str) -> AbstractContextManager[Listening]:
        running: AbstractContextManager[Listening] = kinds.ALL[name].running(_found(programs(name), request))
        return running

    return start


def _found(programs: Path | NotHere, request: pytest.FixtureRequest) -> Path:
    """In CI and where every server was asked for, it is a failure that one is absent; else it is told by name."""
    if isinstance(programs, Path):
        return programs
    if IS_NEEDED:
        pytest.fail(f"no real server to test against: {programs}")
    request.config.stash[NOT_RUN].append(request.node.nodeid)
    pytest.skip(f"no real server: {programs}")


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
