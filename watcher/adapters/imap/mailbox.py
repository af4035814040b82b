"""Implements `ports.Mailbox` over one logged-in connection.

A connection that failed once is not used again: nobody knows what the server still has to say on it.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from imapclient.exceptions import IMAPClientError, ProtocolError
from imapclient.imapclient import DRAFT, SEEN

from watcher.adapters.drafts_folder import Folder, find_drafts
from watcher.adapters.imap.structure import text_parts
from watcher.adapters.imap.wire import MeteredClient
from watcher.adapters.imap.words import is_passing, plain, told_wait
from watcher.domain.raw import RawMessage, RawPart
from watcher.errors import GiveUp, NotStored, Problem, Show, TryAgain
from watcher.ports import (
    CARD,
    GLANCE_FIELDS,
    WHOLE,
    Appended,
    Envelope,
    FolderState,
    ServerFacts,
    TextPart,
    Traffic,
    Window,
)

GLANCE_BATCH = 500  # longer UID lists made Dovecot answer "Too long argument"
READ_BATCH = 100
READ_OCTETS = 8 << 20  # so much text is held at once
MOST_HEADER = 64 << 10
MOST_FIELDS = 16 << 10

_PLAIN_GLANCE = [
    "RFC822.SIZE",
    "INTERNALDATE",
    f"BODY.PEEK[HEADER.FIELDS ({' '.join(GLANCE_FIELDS).upper()})]<0.{MOST_FIELDS}>",
]
_GLANCE = [*_PLAIN_GLANCE, "BODYSTRUCTURE"]
_NOT_UNDERSTOOD = (ProtocolError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""What imapclient raises on an answer that it has read to the end and cannot take apart."""

_UNDATED = datetime(9999, 1, 1, tzinfo=UTC)
"""In the place of an INTERNALDATE that is none: the mail's own Date then counts."""

