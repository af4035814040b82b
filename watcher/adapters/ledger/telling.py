"""What the person was told, inside a transaction of the ledger: alarms, summaries, and what there is to tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from watcher.adapters.ledger import leases, schema
from watcher.domain.forgotten import REASON
from watcher.domain.lifecycle import State
from watcher.errors import TryAgain
from watcher.ports import Lease, Pile

_alarm, _summary, _invitation, _drift = schema.alarm, schema.summary, schema.invitation, schema.drift


def pile(sql: Connection, account: str, states: Collection[State], until: datetime) -> Pile:
    """How many rows stand in these states since `until` or before; what the person had forgotten asks for nothing."""
    columns = _invitation.c
    here = and_(columns.account == account, columns.state.in_(sorted(map(str, states))), columns.updated_at <= until)
    is_known = func.coalesce(columns.not_because, "") != REASON
    return Pile(*sql.execute(select(func.count(), func.max(columns.updated_at)).where(here, is_known)).one())


def drift_pile(sql: Connection, account: str) -> Pile:
    """How many signs of changed mail there are."""
    wanted = select(func.count(), func.max(_drift.c.at)).where(_drift.c.account == account)
    return Pile(*sql.execute(wanted).one())


def alarms(sql: Connection, account: str) -> Mapping[str, datetime]:
    """When an alarm of each kind was last told."""
    wanted = select(_alarm.c.kind, _alarm.c.at).where(_alarm.c.account == account)
    return {row.kind: row.at for row in sql.execute(wanted)}


def alarmed(sql: Connection, account: str, kind: str, at: datetime, since: datetime) -> bool:
    """Take the turn to tell an alarm; one that was told in the future was told by a clock that was wrong."""
    here = and_(_alarm.c.account == account, _alarm.c.kind == kind)
    is_old = or_(_alarm.c.at <= since, _alarm.c.at > at + (at - since))
    if sql.execute(update(_alarm).where(here, is_old).values(at=at)).rowcount:
        return True
    if sql.scalar(select(_alarm.c.at).where(here)) is not None:
        return False
    try:
        with sql.begin_nested():
            sql.execute(insert(_alarm).values(account=account, kind=kind, at=at))
    except IntegrityError:
        return False
    return True


def was_summed_up(sql: Connection, account: str, week: str) -> bool:
    """Whether octets of this summary went out."""
    return sql.scalar(select(_summary.c.at).where(_is(account, week))) is not None


def hand_over_summary(sql: Connection, week: str, lease: Lease, at: datetime) -> None:
    """Octets of it go out now, and never before or after."""
    leases.renew(sql, lease, at)
    if was_summed_up(sql, lease.account, week):
        raise TryAgain(f"the summary of {week} went out before")
    sql.execute(insert(_summary).values(account=lease.account, week=week, at=at))


def take_back_summary(sql: Connection, week: str, lease: Lease, at: datetime) -> None:
    """Nothing of it was stored."""
    leases.renew(sql, lease, at)
    sql.execute(delete(_summary).where(_is(lease.account, week)))


def _is(account: str, week: str) -> ColumnElement[bool]:
    return and_(_summary.c.account == account, _summary.c.week == week)
