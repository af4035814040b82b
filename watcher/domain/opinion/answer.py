"""A model's answer, read strictly: one JSON object with exactly its three names, and evidence that stands in the note.

Anything else is no opinion: prose around the object, a name twice, a ground of another verdict, a quotation that is
none. A quotation may differ from the note in its blanks alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from watcher.domain.opinion.grounds import Ground, Opinion, Span
from watcher.domain.opinion.placeholders import PLACEHOLDER
from watcher.domain.opinion.question import MOST_QUOTES, Question

LONGEST = 8 << 10
"""Letters of an answer: room for three quotations of the longest note."""

FEWEST_LETTERS = 3
"""Letters or digits of a quotation, apart from names that were taken out: fewer stand in every note."""

_NAMES = {"verdict", "because", "evidence"}


def read(answer: str, question: Question, shown: str) -> Opinion | None:
    """What the model thinks of the note that it was shown; None where its answer is none."""
    fields = _object(answer)
    if fields is None or fields.keys() != _NAMES:
        return None
    verdict, because, evidence = fields["verdict"], fields["because"], fields["evidence"]
    if not isinstance(verdict, str) or because not in list(Ground):
        return None
    quotes = _quotes(evidence, shown)
    opinion = Opinion(Ground(because), quotes or ())
    return opinion if quotes and question.meanings.get(verdict) is opinion.kind else None


def agreed(first: Opinion, second: Opinion) -> Opinion | None:
    """What two answers to the same note, asked in two orders, say together; None where they contradict."""
    if first.kind is not second.kind:
        return None
    return Opinion(first.ground, tuple(dict.fromkeys([*first.quotes, *second.quotes]))[:MOST_QUOTES])


def kept(opinion: Opinion) -> str:
    """An opinion to be kept: places in the note, none of its words."""
    return json.dumps([str(opinion.ground), [list(span) for span in opinion.quotes]])


def kept_opinion(text: str, shown: str) -> Opinion | None:
    """What was kept, for the same note; None where it is damaged."""
    try:
        ground, spans = json.loads(text)
        quotes = tuple((int(start), int(end)) for start, end in spans)
        opinion = Opinion(Ground(ground), quotes)
    except (ValueError, TypeError, RecursionError):
        return None
    return opinion if quotes and all(0 <= start < end <= len(shown) for start, end in quotes) else None


def _object(answer: str) -> dict[str, Any] | None:
    if len(answer) > LONGEST:
        return None
    try:
        found = json.loads(answer, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _quotes(evidence: object, shown: str) -> tuple[Span, ...] | None:
    """Where the quotations stand; None where one of them is none."""
    if not isinstance(evidence, list) or not 1 <= len(evidence) <= MOST_QUOTES:
        return None
    spans = [_span(quote, shown) if isinstance(quote, str) else None for quote in evidence]
    return tuple(dict.fromkeys(span for span in spans if span)) if all(spans) else None


def _span(quote: str, shown: str) -> Span | None:
    own = re.sub(r"[\W_]", "", PLACEHOLDER.sub("", quote))
    if len(own) < FEWEST_LETTERS:
        return None
    found = re.search(r"\s+".join(map(re.escape, quote.split())), shown)
    return found.span() if found else None
