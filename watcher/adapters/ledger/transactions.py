"""One transaction a call, on the disk when it returns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from watcher.adapters.ledger.failing import told


class Transactions:
    """What each part of the ledger works with. `place` is the file, for error messages."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def close(self) -> None:
        """Release the file; never raises."""
        try:
            self._engine.dispose()
        except SQLAlchemyError:
            return

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with told(self._place), self._engine.begin() as connection:
            yield connection
