"""Implements `ports.Mailbox` over a Maildir, as mbsync, offlineimap or getmail keep one.

A folder that is listed once may change at any moment: other programs rename and remove files. So a file that is not
where it was is looked for again under its unique part; only what is in no listing any more counts as gone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from watcher.adapters.maildir.failing import SETTING, not_stored, told
from watcher.adapters.maildir.files import OnDisk, deliver_draft, flush_directory, read_header, read_mail
from watcher.adapters.maildir.folders import INBOX, MaildirFolder, folders_of
from watcher.adapters.maildir.headers import fields, is_candidate
from watcher.adapters.maildir.index import Index, open_index
from watcher.adapters.maildir.listing import Listed, Listing, list_folder
from watcher.adapters.maildir.names import is_trashed, unique_part
from watcher.adapters.special_folders import Folder, find_drafts, find_junk, find_sent
from watcher.domain import message
from watcher.domain.message import MAX_MESSAGE
from watcher.domain.raw import RawMessage
from watcher.domain.threads import THREAD_FIELDS, Thread, names_in_to, thread_of
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import (
    CARD,
    GLANCE_FIELDS,
    MOST_SENT,
    WHOLE,
    Appended,
    Envelope,
    FolderState,
    ServerFacts,
    TextPart,
    Traffic,
    Window,
)

TRIES = 4
_ASKED_AT_ONCE = 1000
"""After so many mails what was learnt of them is kept: a first pass that is stopped does not begin anew."""


def open_maildir(
    root: Path, data: Path, drafts_folder: str | None = None, sent_folder: str | None = None
) -> MaildirMailbox:
    """Open the Maildir at `root`, with its numbers kept in the folder `data`. Raises Show and TryAgain."""
    place = root.expanduser().absolute()
    with told(str(place)):
        os.scandir(place).close()
        folders = folders_of(place)
    if not folders:
        what = f"{place} holds no Maildir: no folder in it has cur, new and tmp"
        raise Show(Problem(SETTING, what, "name the folder that your mail program syncs into, as maildir:/path"))
    # One index a Maildir: several accounts may share a data folder, and a person may move to another Maildir.
    digest = hashlib.sha256(os.fsencode(place.resolve())).hexdigest()[:16]
    index = open_index(data / f"maildir-{digest}.sqlite")
    return MaildirMailbox(place, index, drafts_folder, sent_folder, folders)


@dataclass(slots=True)
class MaildirMailbox:
    """One account's mail; made by `open_maildir`."""

    root: Path
    index: Index
    drafts_setting: str | None
    sent_setting: str | None
    _folders: dict[str, MaildirFolder]
    _listings: dict[str, Listing] = field(default_factory=dict)
    _octets_read: int = 0
    _octets_written: int = 0
    _ended: bool = False

    @property
    def traffic(self) -> Traffic:
        """Octets read from and written to files; nobody is waited for."""
        return Traffic(0, self._octets_read, self._octets_written)

    # ------------------------------------------------------------------------------------------------------- looking

    def look(self, folder: str) -> FolderState:
        """List a folder and number what is new. Raises Show where there is no such folder."""
        listing = self._list(folder)
        return FolderState(folder, self.index.uidvalidity, listing.uidnext, len(listing.mails))

    def state(self, folder: str) -> FolderState:
        """The same: a folder of files need not be opened."""
        return self.look(folder)

    def search(self, folder: str, window: Window) -> tuple[int, ...]:
        """UIDs, ascending, of mail from linkedin.com or with linkedin in the subject.

        Only files inside the window are opened, and each only once: what their headers say is kept in the index.
        """
        inside = [mail for mail in self._list(folder).mails.values() if _is_inside(mail, window)]
        found = {mail.uid for mail in inside if mail.is_candidate}
        unasked = iter([mail.uid for mail in inside if mail.is_candidate is None])
        while batch := list(islice(unasked, _ASKED_AT_ONCE)):
            answers = dict(self._ask(folder, batch))
            self.index.note_candidates(os.fsencode(self._key(folder)), answers)
            found |= {uid for uid, answer in answers.items() if answer}
        return tuple(sorted(found))

    def _ask(self, folder: str, uids: Sequence[int]) -> Iterator[tuple[int, bool]]:
        for mail, header in self._each(folder, uids, read_header):
            yield mail.uid, is_candidate(header.content)

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        """The few headers, sizes and structures of `uids`."""
        for mail, found in self._each(folder, uids, partial(read_mail, most=MAX_MESSAGE)):
            yield _envelope(mail, found)

    def read(self, folder: str, envelopes: Sequence[Envelope], most: int = CARD) -> Iterator[tuple[int, RawMessage]]:
        """Header and the beginning of each text part of these, in the order of their UIDs."""
        uids = sorted(envelope.uid for envelope in envelopes)
        for mail, found in self._each(folder, uids, partial(read_mail, most=MAX_MESSAGE)):
            yield mail.uid, _cut(found, most)

    def whole(self, folder: str, uid: int) -> bytes | None:
        """One mail as it travelled; None where it is gone or too large."""
        for _, found in self._each(folder, [uid], partial(read_mail, most=WHOLE + 1)):
            return found.content if found.size <= WHOLE else None
        return None

    def newest(self, folder: str, count: int) -> Iterator[bytes]:
        """From, Received and Authentication-Results of the newest mails of a folder."""
        uids = list(self._list(folder).mails)[-count:]
        for _, header in self._each(folder, uids, read_header):
            yield fields(header.content, ("From", "Received", "Authentication-Results"))

    # ------------------------------------------------------------------------------------------------------- drafts

    def drafts(self) -> str:
        """The Drafts folder. Raises Show where there is none."""
        return find_drafts(self._as_listed(), self.drafts_setting)

    def sent(self) -> str | None:
        """The Sent folder; None where there is none. Raises Show where the setting names no folder."""
        return find_sent(self._as_listed(), self.sent_setting)

    def junk(self) -> str | None:
        """The folder of what was taken for junk; None where there is none."""
        return find_junk(self._as_listed())

    def _as_listed(self) -> list[Folder]:
        return [folder.as_listed for folder in self._all().values()]

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        """Put one message into `cur` as a draft that was seen; `handing_over` is called before it gets its name there.

        Raises TryAgain when nobody knows, NotStored when nothing of it is there.
        """
        place = self._folder(folder).place
        try:
            name = os.fsencode(deliver_draft(place, content, at, handing_over))
        except OSError as error:
            raise not_stored(error, str(place)) from error
        with told(str(place)):
            flush_directory(place / "cur")
        self._octets_written += len(content)
        mails = self._list(folder).mails.values()
        uids = (mail.uid for mail in mails if unique_part(os.path.basename(mail.path)) == name)  # noqa: PTH119 - octets
        return Appended(self.index.uidvalidity, next(uids, None))

    def threads(self, folder: str, window: Window) -> tuple[Thread, ...]:
        """Which mail each mail inside the window is and which it answers."""
        uids = [mail.uid for mail in self._list(folder).mails.values() if _is_inside(mail, window)]
        return tuple(_thread(mail, header) for mail, header in self._each(folder, uids, read_header))

    def sent_to(self, folder: str, address: str) -> tuple[Thread, ...]:
        """The newest mails of `folder` to this address: headers are read from the newest on, until there are enough."""
        found: list[Thread] = []
        for mail, header in self._each(folder, sorted(self._list(folder).mails, reverse=True), read_header):
            if address in header.content.decode("ascii", "replace").lower() and names_in_to(address, header.content):
                found.append(_thread(mail, header))
            if len(found) == MOST_SENT:
                break
        return tuple(reversed(found))

    # -------------------------------------------------------------------------------------------------- the connection

    def facts(self) -> ServerFacts:
        """For `doctor`: what a Maildir can do, and its folders."""
        return ServerFacts(frozenset({"MAILDIR", "UIDPLUS"}), None, tuple(self._all()))

    def listen(self, folder: str) -> None:
        """Nothing: whoever looks every few minutes into a folder of this machine misses little."""

    def close(self) -> None:
        """Release the index; never raises."""
        self._ended = True
        self.index.close()

    def cut(self) -> None:
        """Let every later call, and one that goes from mail to mail, fail with TryAgain."""
        self._ended = True

    # ------------------------------------------------------------------------------------------------------ the files

    def _each(
        self, folder: str, uids: Sequence[int], read: Callable[[bytes], OnDisk]
    ) -> Iterator[tuple[Listed, OnDisk]]:
        """Read the files of these mails; those that are gone or may not be read are left out."""
        for uid in uids:
            found = self.read_one(folder, uid, read)
            if found is not None:
                self._octets_read += found[1].octets
                yield found

    def read_one(self, folder: str, uid: int, read: Callable[[bytes], OnDisk]) -> tuple[Listed, OnDisk] | None:
        """Read the file of this mail; None where it is gone or may not be read."""
        for _ in range(TRIES):
            mail = self._listed(folder, uid)
            if mail is None:
                return None
            with told(str(self.root)):
                try:
                    return mail, read(mail.path)
                except FileNotFoundError:
                    self._listings.pop(folder, None)  # renamed or removed since it was listed
                except PermissionError:
                    return None  # one such mail must not stop the others
        raise TryAgain(f"{folder}: another program keeps renaming the mails")

    def _listed(self, folder: str, uid: int) -> Listed | None:
        self._require_life()
        known = self._listings.get(folder)
        listing = known if known and uid < known.uidnext else self._list(folder)
        return listing.mails.get(uid)

    def _list(self, folder: str) -> Listing:
        place = self._folder(folder).place
        with told(str(place)):
            listing = list_folder(place, os.fsencode(self._key(folder)), self.index)
        self._listings[folder] = listing
        return listing

    def _key(self, folder: str) -> Path:
        return self._folder(folder).place.relative_to(self.root)

    def _folder(self, name: str) -> MaildirFolder:
        self._require_life()
        wanted = INBOX if name.upper() == INBOX else name
        found = self._folders.get(wanted) or self._all().get(wanted)
        if found is None:
            what = f"there is no folder {name!r} in {self.root}"
            raise Show(Problem("WATCHER_FOLDERS", what, f"name one of its folders: {', '.join(sorted(self._folders))}"))
        return found

    def _all(self) -> dict[str, MaildirFolder]:
        self._require_life()
        with told(str(self.root)):
            os.scandir(self.root).close()
            self._folders = folders_of(self.root)
        return self._folders

    def _require_life(self) -> None:
        if self._ended:
            raise TryAgain("the mailbox was closed")


def _is_inside(mail: Listed, window: Window) -> bool:
    return mail.uid >= window.from_uid and (window.since is None or _day(mail) >= window.since)


def _day(mail: Listed) -> date:
    return _received(mail).date()


def _received(mail: Listed) -> datetime:
    return datetime.fromtimestamp(mail.received_ns // 10**9, UTC)


def _envelope(mail: Listed, found: OnDisk) -> Envelope:
    raw = message.split(found.content)
    parts = tuple(
        TextPart(str(number), part.content_type, part.charset, part.encoding, len(part.body))
        for number, part in enumerate(raw.parts, start=1)
    )
    return Envelope(mail.uid, found.size, _received(mail), fields(raw.header, GLANCE_FIELDS), parts)


def _cut(found: OnDisk, most: int) -> RawMessage:
    raw = message.split(found.content)
    parts = tuple(replace(part, body=part.body[:most]) for part in raw.parts)
    return RawMessage(raw.header, parts, found.size, is_cut=parts != raw.parts)


def _thread(mail: Listed, header: OnDisk) -> Thread:
    few = fields(header.content, THREAD_FIELDS)
    return thread_of(mail.uid, few, is_deleted=is_trashed(mail.path))
