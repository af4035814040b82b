"""A few fields of a header block, raw; and whether a mail is from or about LinkedIn, as an IMAP SEARCH would say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from watcher.domain import message
from watcher.domain.raw import RawMessage

_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")


def fields(header: bytes, names: Iterable[str]) -> bytes:
    """The lines of the named fields, folded as they are, in the mail's order; as FETCH BODY[HEADER.FIELDS] gives."""
    wanted = {name.encode("ascii").lower() for name in names}
    chosen = (line for line in _NEXT_FIELD.split(header) if line.partition(b":")[0].strip().lower() in wanted)
    return b"".join(line + b"\r\n" for line in chosen)


def is_candidate(header: bytes) -> bool:
    """Whether From holds linkedin.com or Subject holds linkedin, encoded words decoded, in any case."""
    few = fields(header, ("From", "Subject"))
    if b"linkedin" not in few.lower() and b"=?" not in few:
        return False
    decoded = message.assemble(RawMessage(few, (), len(few)))
    senders = " ".join(message.decode_words(value) for value in decoded.all("from")).lower()
    subjects = " ".join(message.decode_words(value) for value in decoded.all("subject")).lower()
    return "linkedin.com" in senders or "linkedin" in subjects
