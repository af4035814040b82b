"""Promise: a person's word stands for its invitation and for words nearly the same, never for a note that says more."""

import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from builders import ME, NOW, an_invitation
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from watcher.domain.corrections import NEAR, SHORTEST_NEAR, Correction, by_words, on_itself, words_of
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.values import Evidence, Invitation, Inviter, Verdict

GENERIC, PERSONALISED, UNSURE = VerdictKind.GENERIC, VerdictKind.PERSONALISED, VerdictKind.UNSURE
OWN = Verdict(UNSURE, Because.UNCLEAR, (Evidence("a", "b"),), 0.5)
NO_NOTE = Verdict(GENERIC, Because.NO_NOTE, (), 0.97)
DEFAULT = Verdict(GENERIC, Because.DEFAULT_NOTE, (), 0.99)

PITCH = (
    "Hi Robin, I came across your profile and was impressed by what you do at Ashdown and Daughters. We help firms like"
    " yours to find more customers. Shall we talk for a quarter of an hour this week? Best, Tilda"
)


def invited(note: str | None, name: str = "Tilda Moreau", company: str | None = "Nordkai") -> Invitation:
    return an_invitation(inviter=Inviter(name, name.split(maxsplit=1)[0], None, company), note=note, note_raw=note)


def kept(note: str, verdict: VerdictKind = GENERIC, number: int = 1, days: int = 0) -> Correction:
    return Correction(number, words_of(invited(note), OWN, ME), UNSURE, verdict, NOW - timedelta(days=days))


def said(note: str | None, *words: Correction, own: Verdict = OWN, name: str = "Tilda Moreau") -> Verdict | None:
    return by_words(invited(note, name), own, ME, words)


def test_the_same_words_are_judged_as_the_person_did() -> None:
    verdict = said(PITCH, kept(PITCH))
    assert verdict == Verdict(
        GENERIC, Because.BOILERPLATE, (Evidence(PITCH, "you judged the same words generic on 24 November 2026"),), 1.0
    )


@pytest.mark.parametrize(
    ("note", "name"),
    [
        (PITCH.upper(), "Tilda Moreau"),
        (PITCH.replace(". ", "!\n\n"), "Tilda Moreau"),
        (PITCH.replace("Tilda", "Caspian"), "Caspian Doyle"),
        (f"{PITCH} 👋🚀", "Tilda Moreau"),
        (f"I'd like to add you to my professional network on LinkedIn. {PITCH}", "Tilda Moreau"),
    ],
    ids=["capitals", "marks and lines", "another inviter", "emoji", "a default sentence before it"],
)
def test_what_says_the_same_in_other_letters_is_the_same(note: str, name: str) -> None:
    verdict = said(note, kept(PITCH), name=name)
    assert verdict is not None
    assert (verdict.kind, verdict.confidence, "the same words" in verdict.evidence[0].why) == (GENERIC, 1.0, True)


@pytest.mark.parametrize(
    "note",
    [
        PITCH.replace("Ashdown and Daughters", "Ashdown and Sons"),
        PITCH.replace("impressed", "imprest").replace("customers", "costumers"),
        PITCH.replace("this week", "next week"),
    ],
)
def test_nearly_the_same_words_are_told_as_such_and_with_less_confidence(note: str) -> None:
    verdict = said(note, kept(PITCH, PERSONALISED))
    assert verdict is not None
    assert (verdict.kind, verdict.because) == (PERSONALISED, Because.REASON)
    assert NEAR / 100 <= verdict.confidence < 1
    assert "nearly the same words personalised on" in verdict.evidence[0].why


@pytest.mark.parametrize(
    "note",
    [
        f"{PITCH} PS: we met in Aarhus on Tuesday",
        f"Anna Berg sent me. {PITCH}",
        PITCH.replace("I came across your profile", "I sat beside you in Ghent"),
        PITCH[:70],
        "Something else altogether, and as long as a note has to be to be compared.",
    ],
)
def test_a_reason_more_makes_it_another_note(note: str) -> None:
    assert said(note, kept(PITCH)) is None


