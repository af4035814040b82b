"""A mailbox in memory that keeps the port's promises: the same contract suite runs over it and the real servers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from watcher.domain import message
from watcher.domain.raw import RawMessage
from watcher.domain.threads import THREAD_FIELDS, Thread, names_in_to, thread_of
from watcher.errors import GiveUp, NotStored, Problem, Show, TryAgain
from watcher.ports import (
    CARD,
    GLANCE_FIELDS,
    MOST_SENT,
    WHOLE,
    Appended,
    Envelope,
    FolderState,
    Hearing,
    ServerFacts,
    TextPart,
    Traffic,
    Window,
)
from watcher.ports.removal import Removal

_VALIDITY = count(1_700_000_000)


@dataclass(frozen=True)
class StoredMail:
    content: bytes
    received: datetime
    flags: frozenset[str] = frozenset()


@dataclass
class StoredFolder:
    uidvalidity: int = field(default_factory=lambda: next(_VALIDITY))
    uidnext: int = 1
    mails: dict[int, StoredMail] = field(default_factory=dict)

    def add(self, mail: StoredMail) -> int:
        self.mails[self.uidnext] = mail
        self.uidnext += 1
        return self.uidnext - 1


@dataclass
class Store:
    """What lies on the server, whoever looks. `refuse` is what the next APPENDs are answered with, `busy` too.

    `alters` is a header that it puts before what is appended.

    `lose_answers`: what is appended is stored, and nobody hears of it. `lose_tails`: it is sent, and never arrives.
    """

    folders: dict[str, StoredFolder] = field(
        default_factory=lambda: {name: StoredFolder() for name in ("INBOX", "Drafts", "Sent")}
    )
    drafts: str | None = "Drafts"
    sent: str | None = "Sent"
    knows_uids: bool = True
    refuse: str = ""
    busy: str = ""
    alters: bytes = b""
    lose_answers: bool = False
    lose_tails: bool = False


class TwinMailbox:
    """Implements `ports.Mailbox` over a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._trips = 0
        self._gone = False

    @property
    def traffic(self) -> Traffic:
        return Traffic(self._trips, self._trips * 100, self._trips * 50)

    def look(self, folder: str) -> FolderState:
        return self.state(folder)

    def search(self, folder: str, window: Window) -> tuple[int, ...]:
        found = self.stored(folder).mails
        return tuple(uid for uid, mail in sorted(found.items()) if uid >= window.from_uid and _wanted(mail, window))

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        found = self.stored(folder).mails
        for uid in uids:
            if uid in found:
                yield _envelope(uid, found[uid])

    def read(self, folder: str, envelopes: Sequence[Envelope], most: int = CARD) -> Iterator[tuple[int, RawMessage]]:
        found = self.stored(folder).mails
        for envelope in sorted(envelopes, key=lambda one: one.uid):
            if envelope.uid in found:
                yield envelope.uid, _cut(message.split(found[envelope.uid].content), most)

    def whole(self, folder: str, uid: int) -> bytes | None:
        found = self.stored(folder).mails.get(uid)
        return found.content if found and len(found.content) <= WHOLE else None

    def newest(self, folder: str, count: int) -> Iterator[bytes]:
        mails = self.stored(folder).mails
        for uid in sorted(mails)[-count:]:
            yield _fields(message.split(mails[uid].content).header, ("From", "Received", "Authentication-Results"))

    def drafts(self) -> str:
        self._require_life()
        if self._store.drafts is None:
            raise Show(Problem("WATCHER_DRAFTS_FOLDER", "there is none", "make one"))
        return self._store.drafts

    def sent(self) -> str | None:
        self._require_life()
        return self._store.sent

    def junk(self) -> str | None:
        self._require_life()
        return "Junk" if "Junk" in self._store.folders else None

    def state(self, folder: str) -> FolderState:
        found = self.stored(folder)
        return FolderState(folder, found.uidvalidity, found.uidnext, len(found.mails))

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        found = self.stored(folder)
        if self._store.refuse:
            raise GiveUp(self._store.refuse)
        if self._store.busy:
            self._gone = True
            raise NotStored(self._store.busy)
        handing_over()
        if self._store.lose_tails:
            self._gone = True
            raise TryAgain("the tail is still on its way")
        uid = found.add(StoredMail(self._store.alters + content, at, frozenset({"\\Draft", "\\Seen"})))
        if self._store.lose_answers:
            self._gone = True
            raise TryAgain("the answer was lost")
        return Appended(found.uidvalidity, uid) if self._store.knows_uids else Appended(None, None)

    def threads(self, folder: str, window: Window) -> tuple[Thread, ...]:
        found = sorted(self.stored(folder).mails.items())
        return tuple(_thread(uid, mail) for uid, mail in found if uid >= window.from_uid and _is_since(mail, window))

    def sent_to(self, folder: str, address: str) -> tuple[Thread, ...]:
        mails = sorted(self.stored(folder).mails.items())
        found = [(uid, mail) for uid, mail in mails if names_in_to(address, message.split(mail.content).header)]
        return tuple(_thread(uid, mail) for uid, mail in found[-MOST_SENT:])

    def facts(self) -> ServerFacts:
        self._trip()
        known = {"IMAP4REV1", "UIDPLUS"} if self._store.knows_uids else {"IMAP4REV1"}
        return ServerFacts(frozenset(known), None, tuple(self._store.folders))

    def listen(self, folder: str) -> Hearing | None:  # noqa: ARG002 - the port names it
        self._require_life()
        return None

    def close(self) -> None:
        self._gone = True

    def cut(self) -> None:
        self._gone = True

    def stored(self, name: str) -> StoredFolder:
        self._trip()
        if name not in self._store.folders:
            raise Show(Problem("WATCHER_FOLDERS", f"there is no {name!r}", f"name one of {list(self._store.folders)}"))
        return self._store.folders[name]

    def _trip(self) -> None:
        self._require_life()
        self._trips += 1

    def _require_life(self) -> None:
        """What a server tells once a connection costs no trip."""
        if self._gone:
            raise TryAgain("the connection was lost")


