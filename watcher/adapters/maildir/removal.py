"""Implements `removal.DraftRemoval` over files: one file is read, compared, and removed under the name it was read by.

Mail programs write an edited draft into a file of another name, so what was read is what is removed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import partial

from watcher.adapters.maildir.failing import told
from watcher.adapters.maildir.files import read_mail
from watcher.adapters.maildir.mailbox import TRIES, MaildirMailbox
from watcher.adapters.maildir.names import is_trashed
from watcher.errors import TryAgain
from watcher.ports import WHOLE
from watcher.ports.removal import Removal


@dataclass(frozen=True, slots=True)
class MaildirDraftRemoval:
    """Over the Maildir that the mailbox looks at too."""

    mailbox: MaildirMailbox

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        """Remove the one mail of this number whose octets have this hash."""
        if self.mailbox.look(folder).uidvalidity != uidvalidity:
            return Removal.GONE
        for _ in range(TRIES):
            found = self.mailbox.read_one(folder, uid, partial(read_mail, most=WHOLE))
            if found is None or is_trashed(found[0].path):
                return Removal.GONE
            mail, read = found
            if hashlib.sha256(read.content).hexdigest() != content_hash:
                return Removal.CHANGED
            if self._is_removed(mail.path):
                return Removal.REMOVED
            self.mailbox.look(folder)  # renamed since it was read: another flag, or moved from `new` to `cur`
        raise TryAgain(f"{folder}: another program keeps renaming the mails")

    def _is_removed(self, path: bytes) -> bool:
        with told(str(self.mailbox.root)):
            try:
                os.unlink(path)  # noqa: PTH108 - names are octets here
            except FileNotFoundError:
                return False
        return True
