"""One account's mail, as a pass sees it, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from watcher.domain.raw import RawMessage
from watcher.domain.threads import Thread


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


class Hearing(Protocol):
    """What a mailbox that was asked to tell of news is heard by (IDLE, RFC 2177), until `done`.

    Meanwhile nothing else may be asked of the mailbox. One thread may wait for many of these, by `fileno`.
    """

    def fileno(self) -> int:
        """What becomes readable when the server says something: for `selectors`, which asks for it by this name."""

    def heard(self) -> bool:
        """Read what has come, without waiting; True where it is news of mail. Called at once, as mail may have come
        between the pass and `listen`, then when `fileno` is readable, and every minute besides. Raises TryAgain where
        the link is dead or the server ended it.
        """

    def done(self) -> None:
        """End it: the mailbox can be used again. Raises TryAgain, on a dead link within the time limit."""


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

    def junk(self) -> str | None:
        """The folder of what was taken for junk, by SPECIAL-USE or a known name; None where there is none."""

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

    def listen(self, folder: str) -> Hearing | None:
        """Ask the server to tell of news in `folder` as it comes; None where it cannot. Raises Show and TryAgain.

        News is what came since this mailbox looked at `folder` last: what came between that and this is heard at once.
        """

    def close(self) -> None:
        """Log out; never raises."""

    def cut(self) -> None:
        """Cut the connection at once, from whatever thread: a call that waits for the server fails with TryAgain."""
