"""What an opinion on a note can be: a verdict, one ground of a closed list, and where in the note it is to be seen.

The grounds are ours, not the model's: nothing that it makes up itself reaches a person's eyes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from watcher.domain.kinds import VerdictKind

Span = tuple[int, int]
"""First letter and the one after the last, in the note as it was shown."""


class Ground(StrEnum):
    """Why a note counts as what it is, in the words that the model answers with."""

    MET = "met"
    OWN_WORK = "own_work"
    KNOWN_PERSON = "known_person"
    QUESTION = "question"
    EARLIER_TALK = "earlier_talk"
    FLATTERY = "flattery"
    NETWORK = "network"
    PITCH = "pitch"
    RECRUITING = "recruiting"
    NOTHING_NAMED = "nothing_named"
    EITHER_WAY = "either_way"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A ground: the verdict it belongs to, what the model is told of it, and what the person is told."""

    kind: VerdictKind
    asked: str
    told: str


_PERSONALISED, _GENERIC, _UNSURE = VerdictKind.PERSONALISED, VerdictKind.GENERIC, VerdictKind.UNSURE

MEANINGS: Mapping[Ground, Meaning] = {
    Ground.MET: Meaning(_PERSONALISED, "where and when they met, worked or studied together", "where you met"),
    Ground.OWN_WORK: Meaning(
        _PERSONALISED, "a named talk, article, project, product or customer of the recipient", "your own work, by name"
    ),
    Ground.KNOWN_PERSON: Meaning(
        _PERSONALISED, "a named person both know, and what they have to do with it", "a person you both know"
    ),
    Ground.QUESTION: Meaning(
        _PERSONALISED, "a concrete question about the recipient's own work", "a question about your own work"
    ),
    Ground.EARLIER_TALK: Meaning(
        _PERSONALISED, "a talk or letter between the two that is gone on with", "an earlier talk of yours"
    ),
    Ground.FLATTERY: Meaning(_GENERIC, "praise that names nothing in particular", "praise that names nothing"),
    Ground.NETWORK: Meaning(_GENERIC, "to grow a network, many shared contacts, let's connect", "a wish for contacts"),
    Ground.PITCH: Meaning(_GENERIC, "an offer that suits any customer", "an offer to anybody"),
    Ground.RECRUITING: Meaning(_GENERIC, "a job offer that suits many people", "a job offer to many"),
    Ground.NOTHING_NAMED: Meaning(
        _GENERIC, "any other words that would suit a thousand people", "words that would suit a thousand people"
    ),
    Ground.EITHER_WAY: Meaning(_UNSURE, "a careful person could go either way", "could be read either way"),
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of a note."""

    ground: Ground
    quotes: tuple[Span, ...]

    @property
    def kind(self) -> VerdictKind:
        """The verdict that the ground belongs to."""
        return MEANINGS[self.ground].kind
