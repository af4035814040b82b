"""Errors of the database, sorted by what the caller does next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, OperationalError

from watcher.errors import Problem, Show, TryAgain

_DAMAGED = ("not a database", "malformed")


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what the database raises into TryAgain or Show, naming the file at `place`."""
    try:
        yield
    except DatabaseError as error:
        words = str(error.orig).lower()
        if any(sign in words for sign in _DAMAGED):
            remedy = "move the file away: the program then begins a new one and looks back a few days"
            raise Show(
                Problem("WATCHER_LEDGER", f"{place} is no ledger, or it is damaged ({words})", remedy)
            ) from error
        if "readonly" in words or "unable to open" in words:
            remedy = "let the program write there, or name another place"
            raise Show(Problem("WATCHER_LEDGER", f"{place} cannot be written ({words})", remedy)) from error
        if isinstance(error, OperationalError):
            raise TryAgain(f"the ledger {place} cannot be written: {_plainly(words)}") from error
        raise


def _plainly(words: str) -> str:
    if "full" in words:
        return "the disk is full. Make room, then run again"
    if "disk i/o" in words:
        return "the disk is full or failing. Look at it, then run again"
    if "locked" in words:
        return "another process holds it"
    return words
