"""BODYSTRUCTURE (RFC 3501 §7.4.2) → the text parts worth fetching. Never raises, whatever a server answers.

Attachments and attached mails are left alone: only text/plain and text/html without a file name count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from watcher.ports import TextPart

MOST_PARTS = 4
DEEPEST = 12
WHOLE = TextPart("1", "text/plain", "", "7bit", 0)
"""What is fetched where a structure cannot be understood."""


def text_parts(structure: object) -> tuple[TextPart, ...]:
    """The first text parts of a mail, in order, with their IMAP sections."""
    if not isinstance(structure, Sequence) or isinstance(structure, str | bytes) or not structure:
        return (WHOLE,)
    return tuple(islice(_walk(structure, "", 0), MOST_PARTS))


def _walk(body: Sequence[object], section: str, depth: int) -> Iterator[TextPart]:
    if depth > DEEPEST:
        return
    children = _children(body)
    if children is None:
        part = _leaf(body, section or "1")
        if part is not None:
            yield part
        return
    for number, child in enumerate(children, start=1):
        yield from _walk(child, f"{section}.{number}" if section else str(number), depth + 1)


def _children(body: Sequence[object]) -> list[Sequence[object]] | None:
    """The parts of a multipart. imapclient gathers them in a list in front; servers' raw form has them in a row."""
    first = body[0] if body else None
    if isinstance(first, list):
        return [part for part in first if isinstance(part, tuple)]
    if isinstance(first, tuple):
        return [part for part in body if isinstance(part, tuple)]
    return None


def _leaf(body: Sequence[object], section: str) -> TextPart | None:
    if len(body) < 7 or _word(body[0]) != "text" or _word(body[1]) not in {"plain", "html"}:
        return None
    if _is_attached(body):
        return None
    octets = body[6] if isinstance(body[6], int) else 0
    charset = _parameter(body[2], "charset")
    return TextPart(section, f"text/{_word(body[1])}", charset, _word(body[5]) or "7bit", octets)


def _is_attached(body: Sequence[object]) -> bool:
    if _parameter(body[2], "name"):
        return True
    dispositions = (field for field in body[8:] if isinstance(field, tuple) and field)
    return any(_word(field[0]) == "attachment" for field in dispositions)


def _parameter(pairs: object, wanted: str) -> str:
    if not isinstance(pairs, Sequence) or isinstance(pairs, str | bytes):
        return ""
    names = [_word(name) for name in pairs[::2]]
    return _word(pairs[names.index(wanted) * 2 + 1]) if wanted in names[: len(pairs) // 2] else ""


def _word(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").lower()
    return value.lower() if isinstance(value, str) else ""
