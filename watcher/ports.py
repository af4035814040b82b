"""What the core asks of the outside: a mailbox, a ledger, templates, a clock.

Each is a Protocol with one contract suite in `tests/contracts` that every adapter passes. Errors: `TryAgain` when the
server, network or disk failed, `Show` when the person has to change something, `GiveUp` for one message alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from watcher.domain.acquaintances import People
from watcher.domain.corrections import Correction
from watcher.domain.dkim import Checked
from watcher.domain.lifecycle import By, State
from watcher.domain.raw import RawMessage
from watcher.domain.threads import Thread
from watcher.domain.values import Reading, Verdict

# ---------------------------------------------------------------------------------------------------- the mailbox


@dataclass(frozen=True, slots=True)
class FolderState:
    """What EXAMINE or STATUS says of a folder. `uidnext` and `messages` are None where the server does not say."""

    name: str
    uidvalidity: int
    uidnext: int | None
    messages: int | None = None

    def after(self, uid: int | None) -> FolderState:
        """As it stands once one more mail came in; `messages` is None where another may have come in before that."""
        if uid is None or self.uidnext is None:
            return replace(self, messages=None)
        known = self.messages if uid == self.uidnext else None
        return replace(self, uidnext=max(self.uidnext, uid + 1), messages=None if known is None else known + 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Which mail of a folder to search: UIDs from `from_uid` on, or received on or after `since` (INTERNALDATE)."""

    from_uid: int = 1
    since: date | None = None


@dataclass(frozen=True, slots=True)
class TextPart:
    """Where a text part stands in a mail: its IMAP section (`1`, `2.1`), type, charset, encoding, size in octets."""

    section: str
    content_type: str
    charset: str
    encoding: str
    octets: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the one cheap FETCH tells of a candidate; `header` holds only `GLANCE_FIELDS`, raw."""

    uid: int
    size: int
    received: datetime
    header: bytes
    parts: tuple[TextPart, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an APPEND put a message; `uid` is None where the server has no UIDPLUS (RFC 4315)."""

    uidvalidity: int | None
    uid: int | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a connection cost so far. A round trip is one wait for the server's answer."""

    round_trips: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def since(self, earlier: Traffic) -> Traffic:
        """What was added after `earlier`."""
        return Traffic(
            self.round_trips - earlier.round_trips,
            self.bytes_in - earlier.bytes_in,
            self.bytes_out - earlier.bytes_out,
        )


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What `doctor` tells of a server: capability names in upper case, TLS version or None for plain."""

    capabilities: frozenset[str]
    tls: str | None
    folders: tuple[str, ...]


GLANCE_FIELDS = (
    "From", "Sender", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "List-Id", "Feedback-ID",
    "X-LinkedIn-Template", "X-LinkedIn-Class",
)  # fmt: skip
"""The header fields that decide whether a mail may be an invitation; all that is fetched of most mail."""


CARD = 32 << 10
"""So many octets of a text part are read first: in the longest mail seen the inviter's card ends after 20 KB of 54."""

WHOLE = 256 << 10
"""The most that is ever read of one text part, or of one mail whose signature is checked."""


MOST_SENT = 20
"""Of the mail to one address no more than so much is looked at."""


