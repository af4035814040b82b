"""Opens a ledger: private file, safe pragmas, migrations. SQLite until another database is asked for."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from watcher.adapters.ledger.failing import told
from watcher.adapters.ledger.sql import PATIENCE, SqlLedger
from watcher.errors import Problem, Show

# FULL: what a transaction wrote is on the disk when it returns, also after a power cut (sqlite.org/pragma.html).
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")


def open_ledger(url: str, patience: timedelta = PATIENCE) -> SqlLedger:
    """Open, or make, the ledger at a `sqlite:///…` URL. Raises Show and TryAgain.

    `patience`: how long another instance's lease is waited for.
    """
    place = _place(url)
    _make_private(place)
    engine = create_engine(f"sqlite:///{place}")
    event.listen(engine, "connect", _set_pragmas)
    try:
        with told(str(place)):
            _migrate(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return SqlLedger(engine, str(place), patience)


def _place(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _no_url(url) from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise _no_url(url)
    return Path(parsed.database).expanduser().absolute()


def _no_url(url: str) -> Show:
    return Show(Problem("WATCHER_LEDGER", f"{url!r} is no ledger", "write sqlite:///PATH, with PATH a file of yours"))


def _make_private(place: Path) -> None:
    """The folder 0700 and the file 0600 from the first moment; one that others may read is refused."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
        mode = stat.S_IMODE(place.stat().st_mode)
    except OSError as error:
        remedy = "make room or name another place"
        raise Show(Problem("WATCHER_LEDGER", f"{place}: {error.strerror}", remedy)) from error
    if mode & 0o077:
        what = f"{place} may be read by others (mode {mode:o})"
        raise Show(Problem("WATCHER_LEDGER", what, f"chmod 600 {place}"))


def _set_pragmas(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: Engine, place: Path) -> None:
    config = migration_config()
    with engine.begin() as connection:
        # Of two that open a new ledger at the same time, the second waits until the first has made the tables.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _refuse_newer(connection, config, place)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migration_config() -> Config:
    """Alembic's settings, made in memory: nothing of it lies on the person's disk."""
    config = Config()
    config.set_main_option("script_location", str(files("watcher.adapters.ledger").joinpath("migrations")))
    return config


def _refuse_newer(connection: Connection, config: Config, place: Path) -> None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - heavy, and needed at opening only

    current = MigrationContext.configure(connection).get_current_revision()
    try:
        ScriptDirectory.from_config(config).get_revision(current or "base")
    except CommandError as error:
        what = f"{place} was written by a newer version of this program (revision {current})"
        raise Show(Problem("WATCHER_LEDGER", what, "upgrade invitation-watcher")) from error
