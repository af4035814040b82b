"""Rows of invitations inside one transaction: read whole; moved by legal moves alone, each with a line of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, and_, insert, select, update

from watcher.adapters.ledger import rows, schema
from watcher.domain.lifecycle import By, State, legal
from watcher.errors import GiveUp
from watcher.ports import (
    Record,
)

_invitation, _draft = schema.invitation, schema.draft


@dataclass(frozen=True, slots=True)
class Step:
    """One move: whereto, by whom, why and when."""

    end: State
    by: By
    reason: str
    at: datetime


def records(sql: Connection, wanted: Select[tuple[object, ...]]) -> tuple[Record, ...]:
    """These rows, each with its live draft."""
    found = sql.execute(wanted).mappings().all()
    ids = [row["id"] for row in found]
    drafts: dict[int, RowMapping] = {}
    for start in range(0, len(ids), 500):
        those = select(_draft).where(_draft.c.invitation_id.in_(ids[start : start + 500])).order_by(_draft.c.revision)
        drafts |= {row["invitation_id"]: row for row in sql.execute(those).mappings()}
    return tuple(rows.to_record(row, drafts.get(row["id"])) for row in found)


def first(sql: Connection, wanted: Select[tuple[object, ...]]) -> Record | None:
    """The row, where there is one."""
    row = sql.execute(wanted).mappings().one_or_none()
    return one(sql, row["id"]) if row else None


def one(sql: Connection, record_id: int) -> Record:
    """The row of this number, whole."""
    row = sql.execute(select(_invitation).where(_invitation.c.id == record_id)).mappings().one()
    newest = select(_draft).where(_draft.c.invitation_id == record_id).order_by(_draft.c.revision.desc()).limit(1)
    moves = select(schema.history).where(schema.history.c.invitation_id == record_id).order_by(schema.history.c.id)
    return rows.to_record(row, sql.execute(newest).mappings().one_or_none(), sql.execute(moves).mappings().all())


def live(sql: Connection, record_id: int) -> int | None:
    """The number of its newest revision; None before the first."""
    newest = select(_draft.c.id).where(_draft.c.invitation_id == record_id).order_by(_draft.c.revision.desc())
    return sql.scalar(newest.limit(1))


def move(sql: Connection, record_id: int, step: Step) -> None:
    """The one place where a state changes: only as `lifecycle` allows, with its line of history."""
    start = state_of(sql, record_id)
    if not legal(start, step.end, step.by):
        raise GiveUp(f"no. {record_id} is {start}: it cannot become {step.end}")
    # The state is asked for again in the UPDATE: of two that move at once, the second changes no row.
    still = and_(_invitation.c.id == record_id, _invitation.c.state == start)
    moved = {"state": str(step.end), "reason": step.reason, "updated_at": step.at}
    if sql.execute(update(_invitation).where(still).values(**moved)).rowcount != 1:
        raise GiveUp(f"no. {record_id} was moved by another instance")
    note(sql, record_id, start, step)


def state_of(sql: Connection, record_id: int) -> State:
    """Its state. Raises GiveUp where there is no such row."""
    found = sql.scalar(select(_invitation.c.state).where(_invitation.c.id == record_id))
    if found is None:
        raise GiveUp(f"there is no invitation no. {record_id}")
    return State(found)


def note(sql: Connection, record_id: int, start: State | None, step: Step) -> None:
    """Write a line of its history."""
    line = {"start": str(start) if start else None, "end": str(step.end), "by": str(step.by)}
    values = {**line, "reason": step.reason, "at": step.at}
    sql.execute(insert(schema.history).values(invitation_id=record_id, **values))
