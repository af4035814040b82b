"""Promise: own words are judged as well as docs/judging.md tells, on notes never learned from, and words are named."""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from builders import an_invitation
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.domain import verdict
from watcher.domain.judging import evidence, scoring, signs
from watcher.domain.judging.decision import judge_words
from watcher.domain.judging.values import Numbers
from watcher.domain.judging.weights import weights
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.values import Verdict

FOLDER = Path(__file__).parents[1] / "notes"
NOTES = [json.loads(line) for file in sorted(FOLDER.rglob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
TEST = [one for one in NOTES if one["part"] == "test" and one["label"] in {"generic", "personalised"}]
SIZE = 2_000_000
GROUND = {
    VerdictKind.GENERIC: Because.BOILERPLATE,
    VerdictKind.PERSONALISED: Because.REASON,
    VerdictKind.UNSURE: Because.UNCLEAR,
}


@cache
def verdicts() -> list[tuple[dict[str, str], Verdict]]:
    return [
        (one, verdict.judge(an_invitation(note=one["note"], note_raw=one["note"], language=one["lang"])))
        for one in TEST
    ]


# ------------------------------------------------------------------------------------------------------- the notes


def test_there_are_notes_enough_in_every_language_and_of_every_label() -> None:
    assert len(NOTES) >= 2500
    labels = defaultdict(set)
    for one in NOTES:
        labels[one["lang"]].add(one["label"])
    assert len(labels) >= 25
    assert {lang for lang, held in labels.items() if held != {"default", "generic", "personalised", "unsure"}} == set()


def test_a_topic_and_a_pair_lie_in_one_part() -> None:
    parts = defaultdict(set)
    for one in NOTES:
        parts["topic", one["topic"]].add(one["part"])
        if one["pair"]:
            parts[one["lang"], one["pair"]].add(one["part"])
    assert {name: held for name, held in parts.items() if len(held) > 1} == {}


def test_no_note_stands_there_twice() -> None:
    seen = defaultdict(list)
    for one in NOTES:
        seen[one["lang"], " ".join(one["note"].casefold().split())].append(one["id"])
    assert {ids[0] for ids in seen.values() if len(ids) > 1} == set()


# --------------------------------------------------------------------------------------------------- how well it judges


def test_the_shipped_judge_keeps_the_shares_it_was_measured_at() -> None:
    sure = [(one, found) for one, found in verdicts() if found.kind is not VerdictKind.UNSURE]
    right = np.mean([str(found.kind) == one["label"] for one, found in sure])
    lost = np.mean([found.kind is VerdictKind.GENERIC for one, found in verdicts() if one["label"] == "personalised"])
    assert right >= RIGHT
    assert 1 - len(sure) / len(TEST) <= UNSURE
    assert lost <= LOST


RIGHT, UNSURE, LOST = 0.92, 0.07, 0.04
"""A little below what docs/judging.md tells, so that only a real loss fails."""


def test_no_language_with_many_notes_falls_far_behind() -> None:
    right = defaultdict(list)
    for one, found in verdicts():
        if found.kind is not VerdictKind.UNSURE:
            right[one["lang"]].append(str(found.kind) == one["label"])
    assert {lang: np.mean(held) for lang, held in right.items() if len(held) >= 55 and np.mean(held) < 0.8} == {}


def test_a_higher_confidence_is_more_often_right() -> None:
    held = defaultdict(list)
    for one, found in verdicts():
        if found.kind is not VerdictKind.UNSURE:
            held[found.confidence >= 0.85].append(str(found.kind) == one["label"])
    assert np.mean(held[True]) > np.mean(held[False]) + 0.05


# --------------------------------------------------------------------------------------------------------- what it says


def test_the_words_that_decided_are_words_of_the_note_with_a_reason_each() -> None:
    for one, found in verdicts():
        assert 1 <= len(found.evidence) <= evidence.MOST, one["id"]
        for piece in found.evidence:
            assert piece.text.strip(), one["id"]
            assert piece.text in one["note"], one["id"]
            assert len(piece.why) > 10


@pytest.mark.parametrize(
    ("note", "language", "text", "why"),
    [
        ("We met at the harbour fair in Malmö and you lent me a pen.", "en", "We met at", "met or talked"),
        ("I would like to expand my network with like-minded people.", "en", "expand my network", "more contacts"),
        ("Wie versprochen schicke ich Ihnen die Zeichnung der Pumpe.", "de", "Wie versprochen", "earlier talk"),
    ],
)
def test_a_phrase_is_named_with_what_it_says(note: str, language: str, text: str, why: str) -> None:
    found = evidence.of(note, language, VerdictKind.UNSURE, weights().linear)
    assert any(text in piece.text and why in piece.why for piece in found)


@pytest.mark.parametrize(
    ("note", "language", "signs_found"),
    [
        ("15 minutes are enough", "en", ["offer"]),
        ("115 minutes are enough", "en", []),
        ("Wie versprochen", "de", ["thread"]),
        ("sowie versprochen", "de", []),
    ],
)
def test_a_phrase_begins_a_word(note: str, language: str, signs_found: list[str]) -> None:
    assert [sign for sign, _, _ in signs.found(note, language)] == signs_found


def test_the_networks_are_heard_alike() -> None:
    networks = weights().networks
    told = [network.score("We met at the harbour fair.") for network in networks]
    assert scoring.by_networks("We met at the harbour fair.", networks) == pytest.approx(sum(told) / len(told))


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_judged_alike_twice_and_quoted(text: str) -> None:
    for language in (None, "en", "tr"):
        found = judge_words(text, language)
        assert found == judge_words(text, language)
        assert found.because is GROUND[found.kind]
        assert 0 <= found.confidence <= 1
        assert all(piece.text in text for piece in found.evidence)


@pytest.mark.parametrize("language", ["mr", "te", "xx"])
def test_a_language_it_never_learned_is_left_to_the_person(language: str) -> None:
    assert judge_words("We met at the harbour fair in Malmö on Tuesday.", language).kind is VerdictKind.UNSURE


def test_masked_words_are_left_to_the_person() -> None:
    assert judge_words("Xx xxx xx xxx xxxxxxx xxxx xx Xxxxx.", "en").kind is VerdictKind.UNSURE


# --------------------------------------------------------------------------------------------- a note, and its meaning


def test_the_meaning_is_a_view_of_its_own() -> None:
    """The mean of all notes, moved far to either side of what the head reads."""
    learned = weights()
    slope = learned.head.spread * (learned.head.hidden @ learned.head.leave)
    chances = {
        sign: scoring.scores("Hello there", "en", learned, _told(learned.head.middle + sign * 40 * slope))[-1]
        for sign in (1, -1)
    }
    assert chances[1] > chances[-1]


def _told(meaning: Numbers) -> scoring.Meaning:
    def tell(text: str) -> Numbers:
        assert text
        return meaning.astype(np.float32)

    return tell


def test_the_weights_are_small() -> None:
    data = Path(scoring.__file__).parents[1] / "data"
    assert sum(path.stat().st_size for path in [*data.glob("judge*"), data / "e5_offsets.npz"]) <= SIZE
