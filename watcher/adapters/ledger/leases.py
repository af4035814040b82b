"""One writer an account: a lease that runs out, and a fence that grows with each that takes it.

A lease alone proves nothing: its holder may sleep past its end and wake up in the middle of its work. So whatever
prepares an APPEND names the fence it got, in the same transaction as the change itself; after another took the lease
that changes nothing and raises TryAgain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update

from watcher.adapters.ledger import schema
from watcher.adapters.ledger.holder import is_gone
from watcher.errors import TryAgain
from watcher.ports import Lease

TERM = timedelta(minutes=3)
"""How long a lease holds without renewal: longer than two waits for a server's answer."""

_table = schema.lease


def take(sql: Connection, account: str, holder: str, now: datetime) -> Lease | None:
    """Take the lease of an account; None where another holds it. The fence is one more than it ever was."""
    row = sql.execute(select(_table).where(_table.c.account == account)).mappings().one_or_none()
    if row is None:
        # Of two that are the first of all, the second finds the row of the other, and leaves it.
        first = {"account": account, "fence": 1, "holder": holder, "until": now + TERM}
        made = sql.execute(insert(_table).prefix_with("OR IGNORE").values(**first))
        return Lease(account, 1) if made.rowcount == 1 else None
    if not _is_free(row, now):
        return None
    fence = row["fence"] + 1
    taken = {"fence": fence, "holder": holder, "until": now + TERM}
    # The fence is asked for again in the UPDATE: of two that take it at once, the second changes no row.
    here = and_(_table.c.account == account, _table.c.fence == row["fence"])
    return Lease(account, fence) if sql.execute(update(_table).where(here).values(**taken)).rowcount == 1 else None


def renew(sql: Connection, lease: Lease, now: datetime) -> None:
    """Hold it for another term. Raises TryAgain where another took it meanwhile."""
    if sql.execute(update(_table).where(_held(lease)).values(until=now + TERM)).rowcount != 1:
        raise TryAgain("another instance of this program has taken over this mailbox meanwhile")


def release(sql: Connection, lease: Lease) -> None:
    """Give it back; nothing where another has it."""
    sql.execute(update(_table).where(_held(lease)).values(holder=""))


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(_table.c.account == lease.account, _table.c.fence == lease.fence)


def _is_free(row: RowMapping, now: datetime) -> bool:
    if not row["holder"] or row["until"] <= now or is_gone(row["holder"]):
        return True
    # A clock that was set back makes a lease look long: none is longer than its term, and clocks differ a little.
    return bool(row["until"] > now + 2 * TERM)
