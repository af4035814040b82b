"""The ledger's port over SQL. Every method is one transaction, on the disk when it returns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from watcher.adapters.ledger import leases, rows, said, schema
from watcher.adapters.ledger.failing import told
from watcher.adapters.ledger.holder import this_process
from watcher.domain.corrections import Correction
from watcher.domain.lifecycle import LASTING, START, By, State, legal
from watcher.domain.names import compared
from watcher.domain.values import Verdict
from watcher.errors import GiveUp, TryAgain
from watcher.ports import (
    HANDED_OVER,
    Drift,
    FolderState,
    Intent,
    Lease,
    Location,
    Look,
    PassSummary,
    Record,
    Refusals,
    Sighting,
    Watermark,
)

PATIENCE = timedelta(seconds=10)
"""How long another instance's work is waited for: a pass that finds little takes a second."""

_invitation, _draft = schema.invitation, schema.draft


@dataclass(frozen=True, slots=True)
class _Step:
    end: State
    by: By
    reason: str
    at: datetime


class SqlLedger:
    """Implements `ports.Ledger`. `place` is the file, for error messages."""

    def __init__(self, engine: Engine, place: str, patience: timedelta = PATIENCE) -> None:
        self._engine = engine
        self._place = place
        self._patience = patience
        self._holder = this_process()

    # ------------------------------------------------------------------------------------------------------ folders

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

    # -------------------------------------------------------------------------------------------------- invitations

    def find(self, account: str, key: str) -> Record | None:
        """The row of one invitation."""
        with self._transaction() as sql:
            return _first(sql, select(_invitation).where(_invitation.c.account == account, _invitation.c.key == key))

    def namesakes(self, account: str, name: str, profile_url: str | None, since: datetime) -> tuple[Record, ...]:
        """Rows received since, newest first, whose inviter has this name (case-folded) or this profile."""
        columns = _invitation.c
        same = or_(
            columns.person == compared(name), and_(columns.profile_url.is_not(None), columns.profile_url == profile_url)
        )
        wanted = select(_invitation).where(columns.account == account, columns.received >= since, same)
        with self._transaction() as sql:
            return _records(sql, wanted.order_by(columns.received.desc(), columns.id.desc()))

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
            _note(sql, made[0], None, _Step(state, By.PROGRAM, reason, at))
            return _one(sql, made[0])

    def reread(self, record_id: int, sighting: Sighting, at: datetime) -> Record:
        """The row takes what its mail says now and moves to `seen`; a second row of one invitation to `skipped`."""
        standing = self.find(sighting.account, sighting.key)
        with self._transaction() as sql:
            if standing is not None and standing.id != record_id:
                _move(sql, record_id, _Step(State.SKIPPED, By.PERSON, f"the same invitation as no. {standing.id}", at))
            else:
                _move(sql, record_id, _Step(State.SEEN, By.PERSON, "judged again", at))
                here = _invitation.c.id == record_id
                sql.execute(update(_invitation).where(here).values(**rows.of_sighting(sighting)))
            return _one(sql, record_id)

    def move(self, record_id: int, end: State, reason: str, at: datetime, by: By = By.PROGRAM) -> Record:
        """Any legal move but `intend`. Raises GiveUp where `lifecycle` forbids it."""
        with self._transaction() as sql:
            _move(sql, record_id, _Step(end, by, reason, at))
            return _one(sql, record_id)

    # -------------------------------------------------------------------------------------------- the person's word

    def judge(self, record_id: int, verdict: Verdict, at: datetime) -> Record:
        """The row of an invitation that waits for its turn takes what the program thinks by now."""
        with self._transaction() as sql:
            waiting = and_(_invitation.c.id == record_id, _invitation.c.state == str(State.SEEN))
            if sql.execute(update(_invitation).where(waiting).values(**rows.of_verdict(verdict))).rowcount != 1:
                raise GiveUp(f"no. {record_id} does not wait to be judged")
            sql.execute(update(_invitation).where(waiting).values(updated_at=at))
            return _one(sql, record_id)

    def correct(self, record_id: int, verdict: Verdict, words: str, at: datetime) -> Record:
        """The row takes the person's verdict, its history a line; the newest word on an invitation is kept."""
        with self._transaction() as sql:
            said.correct(sql, record_id, verdict, words, at)
            step = _Step(_state(sql, record_id), By.PERSON, f"you judged it {verdict.kind}", at)
            _note(sql, record_id, step.end, step)
            return _one(sql, record_id)

    def corrections(self, account: str) -> tuple[Correction, ...]:
        """Every correction of this account, newest first."""
        with self._transaction() as sql:
            return said.corrections(sql, account)

    def know(self, account: str, person: str, at: datetime) -> bool:
        """Keep that the person knows somebody; False where that is kept."""
        with self._transaction() as sql:
            return said.know(sql, account, person, at)

    def unknow(self, account: str, person: str) -> bool:
        """Take it back; False where it was not kept."""
        with self._transaction() as sql:
            return said.unknow(sql, account, person)

    def known(self, account: str) -> tuple[str, ...]:
        """Whom the person said to know, in alphabetical order."""
        with self._transaction() as sql:
            return said.known(sql, account)

    # ------------------------------------------------------------------------------------------------------- drafts

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
                _move(sql, record_id, _Step(State.INTENDED, by, f"revision {intent.revision}", intent.at))
                sql.execute(insert(_draft).values(**rows.of_intent(record_id, intent)))
                return _one(sql, record_id)
        except IntegrityError as error:
            raise GiveUp(f"revision {intent.revision} of no. {record_id} is intended already") from error

    def hand_over(self, record_id: int, lease: Lease, at: datetime) -> None:
        """Octets of the live revision go out now, and never before or after."""
        with self._transaction() as sql:
            leases.renew(sql, lease, at)
            unsent = and_(_draft.c.id == _live(sql, record_id), _draft.c.uid.is_(None), _draft.c.drafted_at.is_(None))
            if sql.execute(update(_draft).where(unsent).values(uid=HANDED_OVER)).rowcount != 1:
                raise TryAgain(f"the draft of no. {record_id} went out before")

    def drafted(self, record_id: int, uid: int | None, at: datetime) -> Record:
        """The server confirmed: keep the UID of the live revision, move to `drafted`."""
        with self._transaction() as sql:
            _move(sql, record_id, _Step(State.DRAFTED, By.PROGRAM, "", at))
            sql.execute(update(_draft).where(_draft.c.id == _live(sql, record_id)).values(uid=uid, drafted_at=at))
            return _one(sql, record_id)

    def refused(self, record_id: int, end: State, reason: str, lease: Lease, at: datetime) -> Record:
        """The server answered NO: forget the intent and move to `seen` or `held`, in one transaction."""
        with self._transaction() as sql:
            leases.renew(sql, lease, at)
            _move(sql, record_id, _Step(end, By.PROGRAM, reason, at))
            sql.execute(delete(_draft).where(_draft.c.id == _live(sql, record_id)))
            return _one(sql, record_id)

    def locate(self, record_id: int, uid: int) -> None:
        """Keep the UID of a confirmed draft that was learnt later."""
        with self._transaction() as sql:
            sql.execute(update(_draft).where(_draft.c.id == _live(sql, record_id)).values(uid=uid))

    def lasting(self, account: str, since: datetime) -> tuple[Record, ...]:
        """Rows that are drafted, edited or uncertain, oldest first, and those discarded since."""
        columns = _invitation.c
        lasting = columns.state.in_(map(str, LASTING))
        lately = and_(columns.state == str(State.DISCARDED), columns.updated_at >= since)
        wanted = select(_invitation).where(columns.account == account, or_(lasting, lately))
        with self._transaction() as sql:
            return _records(sql, wanted.order_by(columns.id))

    def absent(self, record_id: int, since: datetime | None) -> None:
        """Keep since when the live revision is missing; None: it is there."""
        with self._transaction() as sql:
            sql.execute(update(_draft).where(_draft.c.id == _live(sql, record_id)).values(absent_since=since))

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

    # ------------------------------------------------------------------------------------------------------ reports

    def unresolved(self, account: str) -> tuple[Record, ...]:
        """Rows in `intended`, oldest first."""
        return self._in_state(account, State.INTENDED)

    def _in_state(self, account: str, state: State) -> tuple[Record, ...]:
        columns = _invitation.c
        wanted = select(_invitation).where(columns.account == account, columns.state == str(state))
        with self._transaction() as sql:
            return _records(sql, wanted.order_by(columns.id))

    def listing(self, state: State | None = None) -> tuple[Record, ...]:
        """All rows, newest first."""
        columns = _invitation.c
        wanted = select(_invitation).order_by(columns.received.desc(), columns.id.desc())
        with self._transaction() as sql:
            return _records(sql, wanted.where(columns.state == str(state)) if state else wanted)

    def show(self, record_id: int) -> Record | None:
        """One row with its history."""
        with self._transaction() as sql:
            return _first(sql, select(_invitation).where(_invitation.c.id == record_id))

    def drifted(self, drift: Drift) -> None:
        """Keep a sign that LinkedIn's mail has changed; the same mail counts once."""
        table = schema.drift
        here = and_(table.c.account == drift.account, table.c.message_id == drift.message_id)
        with self._transaction() as sql:
            if sql.scalar(select(table.c.id).where(here)) is None:
                sql.execute(insert(table).values(**asdict(drift)))

    def drifts(self, account: str) -> tuple[Drift, ...]:
        """These signs, newest first."""
        table = schema.drift
        columns = (table.c.account, table.c.message_id, table.c.why, table.c.sample, table.c.at)
        with self._transaction() as sql:
            found = sql.execute(select(*columns).where(table.c.account == account).order_by(table.c.id.desc())).all()
        return tuple(Drift(*row) for row in found)

    def passed(self, summary: PassSummary) -> None:
        """Keep what a pass did."""
        with self._transaction() as sql:
            sql.execute(insert(schema.passes).values(**rows.of_summary(summary)))

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


