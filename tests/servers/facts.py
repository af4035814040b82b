"""What a server does in its own way: declared beside it, asserted by `tests/matrix/test_facts.py`, either way round.

The contract suite asks here for what it has to expect; `docs/servers.md` shows the same to people.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """The defaults are what one may hope for of a server with UIDPLUS and SPECIAL-USE."""

    prefix: str = ""
    """What stands before the name of each folder but INBOX."""
    marks_drafts: bool = True
    r"""The Drafts folder has the mark `\Drafts` (SPECIAL-USE)."""
    tells_uid: bool = True
    """The answer to an APPEND names the new UID (UIDPLUS)."""
    tells_next_uid: bool = True
    """EXAMINE tells UIDNEXT; STATUS does everywhere."""
    finds_to_the_last: bool = True
    """A SEARCH for `UID n:*` finds what has these UIDs."""
    appends_where_one_looks: bool = True
    """APPEND is accepted into the folder that is open by EXAMINE."""
    cuts_each: bool = True
    """A FETCH of `BODY[…]<0.n>` for several mails answers with the octets of each."""
    adds: tuple[str, ...] = ()
    """The header fields that stand in a stored mail beside its own."""
    keywords: bool = True
    """A flag that the person invents is kept."""
    keeps_validity: bool = True
    """UIDVALIDITY stays the same while nobody opens the folder to write."""

    listens: bool = True
    """In IDLE it tells of new mail as it comes."""

    def named(self, folder: str) -> str:
        """How a folder is called there."""
        return folder if folder == "INBOX" else f"{self.prefix}{folder}"

    def own(self, content: bytes) -> bytes:
        """A stored mail without what the server added."""
        head, blank, body = content.partition(b"\r\n\r\n")
        added = tuple(f"{name}:".encode() for name in self.adds)
        return b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(added)) + blank + body
