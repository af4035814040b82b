"""A service without threads and without waiting: mailboxes in memory, a clock that is put on, a timetable in a list."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import TypeVar

from builders import NOW
from twins.mailbox import Store, TwinMailbox

from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.ledger import SqlLedger
from watcher.adapters.templates import FileTemplates
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.schedule import Every, Rhythm
from watcher.domain.values import Person
from watcher.errors import NotLetIn, Problem, Show, TryAgain
from watcher.ports import FolderState, Hearing
from watcher.service import Idle, Service, Wanted, Watch
from watcher.service.timetable import Lane
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice
from watcher.watching.happenings import Happening

FIVE_MINUTES = Every(timedelta(minutes=5))

One = TypeVar("One", bound=Happening)


@dataclass
class Clock:
    """A clock that moves only when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


class NoDns:
    """DNS that is never asked."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        raise AssertionError(f"nobody asks for {name}")


@dataclass
class Told:
    """A listener that keeps what it heard."""

    happenings: list[Happening] = field(default_factory=list)

    def hear(self, happening: Happening) -> None:
        self.happenings.append(happening)

    def of(self, kind: type[One], account: str | None = None) -> list[One]:
        found = [one for one in self.happenings if isinstance(one, kind)]
        return [one for one in found if account is None or getattr(one, "account", None) == account]


class TwinHearing:
    """Implements `ports.Hearing`: a test says what the server says."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self.is_dead = False
        self.is_done = False
        self.answers_done = True
        self.waits_done, self._is_cut = Event(), Event()

    def fileno(self) -> int:
        return self._ours.fileno()

    def say(self, words: bytes) -> None:
        self._theirs.sendall(words)

    def die(self) -> None:
        self.is_dead = True
        self._theirs.close()

    def heard(self) -> bool:
        if self.is_dead:
            raise TryAgain("the link is dead")
        try:
            return b"EXISTS" in self._ours.recv(1024)
        except BlockingIOError:
            return False

    def done(self) -> None:
        if self.is_dead:
            raise TryAgain("the link is dead")
        self.waits_done.set()
        if not self.answers_done:
            self._is_cut.wait(60)
            raise TryAgain("the link was cut")
        self.is_done = True

    def cut(self) -> None:
        self._is_cut.set()


@dataclass
class Server:
    """A mail server as its clients find it: `trouble` is what the next passes end with, one after the other."""

    trouble: list[Exception] = field(default_factory=list)
    refusal: Exception | None = None
    knows_idle: bool = False
    deaf: Exception | None = None
    store: Store = field(default_factory=Store)
    connections: list[Connection] = field(default_factory=list)

    @property
    def open_connections(self) -> int:
        return sum(not one.is_closed for one in self.connections)

    def connect(self) -> Connection:
        if self.refusal is not None:
            raise self.refusal
        self.connections.append(Connection(self))
        return self.connections[-1]


class Connection(TwinMailbox):
    """One connection to such a server."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.store)
        self.server = server
        self.is_closed = False
        self.hearing: TwinHearing | None = None

    def look(self, folder: str) -> FolderState:
        assert not self.is_closed, "a connection that was closed is not used again"
        assert self.hearing is None or self.hearing.is_done, "nothing is asked while the server is listened to"
        if self.server.trouble:
            raise self.server.trouble.pop(0)
        return super().look(folder)

    def listen(self, folder: str) -> Hearing | None:
        assert folder == "INBOX"
        if not self.server.knows_idle:
            return None
        if self.server.deaf is not None:
            raise self.server.deaf
        self.hearing = TwinHearing()
        return self.hearing

    def cut(self) -> None:
        if self.hearing is not None:
            self.hearing.cut()

    def close(self) -> None:
        self.is_closed = True


def account(address: str = "me@example.test") -> Account:
    voice = Voice(address, Person("Robin Ashdown", address), ("en",), b"k" * 32)
    return Account(voice, ("INBOX",), timedelta(days=14), Policy(), Trust("mx.example.test"))


@dataclass
class Timetable:
    """In the place of APScheduler: the moments, and the one that comes first."""

    moments: dict[str, datetime] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def set(self, name: str, at: datetime, lane: Lane) -> None:
        self.moments[name], self.lanes[name] = at, lane

    def drop(self, name: str) -> None:
        self.moments.pop(name, None)

    def end(self) -> None:
        self.moments.clear()


@dataclass
class World:
    """Mailboxes on servers of their own, under one service."""

    ledger: SqlLedger
    clock: Clock = field(default_factory=Clock)
    told: Told = field(default_factory=Told)
    servers: dict[str, Server] = field(default_factory=dict)
    timetable: Timetable = field(default_factory=Timetable)
    templates: FileTemplates = field(default_factory=FileTemplates)
    rhythm: Rhythm = field(default_factory=lambda: Rhythm(FIVE_MINUTES))
    idle: Idle = Idle.AUTO

    def watch(self, name: str = "me@example.test", server: Server | None = None) -> Watch:
        box = account(name if "@" in name else f"{name}@example.test")
        self.servers[name] = server or Server()
        ports = self._ports(self.servers[name])
        return Watch(name, box, self.ledger, ports, self.clock, self.rhythm, self.idle)

    def service(self, wanted: Callable[[], Wanted] | Mapping[str, Watch]) -> Service:
        load = wanted if callable(wanted) else lambda: Wanted(wanted, {})
        service = Service(load, self.clock, [self.told])
        service._timetable = self.timetable  # type: ignore[assignment] # noqa: SLF001 - time is put on by hand here
        return service

    def run(self, service: Service, time: timedelta, at_each: Sequence[Callable[[], None]] = ()) -> None:
        """So much time goes by; the clock is put on from one moment to the next."""
        until = self.clock.at + time
        while self.timetable.moments and min(self.timetable.moments.values()) <= until:
            name = min(self.timetable.moments, key=lambda one: self.timetable.moments[one])
            self.clock.at = max(self.clock.at, self.timetable.moments.pop(name))
            for act in at_each:
                act()
            service.fire(name)
            service.plan(name)
        self.clock.at = max(self.clock.at, until)

    def _ports(self, server: Server) -> Callable[[], Ports]:
        signatures = DkimSignatures(NoDns())
        return lambda: Ports(server.connect(), self.ledger, self.templates, self.clock, signatures)


def refused(what: str = "WATCHER_IMAP_PASSWORD") -> Show:
    return NotLetIn(Problem(what, "not accepted", "check it"))
