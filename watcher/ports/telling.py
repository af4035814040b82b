"""Word to the person outside of the mailbox: a notice on the desktop, or by a service that they named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: a line, and what is to be done."""

    title: str
    body: str


class Messenger(Protocol):
    """One way to the person. May be slow: whoever must not wait gives its notices to an outbox."""

    @property
    def name(self) -> str:
        """What it is, for the log; holds no secret."""

    @property
    def is_here(self) -> bool:
        """Whether a notice stays on this machine: only then it may hold an address."""

    def tell(self, notice: Notice) -> None:
        """Have it shown or sent. Raises TryAgain where it was not; within a time limit of its own."""


class Outbox(Protocol):
    """Takes notices for one way to the person, and returns at once."""

    @property
    def is_here(self) -> bool:
        """As of its messenger."""

    def post(self, notice: Notice) -> None:
        """Have it told, soon; never raises."""
