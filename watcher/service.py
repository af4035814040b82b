"""Left running: passes on a schedule over one mailbox, until told to stop.

No pass overlaps another and missed ones are not made up for (`max_instances=1`, `coalesce=True`). The connection is
kept between passes and opened anew after a failure, with back-off. Told to stop, the invitation in hand is finished; a
server that does not answer is cut off, so that the end comes within `GRACE` and a little.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from watcher.account import Account, Ports
from watcher.cycle import PassReport, Wish, run_pass
from watcher.domain.timing import back_off
from watcher.errors import Show, TryAgain
from watcher.ports import Clock

GRACE = timedelta(seconds=7)
"""How long a pass under way may go on after the order to stop, before its connection is cut."""

LONGEST_GAP = timedelta(seconds=75)
"""How long a server that fails is left alone at most, where it wishes for no more: with one wait for an answer that
stays below two minutes, within which a link that works again is noticed.
"""

LAST_WORDS = timedelta(seconds=2)
"""How long the end waits for a pass whose connection was cut."""


class Tell(Protocol):
    """Who hears what happens: the log."""

    def passed(self, report: PassReport) -> None:
        """A pass ended."""

    def failed(self, problem: str, again_in: timedelta) -> None:
        """A pass failed and will be tried again."""

    def gave_up(self, problem: Show) -> None:
        """The person has to change something; the service ends."""


@dataclass(slots=True)
class Service:
    """Watches one mailbox; `open_ports` makes a new connection, logged in."""

    account: Account
    open_ports: Callable[[], Ports]
    clock: Clock
    every: timedelta
    tell: Tell
    stop: Event = field(default_factory=Event)
    needs_person: Show | None = None
    _ports: Ports | None = None
    _failures: int = 0
    _under_way: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Watch until `stop` is set. Raises Show where the person has to change something."""
        scheduler = self._scheduler()
        scheduler.start()
        self.stop.wait()
        scheduler.shutdown(wait=False)
        self._end()
        if self.needs_person is not None:
            raise self.needs_person

    def one_pass(self) -> timedelta | None:
        """One pass; returns how long to wait before the next where that is not the usual interval."""
        with self._under_way:
            if self.stop.is_set():
                return None
            try:
                report = run_pass(self.account, self._connected(), Wish(stop=self.stop.is_set))
            except TryAgain as failure:
                return self._failed(failure)
            except Show as problem:
                self._give_up(problem)
                return None
            except Exception as error:  # noqa: BLE001 - a fault of the program's own must not end the watch either
                return self._failed(TryAgain(f"an error that was not foreseen ({type(error).__name__})"))
            self._failures = 0
            self.tell.passed(report)
            return None

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone="UTC")

        def scheduled() -> None:
            sooner = self.one_pass()
            if sooner is not None and not self.stop.is_set():
                job.modify(next_run_time=self.clock.now() + sooner)

        trigger = IntervalTrigger(seconds=self.every.total_seconds())
        job = scheduler.add_job(
            scheduled, trigger, max_instances=1, coalesce=True, misfire_grace_time=None, next_run_time=self.clock.now()
        )
        return scheduler

    def _connected(self) -> Ports:
        if self._ports is None:
            self._ports = self.open_ports()
        return self._ports

    def _failed(self, failure: TryAgain) -> timedelta | None:
        self._disconnect()
        if self.stop.is_set():
            return None
        self._failures += 1
        longest = min(self.every, LONGEST_GAP)
        wait = back_off(self._failures, random.random(), longest, failure.wait)  # noqa: S311 - jitter, no secret
        self.tell.failed(str(failure), wait)
        return wait

    def _give_up(self, problem: Show) -> None:
        self._disconnect()
        self.needs_person = problem
        self.tell.gave_up(problem)
        self.stop.set()

    def _disconnect(self) -> None:
        if self._ports is not None:
            self._ports.mailbox.close()
        self._ports = None

    def _end(self) -> None:
        finished = self._under_way.acquire(timeout=GRACE.total_seconds())
        if not finished and self._ports is not None:
            self._ports.mailbox.cut()
            finished = self._under_way.acquire(timeout=LAST_WORDS.total_seconds())
        if finished:
            self._disconnect()
            self._under_way.release()
