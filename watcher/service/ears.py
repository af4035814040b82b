"""One thread hears all mailboxes whose servers tell of news (IDLE, RFC 2177), however many there are.

Whoever uses a mailbox takes its hearing away first: until then, nobody but this thread reads of that connection.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from time import monotonic, sleep

from watcher.ports import Hearing

ROUND = 60.0
"""Seconds after which each connection is asked although nothing came of it."""

BREATH = 0.05
"""Seconds between two looks, so that a server that never stops talking takes no processor."""


class Ears:
    """`news` and `lost` are told the name of the mailbox; it is heard no longer then."""

    def __init__(self, news: Callable[[str], None], lost: Callable[[str], None]) -> None:
        self._news = news
        self._lost = lost
        self._lock = Lock()
        self._hearings: dict[str, Hearing] = {}
        self._selector = selectors.DefaultSelector()
        self._alarm, self._bell = socket.socketpair()
        self._alarm.setblocking(False)

    def __len__(self) -> int:
        return len(self._hearings)

    def lend(self, name: str, hearing: Hearing) -> None:
        """Hear this one from now on; what it has to say already is heard at once."""
        with self._lock:
            self._hearings[name] = hearing
            self._register(name, hearing)
        self._hear(name)
        self.wake()

    def take_back(self, name: str) -> None:
        """Hear it no longer: when this returns, no other thread reads of it."""
        with self._lock:
            self._forget(name)

    def wake(self) -> None:
        """Have the thread look again at what it waits for."""
        with suppress(BlockingIOError):
            self._bell.send(b"\0", socket.MSG_DONTWAIT)

    def listen(self, stop: Event) -> None:
        """The thread's work, until `stop` and a `wake`."""
        self._begin_anew()
        next_round = monotonic() + ROUND
        while not stop.is_set():
            for key, _ in self._selector.select(max(next_round - monotonic(), 0)):
                self._hear(key.data) if key.data else self._still_the_bell()
            if monotonic() >= next_round:
                for name in list(self._hearings):
                    self._hear(name)
                next_round = monotonic() + ROUND
            sleep(BREATH)

    def _begin_anew(self) -> None:
        """After a failure nobody knows what the selector has kept."""
        with self._lock:
            self._selector.close()
            self._selector = selectors.DefaultSelector()
            self._selector.register(self._alarm, selectors.EVENT_READ, "")
            for name, hearing in self._hearings.items():
                self._register(name, hearing)

    def _register(self, name: str, hearing: Hearing) -> None:
        with suppress(KeyError, ValueError, OSError):  # a socket that is closed by now: `heard` says so
            self._selector.register(hearing, selectors.EVENT_READ, name)

    def _still_the_bell(self) -> None:
        with suppress(BlockingIOError):
            while self._alarm.recv(1024):
                pass

    def _hear(self, name: str) -> None:
        """Outside of the lock, for who is told may take hearings back."""
        told = self._heard(name)
        if told is not None:
            told(name)

    def _heard(self, name: str) -> Callable[[str], None] | None:
        with self._lock:
            hearing = self._hearings.get(name)
            if hearing is None:
                return None
            try:
                told = self._news if hearing.heard() else None
            except Exception:  # noqa: BLE001 - whatever it is, it must not make the other mailboxes unheard
                told = self._lost
            if told is not None:
                self._forget(name)
            return told

    def _forget(self, name: str) -> None:
        hearing = self._hearings.pop(name, None)
        if hearing is not None:
            with suppress(KeyError, ValueError, OSError):  # its socket may be closed by now
                self._selector.unregister(hearing)