def _records(sql: Connection, wanted: Select[tuple[object, ...]]) -> tuple[Record, ...]:
    found = sql.execute(wanted).mappings().all()
    ids = [row["id"] for row in found]
    drafts: dict[int, RowMapping] = {}
    for start in range(0, len(ids), 500):
        those = select(_draft).where(_draft.c.invitation_id.in_(ids[start : start + 500])).order_by(_draft.c.revision)
        drafts |= {row["invitation_id"]: row for row in sql.execute(those).mappings()}
    return tuple(rows.to_record(row, drafts.get(row["id"])) for row in found)


def _first(sql: Connection, wanted: Select[tuple[object, ...]]) -> Record | None:
    row = sql.execute(wanted).mappings().one_or_none()
    return _one(sql, row["id"]) if row else None


def _one(sql: Connection, record_id: int) -> Record:
    row = sql.execute(select(_invitation).where(_invitation.c.id == record_id)).mappings().one()
    newest = select(_draft).where(_draft.c.invitation_id == record_id).order_by(_draft.c.revision.desc()).limit(1)
    moves = select(schema.history).where(schema.history.c.invitation_id == record_id).order_by(schema.history.c.id)
    return rows.to_record(row, sql.execute(newest).mappings().one_or_none(), sql.execute(moves).mappings().all())


