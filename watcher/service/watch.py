"""One mailbox under watch: its connection, what went wrong so far, and when it is looked over next.

What comes out of a pass is a happening; who runs the service tells it to everybody. The connection is used by one
thread at a time, and after a failure it is never used again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event, Lock
from time import monotonic

from watcher.cycle import Wish, run_pass
from watcher.domain.schedule import Rhythm
from watcher.domain.timing import back_off
from watcher.errors import Problem, Show, ShowForNow, TryAgain
from watcher.ports import Clock, Hearing, Ledger
from watcher.service.timetable import Lane
from watcher.steps.account import Account, Ports
from watcher.watching.happenings import GaveUp, Happening, PassEnded, PassFailed, Rest, Resting

LONGEST_GAP = timedelta(seconds=75)
"""How long a server that fails is left alone at most, where it wishes for no more: with one wait for an answer that
stays below two minutes, within which a link that works again is noticed.
"""

RENEWAL = timedelta(minutes=25)
"""How long the server is listened to at most without a word of ours: RFC 2177 wants less than 29 minutes."""

KEPT = timedelta(minutes=15)
"""How long a connection that says nothing is kept: servers end it after 30 minutes, some earlier (RFC 9051 §5.4)."""

NEWS_GAP = timedelta(seconds=1)
"""So long after a pass began, news brings the next one at the soonest: a server cannot have passes without end."""

CONNECTING = 0.5
"""Seconds for which the end waits for a pass that is not connected yet: it has no invitation in hand."""

SLOW = 10.0
"""Seconds after which a pass counts as slow."""


class Idle(StrEnum):
    """Whether the server is asked to tell of news: where it can, in any case, or never."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(slots=True, eq=False)
