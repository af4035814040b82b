"""What a page shows of a row: values for the templates, nothing else. All of a mail stays text here.

Links are built from constants: the only one that a mail has a say in is the profile's, and its form is proven again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.domain import marking, own_words, pasting
from watcher.domain.kinds import Authentic, RouteBy, VerdictKind
from watcher.domain.lifecycle import CAN_BE_LEFT, NEEDS_PERSON, By, State, legal
from watcher.domain.links import INVITATION_MANAGER
from watcher.domain.marking import Piece
from watcher.domain.pasting import Fits
from watcher.domain.phrases import BECAUSE, DECIDE, STATE
from watcher.domain.values import Evidence, Invitation
from watcher.ports import Move, Record

SNIPPET = 320
_PROFILE = re.compile(r"https://www\.linkedin\.com/in/[\w%.\-]{1,120}")

_CHANGEABLE = frozenset({State.DRAFTED, State.DISCARDED})
"""States in which a new revision may take the draft's place."""

_FITS = {
    Fits.NOTE: "short enough for a message, and even for the note of an invitation (300)",
    Fits.MESSAGE: "short enough for a message (8,000); too long for the note of an invitation (300)",
    Fits.NOWHERE: "too long for a message on LinkedIn (8,000)",
}

_DRAFT_IT = {State.DISCARDED: "Draft it again", State.UNCERTAIN: "Have it made"}


@dataclass(frozen=True, slots=True)
class Row:
    """One invitation in a list."""

    number: int
    name: str
    headline: str
    company: str
    profile: str
    note: str
    verdict: str
    because: str
    language: str
    state: str
    state_words: str
    reason: str
    decide: str
    received: datetime
    account: str


def row(record: Record) -> Row:
    """Of one record."""
    found, verdict = record.reading.found, record.reading.verdict
    inviter = found.inviter if isinstance(found, Invitation) else None
    return Row(
        number=record.id,
        name=(inviter.name if inviter else record.reading.source.sender) or "nobody named",
        headline=(inviter.headline or "") if inviter else record.reading.source.subject,
        company=_company(inviter.headline, inviter.company) if inviter else "",
        profile=_profile(inviter.profile_url) if inviter else "",
        note=_cut((found.note if isinstance(found, Invitation) else found.reason) or ""),
        verdict=str(verdict.kind) if verdict else "",
        because=BECAUSE[verdict.because] if verdict else "",
        language=found.language or "",
        state=str(record.state),
        state_words=STATE[record.state],
        reason=record.reason,
        decide=DECIDE.get(record.state, ""),
        received=record.received,
        account=record.account,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was put, and what can be done with it."""

    to: str
    folder: str
    template: str
    is_own: bool
    language: str
    revision: int
    length: int
    fits: str
    is_in_place: bool


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a person may do now; each is "" where they may not, else what its button says."""

    save: str = ""
    redraft: str = ""
    draft: str = ""
    discard: str = ""
    leave: str = ""
    pasted: str = ""
    judge: tuple[VerdictKind, ...] = ()
    know: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """One invitation, whole."""

    row: Row
    pieces: Sequence[Piece]
    evidence: Sequence[Evidence]
    confidence: int
    authentic: str
    problems: Sequence[str]
    place: str
    draft: Draft | None
    deeds: Deeds
    history: Sequence[Move]


def whole(record: Record, words: str) -> Whole:
    """Of one record with its history; `words` are what is shown as its draft, without the marked block."""
    reading = record.reading
    note = (reading.found.note if isinstance(reading.found, Invitation) else "") or ""
    verdict, route = reading.verdict, reading.route
    evidence = verdict.evidence if verdict else ()
    return Whole(
        row=row(record),
        pieces=marking.marked(note, evidence),
        evidence=evidence,
        confidence=round(verdict.confidence * 100) if verdict else 0,
        authentic=_AUTHENTIC[reading.authentic],
        problems=reading.problems,
        place=INVITATION_MANAGER if route and route.by is RouteBy.LINKEDIN else "",
        draft=_draft(record, words) if record.draft else None,
        deeds=_deeds(record),
        history=record.history,
    )


_AUTHENTIC = {
    Authentic.PASS: "proven to be from LinkedIn",
    Authentic.FAIL: "proven not to be from LinkedIn",
    Authentic.UNKNOWN: "not proven to be from LinkedIn",
}


def _draft(record: Record, words: str) -> Draft:
    assert record.draft is not None, "asked for rows with a draft alone"
    intent, route = record.draft.intent, record.reading.route
    return Draft(
        to=(route.to or "") if route else "",
        folder=intent.folder,
        template=intent.template,
        is_own=intent.template == own_words.NAME,
        language=intent.language,
        revision=intent.revision,
        length=pasting.length(words.rstrip()),
        fits=_FITS[pasting.fits(words.rstrip())],
        is_in_place=record.state is State.DRAFTED,
    )


def _deeds(record: Record) -> Deeds:
    found, state, route = record.reading.found, record.state, record.reading.route
    if not isinstance(found, Invitation):
        return Deeds()
    can_answer = record.reading.authentic is not Authentic.FAIL
    can_change = can_answer and record.draft is not None and state in _CHANGEABLE
    is_pasted = route is not None and route.by is RouteBy.LINKEDIN
    return Deeds(
        save="Save the draft" if can_change else "",
        redraft="Draft it anew" if can_change else "",
        draft=_DRAFT_IT.get(state, "Draft an answer") if can_answer and legal(state, State.INTENDED, By.PERSON) else "",
        discard={State.DRAFTED: "Remove the draft", State.UNCERTAIN: "Leave it as it is"}.get(state, ""),
        leave="Leave it without an answer" if state in CAN_BE_LEFT else "",
        pasted="I have pasted it" if is_pasted and legal(state, State.PASTED, By.PERSON) else "",
        judge=_others(record),
        know="I know this person",
    )


def _others(record: Record) -> tuple[VerdictKind, ...]:
    """The verdicts that a person may put in the place of ours."""
    verdict = record.reading.verdict
    choices = (VerdictKind.GENERIC, VerdictKind.PERSONALISED)
    return tuple(kind for kind in choices if verdict and kind is not verdict.kind)


def needs_person(record: Record) -> bool:
    """Whether the person is waited for."""
    return record.state in NEEDS_PERSON


def choices(counted: Mapping[State, int]) -> tuple[tuple[str, str], ...]:
    """The states that a list can be narrowed to, with how many there are: those of which there are any."""
    return tuple((str(state), f"{state} ({counted[state]:,})") for state in State if counted.get(state))


def _profile(url: str | None) -> str:
    return url if url and _PROFILE.fullmatch(url) else ""


def _company(headline: str | None, company: str | None) -> str:
    """The company, unless the headline names it already."""
    return company if company and company.casefold() not in (headline or "").casefold() else ""


def _cut(note: str) -> str:
    return note if len(note) <= SNIPPET else note[:SNIPPET].rstrip() + " …"
