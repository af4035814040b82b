"""The ledger's file: private, durable, migrated, and clear when something is wrong with it."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from builders import NOW, a_sighting
from sqlalchemy import create_engine

from watcher.adapters.ledger import open_ledger
from watcher.adapters.ledger.opening import migration_config
from watcher.domain.lifecycle import State
from watcher.errors import Show, TryAgain


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


def test_nobody_else_may_read_it(place: Path) -> None:
    ledger = open_ledger(f"sqlite:///{place}")
    ledger.record(a_sighting(), State.SEEN, "", NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.parent.iterdir()}
    ledger.close()
    assert modes["ledger.sqlite"] == 0o600
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_one_that_others_may_read_is_refused_with_the_command_that_mends_it(place: Path) -> None:
    open_ledger(f"sqlite:///{place}").close()
    place.chmod(0o644)
    with pytest.raises(Show, match=f"chmod 600 {place}"):
        open_ledger(f"sqlite:///{place}")


@pytest.mark.parametrize("url", ["postgresql://localhost/x", "sqlite://", "ledger.sqlite", "", "sqlite:///:memory:"])
def test_what_is_no_ledger_is_told(url: str) -> None:
    with pytest.raises(Show, match="WATCHER_LEDGER"):
        open_ledger(url)


def test_a_damaged_file_is_told(place: Path) -> None:
    place.parent.mkdir(mode=0o700)
    place.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    place.chmod(0o600)
    with pytest.raises(Show, match="damaged"):
        open_ledger(f"sqlite:///{place}")


def test_one_of_a_newer_version_is_refused(place: Path) -> None:
    open_ledger(f"sqlite:///{place}").close()
    with sqlite3.connect(place) as sql:
        sql.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Show, match="newer version"):
        open_ledger(f"sqlite:///{place}")


def test_migrations_lead_to_the_schema(place: Path) -> None:
    open_ledger(f"sqlite:///{place}").close()
    config = migration_config()
    with create_engine(f"sqlite:///{place}").begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)  # raises where autogenerate would find a difference


def test_it_writes_through_to_the_disk(place: Path) -> None:
    ledger = open_ledger(f"sqlite:///{place}")
    with ledger._engine.connect() as sql:  # noqa: SLF001 - the pragmas of just this connection are the promise
        found = {name: sql.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
    ledger.close()
    assert found == {"journal_mode": "wal", "synchronous": 2}


FILL = """
import resource, signal, sys
from builders import NOW, a_sighting
from watcher.adapters.ledger import open_ledger
from watcher.domain.lifecycle import State
from watcher.errors import TryAgain
ledger = open_ledger(sys.argv[1])
ledger.record(a_sighting(key="kept"), State.SEEN, "", NOW)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for number in range(10_000):
        ledger.record(a_sighting(key=f"k{number}"), State.SEEN, "x" * 2000, NOW)
except TryAgain as error:
    print(error)
    sys.exit(3)
"""


def test_a_full_disk_is_told_and_loses_nothing(place: Path) -> None:
    url = f"sqlite:///{place}"
    paths = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
    child = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{FILL}", url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 3, child.stderr
    assert str(place) in child.stdout
    ledger = open_ledger(url)
    assert ledger.find("me@example.test", "kept") is not None
    ledger.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((Show, TryAgain), match="file"):
        open_ledger(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}")
