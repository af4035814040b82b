"""Many rows at once: what is under way, what is shown, searched and counted."""

from __future__ import annotations

from sqlalchemy import select

from watcher.adapters.ledger import listing, schema, steps
from watcher.adapters.ledger.transactions import Transactions
from watcher.domain.lifecycle import State
from watcher.ports import (
    Beside,
    Page,
    Record,
    Tally,
    Wanted,
)

_invitation = schema.invitation

_LARGEST = (1 << 63) - 1
"""The largest number of a row (sqlite.org/datatype3.html): a larger one cannot even be asked for."""


class Lists(Transactions):
    """Many rows at once: what is under way, what is shown, searched and counted."""

    def unresolved(self, account: str) -> tuple[Record, ...]:
        """Rows in `intended`, oldest first."""
        return self._in_state(account, State.INTENDED)

    def _in_state(self, account: str, state: State) -> tuple[Record, ...]:
        columns = _invitation.c
        wanted = select(_invitation).where(columns.account == account, columns.state == str(state))
        with self._transaction() as sql:
            return steps.records(sql, wanted.order_by(columns.id))

    def listing(self, state: State | None = None) -> tuple[Record, ...]:
        """All rows, newest first."""
        columns = _invitation.c
        wanted = select(_invitation).order_by(columns.received.desc(), columns.id.desc())
        with self._transaction() as sql:
            return steps.records(sql, wanted.where(columns.state == str(state)) if state else wanted)

    def page(self, wanted: Wanted, start: int, count: int) -> Page:
        """Up to `count` of these rows, after the first `start`."""
        with self._transaction() as sql:
            rows_of_page = steps.records(sql, listing.page(wanted, start, count))
            return Page(rows_of_page, sql.scalar(listing.count(wanted)) or 0)

    def beside(self, wanted: Wanted, record_id: int) -> Beside:
        """What stands before and after a row in their order."""
        with self._transaction() as sql:
            row = sql.execute(listing.beside(wanted, record_id)).one_or_none()
        return Beside(*row) if row else Beside()

    def tally(self, account: str | None = None) -> Tally:
        """How many rows there are of each kind, of one account or of all."""
        wanted = Wanted(account=account)
        with self._transaction() as sql:
            states = {State(state): times for state, times in sql.execute(listing.states(wanted))}
            return Tally(states, tuple(filter(None, sql.scalars(listing.languages(wanted)))))

    def show(self, record_id: int) -> Record | None:
        """One row with its history."""
        if record_id > _LARGEST:
            return None
        with self._transaction() as sql:
            return steps.first(sql, select(_invitation).where(_invitation.c.id == record_id))
