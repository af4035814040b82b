"""Notices on their way, each outbox with a thread of its own: whoever posts one never waits, whatever the way does.

What was refused is tried again, with growing pauses, for a day. What hangs is left hanging and counts as told: nobody
knows whether it was, and an alarm is told once.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from time import monotonic

from watcher.domain.timing import LONGEST_WAIT, back_off
from watcher.errors import TryAgain
from watcher.ports import Messenger, Notice

LIMIT = 30.0
"""Seconds after which a messenger counts as one that hangs."""

TRIED_FOR = 86_400.0
"""Seconds for which a notice that was refused is tried again: then the next one of its kind is due anyway."""

MOST = 100
"""So many notices wait at most; what comes then is dropped and told of."""


class ThreadedOutbox:
    """Implements `ports.Outbox`. `trouble` is told what could not be told, in words without secrets."""

    def __init__(self, messenger: Messenger, trouble: Callable[[str], None], limit: float = LIMIT) -> None:
        self._messenger = messenger
        self._trouble = trouble
        self._limit = limit
        self._waiting: Queue[Notice] = Queue(MOST)
        self._hanging: Thread | None = None
        self._begun = False
        self._beginning = Lock()
        self._closing = Event()
        self._pausing = Event()

    @property
    def is_here(self) -> bool:
        """As of its messenger."""
        return self._messenger.is_here

    @property
    def messenger(self) -> Messenger:
        """The way itself, for a person who waits for what comes of a trial."""
        return self._messenger

    def post(self, notice: Notice) -> None:
        """See `ports.Outbox`; the thread is begun with the first notice."""
        try:
            self._waiting.put_nowait(notice)
        except Full:
            self._trouble(f"{self._messenger.name}: too many notices wait, so this one is dropped: {notice.title}")
        with self._beginning:
            if not self._begun:
                self._begun = True
                Thread(target=self._work, name=f"outbox {self._messenger.name}", daemon=True).start()

    def close(self, patience: float) -> None:
        """Let what waits be told, for so many seconds at most; what was refused before is tried once more."""
        self._closing.set()
        self._pausing.set()
        until = monotonic() + patience
        while self._waiting.unfinished_tasks and monotonic() < until:
            Event().wait(0.02)

    def _work(self) -> None:
        while True:
            with suppress(Empty):
                notice = self._waiting.get(timeout=TRIED_FOR)
                self._deliver(notice)
                self._waiting.task_done()

    def _deliver(self, notice: Notice) -> None:
        failures, until = 0, monotonic() + TRIED_FOR
        while (problem := self._tried(notice)) is not None:
            failures += 1
            self._trouble(f"{problem}: {notice.title}")
            if self._closing.is_set() or monotonic() > until:
                return
            self._pausing.wait(back_off(failures, random.random(), LONGEST_WAIT).total_seconds())  # noqa: S311 - jitter

    def _tried(self, notice: Notice) -> str | None:
        """Why it was not told and may be tried again; None where it was, or nobody knows."""
        if self._hanging is not None and self._hanging.is_alive():
            self._trouble(f"{self._messenger.name} still hangs, so this is not told: {notice.title}")
            return None
        problems: list[str] = []
        trying = Thread(target=self._try, args=(notice, problems), name="notice", daemon=True)
        trying.start()
        trying.join(self._limit)
        self._hanging = trying if trying.is_alive() else None
        if self._hanging is not None:
            self._trouble(f"{self._messenger.name} did not answer within {self._limit:g} s: {notice.title}")
            return None
        return problems[0] if problems else None

    def _try(self, notice: Notice, problems: list[str]) -> None:
        try:
            self._messenger.tell(notice)
        except TryAgain as failure:
            problems.append(str(failure))
        except Exception as error:  # noqa: BLE001 - the next notice must have its turn
            problems.append(f"{self._messenger.name} failed ({type(error).__name__})")
