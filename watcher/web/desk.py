"""What the page works on: what is kept, and for one command a mailbox.

No connection is kept for the page: it would lie idle for days, and be dead when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from watcher.errors import GiveUp
from watcher.person.workshop import Workshop
from watcher.ports import Clock, Ledger, Mailbox, Templates
from watcher.ports.removal import DraftRemoval
from watcher.steps.account import Account, Ports
from watcher.watching.status import Status


@dataclass(frozen=True, slots=True)
class Hands:
    """What a person's command works with: one mailbox, over a connection of its own, and leave to remove a draft."""

    account: Account
    ports: Ports
    removal: DraftRemoval


@dataclass(frozen=True, slots=True)
class Watched:
    """A mailbox that is set up. `open_ports` logs in; `removal` is what removes drafts over that connection; `status`
    tells how it is watched, without asking its server; `workshop` is where its templates are tried and changed.
    """

    account: Account
    templates: Templates
    open_ports: Callable[[], Ports]
    removal: Callable[[Mailbox], DraftRemoval]
    status: Callable[[datetime], Status]
    workshop: Callable[[], Workshop]


class Desk(Protocol):
    """Everything that the page shows and does, of all mailboxes. Several threads may use it at a time."""

    @property
    def ledger(self) -> Ledger:
        """What the program remembers."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def mailboxes(self) -> Mapping[str, Watched]:
        """The mailboxes that are set up just now, by the names that the ledger has for them."""

    def hands(self, account: str) -> AbstractContextManager[Hands]:
        """Log in to the mailbox of an account, and out at the end. Raises Show, TryAgain, and GiveUp where no such
        mailbox is set up.
        """

    def cut(self) -> None:
        """Cut every connection that is open for a command, at once: each then fails with TryAgain."""


@dataclass(slots=True)
class Office:
    """Implements `Desk`. `watched` tells which mailboxes are set up now: the settings may be read anew meanwhile."""

    ledger: Ledger
    clock: Clock
    watched: Callable[[], Sequence[Watched]]
    _open: list[Mailbox] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def mailboxes(self) -> Mapping[str, Watched]:
        """By name."""
        return {one.account.name: one for one in self.watched()}

    @contextmanager
    def hands(self, account: str) -> Iterator[Hands]:
        """Log in, and out at the end."""
        one = self.mailboxes.get(account)
        if one is None:
            raise GiveUp(f"the mailbox {account} is not set up any more")
        ports = one.open_ports()
        with self._lock:
            self._open.append(ports.mailbox)
        try:
            yield Hands(one.account, ports, one.removal(ports.mailbox))
        finally:
            with self._lock:
                self._open.remove(ports.mailbox)
            ports.mailbox.close()

    def cut(self) -> None:
        """From whatever thread."""
        with self._lock:
            for mailbox in self._open:
                mailbox.cut()
