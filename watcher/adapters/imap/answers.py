"""What a server says of one mail in a FETCH, as values; nothing is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from watcher.adapters.imap.structure import text_parts
from watcher.domain.raw import RawMessage, RawPart
from watcher.domain.threads import Thread, names_in_to, thread_of
from watcher.ports import Envelope, TextPart

Answer = Mapping[bytes, object]

_UNDATED = datetime(9999, 1, 1, tzinfo=UTC)
"""In the place of an INTERNALDATE that is none: the mail's own Date then counts."""


def is_whole(answer: Answer) -> bool:
    """Whether the header that was asked for is there."""
    return any(name.upper().startswith(b"BODY[HEADER") for name in answer)


def is_hollow(answer: Answer) -> bool:
    """Whether a header was asked for and not one octet of it came."""
    return is_whole(answer) and not octets(answer, b"BODY[HEADER")


def envelope_of(uid: int, answer: Answer) -> Envelope:
    """The few headers, size and structure of a candidate."""
    told = answer.get(b"INTERNALDATE")
    received = told if isinstance(told, datetime) else _UNDATED
    aware = received if received.tzinfo else received.replace(tzinfo=UTC)
    parts = text_parts(answer.get(b"BODYSTRUCTURE"))
    return Envelope(uid, number(answer.get(b"RFC822.SIZE")) or 0, aware, octets(answer, b"BODY[HEADER"), parts)


def raw_of(known: Envelope, answer: Answer, most: int) -> RawMessage:
    """Header and text parts, of which `most` octets each were asked for."""
    parts = tuple(_raw_part(part, answer) for part in known.parts)
    is_cut = any(part.octets > most for part in known.parts)
    return RawMessage(octets(answer, b"BODY[HEADER]"), parts, known.size, is_cut)


def _raw_part(part: TextPart, answer: Answer) -> RawPart:
    body = octets(answer, f"BODY[{part.section}]".encode("ascii"))
    return RawPart(part.content_type, part.charset, part.encoding, body)


def thread_in(uid: int, answer: Answer) -> Thread:
    """Which mail this is and which it answers."""
    return thread_of(uid, octets(answer, b"BODY[HEADER"), is_deleted=b"\\deleted" in flags(answer))


def is_to(address: str, answer: Answer) -> bool:
    """Whether this address, in small letters, stands in the To that came."""
    return names_in_to(address, octets(answer, b"BODY[HEADER"))


def flags(answer: Answer) -> frozenset[bytes]:
    """A mail's flags, in lower case."""
    told = answer.get(b"FLAGS")
    return (
        frozenset(flag.lower() for flag in told if isinstance(flag, bytes)) if isinstance(told, tuple) else frozenset()
    )


def octets(answer: Answer, prefix: bytes) -> bytes:
    """The item whose name begins so: servers answer `BODY[1]<0>` or `<0.262144>`, and quote field names or not."""
    found = (value for name, value in answer.items() if name.upper().startswith(prefix) and isinstance(value, bytes))
    return next(found, b"")


def number(value: object) -> int | None:
    """A number, however the client hands it on."""
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, bytes | str) and value.isdigit() else None
