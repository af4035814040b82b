"""The numbers of a Maildir's mails, which its files do not have: a file of our own, outside the Maildir.

A name gets the next number of its folder when it is first seen and keeps it for ever; what vanishes leaves its number
unused. UIDVALIDITY is drawn when the index is made, so that numbers of a lost index are never taken for those of a new
one. Beside each number stands whether the mail is from or about LinkedIn, once its headers have been read.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from watcher.errors import Problem, Show, TryAgain

_SCHEMA = """
CREATE TABLE IF NOT EXISTS maildir (uidvalidity INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mail (
    folder BLOB NOT NULL,
    name BLOB NOT NULL,
    uid INTEGER NOT NULL,
    received_ns INTEGER NOT NULL,
    is_candidate INTEGER,
    is_gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS mail_by_uid ON mail (folder, uid);
"""
# EXTRA: a number that a later pass counts on is on the disk, also after a power cut (sqlite.org/pragma.html).
# No WAL: it may outlive a file that a person deletes, and would be taken for the next one's.
_PRAGMAS = ("busy_timeout=10000", "journal_mode=DELETE", "synchronous=EXTRA")
_HIGHEST_VALIDITY = 2**32 - 1
_DAMAGED = ("not a database", "malformed", "no such table", "no such column")


class Numbered(NamedTuple):
    """What the index knows of one mail; `is_candidate` is None where nobody has asked yet."""

    uid: int
    received_ns: int
    is_candidate: bool | None
    is_gone: bool


@dataclass(slots=True)
class Index:
    """The numbers of one Maildir; made by `open_index`."""

    place: Path
    connection: sqlite3.Connection
    uidvalidity: int

    def known(self, folder: bytes) -> dict[bytes, Numbered]:
        """Every mail that was ever seen in a folder, by the unique part of its name."""
        with _told(self.place):
            rows = self.connection.execute(
                "SELECT name, uid, received_ns, is_candidate, is_gone FROM mail WHERE folder = ?", (folder,)
            )
            return {name: Numbered(uid, ns, _flag(candidate), bool(gone)) for name, uid, ns, candidate, gone in rows}

    def number(self, folder: bytes, received_ns: Mapping[bytes, int]) -> None:
        """Give the next numbers to new names, the oldest mail first. Another process may have been before us."""
        with self._writing():
            (last,) = self.connection.execute("SELECT max(uid) FROM mail WHERE folder = ?", (folder,)).fetchone()
            uid = last or 0
            for name, received in sorted(received_ns.items(), key=lambda item: (item[1], item[0])):
                row = (folder, name, uid + 1, received)
                added = self.connection.execute(
                    "INSERT OR IGNORE INTO mail (folder, name, uid, received_ns) VALUES (?, ?, ?, ?)", row
                )
                uid += added.rowcount

    def note_presence(self, folder: bytes, gone: Iterable[bytes], back: Iterable[bytes]) -> None:
        """Remember who is missing and who has come back, so that each is looked for in vain only once."""
        rows = [(1, folder, name) for name in gone] + [(0, folder, name) for name in back]
        if rows:
            with self._writing():
                self.connection.executemany("UPDATE mail SET is_gone = ? WHERE folder = ? AND name = ?", rows)

    def note_candidates(self, folder: bytes, found: Mapping[int, bool]) -> None:
        """Remember which mails are from or about LinkedIn."""
        if found:
            with self._writing():
                self.connection.executemany(
                    "UPDATE mail SET is_candidate = ? WHERE folder = ? AND uid = ?",
                    [(int(is_candidate), folder, uid) for uid, is_candidate in found.items()],
                )

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _told(self.place), _transaction(self.connection):
            yield


def open_index(place: Path) -> Index:
    """Open, or make, the index at `place`. Raises Show and TryAgain."""
    _make_private(place)
    with _told(place):
        # A service opens in one thread and closes in another, never both at once.
        connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
        try:
            return Index(place, connection, _prepared(connection))
        except BaseException:
            connection.close()
            raise


def _prepared(connection: sqlite3.Connection) -> int:
    """Make the tables where there are none yet; the index's UIDVALIDITY."""
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    with _transaction(connection):
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        drawn = secrets.randbelow(_HIGHEST_VALIDITY) + 1
        connection.execute(
            "INSERT INTO maildir (uidvalidity) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM maildir)", (drawn,)
        )
        (uidvalidity,) = connection.execute("SELECT uidvalidity FROM maildir").fetchone()
    return int(uidvalidity)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _make_private(place: Path) -> None:
    """The folder 0700 and the file 0600 from the first moment; one that others may read is refused."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
        mode = stat.S_IMODE(place.stat().st_mode)
    except OSError as error:
        raise Show(Problem(str(place), error.strerror or "cannot be made", "let the program write there")) from error
    if mode & 0o077:
        raise Show(Problem(str(place), f"may be read by others (mode {mode:o})", f"chmod 600 {place}"))


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        words = str(error).lower()
        if any(sign in words for sign in _DAMAGED):
            remedy = "move it away: the program then numbers the mails anew and looks back a few days"
            raise Show(Problem(str(place), f"is damaged ({words})", remedy)) from error
        if "readonly" in words or "unable to open" in words:
            raise Show(Problem(str(place), f"cannot be written ({words})", "let the program write there")) from error
        raise TryAgain(f"{place}: {words}") from error


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
