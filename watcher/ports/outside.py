"""The time, keys in DNS, and signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from watcher.domain.dkim import Checked


class Clock(Protocol):
    """The time; the only one the program asks."""

    def now(self) -> datetime:
        """The present moment, with its time zone."""


class DnsKeys(Protocol):
    """Public keys that a domain publishes in DNS, asked within a time limit."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        """The TXT records of an absolute name, each one's strings joined; none where DNS says there are none.

        Raises TryAgain where DNS gave no answer in time, or none that says yes or no.
        """


class Signatures(Protocol):
    """Checks who signed a mail, for a mailbox whose server does not say."""

    def verify(self, content: bytes, now: datetime) -> Checked:
        """What LinkedIn's signatures on this whole mail prove; never raises."""
