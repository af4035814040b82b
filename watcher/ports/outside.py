"""The time, what DNS tells, signatures, and tokens that stand for a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from watcher.domain.dkim import Checked
from watcher.domain.tokens import Standing


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


@dataclass(frozen=True, slots=True)
class Srv:
    """One SRV record (RFC 2782); `target` without its last dot, "" for "this service is not offered"."""

    priority: int
    weight: int
    port: int
    target: str


class MailDns(Protocol):
    """What a domain says in DNS of its mail, asked within a time limit.

    Names are absolute; none where DNS says that there are none. Raises TryAgain where DNS gives no answer.
    """

    def srv(self, name: str) -> tuple[Srv, ...]:
        """The SRV records of a name."""


class AccessTokens(Protocol):
    """The token that stands for one account's password for an hour or so (RFC 6750), renewed before it ends.

    Raises Show where the person has to sign in again (`watcher login`), and TryAgain where the provider or the network
    failed: nothing is lost then. Safe for several threads and processes at once.
    """

    def current(self) -> str:
        """A token that is good for the next minutes."""

    def renewed(self, refused: str) -> str:
        """Another one in the place of `refused`, which the mail server did not accept although it has not ended."""

    def standing(self) -> Standing | None:
        """How long the sign-in has held and will hold; None where nobody has signed in. Asks nobody."""
