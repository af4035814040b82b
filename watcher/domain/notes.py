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
    ways = (_best(sentences(text)) for text in dict.fromkeys((_WRAP.sub(" ", note), note)))
    return max(filter(None, ways), key=lambda found: found.ratio, default=None)


def _best(pieces: list[str]) -> Found | None:
    scored = [(*closest, index) for index, piece in enumerate(pieces) if (closest := _closest(piece))]
    if not scored:
        return None
    known, ratio, index = max(scored, key=lambda entry: entry[1])
    rest = "\n".join(pieces[:index] + pieces[index + 1 :])
    return Found(pieces[index], known, ratio, rest)


def _closest(sentence: str) -> tuple[DefaultNote, float] | None:
    """The known sentence that this one is, the most alike of several."""
    words = plain(sentence)
    known = _about_as_long().get(len(words.split()), {})
    best = process.extractOne(words, known.keys(), scorer=fuzz.ratio, score_cutoff=SAME)
    return (known[best[0]], best[1]) if best else None


@cache
def _about_as_long() -> Mapping[int, Mapping[str, DefaultNote]]:
    """The known sentences as they are compared, by how many words a sentence like them may have.

    A few words more can be a reason ("…, Anna told me") and hardly change the ratio of a long sentence.
    """
    found: dict[int, dict[str, DefaultNote]] = defaultdict(dict)
    for known in default_notes():
        text = plain(known.text)
        words = len(text.split())
        for near in (words - 1, words, words + 1):
            found[near].setdefault(text, known)
    return dict(found)
