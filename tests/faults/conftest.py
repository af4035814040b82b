"""One server for all rounds, one launcher for all runs, and a mailbox of its own for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.rounds import Launcher, Round, launcher, many_mailboxes
from servers.dovecot import Dovecot
from servers.loopback import NotHere

from watcher.adapters.ledger import SqlLedger, open_ledger


@pytest.fixture(scope="session")
def _many(packages: Path | NotHere) -> Iterator[Dovecot | None]:
    if isinstance(packages, Path):
        with many_mailboxes(packages) as server:
            yield server
    else:
        yield None


@pytest.fixture
def mailboxes(unpacked: Path, _many: Dovecot | None) -> Dovecot:
    assert _many is not None, f"{unpacked} holds a server"
    return _many


@pytest.fixture(scope="session")
def program() -> Iterator[Launcher]:
    with launcher() as one:
        yield one


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made") / "ledger.sqlite"
    open_ledger(f"sqlite:///{place}").close()
    return place


@pytest.fixture
def ledger(_made: Path, tmp_path: Path) -> Iterator[SqlLedger]:
    """An empty ledger: a copy, because making one takes longer than a pass."""
    shutil.copy(_made, tmp_path / "ledger.sqlite")
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def one_round(mailboxes: Dovecot, program: Launcher, tmp_path: Path) -> Round:
    return Round(mailboxes, program, tmp_path)
