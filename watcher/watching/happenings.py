"""What happens while the program is left running, as values: the log, the measures, the alarms hear these.

Who runs the passes says what happened and knows nobody who listens; who listens knows no schedule.

`account` is the mailbox as the log names it: NAME of `WATCHER_ACCOUNTS/NAME.env`, else the address. A report's
summary names the account as the ledger knows it, which is always the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from watcher.cycle import PassReport
from watcher.errors import Show


class Rest(StrEnum):
    """Why a mailbox is left alone for a while."""

    PAUSED = "paused"
    QUIET_HOURS = "quiet hours"


@dataclass(frozen=True, slots=True)
class Started:
    """The watch over a mailbox began, or began anew with other settings."""

    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PassEnded:
    """A pass went through; `next_at` is when the next one is due at the latest."""

    account: str
    at: datetime
    report: PassReport
    next_at: datetime


@dataclass(frozen=True, slots=True)
class PassFailed:
    """A pass failed and will be tried again at `next_at`; `problem` is in words and holds no secret."""

    account: str
    at: datetime
    problem: str
    next_at: datetime


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The person has to change something: this mailbox is watched no longer, the others are."""

    account: str
    at: datetime
    problem: Show


@dataclass(frozen=True, slots=True)
class Resting:
    """No pass for now; `until` is None where only the person ends it."""

    account: str
    at: datetime
    why: Rest
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Listening:
    """The server was asked to tell of new mail at once (IDLE, RFC 2177)."""

    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptOld:
    """New settings or accounts cannot be used: the old ones go on. `account` is None where it concerns all of them."""

    account: str | None
    at: datetime
    problem: Show


@dataclass(frozen=True, slots=True)
class PartBroke:
    """A part of the service itself failed and is begun anew at `again_at`; `problem` holds nothing personal."""

    part: str
    at: datetime
    problem: str
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Stopping:
    """The order to stop came, or no mailbox is left: passes under way are ended now."""

    at: datetime


Happening = Started | PassEnded | PassFailed | GaveUp | Resting | Listening | KeptOld | PartBroke | Stopping


class Listener(Protocol):
    """Whoever wants to hear. A listener that fails harms neither the watch nor the other listeners."""

    def hear(self, happening: Happening) -> None:
        """Something happened, in whatever thread; returns soon."""
