"""LinkedIn's default sentences: is one in a note, and what is left when it is cut out.

Compared on NFKC text without regard to case, apostrophes, blanks and final marks, by edit ratio: a token-set ratio
would call a default sentence with a real reason after it a perfect match. A greeting may stand before it on its line
(`Hi Anna, I'd like to …`): it is then part of the rest.
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
_CALL_END = re.compile(r"[,:،，、：!]\s*")
_CALL_LETTERS = 40
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


def unwrapped(text: str) -> str:
    """A text with its wrapped lines joined."""
    return _WRAP.sub(" ", text)


def find_default(note: str) -> Found | None:
    """The default sentence in a note, where one is: with wrapped lines joined, or with each line by itself, as a
    sentence without a full stop is followed by a name.
    """
    ways = (_best(sentences(text)) for text in dict.fromkeys((unwrapped(note), note)))
    return max(filter(None, ways), key=lambda found: found.ratio, default=None)


def _best(pieces: list[str]) -> Found | None:
    found = [_found(pieces, index, cut) for index, piece in enumerate(pieces) for cut in (0, *_calls(piece))]
    return max(filter(None, found), key=lambda one: one.ratio, default=None)


def _calls(piece: str) -> list[int]:
    """Where a sentence may begin after a greeting on the same line."""
    return [match.end() for match in _CALL_END.finditer(piece, 0, _CALL_LETTERS)]


def _found(pieces: list[str], index: int, cut: int) -> Found | None:
    call, words = pieces[index][:cut], pieces[index][cut:]
    closest = _closest(words)
    if closest is None:
        return None
    rest = [*pieces[:index], *([call.strip()] if call else []), *pieces[index + 1 :]]
    return Found(words, *closest, "\n".join(rest))


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
