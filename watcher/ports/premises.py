"""This machine and the way to the mail server, as `watcher doctor` and `watcher init` look at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """A file that holds what is nobody else's business, and its permissions."""

    path: str
    mode: int


class Door(StrEnum):
    """Who is at the address of the review page."""

    NOBODY = "nobody"
    OURSELVES = "ourselves"
    ANOTHER = "another program"


class Premises(Protocol):
    """The files of one mailbox's program, the disk under them, and the address of its page."""

    def files(self) -> Iterator[PrivateFile]:
        """What lies there by now. Raises TryAgain."""

    def room(self) -> int:
        """Octets that are free where the ledger lies. Raises TryAgain."""

    def page(self) -> tuple[str, Door] | None:
        """The address of the page, and who is there; None where no page is wanted."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects a connection: the TLS version, until when the certificate is good, and who issued it."""

    version: str
    ends: datetime
    issuer: str


class Road(Protocol):
    """The way to a mail server up to its door, step by step; each takes the ones before. Raises Show and TryAgain."""

    @property
    def place(self) -> str:
        """Host and port, in words."""

    def addresses(self) -> tuple[str, ...]:
        """Where DNS says that the host is."""

    def reach(self) -> None:
        """Connect to the port."""

    def protection(self) -> Protection | None:
        """Have the server greet, and the connection protected; None where it is on this machine, in plain text."""
