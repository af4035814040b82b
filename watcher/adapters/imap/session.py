"""One logged-in connection: which folder is open on it, and whether it still counts.

A connection that failed once is not used again: nobody knows what the server still has to say on it. Folders are opened
with EXAMINE; the one door that opens one for writing is `removal`'s.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from imapclient.exceptions import IMAPClientError

from watcher.adapters.imap.answers import Answer, is_hollow, number
from watcher.adapters.imap.bounds import LARGEST_NUMBER, is_uid
from watcher.adapters.imap.wire import MeteredClient
from watcher.adapters.imap.words import plain, told_wait
from watcher.adapters.special_folders import Folder
from watcher.errors import GiveUp, Problem, Show, TryAgain
from watcher.ports import FolderState


@dataclass(slots=True)
class Session:
    """What a connection is used through, by whoever speaks to the server."""

    client: MeteredClient
    _folders: list[Folder] = field(default_factory=list)
    _open: str | None = None
    _states: dict[str, FolderState] = field(default_factory=dict)
    _dead: bool = False
    is_listening: bool = False
    """In IDLE, where no command may be sent but its end."""

    # ------------------------------------------------------------------------------------------------------- folders

    def folders(self) -> list[Folder]:
        """Every folder of the account, asked once."""
        if not self._folders:
            with self.talking():
                self._folders = [_folder(*line) for line in self.client.list_folders()]
        return self._folders

    def look(self, folder: str) -> FolderState:
        """Open `folder` read-only (EXAMINE). Raises Show where there is no such folder."""
        return self._select(folder, readonly=True)

    def _select(self, folder: str, *, readonly: bool) -> FolderState:
        refuse_line_breaks(folder)
        self._open = None
        with self.talking():
            try:
                answer = self.client.select_folder(folder, readonly=readonly)
            except IMAPClientError as error:
                raise self._no_folder(folder, error) from error
        self._open = folder
        return self._told(folder, answer, b"EXISTS")

    def status(self, folder: str) -> FolderState:
        """What STATUS says, without opening the folder. Raises Show where there is no such folder."""
        refuse_line_breaks(folder)
        with self.talking():
            try:
                answer = self.client.folder_status(folder, ["UIDNEXT", "UIDVALIDITY", "MESSAGES"])
            except IMAPClientError as error:
                raise self._no_folder(folder, error) from error
        return self._told(folder, answer, b"MESSAGES")

    def _told(self, folder: str, answer: Answer, messages: bytes) -> FolderState:
        """What was said of a folder. Raises TryAgain where a number is none of RFC 3501 §9: no ledger holds it."""
        validity, uidnext, count = (number(answer.get(name)) for name in (b"UIDVALIDITY", b"UIDNEXT", messages))
        # What is left out is no 0: Courier tells no UIDNEXT, and whoever needs a UIDVALIDITY says that it lacks.
        are_uids = all(one is None or is_uid(one) for one in (validity, uidnext))
        if not are_uids or not 0 <= (count or 0) <= LARGEST_NUMBER:
            raise self.lost(f"the server numbers {folder!r} as no mail server may")
        self._states[folder] = FolderState(folder, validity or 0, uidnext, count)
        return self._states[folder]

    def known(self, folder: str) -> FolderState | None:
        """How a folder stood when this connection last heard of it."""
        return self._states.get(folder)

    def open_for(self, folder: str) -> None:
        """Have `folder` open, with the UIDs that it had when it was looked at. Raises TryAgain where they changed."""
        if self._open != folder:
            self.open_anew(folder)

    def open_anew(self, folder: str) -> None:
        """The same, with what lies there now."""
        before = self._states.get(folder)
        now = self.look(folder)
        # An empty folder had no UIDs; GNU imap4d takes the time for its UIDVALIDITY until somebody writes there.
        if before is not None and before.messages != 0 and now.uidvalidity != before.uidvalidity:
            raise self.lost(f"{folder!r} was rebuilt meanwhile, its mail has other UIDs now")

    def leave(self, folder: str) -> None:
        """Have another folder open: Courier takes no APPEND into one that is open read-only."""
        if self._open == folder:
            self._open = None  # INBOX is not opened to be read: whoever reads it asks for its UIDVALIDITY first
            with self.talking():
                self.client.select_folder("INBOX", readonly=True)

    def uids_from(self, first: int) -> str:
        """The UIDs of the open folder from `first` on, up to where they reached when it was opened.

        GNU imap4d finds nothing for `n:*`, so that stands only where the server did not tell how far they reach.
        """
        known = self._states.get(self._open or "")
        last = (known.uidnext or 0) - 1 if known else 0
        return f"{first}:{last if last >= first else '*'}"

    @contextmanager
    def opened_for_writing(self, folder: str) -> Iterator[FolderState]:
        """Inside, `folder` is open by SELECT; afterwards by EXAMINE again, whatever happened."""
        try:
            yield self._select(folder, readonly=False)
        finally:
            self._open = None
            if not self._dead:
                self.look(folder)

    def fetch(self, folder: str, uids: Sequence[int], what: list[str]) -> Mapping[int, Answer]:
        """What the server says of these mails."""
        self.open_for(folder)
        with self.talking():
            self.client.normalise_times = False
            return self.fetch_here(uids, what)

    def fetch_here(self, uids: Sequence[int], what: list[str]) -> dict[int, Answer]:
        """The same in the folder that is open, inside `talking`. What comes without a header is asked for alone.

        hoodiecrow answers `<0.n>` for the first mail of several only. An empty header is none: it ends in an empty line
        even where no field was found (RFC 3501 §6.4.5).
        """
        answers: dict[int, Answer] = dict(self.client.fetch(list(uids), what))
        for uid in [uid for uid in answers if len(uids) > 1 and is_hollow(answers[uid])]:
            answers |= self.client.fetch([uid], what)
        self._refuse_silence([uid for uid in uids if uid not in answers])
        return answers

    def _refuse_silence(self, uids: Sequence[int]) -> None:
        """A mail of which the server says nothing is gone: unless it is still found, and then its silence is a failure.

        Else a wrong answer would pass for a mail that nobody has to care for any more. Raises TryAgain.
        """
        if uids and set(self.client.search(["UID", ",".join(map(str, uids))])) & set(uids):
            raise self.lost("the server says nothing of a mail that it has")

    # ------------------------------------------------------------------------------------------------ the connection

    @contextmanager
    def talking(self) -> Iterator[None]:
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
            raise self.lost("the server stopped answering") from error
        except Exception as error:  # an answer that breaks the client, in whatever way, is the server's failure
            raise self.lost(f"the server failed: {plain(error)}") from error

    def lost(self, what: str) -> TryAgain:
        """End the connection; the error says why."""
        self.cut()
        return TryAgain(what, wait=told_wait(what))

    def close(self) -> None:
        """Log out; never raises. In IDLE the connection is cut: the end of that would have to be waited for."""
        try:
            if self.is_listening:
                self.cut()
            elif not self._dead:
                self.client.logout()
        except (OSError, imaplib.IMAP4.error):
            self.client.cut()
        self._dead = True

    def cut(self) -> None:
        """Cut the connection at once, from whatever thread."""
        self._dead = True
        self.client.cut()

    def _no_folder(self, folder: str, error: IMAPClientError) -> Exception:
        if isinstance(error, imaplib.IMAP4.abort):
            return error
        self._folders = []
        known = {found.name for found in self.folders()}
        if folder in known and "[NOPERM]" not in str(error).upper():
            # It is there, so the server is in trouble (RFC 5530: SERVERBUG, UNAVAILABLE, INUSE), not the setting.
            return self.lost(f"the server does not open {folder!r} just now ({plain(error)})")
        names = ", ".join(sorted(known))
        what = f"the server does not open {folder!r} ({plain(error)})"
        return Show(Problem("WATCHER_FOLDERS", what, f"name one of its folders: {names}"))


def refuse_line_breaks(folder: str) -> None:
    """Raises Show: a line break in an argument would become a command of its own on the wire (imapclient #657)."""
    if any(char in folder for char in "\r\n\0"):
        raise Show(Problem("WATCHER_FOLDERS", f"{folder!r} holds a line break", "write the folder's name on one line"))


def _folder(flags: Sequence[object], separator: object, name: object) -> Folder:
    shown = name if isinstance(name, str) else str(name)
    known = frozenset(flag.decode("ascii", "replace").lower() for flag in flags if isinstance(flag, bytes))
    return Folder(known, separator.decode("ascii", "replace") if isinstance(separator, bytes) else "", shown)