class Mailbox(Protocol):
    """One account's mail. Looks without a trace: nothing here marks, moves, deletes or changes a message."""

    @property
    def traffic(self) -> Traffic:
        """The cost of this connection so far."""

    def look(self, folder: str) -> FolderState:
        """Open `folder` read-only. Raises Show where there is no such folder."""

    def search(self, folder: str, window: Window) -> tuple[int, ...]:
        """UIDs, ascending, of mail from `linkedin.com` or with `linkedin` in the subject: one SEARCH on the server."""

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        """The few headers, sizes and structures of `uids`, in batches. UIDs that are gone are left out."""

    def read(self, folder: str, envelopes: Sequence[Envelope], most: int = CARD) -> Iterator[tuple[int, RawMessage]]:
        """Header and text parts, never attachments, of these, in the order of their UIDs: the first `most` octets of
        each part. Where that is not all of it, the message says `is_cut`.
        """

    def whole(self, folder: str, uid: int) -> bytes | None:
        """One mail as it travelled, for its signatures to be checked; None where it is gone or over 256 KB."""

    def newest(self, folder: str, count: int) -> Iterator[bytes]:
        """From, Received and Authentication-Results of the newest mails of a folder, whoever wrote them: `doctor`
        learns from these what the mailbox's own server writes.
        """

    def drafts(self) -> str:
        """The Drafts folder: the setting, else SPECIAL-USE, else a known name. Raises Show where there is none."""

    def sent(self) -> str | None:
        """The Sent folder, found alike; None where there is none. Raises Show where the setting names no folder."""

    def state(self, folder: str) -> FolderState:
        """What STATUS says, without opening the folder."""

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        r"""Put one message into `folder` with `\Draft \Seen`; calls `handing_over` before its first octet goes out.

        Raises TryAgain when the outcome is unknown, NotStored when the failure came before or the server is in
        trouble for now, GiveUp when it said NO for a reason of its own: then nothing was stored either.
        """

    def threads(self, folder: str, window: Window) -> tuple[Thread, ...]:
        """Which mail each mail of `folder` inside the window is and which it answers, ascending by UID, read anew.

        The UIDs are those of the UIDVALIDITY that this connection told last of the folder: where that has changed
        since, it raises TryAgain.
        """

    def sent_to(self, folder: str, address: str) -> tuple[Thread, ...]:
        """The newest mails of `folder` that name `address` in To: one SEARCH, and a FETCH of what it finds.

        None for what is no plain address. `address` is in small letters and is compared without regard to case.
        """

    def facts(self) -> ServerFacts:
        """For `doctor`: what this server can do."""

    def close(self) -> None:
        """Log out; never raises."""

    def cut(self) -> None:
        """Cut the connection at once, from whatever thread: a call that waits for the server fails with TryAgain."""


# ----------------------------------------------------------------------------------------------------- the ledger


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


