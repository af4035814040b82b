"""What was told to the person, so that it is told once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from watcher.adapters.ledger import telling
from watcher.adapters.ledger.transactions import Transactions
from watcher.domain.lifecycle import State
from watcher.ports import (
    Lease,
    Pile,
)


class Told(Transactions):
    """What was told to the person, so that it is told once."""

    def pile(self, account: str, states: Collection[State], until: datetime) -> Pile:
        """How many rows stand in these states since `until` or before."""
        with self._transaction() as sql:
            return telling.pile(sql, account, states, until)

    def drift_pile(self, account: str) -> Pile:
        """How many signs of changed mail there are."""
        with self._transaction() as sql:
            return telling.drift_pile(sql, account)

    def alarms(self, account: str) -> Mapping[str, datetime]:
        """When an alarm of each kind was last told."""
        with self._transaction() as sql:
            return telling.alarms(sql, account)

    def alarmed(self, account: str, kind: str, at: datetime, since: datetime) -> bool:
        """Take the turn to tell an alarm."""
        with self._transaction() as sql:
            return telling.alarmed(sql, account, kind, at, since)

    def was_summed_up(self, account: str, week: str) -> bool:
        """Whether octets of this summary went out."""
        with self._transaction() as sql:
            return telling.was_summed_up(sql, account, week)

    def hand_over_summary(self, week: str, lease: Lease, at: datetime) -> None:
        """Octets of it go out now, and never before or after."""
        with self._transaction() as sql:
            telling.hand_over_summary(sql, week, lease, at)

    def take_back_summary(self, week: str, lease: Lease, at: datetime) -> None:
        """Nothing of it was stored."""
        with self._transaction() as sql:
            telling.take_back_summary(sql, week, lease, at)
