"""How each mailbox is watched at this moment: alarms, measures, systemd and `watcher status` all read it from here.

The listener only takes notes: it asks nobody, waits for nothing, and what it hands out is frozen. Whether passes are
missing is told by the rhythm that the person set, so that a night of quiet hours is no failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from watcher.domain.schedule import Rhythm
from watcher.errors import Show
from watcher.ports import Failure
from watcher.watching.happenings import (
    GaveUp,
    Happening,
    Listening,
    PassEnded,
    PassFailed,
    Rest,
    Resting,
    Started,
)  # fmt: skip

SLACK = timedelta(minutes=1)
"""How long a pass may take, and wait for its turn, before it counts as missed."""

JUMP = timedelta(minutes=2)
"""Looks that are further apart than this, or run backwards: the machine slept, or its clock was set."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a mailbox is to be looked over, and after how many missed passes in a row the person wants to hear of it."""

    rhythm: Rhythm
    patience: int = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """One mailbox. `counted_from` is the moment from which missing passes are counted; `due` when the next one is due
    at the latest, None where none is.
    """

    account: str
    counted_from: datetime
    heard: datetime
    completed: datetime | None = None
    due: datetime | None = None
    is_listening: bool = False
    failing: Failure | None = None
    given_up: Show | None = None
    resting: Rest | None = None

    def after(self, happening: Happening) -> Standing:
        """As it stands once this has happened to it."""
        at, after = happening.at, self
        match happening:
            case Started(account):
                after = Standing(account, at, at, self.completed, due=at)
            case PassEnded():
                after = self._passed(happening)
            case PassFailed():
                after = self._failed(happening)
            case GaveUp(problem=problem):
                after = replace(self, heard=at, due=None, given_up=problem, is_listening=False)
            case Resting(why=why, until=until):
                begin = max(self.counted_from, until or at)
                after = replace(self, heard=at, counted_from=begin, due=until, resting=why, is_listening=False)
            case Listening():
                after = replace(self, heard=at, is_listening=True)
        return after

    def _passed(self, ended: PassEnded) -> Standing:
        """A pass that was stopped half-way is no completed one."""
        awake = self._awake(ended.at, ended.next_at)
        if not ended.report.summary.completed:
            return awake
        return replace(awake, counted_from=ended.at, completed=ended.at, failing=None, given_up=None)

    def _failed(self, failed: PassFailed) -> Standing:
        failing = Failure(failed.at, failed.problem, self.failing.times + 1 if self.failing else 1)
        return replace(self._awake(failed.at, failed.next_at), failing=failing)

    def _awake(self, at: datetime, due: datetime) -> Standing:
        """What was missed while it rested by the person's wish is not counted."""
        begin = at if self.resting is Rest.PAUSED else min(self.counted_from, at)
        return replace(self, heard=at, counted_from=begin, due=due, resting=None, is_listening=False)

    def counted_anew(self, now: datetime) -> Standing:
        """Of what was missed until now nothing counts; a pause goes on to its end."""
        end = self.due if self.resting is Rest.PAUSED else None
        return replace(self, counted_from=max(now, end or now))

    def is_overdue(self, manner: Manner, now: datetime) -> bool:
        """Whether no pass was completed for as long as the person lets pass; not where none is to be made."""
        is_paused = self.resting is Rest.PAUSED and self.due is None
        if self.given_up is not None or is_paused:
            return False
        return now > missed_at(manner, self.counted_from) + SLACK

    def is_well(self, manner: Manner, now: datetime) -> bool:
        """Whether passes are completed, or none is to be made."""
        return self.given_up is None and not self.is_overdue(manner, now)


def missed_at(manner: Manner, since: datetime) -> datetime:
    """When so many passes in a row were to be made that `patience` is at an end, where the last one was at `since`."""
    moment, rhythm = since, manner.rhythm
    for _ in range(manner.patience):
        moment = rhythm.at_the_latest(rhythm.moments.due(moment, timedelta()))
    return moment + rhythm.jitter


class Standings:
    """Implements `happenings.Listener`. `manners` are those of the mailboxes that are set up now: others are forgotten
    the next time that somebody looks.
    """

    def __init__(self, manners: Callable[[], Mapping[str, Manner]]) -> None:
        self._manners = manners
        self._lock = Lock()
        self._of: dict[str, Standing] = {}
        self._looked: datetime | None = None

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        account = getattr(happening, "account", None)
        if account is None:
            return
        with self._lock:
            before = self._of.get(account) or Standing(account, happening.at, happening.at)
            self._of[account] = before.after(happening)

    def now(self) -> Mapping[str, tuple[Standing, Manner]]:
        """Every mailbox of which something was heard, in alphabetical order."""
        manners = self._manners()
        with self._lock:
            self._of = {name: standing for name, standing in self._of.items() if name in manners}
            return {name: (self._of[name], manners[name]) for name in sorted(self._of)}

    def names(self) -> frozenset[str]:
        """Every mailbox that is set up now, whether anything was heard of it or not."""
        return frozenset(self._manners())

    def mind_clock(self, now: datetime) -> None:
        """To be called often. After a jump of the clock, passes that are missing are counted anew: nobody could make
        them meanwhile, and the next is on its way.
        """
        with self._lock:
            before, self._looked = self._looked, now
            if before is not None and not timedelta() <= now - before <= JUMP:
                self._of = {name: one.counted_anew(now) for name, one in self._of.items()}
