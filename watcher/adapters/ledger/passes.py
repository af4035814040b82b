"""What passes did, what they met, and who was refused."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Delete, and_, delete, func, insert, or_, select

from watcher.adapters.ledger import rows, schema
from watcher.adapters.ledger.transactions import Transactions
from watcher.ports import (
    Drift,
    PassSummary,
    Refusals,
)

KEPT_DRIFTS = 50
"""So many of the newest samples of changed mail are kept of an account: more tell nothing new."""

KEPT_PASSES = 2000
"""So many of the newest passes of an account are kept: a week of them, one every five minutes."""


class Passes(Transactions):
    """What passes did, what they met, and who was refused."""

    def drifted(self, drift: Drift) -> None:
        """Keep a sign that LinkedIn's mail has changed; the same mail counts once, and the newest are kept."""
        table = schema.drift
        here = and_(table.c.account == drift.account, table.c.message_id == drift.message_id)
        with self._transaction() as sql:
            if sql.scalar(select(table.c.id).where(here)) is None:
                sql.execute(insert(table).values(**asdict(drift)))
                mine = select(table.c.id).where(table.c.account == drift.account)
                newest = mine.order_by(table.c.id.desc()).offset(KEPT_DRIFTS).limit(1).scalar_subquery()
                sql.execute(delete(table).where(table.c.account == drift.account, table.c.id <= newest))

    def drifts(self, account: str) -> tuple[Drift, ...]:
        """These signs, newest first."""
        table = schema.drift
        columns = (table.c.account, table.c.message_id, table.c.why, table.c.sample, table.c.at)
        with self._transaction() as sql:
            found = sql.execute(select(*columns).where(table.c.account == account).order_by(table.c.id.desc())).all()
        return tuple(Drift(*row) for row in found)

    def passed(self, summary: PassSummary) -> None:
        """Keep what a pass did; of each account the newest passes, and the newest completed one."""
        with self._transaction() as sql:
            sql.execute(insert(schema.passes).values(**rows.of_summary(summary)))
            sql.execute(_passes_too_many(summary.account))

    def failing(self, account: str) -> int:
        """How many of the newest passes in a row failed; one that was stopped did not."""
        columns = schema.passes.c
        went_well = or_(columns.completed, columns.problem == "")
        last_good = select(func.max(columns.id)).where(columns.account == account, went_well).scalar_subquery()
        later = and_(columns.account == account, columns.id > func.coalesce(last_good, 0))
        with self._transaction() as sql:
            return sql.scalar(select(func.count()).select_from(schema.passes).where(later)) or 0

    def last_pass(self, account: str, *, completed: bool = False) -> PassSummary | None:
        """The newest pass, or the newest completed one."""
        columns = schema.passes.c
        wanted = select(schema.passes).where(columns.account == account).order_by(columns.id.desc()).limit(1)
        with self._transaction() as sql:
            row = sql.execute(wanted.where(columns.completed) if completed else wanted).mappings().one_or_none()
        return rows.to_summary(row) if row else None

    def refusals(self, account: str) -> Refusals | None:
        """How often the server refused to let this account in; None since it did let it in."""
        table = schema.refusal
        wanted = select(table.c.settings, table.c.times, table.c.at).where(table.c.account == account)
        with self._transaction() as sql:
            row = sql.execute(wanted).one_or_none()
        return Refusals(*row) if row else None

    def let_in(self, account: str) -> None:
        """The server let this account in: what it refused before counts no longer."""
        with self._transaction() as sql:
            sql.execute(delete(schema.refusal).where(schema.refusal.c.account == account))

    def kept_out(self, account: str, settings: str, at: datetime) -> int:
        """Count one more refusal; returns how many there were in a row with these settings."""
        before = self.refusals(account)
        times = before.times + 1 if before and before.settings == settings else 1
        with self._transaction() as sql:
            sql.execute(delete(schema.refusal).where(schema.refusal.c.account == account))
            sql.execute(insert(schema.refusal).values(account=account, settings=settings, times=times, at=at))
        return times


def _passes_too_many(account: str) -> Delete:
    columns = schema.passes.c
    mine = select(columns.id).where(columns.account == account)
    newest = mine.order_by(columns.id.desc()).offset(KEPT_PASSES).limit(1).scalar_subquery()
    completed = mine.where(columns.completed).order_by(columns.id.desc()).limit(1).scalar_subquery()
    is_kept = columns.id == func.coalesce(completed, 0)
    return delete(schema.passes).where(columns.account == account, columns.id <= newest, ~is_kept)
