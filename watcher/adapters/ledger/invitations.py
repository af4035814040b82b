"""Invitations, as they are first written down, moved and read again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from watcher.adapters.ledger import rows, schema, steps
from watcher.adapters.ledger.transactions import Transactions
from watcher.domain.lifecycle import START, By, State
from watcher.domain.names import compared
from watcher.errors import GiveUp
from watcher.ports import (
    Record,
    Sighting,
)

_invitation = schema.invitation


class Invitations(Transactions):
    """Invitations, as they are first written down, moved and read again."""

    def find(self, account: str, key: str) -> Record | None:
        """The row of one invitation."""
        with self._transaction() as sql:
            return steps.first(
                sql, select(_invitation).where(_invitation.c.account == account, _invitation.c.key == key)
            )

    def namesakes(self, account: str, name: str, profile_url: str | None, since: datetime) -> tuple[Record, ...]:
        """Rows received since, newest first, whose inviter has this name (case-folded) or this profile."""
        columns = _invitation.c
        same = or_(
            columns.person == compared(name), and_(columns.profile_url.is_not(None), columns.profile_url == profile_url)
        )
        wanted = select(_invitation).where(columns.account == account, columns.received >= since, same)
        with self._transaction() as sql:
            return steps.records(sql, wanted.order_by(columns.received.desc(), columns.id.desc()))

    def record(self, sighting: Sighting, state: State, reason: str, at: datetime) -> Record:
        """Write a row for the first time; a row that stands already wins and is returned unchanged."""
        if state not in START:
            raise GiveUp(f"an invitation cannot begin as {state}")
        try:
            return self._insert(sighting, state, reason, at)
        except IntegrityError:
            standing = self.find(sighting.account, sighting.key)
            assert standing is not None, "the key that was taken has its row"
            return standing

    def _insert(self, sighting: Sighting, state: State, reason: str, at: datetime) -> Record:
        columns = rows.of_sighting(sighting)
        stamped = {"state": str(state), "reason": reason, "seen_at": at, "updated_at": at}
        with self._transaction() as sql:
            made = sql.execute(insert(_invitation).values(**columns, **stamped)).inserted_primary_key
            assert made is not None, "an insert of one row has its key"
            steps.note(sql, made[0], None, steps.Step(state, By.PROGRAM, reason, at))
            return steps.one(sql, made[0])

    def reread(self, record_id: int, sighting: Sighting, at: datetime) -> Record:
        """The row takes what its mail says now and moves to `seen`; a second row of one invitation to `skipped`."""
        standing = self.find(sighting.account, sighting.key)
        with self._transaction() as sql:
            if standing is not None and standing.id != record_id:
                steps.move(
                    sql,
                    record_id,
                    steps.Step(State.SKIPPED, By.PERSON, f"the same invitation as no. {standing.id}", at),
                )
            else:
                steps.move(sql, record_id, steps.Step(State.SEEN, By.PERSON, "judged again", at))
                here = _invitation.c.id == record_id
                sql.execute(update(_invitation).where(here).values(**rows.of_sighting(sighting)))
            return steps.one(sql, record_id)

    def move(self, record_id: int, end: State, reason: str, at: datetime, by: By = By.PROGRAM) -> Record:
        """Any legal move but `intend`. Raises GiveUp where `lifecycle` forbids it."""
        with self._transaction() as sql:
            steps.move(sql, record_id, steps.Step(end, by, reason, at))
            return steps.one(sql, record_id)