@dataclass
class TwinDraftRemoval:
    """Implements `removal.DraftRemoval` over a `Store`."""

    mailbox: TwinMailbox

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        if "UIDPLUS" not in self.mailbox.facts().capabilities:
            return Removal.CANNOT
        found = self.mailbox.stored(folder)
        mail = found.mails.get(uid)
        if found.uidvalidity != uidvalidity or mail is None or "\\Deleted" in mail.flags:
            return Removal.GONE
        if hashlib.sha256(mail.content).hexdigest() != content_hash:
            return Removal.CHANGED
        del found.mails[uid]
        return Removal.REMOVED


def _cut(raw: RawMessage, most: int) -> RawMessage:
    parts = tuple(replace(part, body=part.body[:most]) for part in raw.parts)
    return replace(raw, parts=parts, is_cut=parts != raw.parts)


def _wanted(mail: StoredMail, window: Window) -> bool:
    parsed = message.parse(mail.content)
    sender = " ".join(parsed.all("from")).lower()
    return _is_since(mail, window) and ("linkedin.com" in sender or "linkedin" in parsed.subject.lower())


def _is_since(mail: StoredMail, window: Window) -> bool:
    return window.since is None or mail.received.astimezone(UTC).date() >= window.since


def _thread(uid: int, mail: StoredMail) -> Thread:
    few = _fields(message.split(mail.content).header, THREAD_FIELDS)
    return thread_of(uid, few, is_deleted="\\Deleted" in mail.flags)


def _envelope(uid: int, mail: StoredMail) -> Envelope:
    raw = message.split(mail.content)
    parts = tuple(
        TextPart(str(number), part.content_type, part.charset, part.encoding, len(part.body))
        for number, part in enumerate(raw.parts, start=1)
    )
    return Envelope(uid, len(mail.content), mail.received, _fields(raw.header, GLANCE_FIELDS), parts)


def _fields(header: bytes, names: Sequence[str]) -> bytes:
    lines: list[bytes] = re.findall(rb"(?ims)^(?:%s):.*?(?=\r?\n\S|\Z)" % "|".join(names).encode(), header)
    return b"\r\n".join(lines)
