"""A note with the words marked in it that decided. Nothing of the note is lost: its pieces joined are the note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watcher.domain.values import Evidence


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a note; `ends` are the numbers, from 1 on, of the evidence that ends with it."""

    text: str
    is_marked: bool = False
    ends: tuple[int, ...] = ()


def marked(note: str, evidence: Sequence[Evidence]) -> tuple[Piece, ...]:
    """The note in pieces. What two pieces of evidence share is marked once."""
    spans = {number: _span(note, one.text) for number, one in enumerate(evidence, start=1)}
    return tuple(_pieces(note, {number: span for number, span in spans.items() if span}))


def _span(note: str, words: str) -> tuple[int, int] | None:
    """Where the words stand, with whatever blanks and line ends between them."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = re.search(pattern, note, re.IGNORECASE) if pattern else None
    return found.span() if found else None


def _pieces(note: str, spans: Mapping[int, tuple[int, int]]) -> Iterator[Piece]:
    places = sorted({0, len(note), *(place for span in spans.values() for place in span)})
    for start, end in pairwise(places):
        is_marked = any(first <= start and end <= last for first, last in spans.values())
        yield Piece(note[start:end], is_marked, tuple(number for number, (_, last) in spans.items() if last == end))
