"""A part that the service cannot do without runs in a thread of its own; where it breaks, it is begun anew and told of.

The threads are daemons: at the end nothing is waited for that hangs in a name server or in a connection being made.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from time import monotonic

from watcher.domain.timing import back_off

LONGEST_GAP = timedelta(minutes=1)
"""How long a part that breaks again and again is left alone at most."""

STEADY = 60.0
"""Seconds after which a part that breaks counts as one that had recovered."""


@dataclass(frozen=True, slots=True)
class Part:
    """`work` returns only when the service ends; `broke` hears of the error and of the wait."""

    name: str
    work: Callable[[], None]
    broke: Callable[[str, Exception, timedelta], None]
    stop: Event

    def start(self) -> None:
        """Begin, in a thread of that name."""
        Thread(target=self._keep_up, name=self.name, daemon=True).start()

    def _keep_up(self) -> None:
        failures = 0
        while not self.stop.is_set():
            began = monotonic()
            try:
                self.work()
            except Exception as error:  # noqa: BLE001 - whatever broke it, the watch has to go on
                failures = failures + 1 if monotonic() - began < STEADY else 1
                wait = back_off(failures, random.random(), LONGEST_GAP)  # noqa: S311 - jitter, no secret
                self.broke(self.name, error, wait)
                self.stop.wait(wait.total_seconds())
