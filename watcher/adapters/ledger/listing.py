"""The questions behind a listing: which rows, in which order, a page of them.

What needs a person stands first, the rest follows, the newest first. A text is searched in one column that holds it as
it is compared: a scan of some thousand rows takes milliseconds, and works in every script and every database.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, case, func, select

from watcher.adapters.ledger import schema
from watcher.domain.lifecycle import NEEDS_PERSON
from watcher.domain.searching import words
from watcher.ports import Wanted

_table = schema.invitation
_columns = _table.c

_ORDER = (
    case((_columns.state.in_(sorted(map(str, NEEDS_PERSON))), 0), else_=1),
    _columns.received.desc(),
    _columns.id.desc(),
)


def states(wanted: Wanted) -> Select[str, int]:
    """How many of those there are in each state."""
    return select(_columns.state, func.count()).where(*_conditions(wanted)).group_by(_columns.state)


def languages(wanted: Wanted) -> Select[str | None]:
    """In which languages those are."""
    return select(_columns.language).where(*_conditions(wanted)).distinct().order_by(_columns.language)


def page(wanted: Wanted, start: int, count: int) -> Select[tuple[object, ...]]:
    """Some rows of those. Their numbers are looked for first: whole rows are too wide to be put in order."""
    numbers = select(_columns.id).where(*_conditions(wanted)).order_by(*_ORDER).offset(start).limit(count)
    return select(_table).where(_columns.id.in_(numbers)).order_by(*_ORDER)


def count(wanted: Wanted) -> Select[int]:
    """How many there are in all."""
    return select(func.count()).select_from(_table).where(*_conditions(wanted))


def beside(wanted: Wanted, number: int) -> Select[int | None, int | None]:
    """The numbers before and after one."""
    before = func.lag(_columns.id).over(order_by=_ORDER).label("before")
    after = func.lead(_columns.id).over(order_by=_ORDER).label("after")
    in_order = select(_columns.id, before, after).where(*_conditions(wanted)).subquery()
    return select(in_order.c.before, in_order.c.after).where(in_order.c.id == number)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.account is not None:
        yield _columns.account == wanted.account
    if wanted.verdict is not None:
        yield _columns.verdict == str(wanted.verdict)
    if wanted.states:
        yield _columns.state.in_(sorted(map(str, wanted.states)))
    if wanted.language is not None:
        yield _columns.language == wanted.language
    for word in words(wanted.text):
        yield _columns.sought.contains(word, autoescape=True)
