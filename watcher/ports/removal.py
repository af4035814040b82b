"""What only a person's explicit command may do: remove one draft.

A port of its own, apart from `ports.Mailbox`: whoever looks over a mailbox unattended is given none of it, and
`make contracts` proves that no such module knows it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Removal(StrEnum):
    """What became of a draft that was to be removed. But for `REMOVED`, nothing was touched."""

    REMOVED = "removed"
    GONE = "gone"  # no such mail is there any more, or another client has marked it as deleted
    CHANGED = "changed"  # other octets than ours: the person changed them, or the server when it took them in
    CANNOT = "cannot"  # it cannot be removed without what else is marked as deleted, or may not be


class DraftRemoval(Protocol):
    """Removes drafts of one account, for a person who said so."""

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        """Remove the one mail of this UID whose octets, as they travel, have this SHA-256 (hex), and no other.

        An edited draft is never removed: a mail's octets never change under its UID (RFC 3501 §2.3.1.1), so an edit is
        another mail with another UID, whenever it comes. Raises Show where there is no such folder, and TryAgain where
        the connection broke: then the mail may be gone, there, or there and marked as deleted.
        """
