"""Fires each mailbox's next pass at its moment: one APScheduler for all of them, and two lanes of workers.

Passes that go well and quickly run in one lane. Mailboxes that failed or were slow the last time run in another, so
that servers which hang, however many, never hold up the mailboxes that are well.

No mailbox has two passes at once (`max_instances=1`), a moment that was missed is made up for once (`coalesce`), and
however late it is (`misfire_grace_time=None`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger


class Lane(StrEnum):
    """Where a pass runs."""

    WELL = "well"
    AILING = "ailing"


WORKERS = {Lane.WELL: 8, Lane.AILING: 4}
"""How many passes run at the same time in each lane, at most."""


class Timetable:
    """`fire` does a pass; `fired` is called after it, in the same thread; `refill` where all moments are asked for."""

    def __init__(self, fire: Callable[[str], None], fired: Callable[[str], None], refill: Callable[[], None]) -> None:
        self._fire = fire
        self._fired = fired
        self._refill = refill
        self._scheduler: BlockingScheduler | None = None

    def run(self) -> None:
        """The scheduler's thread; returns after `end`, and raises what breaks it."""
        workers = {str(lane): Workers(most) for lane, most in WORKERS.items()}
        scheduler = BlockingScheduler(executors=workers, timezone="UTC")
        scheduler.add_listener(self._told, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._scheduler = scheduler
        try:
            self._refill()
            scheduler.start()
        finally:
            for one in workers.values():
                one.shutdown()

    def set(self, name: str, at: datetime, lane: Lane) -> None:
        """Have the next pass over this mailbox at that moment, and no other."""
        if self._scheduler is not None:
            self._scheduler.add_job(
                self._fire, DateTrigger(at), (name,), id=name, executor=str(lane), replace_existing=True,
                max_instances=1, coalesce=True, misfire_grace_time=None,
            )  # fmt: skip

    def drop(self, name: str) -> None:
        """Have none."""
        if self._scheduler is not None:
            with suppress(JobLookupError):
                self._scheduler.remove_job(name)

    def end(self) -> None:
        """Fire no more."""
        if self._scheduler is not None:
            with suppress(SchedulerNotRunningError):
                self._scheduler.shutdown(wait=False)

    def _told(self, event: JobExecutionEvent) -> None:
        self._fired(event.job_id)


class Workers(BaseExecutor):  # type: ignore[misc] # APScheduler has no types
    """So many threads at most, begun as they are needed.

    APScheduler's own pool keeps a process from ending for as long as one of its threads hangs; these are daemons.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._orders: SimpleQueue[tuple[Job, Sequence[datetime]] | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._growing = Lock()
        self._count = 0

    def shutdown(self, wait: bool = True) -> None:  # noqa: ARG002 - part of the hook; nobody is waited for
        """Have every thread end after what it does now."""
        for _ in range(self._most):
            self._orders.put(None)

    def _do_submit_job(self, job: Job, run_times: Sequence[datetime]) -> None:
        self._orders.put((job, run_times))
        with self._growing:
            if not self._idle.acquire(blocking=False) and self._count < self._most:
                self._count += 1
                Thread(target=self._work, name=f"{job.executor} {self._count}", daemon=True).start()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            job, run_times = order
            # `run_job` returns the errors of a job as events, too.
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001 - as documented
            self._run_job_success(job.id, events)
            self._idle.release()
