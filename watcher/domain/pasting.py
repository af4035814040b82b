"""What a person pastes on LinkedIn: the words of a draft without the marked block, and how much LinkedIn takes.

LinkedIn documents neither limit. 300 characters for the note of an invitation, 200 for some accounts without a
subscription, and 8,000 for a message is what those write who fill these fields, in 2025.
"""

from __future__ import annotations

from enum import StrEnum

NOTE = 300
"""The most characters of a note that goes with an invitation."""

MESSAGE = 8_000
"""The most characters of a message, which is what an answer to an invitation is."""


_SHIPPED = "- - - - - 8< - - - - - "
"""Every shipped block begins so, in whatever language."""


class Fits(StrEnum):
    """Where a text of this length has room on LinkedIn."""

    NOTE = "note"
    MESSAGE = "message"
    NOWHERE = "nowhere"


def length(text: str) -> int:
    """As a browser counts characters: in units of UTF-16, so that an emoji counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fits(text: str) -> Fits:
    """The smallest place that takes the text."""
    units = length(text)
    if units <= NOTE:
        return Fits.NOTE
    return Fits.MESSAGE if units <= MESSAGE else Fits.NOWHERE


def without_block(text: str, block: str) -> str:
    """A draft's text without the marked block that ends it; `block` is how that is written now.

    It is known by its first line, so that one whose other lines were written differently then is found too; and by
    that of the shipped ones, which the person's own may have replaced since.
    """
    mark = next((line for line in block.splitlines() if line.strip()), "")
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if mark and (line == mark or line.startswith(_SHIPPED))]
    return "\n".join(lines[: places[0]] if places else lines).strip("\n") + "\n"
