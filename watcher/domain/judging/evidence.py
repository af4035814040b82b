"""Names the words that decided, with a reason that a person can disagree with.

First the phrases of `judge_signs.toml` in the note's language that speak for the verdict; where there is none, the
piece of the note whose letters weighed most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from watcher.domain.judging import grams, signs
from watcher.domain.judging.values import Linear, Numbers
from watcher.domain.kinds import VerdictKind
from watcher.domain.values import Evidence

MOST = 3
"""More pieces of evidence than this nobody reads."""

_WORD = re.compile(r"\S+")
_LETTERS = 12
_UNSPACED = 40


def of(words: str, language: str | None, kind: VerdictKind, linear: Linear) -> tuple[Evidence, ...]:
    """What in the note speaks for this verdict; for `unsure`, what speaks for either side."""
    wanted = {VerdictKind.GENERIC: signs.MASS, VerdictKind.PERSONALISED: signs.REASONS}.get(kind, signs.SIGNS)
    found = tuple(_signs(words, language, wanted))[:MOST]
    return found or (_heaviest(words, kind, linear),)


def _signs(words: str, language: str | None, wanted: Mapping[str, str]) -> Iterator[Evidence]:
    """The phrases in the note, in the note's order, one a sign."""
    told: set[str] = set()
    for sign, start, end in signs.found(words, language):
        if sign in wanted and sign not in told:
            told.add(sign)
            yield Evidence(_whole(words, start, end), wanted[sign])


def _whole(words: str, start: int, end: int) -> str:
    """The words from the one in which the phrase begins, and two more to either side."""
    spans = [match.span() for match in _WORD.finditer(words)]
    touched = [index for index, (begin, stop) in enumerate(spans) if begin < end and stop > start]
    first, last = max(0, touched[0] - 2), min(len(spans) - 1, touched[-1] + 3)
    if spans[last][1] - spans[first][0] > _UNSPACED * 3:
        return words[max(0, start - _LETTERS) : end + _LETTERS].strip()
    return words[spans[first][0] : spans[last][1]]


def _heaviest(words: str, kind: VerdictKind, linear: Linear) -> Evidence:
    """The piece whose letters weighed most for the verdict."""
    weights = _by_letter(words, linear) * (-1 if kind is VerdictKind.GENERIC else 1)
    if kind is VerdictKind.UNSURE:
        return Evidence(words[:300], "speaks neither clearly for a reason nor against one: read it yourself")
    sums = np.convolve(weights, np.ones(min(_UNSPACED, len(weights)), np.float32), "valid")
    start = int(sums.argmax())
    why = {
        VerdictKind.GENERIC: "stands mostly in notes that fit anybody; no reason found",
        VerdictKind.PERSONALISED: "stands mostly in notes that give a reason",
    }[kind]
    return Evidence(_rounded(words, start, start + _UNSPACED), why)


def _rounded(words: str, start: int, end: int) -> str:
    """The piece from the beginning of a word to the end of one, where the script has words."""
    spans = [match.span() for match in _WORD.finditer(words) if match.start() < end and match.end() > start]
    if not spans or spans[-1][1] - spans[0][0] > _UNSPACED * 3:
        return words[start:end].strip() or words[:_UNSPACED]
    return words[spans[0][0] : spans[-1][1]]


def _by_letter(words: str, linear: Linear) -> Numbers:
    """The weight of each letter: its share in every run that holds it."""
    total = np.zeros(max(1, len(words)), np.float32)
    for length, buckets in enumerate(grams.runs(words.casefold() if len(words.casefold()) == len(words) else words), 1):
        each = linear.weights[buckets].astype(np.float32) * linear.rarity[buckets] / length
        for offset in range(length):
            total[offset : offset + len(each)] += each
    return total
