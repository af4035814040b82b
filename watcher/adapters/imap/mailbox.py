"""Implements `ports.Mailbox` over one session: SEARCH, FETCH with PEEK, STATUS and APPEND, and no verb that changes."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from imapclient.exceptions import IMAPClientError, ProtocolError
from imapclient.imapclient import DRAFT, SEEN

from watcher.adapters.imap import hearing
from watcher.adapters.imap.answers import Answer, envelope_of, is_to, is_whole, number, octets, raw_of, thread_in
from watcher.adapters.imap.bounds import is_uid
from watcher.adapters.imap.hearing import ImapHearing
from watcher.adapters.imap.session import Session, refuse_line_breaks
from watcher.adapters.imap.words import is_passing, plain, told_wait
from watcher.adapters.special_folders import find_drafts, find_junk, find_sent
from watcher.domain.acquaintances import ADDRESS
from watcher.domain.raw import RawMessage
from watcher.domain.threads import THREAD_FIELDS, Thread
from watcher.errors import GiveUp, NotStored, TryAgain
from watcher.ports import (
    CARD,
    GLANCE_FIELDS,
    MOST_SENT,
    WHOLE,
    Appended,
    Envelope,
    FolderState,
    ServerFacts,
    Traffic,
    Window,
)

GLANCE_BATCH = 500  # longer UID lists made Dovecot answer "Too long argument"
READ_BATCH = 100
READ_OCTETS = 8 << 20  # so much text is held at once
MOST_HEADER = 64 << 10
MOST_FIELDS = 16 << 10

FIRST_DAY = date(1970, 1, 1)
"""No mail was received before it, and no earlier day is asked for: with one, Courier finds no mail at all, and before
1000 the year lacks digits that RFC 3501 wants (§9, `date-year`)."""

_PLAIN_GLANCE = [
    "RFC822.SIZE",
    "INTERNALDATE",
    f"BODY.PEEK[HEADER.FIELDS ({' '.join(GLANCE_FIELDS).upper()})]<0.{MOST_FIELDS}>",
]
_GLANCE = [*_PLAIN_GLANCE, "BODYSTRUCTURE"]
_NOT_UNDERSTOOD = (ProtocolError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""What imapclient raises on an answer that it has read to the end and cannot take apart."""