class Ledger(Protocol):
    """What the program remembers. Every method is one transaction, on disk when it returns. Raises TryAgain."""

    def watermark(self, account: str, folder: str) -> Watermark | None:
        """How far this folder was looked over; None before the first pass."""

    def advance(self, account: str, folder: str, mark: Watermark, at: datetime) -> None:
        """Move the watermark; the caller has recorded every outcome below it."""

    def find(self, account: str, key: str) -> Record | None:
        """The row of one invitation."""

    def namesakes(self, account: str, name: str, profile_url: str | None, since: datetime) -> tuple[Record, ...]:
        """Rows received since, newest first, whose inviter has this name (case-folded) or this profile."""

    def record(self, sighting: Sighting, state: State, reason: str, at: datetime) -> Record:
        """Write a row for the first time in a state of `lifecycle.START`. The row that stands already wins: it is
        returned unchanged where account and key are known.
        """

    def reread(self, record_id: int, sighting: Sighting, at: datetime) -> Record:
        """A person has what is held judged again: its row takes what the mail says now and moves to `seen`, or to
        `skipped` where the mail proves to be an invitation that has a row already. Raises GiveUp as `move` does.
        """

    def drifted(self, drift: Drift) -> None:
        """Keep a sign that LinkedIn's mail has changed; the same mail counts once."""

    def drifts(self, account: str) -> tuple[Drift, ...]:
        """These signs, newest first."""

    def lease(self, account: str, now: datetime) -> Lease:
        """Become the one writer of an account, until it is released or runs out.

        Raises TryAgain where another instance has it and does not give it back within a few seconds.
        """

    def renew(self, lease: Lease, now: datetime) -> None:
        """Hold a lease for another term. Raises TryAgain where another instance took it meanwhile."""

    def release(self, lease: Lease) -> None:
        """Give a lease back."""

    def intend(self, record_id: int, intent: Intent, lease: Lease, by: By = By.PROGRAM) -> Record:
        """Write the intent down and move to `intended`, in one transaction. Raises GiveUp where the revision or
        its Message-ID is known already (another instance was first), or the move is not legal; TryAgain where the
        lease was lost.
        """

    def hand_over(self, record_id: int, lease: Lease, at: datetime) -> None:
        """Write down that octets of the live revision go out now. Raises TryAgain where the lease was lost or they
        went out before: then none may go out.
        """

    def drafted(self, record_id: int, uid: int | None, at: datetime) -> Record:
        """The server confirmed: keep the UID of the live revision, move to `drafted`."""

    def refused(self, record_id: int, end: State, reason: str, lease: Lease, at: datetime) -> Record:
        """The server answered NO to the APPEND: forget the intent and move to `seen` or `held`, in one transaction.
        Raises TryAgain where the lease was lost.
        """

    def locate(self, record_id: int, uid: int) -> None:
        """Keep the UID of a confirmed draft that was learnt later (no UIDPLUS)."""

    def move(self, record_id: int, end: State, reason: str, at: datetime, by: By = By.PROGRAM) -> Record:
        """Any other legal move. Raises GiveUp where `lifecycle` forbids it."""

    def judge(self, record_id: int, verdict: Verdict, at: datetime) -> Record:
        """Keep what the program thinks by now of an invitation that waits for its turn. Raises GiveUp unless it is
        `seen`.
        """

    def correct(self, record_id: int, verdict: Verdict, words: str, at: datetime) -> Record:
        """Keep a person's word: the row takes the verdict, its history a line, and `words` are those by which other
        notes are compared with this one. An invitation has one correction: the newest word counts, and what the program
        thought at first. Raises GiveUp where the row has no verdict.
        """

    def corrections(self, account: str) -> tuple[Correction, ...]:
        """Every correction of this account, newest first."""

    def know(self, account: str, person: str, at: datetime) -> bool:
        """Keep that the person knows somebody, as `acquaintances.kept_as` writes them; False where that is kept."""

    def unknow(self, account: str, person: str) -> bool:
        """Take it back; False where it was not kept."""

    def known(self, account: str) -> tuple[str, ...]:
        """Whom the person said to know, in alphabetical order."""

    def lasting(self, account: str, since: datetime) -> tuple[Record, ...]:
        """Rows of which something may still become: drafted, edited, uncertain; and those discarded since."""

    def absent(self, record_id: int, since: datetime | None) -> None:
        """Keep since when the live revision is missing from the mailbox; None: it is there."""

    def last_look(self, account: str) -> Look | None:
        """The last look after every draft of this account; None before the first."""

    def looked(self, account: str, look: Look) -> None:
        """Keep it."""

    def unresolved(self, account: str) -> tuple[Record, ...]:
        """Rows in `intended`: an APPEND whose outcome was not recorded."""

    def failed(self, account: str, location: Location, why: str, at: datetime) -> int:
        """Count one more failure to read this mail; returns how often that happened."""

    def spared(self, account: str, location: Location) -> None:
        """Take the last of these failures back: it was none."""

    def listing(self, state: State | None = None) -> tuple[Record, ...]:
        """All rows, newest first."""

    def show(self, record_id: int) -> Record | None:
        """One row with its history."""

    def passed(self, summary: PassSummary) -> None:
        """Keep what a pass did."""

    def failing(self, account: str) -> int:
        """How many of the newest passes in a row failed."""

    def last_pass(self, account: str, *, completed: bool = False) -> PassSummary | None:
        """The newest pass, or the newest completed one."""

    def refusals(self, account: str) -> Refusals | None:
        """How often the server refused to let this account in; None since it did let it in."""

    def let_in(self, account: str) -> None:
        """The server let this account in: what it refused before counts no longer."""

    def kept_out(self, account: str, settings: str, at: datetime) -> int:
        """Count one more refusal; returns how many there were in a row with these settings."""

    def close(self) -> None:
        """Release the file; never raises."""


# ------------------------------------------------------------------------ templates, the address book and the clock


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """Where a template comes from: `origin` is `shipped` or the path of the person's own file."""

    language: str
    name: str
    origin: str


class Templates(Protocol):
    """Reply templates, `LANGUAGE/NAME`; a person's own file stands before the shipped one."""

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. Raises GiveUp naming template, line and variable, or the limit
        that it is over; TryAgain where the machine failed.
        """


@dataclass(frozen=True, slots=True)
class Contacts:
    """What an address book holds: its people, how many cards were read, and how many could not be."""

    people: People
    cards: int
    broken: int


class AddressBook(Protocol):
    """The person's own address book."""

    def read(self) -> Contacts:
        """What stands in it now. A card that is broken stops no other. Raises TryAgain where there is no book."""


class Clock(Protocol):
    """The time; the only one the program asks."""

    def now(self) -> datetime:
        """The present moment, with its time zone."""


# ------------------------------------------------------------------------------------------------------ keys in DNS


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