class Watch:
    """Watches one mailbox, called `name`; `open_ports` makes a new connection, logged in."""

    name: str
    account: Account
    ledger: Ledger
    open_ports: Callable[[], Ports]
    clock: Clock
    rhythm: Rhythm
    idle: Idle = Idle.AUTO
    wake: datetime = field(init=False)
    stop: Event = field(default_factory=Event)
    lane: Lane = Lane.WELL
    _began: datetime = field(init=False)
    _ports: Ports | None = None
    _hearing: Hearing | None = None
    _heard_since: datetime | None = None
    _failures: int = 0
    _losses: int = 0
    _told_rest: tuple[Rest, datetime | None] | None = None
    _under_way: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._began = self.wake = self.clock.now()

    def begin(self) -> None:
        """Watch, from now on; also one that had given up."""
        self.stop.clear()
        self._told_rest, self._failures = None, 0
        self.wake = self.clock.now()

    # -------------------------------------------------------------------------------------------------------- passes

    def one_pass(self) -> Happening | None:
        """One pass, or why there is none; None where nothing new is to be told. `wake` says when to come again."""
        with self._under_way:
            if self.stop.is_set():
                self._disconnect()
                return None
            began, now = monotonic(), self.clock.now()
            happening = self._tried(now)
            is_well = not isinstance(happening, PassFailed) and monotonic() - began < SLOW
            self.lane = Lane.WELL if is_well else Lane.AILING
            return happening

    def _tried(self, now: datetime) -> Happening | None:
        try:
            rest = self._held_back(now)
            return self._rests(rest, now) if rest else self._passes(now)
        except ShowForNow as problem:
            return self._failed(TryAgain(str(problem)))
        except (TryAgain, Show) as problem:
            return self._troubled(problem)
        except Exception as error:  # noqa: BLE001 - a fault of the program's own must not end the watch either
            return self._failed(TryAgain(f"an error that was not foreseen ({type(error).__name__})"))

    def _held_back(self, now: datetime) -> Resting | None:
        """Why no pass is begun now: the one place where that is decided. Raises Show and TryAgain."""
        pause = self.ledger.paused(self.account.name, now)
        if pause is not None:
            return Resting(self.name, now, Rest.PAUSED, pause.until)
        quiet_until = self.rhythm.quiet_until(now)
        return Resting(self.name, now, Rest.QUIET_HOURS, quiet_until) if quiet_until else None

    def _rests(self, rest: Resting, now: datetime) -> Resting | None:
        """Quiet hours end when they end; the person may end a pause before, so it is asked for when passes are due."""
        self._disconnect()
        due = self.rhythm.due(now, now, _chance())
        over = due if rest.until is None else rest.until + self.rhythm.jitter * _chance()
        self.wake = over if rest.why is Rest.QUIET_HOURS else min(due, over)
        told, self._told_rest = self._told_rest, (rest.why, rest.until)
        return rest if told != self._told_rest else None

    def _passes(self, now: datetime) -> PassEnded:
        self._told_rest, self._began = None, now
        report = run_pass(self.account, self._connected(), Wish(stop=self.stop.is_set))
        now = self.clock.now()
        self._failures = 0
        self.wake = self.rhythm.due(self._began, now, _chance())
        return PassEnded(self.name, now, report, self.rhythm.at_the_latest(self.wake))

    def _troubled(self, problem: TryAgain | Show) -> PassFailed | GaveUp | None:
        return self._failed(problem) if isinstance(problem, TryAgain) else self.gave_up(problem)

    def _failed(self, failure: TryAgain) -> PassFailed | None:
        self._disconnect()
        if self.stop.is_set():
            return None
        now = self.clock.now()
        self._told_rest = None  # who heard of this counts on passes again
        self._failures += 1
        self.wake = now + back_off(self._failures, _chance(), self._longest(now), failure.wait)
        return PassFailed(self.name, now, str(failure), self.rhythm.at_the_latest(self.wake))

    def gave_up(self, problem: Show) -> GaveUp:
        """Watch no longer: the person has to change something."""
        self._disconnect()
        self.stop.set()
        return GaveUp(self.name, self.clock.now(), problem)

    def _longest(self, now: datetime) -> timedelta:
        return min(self.rhythm.gap(now), LONGEST_GAP)

    # ------------------------------------------------------------------------------------------------- between passes

    def listen(self) -> Hearing | None:
        """Have the server tell of news in the first folder until the next pass; None where it does not.

        Raises Show where the person wants that and the server cannot.
        """
        with self._under_way:
            if self._ports is None or self.idle is Idle.OFF or self.stop.is_set():
                return None
            try:
                self._hearing = self._ports.mailbox.listen(self.account.folders[0])
            except Show:
                raise
            except Exception:  # noqa: BLE001 - whatever breaks it, passes on the schedule go on
                self._disconnect()
                self.lost()
                return None
            if self._hearing is None and self.idle is Idle.ON:
                raise Show(_deaf_server())
            return self._listening(self.clock.now())

    def _listening(self, now: datetime) -> Hearing | None:
        if self._hearing is not None:
            self._heard_since = now
            self.wake = min(self.wake, now + RENEWAL * (1 - _chance() / 5))
        return self._hearing

    def news(self) -> None:
        """Mail has come: the next pass is due, but no storm of them."""
        self._losses = 0
        self.wake = min(self.wake, max(self.clock.now(), self._began + NEWS_GAP))

    def lost(self) -> None:
        """The connection broke while nothing was asked: the next pass makes another, soon; less soon each time."""
        now = self.clock.now()
        if self._heard_since is not None and now - self._heard_since > LONGEST_GAP:
            self._losses = 0
        self._losses += 1
        self.wake = min(self.wake, now + back_off(self._losses, _chance(), self._longest(now)))

    def rest_connection(self, *, keeps: bool) -> None:
        """After a pass: close what nobody listens to, unless it `keeps` its connection and uses it again soon."""
        with self._under_way:
            is_kept = self._hearing is not None or (keeps and self.wake - self.clock.now() <= KEPT)
            if self.stop.is_set() or not is_kept:
                self._disconnect()

    @property
    def is_failing(self) -> bool:
        """Whether its last pass failed."""
        return self._failures > 0

    def wait_no_longer(self) -> None:
        """A person has the settings read again: what failed may be mended elsewhere, so it is tried at once.

        How often a login may be refused is counted in the ledger, not here: an account is locked by no reload.
        """
        self.wake = self.clock.now()

    def reckon_anew(self) -> None:
        """The clock was put forward or back, or the machine slept: a link may have died, so look at once.

        A server that fails is left alone, as it was to be, but no longer than usual.
        """
        now = self.clock.now()
        self.wake = min(self.wake, self.rhythm.due(self._began, now, _chance())) if self._failures else now

    # -------------------------------------------------------------------------------------------------- the connection

    def _connected(self) -> Ports:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            try:
                hearing.done()
            except TryAgain:
                self._disconnect()
        if self._ports is None:
            self._ports = self.open_ports()
        if self.stop.is_set():
            raise TryAgain("told to stop")
        return self._ports

    def _disconnect(self) -> None:
        """Stays known until it is closed: a server that does not answer the goodbye can be cut off meanwhile."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            with suppress(TryAgain):
                hearing.done()
        if self._ports is not None:
            self._ports.mailbox.close()
        self._ports = None

    def end(self, patience: float) -> bool:
        """Log out once the pass under way has ended; False where it has not in so many seconds."""
        self.stop.set()
        longest = patience if self._ports is not None else min(patience, CONNECTING)
        if not self._under_way.acquire(timeout=max(longest, 0)):
            return False
        try:
            self._disconnect()
        finally:
            self._under_way.release()
        return True

    def cut(self) -> None:
        """Cut the connection at once: a pass under way fails."""
        ports = self._ports
        if ports is not None:
            ports.mailbox.cut()


def _chance() -> float:
    return random.random()  # noqa: S311 - jitter, no secret


def _deaf_server() -> Problem:
    remedy = "set it to auto: then passes on the schedule find new mail"
    return Problem("WATCHER_IDLE", "the server cannot tell of new mail (IDLE)", remedy)
