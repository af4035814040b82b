"""Which alarms a mailbox gives, and which of them the person is told of now. Pure: facts and `now` in, alarms out.

What lasts until it is mended is told once a day. What merely waits is told once, and again when something new has come
to it: a person who leaves it lying has heard of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.errors import NotSignedIn, Show
from watcher.ports import Notice, Pile

ONCE_IN = timedelta(days=1)
"""An alarm of one kind is told no more often for one mailbox."""

A_WEEK = timedelta(days=7)
"""What was held or is uncertain for so long gives an alarm."""

A_MONTH = timedelta(days=30)
"""So long mail that could not be read, or was not understood, gives an alarm to who asks."""

NOTHING = Pile()


class Kind(StrEnum):
    """What is wrong."""

    OVERDUE = "overdue"
    SIGN_IN = "sign-in"
    STOPPED = "stopped"
    DRIFT = "drift"
    WAITING = "waiting"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds of a mailbox: what was held or uncertain for a week, mail that could not be read, and
    genuine mail that no rule understood.
    """

    waiting: Pile = NOTHING
    quarantined: Pile = NOTHING
    drifts: Pile = NOTHING

    def lately(self, now: datetime) -> Kept:
        """Without signs to which nothing was added for a month: no decision ends those, and they are known by then."""
        return replace(self, quarantined=_lately(self.quarantined, now), drifts=_lately(self.drifts, now))


def _lately(pile: Pile, now: datetime) -> Pile:
    return NOTHING if pile.newest is None or now - pile.newest > A_MONTH else pile


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `count` is of how many things, 0 where nothing is counted; `newest`: when the newest of them came."""

    kind: Kind
    count: int = 0
    newest: datetime | None = None


def raised(kept: Kept, *, is_overdue: bool, given_up: Show | None) -> tuple[Alarm, ...]:
    """Every alarm that holds, the worst first."""
    return tuple(_raised(kept, is_overdue=is_overdue, given_up=given_up))


def _raised(kept: Kept, *, is_overdue: bool, given_up: Show | None) -> Iterator[Alarm]:
    if isinstance(given_up, NotSignedIn):
        yield Alarm(Kind.SIGN_IN)
    elif given_up is not None:
        yield Alarm(Kind.STOPPED)
    if is_overdue:
        yield Alarm(Kind.OVERDUE)
    piles = {Kind.WAITING: kept.waiting, Kind.QUARANTINED: kept.quarantined, Kind.DRIFT: kept.drifts}
    for kind, pile in piles.items():
        if pile.count:
            yield Alarm(kind, pile.count, pile.newest)


def due(alarms: Iterable[Alarm], told: Mapping[str, datetime], now: datetime) -> tuple[Alarm, ...]:
    """Those that the person is told of now; `told` is when they last were, by kind."""
    return tuple(alarm for alarm in alarms if _is_due(alarm, told.get(alarm.kind), now))


def _is_due(alarm: Alarm, told: datetime | None, now: datetime) -> bool:
    if told is None or told > now + ONCE_IN:  # a clock that was put back by much: that is no reason to be silent
        return True
    return now - told >= ONCE_IN and (alarm.newest is None or alarm.newest > told)


# ------------------------------------------------------------------------------------------------------------ in words

MOST_NAMES = 5
"""So many mailboxes are named in a notice; of the others only the number."""

_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.OVERDUE: (
        "Invitations are not looked for",
        "No pass has gone through for too long. `watcher status` shows since when, `watcher doctor` what is wrong.",
    ),
    Kind.SIGN_IN: (
        "The mail server lets nobody in",
        "Correct user and password in the settings, or run `watcher login`; then have them read again, or start anew.",
    ),
    Kind.STOPPED: (
        "A setting has to be changed",
        "Until then this is watched no longer. `watcher doctor` says which setting, and what to write.",
    ),
    Kind.WAITING: (
        "Invitations wait for you since a week",
        "Held or uncertain: {count}. `watcher drafts --state held` and `--state uncertain` list them.",
    ),
    Kind.QUARANTINED: (
        "Mail could not be read",
        "Set aside after three tries: {count}. `watcher drafts --state quarantined` lists them.",
    ),
    Kind.DRIFT: (
        "LinkedIn may have changed its mail",
        "Genuine mail that was not understood: {count}. `watcher drift` shows it without names, to be reported.",
    ),
}


def title(kind: Kind) -> str:
    """What is wrong, in a line."""
    return _WORDS[kind][0]


def remedy(alarm: Alarm) -> str:
    """What to do about it."""
    return _WORDS[alarm.kind][1].format(count=f"{alarm.count:,}")


def notice(kind: Kind, told: Sequence[tuple[str, Alarm]]) -> Notice:
    """One notice of an alarm that several mailboxes give at once, each under the name by which it is told."""
    names = sorted({name for name, _ in told})
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    whole = Alarm(kind, sum(alarm.count for _, alarm in told))
    return Notice(title(kind), f"{', '.join(names[:MOST_NAMES])}{more}: {remedy(whole)}")


def outside_name(name: str) -> str:
    """A mailbox's name as it may leave the machine: an address is no name."""
    return "your mailbox" if "@" in name else name
