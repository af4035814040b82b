"""What of an answer its writer wrote: without the mail it answers, and without what stands below it.

Told by form, so in any language: lines that begin with `>` and the line that introduces them; a line of strokes with
words between; a block of headers; a line with an address or a full date that ends in a colon; `--`. Only what mail
programs write below (`Sent from my phone`) and the writer's own name need to be known.

Libraries for this know a dozen languages at most, take "Thank you" at the beginning of a line for the signature, and
have patterns that a hostile mail keeps busy (mail-parser-reply 1.36, `constants.py` and `SIGNATURE_REGEX`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.domain.notes import plain
from watcher.domain.tables import sent_from

MOST_LINES = 400
LONGEST_LINE = 2000
LONGEST_INTRODUCTION = 300
MOST_LETTERS = 6000
"""Of an answer: a reason that comes later is nothing to answer a polite question with."""

_QUOTED = re.compile(r"\s*(?:[>＞]|\|\s)")
_STROKES = re.compile(r"\s*(?:[-–—_*]{3,}[^-–—_*\n]{3,60}[-–—_*]{2,}|_{8,}|-{8,}|={8,})\s*")
_ADDRESS = r"[^\s<>@]{1,80}@[^\s<>@]{1,80}\.[^\s<>@]{1,80}"
_DATE = (
    r"(?:\d{1,2}\D{1,12})?\d{4}\D{1,20}\d{1,2}[:.時时시]\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\D{1,20}\d{1,2}[:.]\d{2}"
)
_WHO_AND_WHEN = re.compile(rf"{_ADDRESS}|{_DATE}")
_HEADER = re.compile(r"\s*\*?[^\W\d_][^:：\n]{0,24}[:：]\*?\s+\S")
_TELLS = re.compile(rf"{_ADDRESS}|(?:19|20)\d\d")
_SIGNATURE = re.compile(r"\s*--\s*")


def own_words(text: str, name: str = "") -> str:
    """The writer's own lines of an answer as plain text; `name` is theirs."""
    lines = [line.rstrip()[:LONGEST_LINE] for line in text.replace("\r\n", "\n").split("\n")[:MOST_LINES]]
    kept = _without_quotes(lines[: _end(lines)])
    return "\n".join(kept[: _signed_at(kept, plain(name))])[:MOST_LETTERS].strip()


def _end(lines: Sequence[str]) -> int:
    """Where the answered mail begins, or what mail programs write below an answer."""
    for number, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line) or _STROKES.fullmatch(line) or _is_sent_from(line):
            return number
        if _is_header_block(lines[number : number + 4]) or _introduces(lines, number):
            return number
    return len(lines)


def _introduces(lines: Sequence[str], number: int) -> bool:
    """`On … Robin wrote:`, also over two lines, where no line that begins with `>` follows: those go one by one."""
    if _QUOTED.match(lines[number]):
        return False
    wrapped = " ".join(lines[number : number + 2])
    is_one = _is_introduction(lines[number])
    is_two = not is_one and _is_introduction(wrapped) and not lines[number].endswith((".", "!", "?"))
    after = next((line for line in lines[number + (1 if is_one else 2) :] if line.strip()), "")
    return (is_one or is_two) and not _QUOTED.match(after)


def _is_introduction(line: str) -> bool:
    ends = line.rstrip().endswith((":", "："))
    return ends and len(line) <= LONGEST_INTRODUCTION and bool(_WHO_AND_WHEN.search(line))


def _is_header_block(lines: Sequence[str]) -> bool:
    """`From: … Sent: … To: …`, in whatever language."""
    named = [line for line in lines if _HEADER.match(line)]
    return len(named) >= 3 and bool(_HEADER.match(lines[0])) and any(map(_TELLS.search, named))


def _is_sent_from(line: str) -> bool:
    words = plain(line)
    return bool(words) and any(pattern.match(words) for pattern in sent_from())


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """Without the lines that begin with `>` and the one or two that introduce them."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if not _QUOTED.match(line):
            kept.append(line)
        elif number and not _QUOTED.match(lines[number - 1]):
            _drop_introduction(kept)
    return kept


def _drop_introduction(kept: list[str]) -> None:
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and re.search(r"[:：]\s*$", kept[-1]):
        line = kept.pop()
        if kept and not re.search(_DATE, line) and re.search(_DATE, kept[-1]):
            kept.pop()


def _signed_at(lines: Sequence[str], name: str) -> int:
    """Where the writer signed: their name, or its first word, alone on a line below others."""
    names = {name, name.partition(" ")[0]} - {""}
    found = (number for number, line in enumerate(lines) if number and plain(line) in names)
    return next(found, len(lines))