_SERVER_WORDS = f"BODY.PEEK[HEADER.FIELDS (FROM RECEIVED AUTHENTICATION-RESULTS)]<0.{MOST_FIELDS}>"
_THREAD = ["FLAGS", f"BODY.PEEK[HEADER.FIELDS ({' '.join(THREAD_FIELDS).upper()})]<0.{MOST_FIELDS}>"]
_SENT = ["FLAGS", f"BODY.PEEK[HEADER.FIELDS (TO {' '.join(THREAD_FIELDS).upper()})]<0.{MOST_FIELDS}>"]
_APPENDUID = re.compile(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", re.IGNORECASE)


@dataclass(slots=True)
class ImapMailbox:
    """One account's mail; made by `connect`."""

    session: Session
    drafts_setting: str | None = None
    sent_setting: str | None = None
    _drafts: str | None = None

    @property
    def traffic(self) -> Traffic:
        """The cost of this connection so far."""
        return self.session.client.meter.traffic()

    # ------------------------------------------------------------------------------------------------------- looking

    def look(self, folder: str) -> FolderState:
        """Open `folder` read-only (EXAMINE). Raises Show where there is no such folder."""
        return self.session.look(folder)

    def search(self, folder: str, window: Window) -> tuple[int, ...]:
        """One SEARCH on the server: UIDs, ascending, of mail from linkedin.com or with linkedin in the subject."""
        self.session.open_for(folder)
        return self._search(window, "OR", "FROM", "linkedin.com", "SUBJECT", "linkedin")

    def _search(self, window: Window, *wanted: str) -> tuple[int, ...]:
        since = ["SINCE", window.since] if window.since and window.since > FIRST_DAY else []
        uids = ["UID", self.session.uids_from(window.from_uid)] if window.from_uid > 1 else []
        with self.session.talking():
            found = self.session.client.search([*uids, *since, *wanted] or ["ALL"])
        # `n:*` always names the last message, also when it lies below n (RFC 3501 §6.4.8).
        return tuple(sorted(uid for uid in found if uid >= window.from_uid))

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        """The few headers, sizes and structures of `uids`, in batches."""
        for start in range(0, len(uids), GLANCE_BATCH):
            batch = uids[start : start + GLANCE_BATCH]
            answers = self._glanced(folder, batch)
            yield from (envelope_of(uid, answers[uid]) for uid in batch if uid in answers)

    def _glanced(self, folder: str, uids: Sequence[int]) -> dict[int, Answer]:
        """What the server says of these. One mail of a wild structure, which no client understands, stops no other."""
        self.session.open_for(folder)
        with self.session.talking():
            self.session.client.normalise_times = False
            understood = self._by_halves(list(uids))
        answers = {uid: answer for uid, answer in understood.items() if is_whole(answer)}
        odd = [uid for uid in uids if uid not in answers]
        plain_answers = self.session.fetch(folder, odd, _PLAIN_GLANCE) if odd else {}
        if not all(map(is_whole, plain_answers.values())):
            raise self.session.lost("the server tells of a mail by halves")
        return answers | dict(plain_answers)

    def _by_halves(self, uids: list[int]) -> dict[int, Answer]:
        try:
            return self.session.fetch_here(uids, _GLANCE)
        except _NOT_UNDERSTOOD:
            if len(uids) == 1:
                return {}
        middle = len(uids) // 2
        return self._by_halves(uids[:middle]) | self._by_halves(uids[middle:])

    def read(self, folder: str, envelopes: Sequence[Envelope], most: int = CARD) -> Iterator[tuple[int, RawMessage]]:
        """Whole header and the beginning of each text part of these candidates, in the order of their UIDs."""
        for batch in _batches(sorted(envelopes, key=lambda one: one.uid), most):
            raws = dict(self._read_batch(folder, batch, most))
            yield from ((one.uid, raws[one.uid]) for one in batch if one.uid in raws)

    def _read_batch(self, folder: str, batch: list[Envelope], most: int) -> Iterator[tuple[int, RawMessage]]:
        """One FETCH for all that have the same parts."""
        for sections, group in groupby(sorted(batch, key=_sections), key=_sections):
            alike = list(group)
            bodies = [f"BODY.PEEK[{section}]<0.{most}>" for section in sections]
            answers = self.session.fetch(
                folder, [one.uid for one in alike], [f"BODY.PEEK[HEADER]<0.{MOST_HEADER}>", *bodies]
            )
            yield from (
                (one.uid, raw_of(one, answers[one.uid], most)) for one in alike if is_whole(answers.get(one.uid, {}))
            )

    def whole(self, folder: str, uid: int) -> bytes | None:
        """One mail as it travelled; None where it is gone or too large."""
        answer = self.session.fetch(folder, [uid], ["RFC822.SIZE", f"BODY.PEEK[]<0.{WHOLE}>"]).get(uid)
        size = number(answer.get(b"RFC822.SIZE")) if answer else None
        content = octets(answer, b"BODY[]") if answer else b""
        return content if size is not None and size == len(content) else None

    def newest(self, folder: str, count: int) -> Iterator[bytes]:
        """From, Received and Authentication-Results of the newest mails of a folder."""
        uidnext = self.look(folder).uidnext or 0
        uids: list[int] = []
        # A window that doubles: ALL would name every mail of a large folder.
        for reach in (count * factor for factor in (2, 8, 64, 4096)):
            with self.session.talking():
                found = self.session.client.search(["UID", self.session.uids_from(max(uidnext - reach, 1))])
            uids = sorted(found)[-count:]
            if len(uids) == count or reach >= uidnext:
                break
        answers = self.session.fetch(folder, uids, [_SERVER_WORDS]) if uids else {}
        yield from (octets(answers[uid], b"BODY[HEADER") for uid in uids if uid in answers)

    # ------------------------------------------------------------------------------------------------------- drafts

    def drafts(self) -> str:
        """The Drafts folder. Raises Show where there is none."""
        if self._drafts is None:
            self._drafts = find_drafts(self.session.folders(), self.drafts_setting)
        return self._drafts

    def sent(self) -> str | None:
        """The Sent folder; None where there is none. Raises Show where the setting names no folder."""
        return find_sent(self.session.folders(), self.sent_setting)

    def junk(self) -> str | None:
        """The folder of what was taken for junk; None where there is none."""
        return find_junk(self.session.folders())

    def state(self, folder: str) -> FolderState:
        """What STATUS says, without opening the folder."""
        return self.session.status(folder)

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        r"""Put one message into `folder` with `\Draft \Seen`. GiveUp on NO, TryAgain when nobody knows."""
        refuse_line_breaks(folder)
        has_begun = False

        def begin() -> None:
            nonlocal has_begun
            handing_over()
            has_begun = True

        try:
            self.session.leave(folder)
            with self.session.talking(), self.session.client.telling(begin):
                answer = self._append(folder, content, at)
                if not has_begun:
                    raise NotStored("the server confirms a draft that it never took")
        except TryAgain as failure:
            if has_begun or isinstance(failure, NotStored):
                raise
            raise NotStored(str(failure), wait=failure.wait) from failure
        return _appended(answer)

    def _append(self, folder: str, content: bytes, at: datetime) -> object:
        try:
            return self.session.client.append(folder, content, flags=(DRAFT, SEEN), msg_time=at)
        except IMAPClientError as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            words = plain(error)
            if is_passing(words):
                raise NotStored(f"the server takes no draft just now ({words})", wait=told_wait(words)) from error
            raise GiveUp(words) from error

    def threads(self, folder: str, window: Window) -> tuple[Thread, ...]:
        """Which mail each mail inside the window is and which it answers; one FETCH for each 500."""
        self.session.open_anew(folder)
        uids = self._search(window)
        found: list[Thread] = []
        for start in range(0, len(uids), GLANCE_BATCH):
            batch = uids[start : start + GLANCE_BATCH]
            answers = self.session.fetch(folder, batch, _THREAD)
            found += (thread_in(uid, answers[uid]) for uid in batch if uid in answers)
        return tuple(found)

    def sent_to(self, folder: str, address: str) -> tuple[Thread, ...]:
        """The newest mails of `folder` to this address. SEARCH knows parts of words alone (RFC 3501 §6.4.4), so what it
        finds is compared whole: `anna@x.test` stands in `johanna@x.test`.
        """
        if not ADDRESS.fullmatch(address):
            return ()
        self.session.open_anew(folder)
        uids = self._search(Window(), "TO", address)[-MOST_SENT:]
        answers = self.session.fetch(folder, uids, _SENT) if uids else {}
        return tuple(thread_in(uid, answers[uid]) for uid in uids if uid in answers and is_to(address, answers[uid]))

    # -------------------------------------------------------------------------------------------------- the connection

    def facts(self) -> ServerFacts:
        """For `doctor`: what this server can do."""
        with self.session.talking():
            capabilities = self.session.client.capabilities()
        names = frozenset(name.decode("ascii", "replace").upper() for name in capabilities)
        folders = tuple(folder.name for folder in self.session.folders())
        return ServerFacts(names, self.session.client.tls_version, folders)

    def listen(self, folder: str) -> ImapHearing | None:
        """Have the server tell of news in `folder` (IDLE); None where it cannot."""
        return hearing.listen(self.session, folder)

    def close(self) -> None:
        """Log out; never raises."""
        self.session.close()

    def cut(self) -> None:
        """Cut the connection at once, from whatever thread."""
        self.session.cut()


def _appended(answer: object) -> Appended:
    """Where the server put it (RFC 4315). It has it for certain, so numbers that are no UIDs are as if left out."""
    found = _APPENDUID.search(answer if isinstance(answer, bytes) else b"")
    numbers = [int(one) for one in found.groups()] if found else []
    return Appended(*numbers) if numbers and all(map(is_uid, numbers)) else Appended(None, None)


def _batches(envelopes: Iterable[Envelope], most: int) -> Iterator[list[Envelope]]:
    """As many as one go may hold, by number and by what their texts will weigh."""
    batch: list[Envelope] = []
    held = 0
    for envelope in envelopes:
        weight = sum(min(part.octets, most) for part in envelope.parts)
        if batch and (len(batch) == READ_BATCH or held + weight > READ_OCTETS):
            yield batch
            batch, held = [], 0
        batch.append(envelope)
        held += weight
    yield batch


def _sections(envelope: Envelope) -> tuple[str, ...]:
    return tuple(part.section for part in envelope.parts)
