"""One thread beside the passes tells the outside how things stand: systemd, `watcher status`, and the person by alarms.

It hears what happens and looks at the clock, so that it notices as well where nothing happens any more. Hearing only
wakes it: whatever hangs in its work, the passes go on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock
from time import monotonic
from typing import Protocol

from watcher.ports import GIVEN_UP, Clock, Failure, OnWatch, Presence, Sign
from watcher.watching.bell import Bell
from watcher.watching.happenings import GaveUp, Happening, Stopping
from watcher.watching.standing import Manner, Standing, Standings

TICK = 5.0
"""Seconds between two looks at the clock, at most."""

BREATH = 1.0
"""Seconds between two looks at least, whatever happens."""

RINGING = 30.0
"""Seconds between two looks for alarms; a mailbox that is given up is looked at at once."""

RENEWED = timedelta(minutes=1)
"""So old a sign may become; see `adapters.sign.FRESH`."""

STILL = timedelta(hours=1)
"""So long after a pass was due, a mailbox of which nothing was heard stands still; a first pass may take minutes."""


class Supervisor(Protocol):
    """Who started the program and starts it anew: systemd, else nobody."""

    def status(self, words: str) -> None:
        """How it is, for people."""

    def alive(self) -> None:
        """It works: to be said again and again."""

    def stopping(self) -> None:
        """It ends."""


@dataclass(slots=True)
class Minding:
    """Implements `happenings.Listener`, and is the work of a thread. `signs` has, by the name that the log has for a
    mailbox, where its sign hangs and what the ledger calls it. `trouble` is told what fails, by name.
    """

    standings: Standings
    bell: Bell
    signs: Callable[[], Mapping[str, tuple[Sign, str]]]
    supervisor: Supervisor
    clock: Clock
    trouble: Callable[[str, Exception], None]
    _woken: Event = field(default_factory=Event)
    _stop: Event = field(default_factory=Event)
    _turning: Lock = field(default_factory=Lock)
    _rings_at: float = 0.0
    _failing: set[str] = field(default_factory=set)
    _hung: dict[Sign, Presence] = field(default_factory=dict)

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        if isinstance(happening, GaveUp):
            self._rings_at = 0.0
        if isinstance(happening, Stopping):
            self.supervisor.stopping()
        self._woken.set()

    def work(self) -> None:
        """The thread's work, until `end`."""
        while not self._stop.is_set():
            self.turn()
            self._stop.wait(BREATH)
            self._woken.wait(TICK - BREATH)
            self._woken.clear()

    def turn(self) -> None:
        """Everything once."""
        with self._turning:
            self.standings.mind_clock(self.clock.now())
            self._try("systemd", self._report)
            self._try("sign", self._hang_out)
            if monotonic() >= self._rings_at:
                self._rings_at = monotonic() + RINGING
                self._try("alarms", self.bell.look)

    def end(self, patience: float) -> None:
        """Ring once more, as the last mailbox may just have been given up; then there is no sign any more."""
        self._stop.set()
        self._woken.set()
        if self._turning.acquire(timeout=patience):
            try:
                self._try("alarms", self.bell.look)
            finally:
                self._turning.release()
        for sign in self._hung:
            sign.take_down()

    def _try(self, name: str, chore: Callable[[], None]) -> None:
        """A chore that fails is told of once, until it goes well again, and keeps none of the others from its turn."""
        try:
            chore()
        except Exception as error:  # noqa: BLE001 - a display that fails must not end the thread that shows the others
            if name not in self._failing:
                self._failing.add(name)
                self.trouble(name, error)
        else:
            self._failing.discard(name)

    def _report(self) -> None:
        now, standings = self.clock.now(), self.standings.now()
        if not standings:
            return  # nothing was heard yet
        self.supervisor.status(status(standings, now))
        if not stands_still((standing for standing, _ in standings.values()), now):
            self.supervisor.alive()

    def _hang_out(self) -> None:
        now = self.clock.now()
        by_sign: dict[Sign, dict[str, OnWatch]] = defaultdict(dict)
        signs = self.signs()
        for name, (standing, manner) in self.standings.now().items():
            if name in signs:
                sign, account = signs[name]
                by_sign[sign][account] = OnWatch(standing.due, condition(standing, manner, now), _failure(standing))
        for sign, mailboxes in by_sign.items():
            if sign.seen() is None or _is_stale(self._hung.get(sign), mailboxes, now):
                presence = Presence(now, mailboxes)
                sign.show(presence)
                self._hung[sign] = presence


def _is_stale(hung: Presence | None, mailboxes: Mapping[str, OnWatch], now: datetime) -> bool:
    """A sign that says the same is renewed each minute, and not at each look: the disk it lies on may sleep.

    One that is seen no longer is not waited for so long: another service on the same ledger took its place, and ended.
    """
    return hung is None or hung.mailboxes != mailboxes or not timedelta() <= now - hung.at < RENEWED


def condition(standing: Standing, manner: Manner, now: datetime) -> str:
    """How a mailbox is, in a word or two."""
    if standing.given_up is not None:
        return GIVEN_UP
    if standing.is_overdue(manner, now):
        return "overdue"
    if standing.resting is not None:
        return str(standing.resting)
    return "failing" if standing.failing else "watched"


def _failure(standing: Standing) -> Failure | None:
    if standing.given_up is not None:
        return Failure(standing.heard, str(standing.given_up))
    return standing.failing


def stands_still(standings: Iterable[Standing], now: datetime) -> bool:
    """Whether passes were due long ago and nothing was heard of any: the program itself hangs, and starting it anew may
    help. A server that is away is no such case: its passes fail, and are heard of.
    """
    waiting = [one for one in standings if one.due is not None and one.given_up is None]
    return bool(waiting) and all(now - max(one.due or now, one.heard, one.counted_from) > STILL for one in waiting)


def status(standings: Mapping[str, tuple[Standing, Manner]], now: datetime) -> str:
    """One line for `systemctl status`."""
    conditions = Counter(condition(standing, manner, now) for standing, manner in standings.values())
    boxes = "1 mailbox" if len(standings) == 1 else f"{len(standings):,} mailboxes"
    told = ", ".join(f"{count:,} {name}" for name, count in conditions.most_common())
    return ": ".join(filter(None, [boxes, told])) + _last(standing for standing, _ in standings.values())


def _last(standings: Iterable[Standing]) -> str:
    completed: Iterator[datetime] = (one.completed for one in standings if one.completed)
    last = max(completed, default=None)
    return f"; last completed pass {last:%F %T}" if last else "; no pass completed yet"
