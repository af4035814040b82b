"""What the ledger keeps: an invitation's row, its draft, a pass, and what guards them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.domain.lifecycle import By, State
from watcher.domain.values import Reading
from watcher.ports.mailbox import FolderState


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to where a folder was looked over: every UID below `next_uid` has a recorded outcome."""

    uidvalidity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where a mail was seen. A UID counts only with its UIDVALIDITY."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mail read for the first time, as it goes into the ledger."""

    account: str
    key: str
    reading: Reading
    location: Location
    received: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """A genuine mail that shows that LinkedIn's mail has changed: why, and the mail without personal data."""

    account: str
    message_id: str
    why: str
    sample: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A draft that is about to be appended: written down before the APPEND, so that a crash cannot make two."""

    revision: int
    message_id: str
    body_hash: str
    template: str
    language: str
    folder: str
    uidvalidity: int
    uidnext: int | None
    at: datetime
    content: bytes


HANDED_OVER = 0
"""In the place of a draft's UID, which is never 0 (RFC 3501 §2.3.1.1): octets of it went out, no answer came yet."""


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft as the ledger knows it; `uid` is None until octets of it went out, then `HANDED_OVER`, then its own.

    `absent_since`: when it was first missing from Drafts and Sent; None while it is there.
    """

    intent: Intent
    uid: int | None = None
    drafted_at: datetime | None = None
    absent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an invitation's history; `start` is None for the first."""

    at: datetime
    start: State | None
    end: State
    by: By
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One invitation's row: `id` is what people type, `draft` the live revision."""

    id: int
    account: str
    key: str
    state: State
    reason: str
    reading: Reading
    location: Location
    received: datetime
    seen_at: datetime
    updated_at: datetime
    draft: DraftRecord | None = None
    history: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """How Drafts stood when every draft was last looked after: while it stands so, nothing became of any."""

    drafts: FolderState
    at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write drafts for one account. `fence` is larger than that of whoever held it before."""

    account: str
    fence: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often in a row a server refused to let this program in with these settings, and when it last did."""

    settings: str
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """The person wants no passes over a mailbox since `at`; `until` is None where only they end it."""

    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Pile:
    """How many things of a kind there are, and when the newest of them came; None where there is none."""

    count: int = 0
    newest: datetime | None = None

    def later(self, by: timedelta) -> Pile:
        """The same, as if each had come later."""
        return Pile(self.count, self.newest + by if self.newest else None)


@dataclass(frozen=True, slots=True)
class PassSummary:
    """One completed or failed pass over one mailbox."""

    account: str
    started: datetime
    ended: datetime
    completed: bool
    looked_at: int = 0
    invitations: int = 0
    drafted: int = 0
    held: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    problem: str = ""
