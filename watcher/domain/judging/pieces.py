"""Pieces of words, the second view's letters: the likeliest cut of each word into known pieces (unigram model).

The pieces and how likely each is come from XLM-RoBERTa's vocabulary (MIT), as far as the languages here need it. A
piece that begins a word begins with ▁, as there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

UNKNOWN = 1
"""The number of what is no piece. 0 is kept for the empty places of a batch."""

FIRST = 2
"""The number of the first piece."""

LONGEST = 90
"""More pieces than this are not looked at: a note has at most 300 characters."""

_UNKNOWN_ODDS = -30.0
_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True)
class Pieces:
    """Cuts texts; `known` tells the number and the log odds of each piece."""

    known: Mapping[str, tuple[int, float]]
    longest: int
    _seen: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def cut(self, text: str, longest: int = LONGEST) -> list[int]:
        """The numbers of the pieces of a text, in order, up to `longest`."""
        plain = unicodedata.normalize("NFKC", text).split()
        return [number for word in plain for number in self._word(f"▁{word}")][:longest]

    def _word(self, word: str) -> tuple[int, ...]:
        """The pieces of a word; of one too long to be a word, by parts."""
        if len(word) > _LONGEST_WORD:
            return self._word(word[:_LONGEST_WORD]) + self._word(word[_LONGEST_WORD:])
        if word not in self._seen:
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[word] = self._cut_word(word)
        return self._seen[word]

    def _cut_word(self, word: str) -> tuple[int, ...]:
        best: list[tuple[float, int, int]] = [(0.0, 0, UNKNOWN)] + [(-1e9, 0, UNKNOWN)] * len(word)
        for start in range(len(word)):
            odds = best[start][0]
            if odds + _UNKNOWN_ODDS > best[start + 1][0]:
                best[start + 1] = (odds + _UNKNOWN_ODDS, start, UNKNOWN)
            for end in range(start + 1, min(len(word), start + self.longest) + 1):
                found = self.known.get(word[start:end])
                if found and odds + found[1] > best[end][0]:
                    best[end] = (odds + found[1], start, found[0])
        return _back(best)


def _back(best: list[tuple[float, int, int]]) -> tuple[int, ...]:
    """The pieces of the best way to the end of a word."""
    numbers, end = [], len(best) - 1
    while end:
        _, start, number = best[end]
        numbers.append(number)
        end = start
    return tuple(reversed(numbers))
