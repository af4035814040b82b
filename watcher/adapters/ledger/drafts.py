"""Drafts, from the intent on, and the lease under which they are put."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from watcher.adapters.ledger import leases, rows, schema, steps
from watcher.adapters.ledger.transactions import Transactions
from watcher.domain.lifecycle import LASTING, By, State
from watcher.errors import GiveUp, TryAgain
from watcher.ports import (
    HANDED_OVER,
    FolderState,
    Intent,
    Lease,
    Look,
    Record,
)

_invitation, _draft = schema.invitation, schema.draft


class Drafts(Transactions):
    """Drafts, from the intent on, and the lease under which they are put."""

    _holder: str
    _patience: timedelta

    def lease(self, account: str, now: datetime) -> Lease:
        """Become the one writer of an account; a short work of another instance is waited for."""
        begun, waited = time.monotonic(), timedelta()
        while True:
            with self._transaction() as sql:
                taken = leases.take(sql, account, self._holder, now + waited)
            if taken is not None:
                return taken
            if waited >= self._patience:
                raise TryAgain(f"another instance of this program is at work on {account}")
            time.sleep(0.1)
            waited = timedelta(seconds=time.monotonic() - begun)

    def renew(self, lease: Lease, now: datetime) -> None:
        """Hold a lease for another term."""
        with self._transaction() as sql:
            leases.renew(sql, lease, now)

    def release(self, lease: Lease) -> None:
        """Give a lease back."""
        with self._transaction() as sql:
            leases.release(sql, lease)

    def intend(self, record_id: int, intent: Intent, lease: Lease, by: By = By.PROGRAM) -> Record:
        """Write the intent down and move to `intended`, in one transaction."""
        try:
            with self._transaction() as sql:
                leases.renew(sql, lease, intent.at)
                steps.move(sql, record_id, steps.Step(State.INTENDED, by, f"revision {intent.revision}", intent.at))
                sql.execute(insert(_draft).values(**rows.of_intent(record_id, intent)))
                return steps.one(sql, record_id)
        except IntegrityError as error:
            raise GiveUp(f"revision {intent.revision} of no. {record_id} is intended already") from error

    def hand_over(self, record_id: int, lease: Lease, at: datetime) -> None:
        """Octets of the live revision go out now, and never before or after."""
        with self._transaction() as sql:
            leases.renew(sql, lease, at)
            unsent = and_(
                _draft.c.id == steps.live(sql, record_id), _draft.c.uid.is_(None), _draft.c.drafted_at.is_(None)
            )
            if sql.execute(update(_draft).where(unsent).values(uid=HANDED_OVER)).rowcount != 1:
                raise TryAgain(f"the draft of no. {record_id} went out before")

    def drafted(self, record_id: int, uid: int | None, at: datetime) -> Record:
        """The server confirmed: keep the UID of the live revision, move to `drafted`."""
        with self._transaction() as sql:
            steps.move(sql, record_id, steps.Step(State.DRAFTED, By.PROGRAM, "", at))
            sql.execute(update(_draft).where(_draft.c.id == steps.live(sql, record_id)).values(uid=uid, drafted_at=at))
            return steps.one(sql, record_id)

    def refused(self, record_id: int, end: State, reason: str, lease: Lease, at: datetime) -> Record:
        """The server answered NO: forget the intent and move to `seen` or `held`, in one transaction."""
        with self._transaction() as sql:
            leases.renew(sql, lease, at)
            steps.move(sql, record_id, steps.Step(end, By.PROGRAM, reason, at))
            sql.execute(delete(_draft).where(_draft.c.id == steps.live(sql, record_id)))
            return steps.one(sql, record_id)

    def locate(self, record_id: int, uid: int) -> None:
        """Keep the UID of a confirmed draft that was learnt later."""
        with self._transaction() as sql:
            sql.execute(update(_draft).where(_draft.c.id == steps.live(sql, record_id)).values(uid=uid))

    def lasting(self, account: str, since: datetime) -> tuple[Record, ...]:
        """Rows that are drafted, edited or uncertain, oldest first, and those discarded since."""
        columns = _invitation.c
        lasting = columns.state.in_(map(str, LASTING))
        lately = and_(columns.state == str(State.DISCARDED), columns.updated_at >= since)
        wanted = select(_invitation).where(columns.account == account, or_(lasting, lately))
        with self._transaction() as sql:
            return steps.records(sql, wanted.order_by(columns.id))

    def absent(self, record_id: int, since: datetime | None) -> None:
        """Keep since when the live revision is missing; None: it is there."""
        with self._transaction() as sql:
            sql.execute(update(_draft).where(_draft.c.id == steps.live(sql, record_id)).values(absent_since=since))

    def last_look(self, account: str) -> Look | None:
        """The last look after every draft of this account; None before the first."""
        columns = schema.look.c
        wanted = select(columns.name, columns.uidvalidity, columns.uidnext, columns.messages, columns.at)
        with self._transaction() as sql:
            row = sql.execute(wanted.where(columns.account == account)).one_or_none()
        return Look(FolderState(*row[:4]), row[4]) if row else None

    def looked(self, account: str, look: Look) -> None:
        """Keep it."""
        with self._transaction() as sql:
            sql.execute(delete(schema.look).where(schema.look.c.account == account))
            sql.execute(insert(schema.look).values(account=account, **asdict(look.drafts), at=look.at))