@pytest.mark.parametrize("own", [NO_NOTE, DEFAULT])
def test_no_note_and_a_default_sentence_are_never_judged_by_words(own: Verdict) -> None:
    note = None if own is NO_NOTE else PITCH
    assert said(note, kept(PITCH, PERSONALISED), own=own) is None
    assert words_of(invited(note), own, ME) == ""


def test_short_words_have_to_be_the_same() -> None:
    short = "Great to see you, Robin!"
    assert len(words_of(invited(short), OWN, ME)) < SHORTEST_NEAR
    assert said("great to see you robin", kept(short, PERSONALISED)) is not None
    assert said("Great to see yous, Robin!", kept(short, PERSONALISED)) is None
    assert said("Hello!", kept("Hello!", PERSONALISED)) is None, "says nothing that could be known again"


def test_the_most_alike_wins_then_the_newest() -> None:
    nearly = PITCH.replace("this week", "next week")
    assert _kind(said(PITCH, kept(nearly, PERSONALISED), kept(PITCH, GENERIC, 2, days=9))) is GENERIC
    assert _kind(said(PITCH, kept(PITCH, PERSONALISED, 1, days=9), kept(PITCH, GENERIC, 2))) is GENERIC
    assert _kind(said(PITCH, kept(PITCH, PERSONALISED, 1), kept(PITCH, GENERIC, 2, days=9))) is PERSONALISED


def _kind(verdict: Verdict | None) -> VerdictKind | None:
    return verdict.kind if verdict else None


@pytest.mark.parametrize(
    ("own", "kind", "because"),
    [
        (NO_NOTE, PERSONALISED, Because.REASON),
        (NO_NOTE, GENERIC, Because.NO_NOTE),
        (DEFAULT, GENERIC, Because.DEFAULT_NOTE),
        (OWN, GENERIC, Because.BOILERPLATE),
        (OWN, PERSONALISED, Because.REASON),
    ],
)
def test_on_the_very_invitation_it_stands_whatever_the_note(own: Verdict, kind: VerdictKind, because: Because) -> None:
    verdict = on_itself(invited(None), own, kind, NOW)
    assert (verdict.kind, verdict.because, verdict.confidence) == (kind, because, 1.0)
    assert verdict.evidence == (Evidence("", f"you judged this invitation {kind} on 24 November 2026"),)


def test_what_is_kept_names_nobody() -> None:
    note = "Hi Robin, Tilda of Nordkai here: write to tilda@example.test, call +49 170 1234567, https://example.test/x"
    words = words_of(invited(note), OWN, ME)
    assert not [one for one in ("robin", "tilda", "nordkai", "example", "170", "1234567") if one in words]


@given(note=st.text(max_size=200), other=st.text(max_size=200), kind=st.sampled_from([GENERIC, PERSONALISED]))
def test_any_text_is_compared_and_with_itself_it_is_the_same(note: str, other: str, kind: VerdictKind) -> None:
    word = kept(note, kind)
    verdict, against = said(note, word), said(other, word)
    assert (verdict is None) is (len(word.words) < 8)
    assert against is None or against.kind is kind
    if verdict is not None:
        assert (verdict.kind, verdict.confidence) == (kind, 1.0)


NOTES = Path(__file__).parents[1] / "notes"


@pytest.mark.parametrize("path", sorted(NOTES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_two_notes_of_opposite_verdicts_are_taken_for_each_other(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row["note"] and row["label"] in {"generic", "personalised"}:
            texts[row["label"]][words_of(invited(row["note"]), OWN, ME)] = row["note"]
    personal = list(texts["personalised"])
    for words, note in texts["generic"].items():
        for like, _, _ in process.extract(words, personal, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None):
            assert said(note, kept(texts["personalised"][like], PERSONALISED)) is None, (note, like)
