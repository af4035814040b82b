r"""Implements `removal.DraftRemoval`: STORE `\Deleted` on one UID, then UID EXPUNGE of that UID (RFC 4315, UIDPLUS).

A plain EXPUNGE would take along whatever else is marked as deleted, so without UIDPLUS nothing is touched at all.
"""

from __future__ import annotations

import hashlib
import imaplib
from collections.abc import Callable
from dataclasses import dataclass

from imapclient.exceptions import IMAPClientError
from imapclient.imapclient import DELETED

from watcher.adapters.imap.answers import flags, octets
from watcher.adapters.imap.session import Session
from watcher.adapters.imap.words import is_passing, plain, told_wait
from watcher.errors import TryAgain
from watcher.ports import WHOLE
from watcher.ports.removal import Removal


@dataclass(frozen=True, slots=True)
class ImapDraftRemoval:
    """Over the session that the mailbox uses too."""

    session: Session

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        """Remove the one mail of this UID whose octets have this hash."""
        if not self._can_remove_one():
            return Removal.CANNOT
        with self.session.opened_for_writing(folder) as opened:
            if opened.uidvalidity != uidvalidity:
                return Removal.GONE  # the UID names nothing any more, or another mail
            return self._doubt(folder, uid, content_hash) or self._remove(folder, uid)

    def _can_remove_one(self) -> bool:
        with self.session.talking():
            return bool(self.session.client.has_capability("UIDPLUS"))

    def _doubt(self, folder: str, uid: int, content_hash: str) -> Removal | None:
        """Why this mail is not ours to remove; None where it is."""
        answer = self.session.fetch(folder, [uid], ["FLAGS", f"BODY.PEEK[]<0.{WHOLE}>"]).get(uid)
        if answer is None or b"\\deleted" in flags(answer):
            return Removal.GONE
        is_ours = hashlib.sha256(octets(answer, b"BODY[]")).hexdigest() == content_hash
        return None if is_ours else Removal.CHANGED

    def _remove(self, folder: str, uid: int) -> Removal:
        client = self.session.client
        refusal = self._refusal(lambda: client.add_flags([uid], [DELETED], silent=True))
        if refusal is None:
            refusal = self._refusal(lambda: client.uid_expunge([uid]))
            if refusal is None and uid not in self.session.fetch(folder, [uid], ["FLAGS"]):
                return Removal.REMOVED
            self._refusal(lambda: client.remove_flags([uid], [DELETED], silent=True))
        if refusal is not None and is_passing(refusal):
            raise TryAgain(f"the server removes nothing just now ({refusal})", wait=told_wait(refusal))
        return Removal.CANNOT

    def _refusal(self, command: Callable[[], object]) -> str | None:
        """The words of a NO, as where rights are missing (RFC 4314); None where the server did it. Raises TryAgain."""
        with self.session.talking():
            try:
                command()
            except IMAPClientError as error:
                if isinstance(error, imaplib.IMAP4.abort):
                    raise
                return plain(error)
            return None
