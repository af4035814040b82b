"""What a person said, inside a transaction of the ledger: corrections, whom they know, and when to leave off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from watcher.adapters.ledger import rows, schema
from watcher.domain.corrections import Correction
from watcher.domain.kinds import VerdictKind
from watcher.domain.values import Verdict
from watcher.errors import GiveUp
from watcher.ports import Pause

_correction, _acquaintance, _invitation = schema.correction, schema.acquaintance, schema.invitation
_pause = schema.pause


def correct(sql: Connection, record_id: int, verdict: Verdict, words: str, at: datetime) -> None:
    """Keep the word and put the verdict into the row. What the program thought stays that of the first time."""
    here = _invitation.c.id == record_id
    thought = sql.scalar(select(_invitation.c.verdict).where(here))
    if thought is None:
        raise GiveUp(f"no. {record_id} has no verdict that could be corrected")
    before = _correction.c.invitation_id == record_id
    was = sql.scalar(select(_correction.c.was).where(before)) or thought
    sql.execute(delete(_correction).where(before))
    word = {"words": words, "was": was, "verdict": str(verdict.kind), "at": at}
    sql.execute(insert(_correction).values(invitation_id=record_id, **word))
    sql.execute(update(_invitation).where(here).values(**rows.of_verdict(verdict), updated_at=at))


def corrections(sql: Connection, account: str) -> tuple[Correction, ...]:
    """Those of an account, newest first."""
    columns = _correction.c
    wanted = select(columns.invitation_id, columns.words, columns.was, columns.verdict, columns.at)
    of_account = wanted.join(_invitation).where(_invitation.c.account == account)
    found = sql.execute(of_account.order_by(columns.at.desc(), columns.invitation_id.desc()))
    return tuple(
        Correction(number, words, VerdictKind(was), VerdictKind(verdict), at)
        for number, words, was, verdict, at in found
    )


def know(sql: Connection, account: str, person: str, at: datetime) -> bool:
    """False where that is kept already."""
    if sql.scalar(select(_acquaintance.c.person).where(_is(account, person))) is not None:
        return False
    sql.execute(insert(_acquaintance).values(account=account, person=person, at=at))
    return True


def unknow(sql: Connection, account: str, person: str) -> bool:
    """False where it was not kept."""
    return bool(sql.execute(delete(_acquaintance).where(_is(account, person))).rowcount)


def known(sql: Connection, account: str) -> tuple[str, ...]:
    """In alphabetical order."""
    wanted = select(_acquaintance.c.person).where(_acquaintance.c.account == account)
    return tuple(sql.scalars(wanted.order_by(_acquaintance.c.person)))


def pause(sql: Connection, account: str, wanted: Pause) -> None:
    """In the place of what was said before."""
    resume(sql, account)
    sql.execute(insert(_pause).values(account=account, at=wanted.at, until=wanted.until))


def resume(sql: Connection, account: str) -> bool:
    """False where nothing was kept."""
    return bool(sql.execute(delete(_pause).where(_pause.c.account == account)).rowcount)


def paused(sql: Connection, account: str, now: datetime) -> Pause | None:
    """None where it is over."""
    holds = or_(_pause.c.until.is_(None), _pause.c.until > now)
    row = sql.execute(select(_pause.c.at, _pause.c.until).where(_pause.c.account == account, holds)).one_or_none()
    return Pause(*row) if row else None


def _is(account: str, person: str) -> ColumnElement[bool]:
    return and_(_acquaintance.c.account == account, _acquaintance.c.person == person)
