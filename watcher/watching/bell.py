"""Tells the person of alarms, each at most once a day: what is due is decided in `alarms`, here it is remembered first.

Remembered in the ledger before it is told, so that neither a restart nor a second instance tells it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.domain.lifecycle import State
from watcher.errors import Show, TryAgain
from watcher.ports import Clock, Ledger, Outbox
from watcher.watching import alarms
from watcher.watching.alarms import A_WEEK, ONCE_IN, Alarm, Kept, Kind
from watcher.watching.standing import Standing, Standings

LOOK_UP = timedelta(hours=1)
"""How often the ledger is asked for what waits: that is a matter of days."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One mailbox: `account` is what the ledger calls it, `outboxes` are where its alarms go."""

    account: str
    ledger: Ledger
    outboxes: Sequence[Outbox]


Due = dict[tuple[Outbox, Kind], list[tuple[str, Alarm]]]
"""What is told where: one notice for all mailboxes that give the same alarm."""


def kept(account: str, ledger: Ledger, now: datetime) -> Kept:
    """What the ledger holds that an alarm may be about. Raises TryAgain."""
    return Kept(
        ledger.pile(account, {State.HELD, State.UNCERTAIN}, now - A_WEEK).later(A_WEEK),
        ledger.pile(account, {State.QUARANTINED}, now),
        ledger.drift_pile(account),
    )


@dataclass(slots=True)
class Bell:
    """Rings for the mailboxes that `guarded` names now; without an outbox a mailbox costs nothing."""

    standings: Standings
    guarded: Callable[[], Mapping[str, Guarded]]
    clock: Clock
    _kept: dict[str, tuple[datetime, Kept]] = field(default_factory=dict)

    def look(self) -> None:
        """Tell what is due. Raises TryAgain where a ledger failed; the mailboxes of the others have had their turn."""
        now = self.clock.now()
        failures: list[TryAgain] = []
        due: Due = defaultdict(list)
        for name, standing, guarded, is_overdue in self._wanted(now):
            try:
                told = self._taken(standing, guarded, now, is_overdue=is_overdue)
            except (TryAgain, Show) as failure:
                failures.append(TryAgain(str(failure)))
            else:
                _sort_in(due, name, guarded, told)
        for (outbox, kind), by_mailbox in due.items():
            outbox.post(alarms.notice(kind, by_mailbox))
        if failures:
            raise failures[0]

    def _wanted(self, now: datetime) -> Iterator[tuple[str, Standing, Guarded, bool]]:
        guarded = self.guarded()
        for name, (standing, manner) in self.standings.now().items():
            one = guarded.get(name)
            if one is not None and one.outboxes:
                yield name, standing, one, standing.is_overdue(manner, now)

    def _taken(self, standing: Standing, one: Guarded, now: datetime, *, is_overdue: bool) -> tuple[Alarm, ...]:
        """The alarms of one mailbox that are told now, remembered as told."""
        raised = alarms.raised(self._looked_up(one, now), is_overdue=is_overdue, given_up=standing.given_up)
        if not raised:
            return ()
        due = alarms.due(raised, one.ledger.alarms(one.account), now)
        return tuple(alarm for alarm in due if one.ledger.alarmed(one.account, alarm.kind, now, now - ONCE_IN))

    def _looked_up(self, one: Guarded, now: datetime) -> Kept:
        at, found = self._kept.get(one.account, (None, Kept()))
        if at is None or not timedelta() <= now - at < LOOK_UP:
            found = kept(one.account, one.ledger, now)
            self._kept[one.account] = (now, found)
        return found


def _sort_in(due: Due, name: str, guarded: Guarded, told: Sequence[Alarm]) -> None:
    for alarm in told:
        for outbox in guarded.outboxes:
            due[outbox, alarm.kind].append((name if outbox.is_here else alarms.outside_name(name), alarm))
