"""A person's word on a verdict: it stands for that invitation, and for the same or nearly the same words from then on.

What is kept of a note are its own words as they are compared: small letters, no marks, without LinkedIn's default
sentence, and with names, companies, addresses, numbers and links taken out. They stay readable, because a keyed hash
could tell only the same words again, never nearly the same, and a mail merge exchanges a word for each recipient. The
note itself lies in the row of the invitation anyway, and the words are kept beside that row and go with it.

“Nearly the same” is a ratio of 90, one differing word in eight, and two of them at one place. So of the 11,000 notes of
tests/notes, many of them written in pairs that differ in the reason alone, no two of opposite verdicts are taken for
each other (by the ratio alone, seven pairs are), and a note in which one word was exchanged is known again in 97 of 100
cases. No note and a default sentence are never judged by nearness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Opcode

from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.notes import find_default, plain
from watcher.domain.opinion.placeholders import Hidden, hide
from watcher.domain.values import Evidence, Invitation, Person, Verdict

NEAR = 90.0
"""From this ratio (0-100) on, two notes may be nearly the same."""

MOST_AT_ONE_PLACE = 2
"""At most so many words in a row differ; in scripts without blanks each letter counts as a word."""

ONE_IN = 8
"""At most one word in so many differs; one always may."""

SHORTEST_NEAR = 30
SHORTEST = 8
"""Fewer letters say too little to be known again: nearly the same, and the same."""

_QUOTED = 300
_UNPARTED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNPARTED}]|[^\s{_UNPARTED}]+")
_CLOSED = frozenset({Because.NO_NOTE, Because.DEFAULT_NOTE})
_GROUND = {VerdictKind.GENERIC: Because.BOILERPLATE, VerdictKind.PERSONALISED: Because.REASON}


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of one invitation: `was` is what the program had thought before they first said anything.

    `invitation` is its number; `words` are "" where no other note is to be judged by them.
    """

    invitation: int
    words: str
    was: VerdictKind
    verdict: VerdictKind
    at: datetime

    @property
    def is_change(self) -> bool:
        """Whether the person thinks otherwise than the program; they may have taken their word back."""
        return self.was is not self.verdict


def words_of(invitation: Invitation, own: Verdict, me: Person) -> str:
    """The words by which other notes are compared with this one; "" where there are none. `own` is our verdict."""
    if invitation.note is None or own.because in _CLOSED:
        return ""
    default = find_default(invitation.note)
    inviter = invitation.inviter
    hidden = Hidden(inviter.name or inviter.first_name, me.name, (inviter.company,) if inviter.company else ())
    return plain(hide(default.rest if default else invitation.note, hidden, invitation.language).text)


def on_itself(invitation: Invitation, own: Verdict, kind: VerdictKind, at: datetime) -> Verdict:
    """The verdict on the very invitation that a person has judged. `own` is ours."""
    return _said(own, kind, _evidence(invitation, f"you judged this invitation {kind} on {_day(at)}"), 1.0)


def by_words(invitation: Invitation, own: Verdict, me: Person, kept: Iterable[Correction]) -> Verdict | None:
    """The verdict on a note whose words a person has judged, the most alike of them, then the newest; else None."""
    words = words_of(invitation, own, me)
    if len(words) < SHORTEST:
        return None
    newest_first = sorted(kept, key=lambda one: one.at, reverse=True)
    found = max(_alike(words, newest_first), key=lambda pair: pair[0], default=None)
    if found is None:
        return None
    ratio, known = found
    same = "the same words" if ratio == 100 else "nearly the same words"
    why = f"you judged {same} {known.verdict} on {_day(known.at)}"
    return _said(own, known.verdict, _evidence(invitation, why), round(ratio / 100, 2))


def _alike(words: str, kept: Iterable[Correction]) -> Iterator[tuple[float, Correction]]:
    for known in kept:
        if known.words == words:
            yield 100.0, known
        elif min(len(words), len(known.words)) >= SHORTEST_NEAR:
            ratio = fuzz.ratio(words, known.words, score_cutoff=NEAR)
            if ratio and _differ_little(words, known.words):
                yield ratio, known


def _differ_little(first: str, second: str) -> bool:
    """Whether few words differ, and few at one place."""
    ours, theirs = _WORD.findall(first), _WORD.findall(second)
    steps = groupby(Indel.opcodes(ours, theirs), key=lambda step: step.tag == "equal")
    places = [_words_at(list(place)) for is_equal, place in steps if not is_equal]
    allowed = max(1, min(len(ours), len(theirs)) // ONE_IN)
    return max(places, default=0) <= MOST_AT_ONE_PLACE and sum(places) <= allowed


def _words_at(place: Sequence[Opcode]) -> int:
    """How many words differ at one place, on the longer side."""
    gone = sum(step.src_end - step.src_start for step in place)
    return max(gone, sum(step.dest_end - step.dest_start for step in place))


def _said(own: Verdict, kind: VerdictKind, evidence: Evidence, confidence: float) -> Verdict:
    """The person's verdict; the ground is ours where ours was the same, else the plain one."""
    because = own.because if own.kind is kind else _GROUND[kind]
    return Verdict(kind, because, (evidence,), confidence)


def _evidence(invitation: Invitation, why: str) -> Evidence:
    return Evidence((invitation.note or "")[:_QUOTED], why)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
