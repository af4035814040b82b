"""Opinions and the number of questions a day, in a file of their own beside the ledger: keyed hashes and places.

Nothing in it can be read back without the key, and then only by who has the note. Old rows go by themselves.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from watcher.errors import Problem, Show, TryAgain

KEPT_FOR = timedelta(days=180)

PATIENCE = 5.0
"""Seconds that another who writes is waited for."""

_TABLES = """
CREATE TABLE IF NOT EXISTS opinions (key BLOB PRIMARY KEY, opinion TEXT NOT NULL, day TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions (day TEXT PRIMARY KEY, asked INTEGER NOT NULL) WITHOUT ROWID;
"""
_SPEND = """
INSERT INTO questions (day, asked) VALUES (?, 1)
ON CONFLICT (day) DO UPDATE SET asked = asked + 1 WHERE asked < ?
"""


class OpinionFile:
    """Implements `opinions.KeptOpinions`. Opened when it is first asked. Raises TryAgain where the disk fails."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def find(self, key: bytes) -> str | None:
        """What was kept under a key."""
        with self._opened() as connection:
            row = connection.execute("SELECT opinion FROM opinions WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def keep(self, key: bytes, text: str, day: date) -> None:
        """Keep it, and forget what is old."""
        with self._opened() as connection:
            connection.execute("INSERT OR REPLACE INTO opinions VALUES (?, ?, ?)", (key, text, day.isoformat()))
            connection.execute("DELETE FROM opinions WHERE day < ?", ((day - KEPT_FOR).isoformat(),))

    def spend(self, day: date, most: int) -> bool:
        """Count one more question of this day; False where there were `most` already."""
        with self._opened() as connection:
            connection.execute("DELETE FROM questions WHERE day < ?", ((day - KEPT_FOR).isoformat(),))
            return connection.execute(_SPEND, (day.isoformat(), most)).rowcount == 1

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction. A connection each: passes and commands come from several threads."""
        try:
            _make_private(self._place)
            connection = sqlite3.connect(self._place, timeout=PATIENCE)
            try:
                connection.executescript(_TABLES)
                with connection:
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise TryAgain(f"{self._place.name} cannot be used ({type(error).__name__})") from error


def _make_private(place: Path) -> None:
    os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
    mode = stat.S_IMODE(place.stat().st_mode)
    if mode & 0o077:
        raise Show(Problem(str(place), f"may be read by others (mode {mode:o})", f"chmod 600 {place}"))
