"""How far each folder was looked over, and which mail could not be read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, insert, select, update

from watcher.adapters.ledger import schema
from watcher.adapters.ledger.transactions import Transactions
from watcher.ports import (
    Location,
    Watermark,
)


class Folders(Transactions):
    """How far each folder was looked over, and which mail could not be read."""

    def watermark(self, account: str, folder: str) -> Watermark | None:
        """How far this folder was looked over; None before the first pass."""
        table = schema.watermark
        here = and_(table.c.account == account, table.c.folder == folder)
        with self._transaction() as sql:
            row = sql.execute(select(table.c.uidvalidity, table.c.next_uid).where(here)).one_or_none()
        return Watermark(*row) if row else None

    def advance(self, account: str, folder: str, mark: Watermark, at: datetime) -> None:
        """Move the watermark; the caller has recorded every outcome below it."""
        table = schema.watermark
        here = and_(table.c.account == account, table.c.folder == folder)
        with self._transaction() as sql:
            sql.execute(delete(table).where(here))
            values = {"uidvalidity": mark.uidvalidity, "next_uid": mark.next_uid, "updated_at": at}
            sql.execute(insert(table).values(account=account, folder=folder, **values))

    def failed(self, account: str, location: Location, why: str, at: datetime) -> int:
        """Count one more failure with this mail; returns how often that happened."""
        table = schema.failure
        key = {"account": account, "folder": location.folder, "uidvalidity": location.uidvalidity, "uid": location.uid}
        here = and_(*(table.c[name] == value for name, value in key.items()))
        with self._transaction() as sql:
            times = 1 + (sql.scalar(select(table.c.times).where(here)) or 0)
            sql.execute(delete(table).where(here))
            sql.execute(insert(table).values(**key, times=times, why=why[:500], updated_at=at))
        return times

    def spared(self, account: str, location: Location) -> None:
        """Take the last of these failures back: it was none."""
        table = schema.failure
        key = {"account": account, "folder": location.folder, "uidvalidity": location.uidvalidity, "uid": location.uid}
        here = and_(*(table.c[name] == value for name, value in key.items()))
        with self._transaction() as sql:
            sql.execute(update(table).where(here).values(times=table.c.times - 1))
            sql.execute(delete(table).where(here, table.c.times < 1))
