"""What a service that runs says of itself, for commands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

GIVEN_UP = "given up"
"""How a mailbox is that is watched no longer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The last pass that failed, if none was completed since: why, in words, and how many did in a row."""

    at: datetime
    problem: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class OnWatch:
    """One mailbox under watch: when its next pass is due at the latest, None where none is, and a word on how it is.

    `failure` may be of a kind that no pass records: where the server cannot be reached none begins.
    """

    due: datetime | None
    condition: str
    failure: Failure | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether nothing is done until the person has changed something."""
        return self.condition == GIVEN_UP


@dataclass(frozen=True, slots=True)
class Presence:
    """What a service last said; mailboxes by the names that the ledger has for them."""

    at: datetime
    mailboxes: Mapping[str, OnWatch]


class Sign(Protocol):
    """Where a service hangs out that it is there. Neither method raises: nothing but a display depends on it."""

    def show(self, presence: Presence) -> None:
        """Say so, for as long as this process lives."""

    def seen(self) -> Presence | None:
        """What a service says that lives; None where there is none."""

    def take_down(self) -> None:
        """Say it no longer."""