def _live(sql: Connection, record_id: int) -> int | None:
    newest = select(_draft.c.id).where(_draft.c.invitation_id == record_id).order_by(_draft.c.revision.desc())
    return sql.scalar(newest.limit(1))


def _move(sql: Connection, record_id: int, step: _Step) -> None:
    """The one place where a state changes: only as `lifecycle` allows, with its line of history."""
    start = _state(sql, record_id)
    if not legal(start, step.end, step.by):
        raise GiveUp(f"no. {record_id} is {start}: it cannot become {step.end}")
    # The state is asked for again in the UPDATE: of two that move at once, the second changes no row.
    still = and_(_invitation.c.id == record_id, _invitation.c.state == start)
    moved = {"state": str(step.end), "reason": step.reason, "updated_at": step.at}
    if sql.execute(update(_invitation).where(still).values(**moved)).rowcount != 1:
        raise GiveUp(f"no. {record_id} was moved by another instance")
    _note(sql, record_id, start, step)


def _state(sql: Connection, record_id: int) -> State:
    found = sql.scalar(select(_invitation.c.state).where(_invitation.c.id == record_id))
    if found is None:
        raise GiveUp(f"there is no invitation no. {record_id}")
    return State(found)


def _note(sql: Connection, record_id: int, start: State | None, step: _Step) -> None:
    line = {"start": str(start) if start else None, "end": str(step.end), "by": str(step.by)}
    values = {**line, "reason": step.reason, "at": step.at}
    sql.execute(insert(schema.history).values(invitation_id=record_id, **values))
