"""LinkedIn's default sentences: is one in a note, and what is left when it is cut out.

Compared on NFKC text without regard to case, apostrophes, blanks and final marks, by edit ratio: a token-set ratio
would call a default sentence with a real reason after it a perfect match.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from watcher.domain.tables import DefaultNote, default_notes

SAME = 92.0
"""From this ratio (0–100) on, two sentences are the same one."""

MAX_SENTENCES = 60

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Found:
    """A default sentence in a note: the note's own words, the known sentence, how alike (0–100), and the rest."""

    words: str
    known: DefaultNote
    ratio: float
    rest: str


def plain(text: str) -> str:
    """A sentence as it is compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s]|_", "", folded).split())


def sentences(note: str) -> list[str]:
    """The sentences of a note, in order, with their marks."""
    return [piece.strip() for piece in _SENTENCE_END.split(note) if piece.strip()][:MAX_SENTENCES]


def find_default(note: str) -> Found | None:
    """The default sentence in a note, where one is. Wrapped lines are joined first."""
    pieces = sentences(re.sub(r"(?<![.!?。！？:,\n])\n(?!\n)", " ", note))
    scored = [(_closest(piece), index) for index, piece in enumerate(pieces)]
    best = max(scored, key=lambda entry: entry[0][1], default=None)
    if best is None or best[0][1] < SAME:
        return None
    (known, ratio), index = best
    rest = "\n".join(pieces[:index] + pieces[index + 1 :])
    return Found(pieces[index], known, ratio, rest)


def _closest(sentence: str) -> tuple[DefaultNote, float]:
    words = plain(sentence)
    return max(((known, fuzz.ratio(words, text)) for known, text in _compared()), key=lambda entry: entry[1])


@cache
def _compared() -> tuple[tuple[DefaultNote, str], ...]:
    return tuple((known, plain(known.text)) for known in default_notes())
