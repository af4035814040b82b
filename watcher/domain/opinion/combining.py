"""What a second opinion may change, in one table.

                     the model says    generic        personalised     unsure
    our verdict is   generic           generic        unsure           generic
                     personalised      unsure         personalised     personalised
                     unsure            generic        personalised     unsure

No note and LinkedIn's default sentence are not asked about at all. A model that is unsure says nothing against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.opinion.grounds import MEANINGS, Opinion
from watcher.domain.opinion.placeholders import Shown
from watcher.domain.values import Evidence, Verdict

ALONE = 0.6
"""Confidence in a verdict that the model alone stands for."""

DIVIDED = 0.5

_GENERIC, _PERSONALISED, _UNSURE = VerdictKind.GENERIC, VerdictKind.PERSONALISED, VerdictKind.UNSURE

_TABLE: Mapping[tuple[VerdictKind, VerdictKind], VerdictKind] = {
    (_GENERIC, _GENERIC): _GENERIC,
    (_GENERIC, _PERSONALISED): _UNSURE,
    (_GENERIC, _UNSURE): _GENERIC,
    (_PERSONALISED, _GENERIC): _UNSURE,
    (_PERSONALISED, _PERSONALISED): _PERSONALISED,
    (_PERSONALISED, _UNSURE): _PERSONALISED,
    (_UNSURE, _GENERIC): _GENERIC,
    (_UNSURE, _PERSONALISED): _PERSONALISED,
    (_UNSURE, _UNSURE): _UNSURE,
}

_BECAUSE = {_GENERIC: Because.BOILERPLATE, _PERSONALISED: Because.REASON, _UNSURE: Because.UNCLEAR}


def is_open(verdict: Verdict) -> bool:
    """Whether a second opinion is of use: the note has words of the inviter's own."""
    return verdict.because not in {Because.NO_NOTE, Because.DEFAULT_NOTE}


def combine(verdict: Verdict, opinion: Opinion | None, shown: Shown) -> Verdict:
    """Our verdict, with what the model thinks of the same note."""
    if opinion is None or not is_open(verdict):
        return verdict
    kind = _TABLE[verdict.kind, opinion.kind]
    evidence = (*verdict.evidence, *_evidence(opinion, shown))
    if kind is verdict.kind:
        return replace(verdict, evidence=evidence)
    return Verdict(kind, _BECAUSE[kind], evidence, DIVIDED if kind is _UNSURE else ALONE)


def unasked(verdict: Verdict, instruction: str) -> Verdict:
    """Our verdict on a note that speaks to a machine: no model was asked, and the person is told why."""
    why = "speaks to a machine that judges, not to you: no language model was asked"
    return replace(verdict, evidence=(*verdict.evidence, Evidence(instruction, why)))


def _evidence(opinion: Opinion, shown: Shown) -> list[Evidence]:
    why = f"a language model finds it {opinion.kind}: {MEANINGS[opinion.ground].told}"
    return [Evidence(shown.original(span), why) for span in opinion.quotes]