_SERVER_WORDS = f"BODY.PEEK[HEADER.FIELDS (FROM RECEIVED AUTHENTICATION-RESULTS)]<0.{MOST_FIELDS}>"
_NAME = f"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.{MOST_FIELDS}>"
_APPENDUID = re.compile(rb"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)

Answer = Mapping[bytes, object]


@dataclass(slots=True)
class ImapMailbox:
    """One account's mail; made by `connect`."""

    client: MeteredClient
    drafts_setting: str | None = None
    _folders: list[Folder] = field(default_factory=list)
    _drafts: str | None = None
    _open: str | None = None
    _validity: dict[str, int] = field(default_factory=dict)
    _dead: bool = False

    @property
    def traffic(self) -> Traffic:
        """The cost of this connection so far."""
        return self.client.meter.traffic()

    # ------------------------------------------------------------------------------------------------------- looking

    def look(self, folder: str) -> FolderState:
        """Open `folder` read-only (EXAMINE). Raises Show where there is no such folder."""
        _checked(folder)
        with self._talking():
            try:
                answer = self.client.select_folder(folder, readonly=True)
            except IMAPClientError as error:
                self._open = None
                raise self._no_folder(folder, error) from error
        self._open = folder
        self._validity[folder] = _number(answer.get(b"UIDVALIDITY")) or 0
        return FolderState(folder, self._validity[folder], _number(answer.get(b"UIDNEXT")))

    def search(self, folder: str, window: Window) -> tuple[int, ...]:
        """One SEARCH on the server: UIDs, ascending, of mail from linkedin.com or with linkedin in the subject."""
        since = ["SINCE", window.since] if window.since else []
        uids = ["UID", f"{window.from_uid}:*"] if window.from_uid > 1 else []
        self._open_for(folder)
        with self._talking():
            found = self.client.search([*uids, *since, "OR", "FROM", "linkedin.com", "SUBJECT", "linkedin"])
        # `n:*` always names the last message, also when it lies below n (RFC 3501 §6.4.8).
        return tuple(sorted(uid for uid in found if uid >= window.from_uid))

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        """The few headers, sizes and structures of `uids`, in batches."""
        for start in range(0, len(uids), GLANCE_BATCH):
            batch = uids[start : start + GLANCE_BATCH]
            answers = self._glanced(folder, batch)
            yield from (_envelope(uid, answers[uid]) for uid in batch if uid in answers)

    def _glanced(self, folder: str, uids: Sequence[int]) -> dict[int, Answer]:
        """What the server says of these. One mail of a wild structure, which no client understands, stops no other."""
        self._open_for(folder)
        with self._talking():
            self.client.normalise_times = False
            understood = self._by_halves(list(uids))
        answers = {uid: answer for uid, answer in understood.items() if _is_whole(answer)}
        odd = [uid for uid in uids if uid not in answers]
        plain_answers = self._fetch(folder, odd, _PLAIN_GLANCE) if odd else {}
        if not all(map(_is_whole, plain_answers.values())):
            raise self._lost("the server tells of a mail by halves")
        return answers | dict(plain_answers)

    def _by_halves(self, uids: list[int]) -> dict[int, Answer]:
        try:
            return dict(self.client.fetch(uids, _GLANCE))
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
            answers = self._fetch(folder, [one.uid for one in alike], [f"BODY.PEEK[HEADER]<0.{MOST_HEADER}>", *bodies])
            yield from (
                (one.uid, _raw(one, answers[one.uid], most)) for one in alike if _is_whole(answers.get(one.uid, {}))
            )

    def whole(self, folder: str, uid: int) -> bytes | None:
        """One mail as it travelled; None where it is gone or too large."""
        answer = self._fetch(folder, [uid], ["RFC822.SIZE", f"BODY.PEEK[]<0.{WHOLE}>"]).get(uid)
        size = _number(answer.get(b"RFC822.SIZE")) if answer else None
        content = _octets(answer, b"BODY[]") if answer else b""
        return content if size is not None and size == len(content) else None

    def newest(self, folder: str, count: int) -> Iterator[bytes]:
        """From, Received and Authentication-Results of the newest mails of a folder."""
        uidnext = self.look(folder).uidnext or 0
        uids: list[int] = []
        # A window that doubles: ALL would name every mail of a large folder.
        for reach in (count * factor for factor in (2, 8, 64, 4096)):
            with self._talking():
                found = self.client.search(["UID", f"{max(uidnext - reach, 1)}:*"])
            uids = sorted(found)[-count:]
            if len(uids) == count or reach >= uidnext:
                break
        answers = self._fetch(folder, uids, [_SERVER_WORDS]) if uids else {}
        yield from (_octets(answers[uid], b"BODY[HEADER") for uid in uids if uid in answers)

    def _fetch(self, folder: str, uids: Sequence[int], what: list[str]) -> Mapping[int, Answer]:
        self._open_for(folder)
        with self._talking():
            self.client.normalise_times = False
            answers: Mapping[int, Answer] = self.client.fetch(list(uids), what)
        return answers

    def _open_for(self, folder: str) -> None:
        """Have `folder` open, with the UIDs that it had when it was looked at."""
        if self._open == folder:
            return
        before = self._validity.get(folder)
        if self.look(folder).uidvalidity != before and before is not None:
            raise self._lost(f"{folder!r} was rebuilt meanwhile, its mail has other UIDs now")

    # ------------------------------------------------------------------------------------------------------- drafts

    def drafts(self) -> str:
        """The Drafts folder. Raises Show where there is none."""
        if self._drafts is None:
            self._drafts = find_drafts(self._listed(), self.drafts_setting)
        return self._drafts

    def state(self, folder: str) -> FolderState:
        """What STATUS says, without opening the folder."""
        _checked(folder)
        with self._talking():
            try:
                answer = self.client.folder_status(folder, ["UIDNEXT", "UIDVALIDITY"])
            except IMAPClientError as error:
                raise self._no_folder(folder, error) from error
        return FolderState(folder, _number(answer.get(b"UIDVALIDITY")) or 0, _number(answer.get(b"UIDNEXT")))

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        r"""Put one message into `folder` with `\Draft \Seen`. GiveUp on NO, TryAgain when nobody knows."""
        _checked(folder)
        has_begun = False

        def begin() -> None:
            nonlocal has_begun
            handing_over()
            has_begun = True

        try:
            with self._talking(), self.client.telling(begin):
                answer = self._append(folder, content, at)
        except TryAgain as failure:
            if has_begun or isinstance(failure, NotStored):
                raise
            raise NotStored(str(failure), wait=failure.wait) from failure
        found = _APPENDUID.search(answer if isinstance(answer, bytes) else b"")
        return Appended(int(found[1]), int(found[2])) if found else Appended(None, None)

    def _append(self, folder: str, content: bytes, at: datetime) -> object:
        try:
            return self.client.append(folder, content, flags=(DRAFT, SEEN), msg_time=at)
        except IMAPClientError as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            words = plain(error)
            if is_passing(words):
                raise NotStored(f"the server takes no draft just now ({words})", wait=told_wait(words)) from error
            raise GiveUp(words) from error

    def message_ids(self, folder: str, from_uid: int) -> Mapping[int, str]:
        """Message-ID by UID of what stands in `folder` from `from_uid` on."""
        self.look(folder)
        with self._talking():
            found = self.client.search(["UID", f"{from_uid}:*"])
        uids = [uid for uid in found if uid >= from_uid]
        ids: dict[int, str] = {}
        for start in range(0, len(uids), GLANCE_BATCH):
            answers = self._fetch(folder, uids[start : start + GLANCE_BATCH], [_NAME])
            ids |= {uid: _message_id(answer) for uid, answer in answers.items() if uid >= from_uid}
        return ids

    # -------------------------------------------------------------------------------------------------- the connection

    def facts(self) -> ServerFacts:
        """For `doctor`: what this server can do."""
        with self._talking():
            capabilities = self.client.capabilities()
        names = frozenset(name.decode("ascii", "replace").upper() for name in capabilities)
        return ServerFacts(names, self.client.tls_version, tuple(folder.name for folder in self._listed()))

    def close(self) -> None:
        """Log out; never raises."""
        try:
            if not self._dead:
                self.client.logout()
        except (OSError, imaplib.IMAP4.error):
            self.client.cut()
        self._dead = True

    def cut(self) -> None:
        """Cut the connection at once, from whatever thread."""
        self._dead = True
        self.client.cut()

    def _listed(self) -> list[Folder]:
        if not self._folders:
            with self._talking():
                self._folders = [_folder(*line) for line in self.client.list_folders()]
        return self._folders

    def _no_folder(self, folder: str, error: IMAPClientError) -> Exception:
        if isinstance(error, imaplib.IMAP4.abort):
            return error
        self._folders = []
        known = {found.name for found in self._listed()}
        if folder in known and "[NOPERM]" not in str(error).upper():
            # It is there, so the server is in trouble (RFC 5530: SERVERBUG, UNAVAILABLE, INUSE), not the setting.
            return self._lost(f"the server does not open {folder!r} just now ({plain(error)})")
        names = ", ".join(sorted(known))
        what = f"the server does not open {folder!r} ({plain(error)})"
        return Show(Problem("WATCHER_FOLDERS", what, f"name one of its folders: {names}"))

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Whatever goes wrong on the wire ends the connection and is worth another try."""
        if self._dead:
            raise TryAgain("the connection was lost")
        try:
            yield
        except (Show, GiveUp):
            raise
        except TryAgain:
            self.cut()
            raise
        except TimeoutError as error:
            raise self._lost("the server stopped answering") from error
        except Exception as error:  # an answer that breaks the client, in whatever way, is the server's failure
            raise self._lost(f"the server failed: {plain(error)}") from error

    def _lost(self, what: str) -> TryAgain:
        self.cut()
        return TryAgain(what, wait=told_wait(what))


def _checked(folder: str) -> None:
    # A line break in an argument would become a command of its own on the wire (imapclient #657).
    if any(char in folder for char in "\r\n\0"):
        raise Show(Problem("WATCHER_FOLDERS", f"{folder!r} holds a line break", "write the folder's name on one line"))


def _folder(flags: Sequence[object], separator: object, name: object) -> Folder:
    shown = name if isinstance(name, str) else str(name)
    known = frozenset(flag.decode("ascii", "replace").lower() for flag in flags if isinstance(flag, bytes))
    return Folder(known, separator.decode("ascii", "replace") if isinstance(separator, bytes) else "", shown)


def _is_whole(answer: Answer) -> bool:
    return any(name.upper().startswith(b"BODY[HEADER") for name in answer)


def _envelope(uid: int, answer: Answer) -> Envelope:
    told = answer.get(b"INTERNALDATE")
    received = told if isinstance(told, datetime) else _UNDATED
    aware = received if received.tzinfo else received.replace(tzinfo=UTC)
    parts = text_parts(answer.get(b"BODYSTRUCTURE"))
    return Envelope(uid, _number(answer.get(b"RFC822.SIZE")) or 0, aware, _octets(answer, b"BODY[HEADER"), parts)


def _batches(envelopes: Iterable[Envelope], most: int) -> Iterator[list[Envelope]]:
    """As many as one go may hold, by number and by what their texts will weigh."""
    batch: list[Envelope] = []
    octets = 0
    for envelope in envelopes:
        weight = sum(min(part.octets, most) for part in envelope.parts)
        if batch and (len(batch) == READ_BATCH or octets + weight > READ_OCTETS):
            yield batch
            batch, octets = [], 0
        batch.append(envelope)
        octets += weight
    yield batch


def _sections(envelope: Envelope) -> tuple[str, ...]:
    return tuple(part.section for part in envelope.parts)


def _raw(envelope: Envelope, answer: Answer, most: int) -> RawMessage:
    parts = tuple(_raw_part(part, answer) for part in envelope.parts)
    is_cut = any(part.octets > most for part in envelope.parts)
    return RawMessage(_octets(answer, b"BODY[HEADER]"), parts, envelope.size, is_cut)


def _raw_part(part: TextPart, answer: Answer) -> RawPart:
    body = _octets(answer, f"BODY[{part.section}]".encode("ascii"))
    return RawPart(part.content_type, part.charset, part.encoding, body)


def _octets(answer: Answer, prefix: bytes) -> bytes:
    """The item whose name begins so: servers answer `BODY[1]<0>` or `<0.262144>`, and quote field names or not."""
    found = (value for name, value in answer.items() if name.upper().startswith(prefix) and isinstance(value, bytes))
    return next(found, b"")


def _message_id(answer: Answer) -> str:
    found = re.search(rb"<[^<>\s]{1,900}>", _octets(answer, b"BODY[HEADER"))
    return found.group().decode("utf-8", "replace") if found else ""


def _number(value: object) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, bytes | str) and value.isdigit() else None
