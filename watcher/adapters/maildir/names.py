"""Names of files in a Maildir: what stays of a name whatever is done to the mail, and names for new drafts.

A name is UNIQUE[,FIELD=VALUE…][:2,FLAGS]. Mail programs rename files to set flags; mbsync and offlineimap also to note
their own number (`,U=123`), others the size (`,S=4711`). Only the unique part stays, and it is the mail's name here.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
from datetime import UTC, datetime

# `;` and `!` stand for the colon where the file system has none.
_INFO = re.compile(rb"[:;!][12],[^:/]*\Z")
_FIELD = re.compile(rb",[A-Za-z][A-Za-z0-9]*=[^,:]*")
_DRAFT_INFO = ":2,DS"


def unique_part(name: bytes) -> bytes:
    """What stays of a file's name when flags, numbers and sizes are noted in it."""
    base = _INFO.sub(b"", name)
    return _FIELD.sub(b"", base) or base


def is_trashed(name: bytes) -> bool:
    r"""Whether a name's flags hold T, which is `\Deleted` by IMAP."""
    info = _INFO.search(name)
    return info is not None and b"T" in info.group().partition(b",")[2]


def new_name(at: datetime) -> str:
    """A name that no other delivery has, here or on another machine."""
    moment = at.astimezone(UTC)
    # The host as the Maildir format wants it spelt: no slash, no colon; a comma would begin a field.
    host = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())[:60] or "localhost"
    seconds, micros = int(moment.timestamp()), moment.microsecond
    return f"{seconds}.M{micros}P{os.getpid()}R{secrets.token_hex(8)}.{host}"


def as_draft(name: str) -> str:
    r"""The name in `cur` of a mail that is `\Draft \Seen`."""
    return name + _DRAFT_INFO
