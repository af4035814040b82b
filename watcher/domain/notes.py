"""LinkedIn's default sentences: is one in a note, and what is left when it is cut out.

Compared on NFKC text without regard to case, apostrophes, blanks and final marks, by edit ratio: a token-set ratio
would call a default sentence with a real reason after it a perfect match.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from watcher.domain.tables import DefaultNote, default_notes

SAME = 92.0
"""From this ratio (0–100) on, two sentences are the same one."""

MAX_SENTENCES = 60

_SENTENCE_END = re.compile(r"(?<=[.!?।])\s+|(?<=[。！？])\s*|\n+")
_WRAP = re.compile(r"(?<![.!?।。！？:,\n])\n(?!\n)")


@dataclass(frozen=True, slots=True)
class Found:
    """A default sentence in a note: the note's own words, the known sentence, how alike (0–100), and the rest."""

    words: str
    known: DefaultNote
    ratio: float
    rest: str


def plain(text: str) -> str:
    """A sentence as it is compared. Turkish writes its i with a dot and without: they count as one."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ı", "i")
    return " ".join(re.sub(r"[^\w\s]|_", "", folded).split())


def sentences(note: str) -> list[str]:
    """The sentences of a note, in order, with their marks."""
    return [piece.strip() for piece in _SENTENCE_END.split(note) if piece.strip()][:MAX_SENTENCES]


def find_default(note: str) -> Found | None:
    """The default sentence in a note, where one is: with wrapped lines joined, or with each line by itself, as a
    sentence without a full stop is followed by a name.
    """
    ways = (_best(sentences(text)) for text in (_WRAP.sub(" ", note), note))
    return max(filter(None, ways), key=lambda found: found.ratio, default=None)


def _best(pieces: list[str]) -> Found | None:
    scored = [(_closest(piece), index) for index, piece in enumerate(pieces)]
    best = max(scored, key=lambda entry: entry[0][1], default=None)
    if best is None or best[0][1] < SAME:
        return None
    (known, ratio), index = best
    rest = "\n".join(pieces[:index] + pieces[index + 1 :])
    return Found(pieces[index], known, ratio, rest)


def _closest(sentence: str) -> tuple[DefaultNote, float]:
    words = plain(sentence)
    count = len(words.split())
    scored = ((entry.note, entry.ratio(words, count)) for entry in _compared())
    return max(scored, key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class _Compared:
    """A default sentence as it is compared."""

    note: DefaultNote
    words: str
    count: int

    def ratio(self, words: str, count: int) -> float:
        """How alike; 0 where it is not the same sentence."""
        # A few words more can be a reason ("…, Anna told me") and hardly change the ratio of a long sentence.
        return 0.0 if abs(count - self.count) > 1 else fuzz.ratio(words, self.words, score_cutoff=SAME)


@cache
def _compared() -> tuple[_Compared, ...]:
    texts = ((note, plain(note.text)) for note in default_notes())
    return tuple(_Compared(note, words, len(words.split())) for note, words in texts)
