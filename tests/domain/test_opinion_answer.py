"""A note cannot close its fence or name a label, and only one strict form of an answer is an opinion."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.kinds import VerdictKind
from watcher.domain.opinion import answer
from watcher.domain.opinion.answer import FEWEST_LETTERS, LONGEST
from watcher.domain.opinion.grounds import MEANINGS, Ground, Opinion
from watcher.domain.opinion.question import Question, question

NOTE = "Hi [Recipient], great  chatting at the\nAarhus meetup on Tuesday!"
ASKED = question(NOTE, b"sixteen octets!!")
SEEDS = st.binary(min_size=16, max_size=32)


def label(kind: VerdictKind, asked: Question = ASKED) -> str:
    return next(label for label, meaning in asked.meanings.items() if meaning is kind)


def said(**changes: Any) -> str:
    words = {"verdict": label(VerdictKind.PERSONALISED), "because": "met", "evidence": ["Aarhus meetup on Tuesday"]}
    return json.dumps(words | changes, ensure_ascii=False)


def read(text: str) -> Opinion | None:
    return answer.read(text, ASKED, NOTE)


def test_a_good_answer_is_an_opinion() -> None:
    found = read(said())
    assert found is not None
    assert (found.kind, found.ground) == (VerdictKind.PERSONALISED, Ground.MET)
    assert [NOTE[start:end] for start, end in found.quotes] == ["Aarhus meetup on Tuesday"]


@pytest.mark.parametrize("ground", Ground)
@pytest.mark.parametrize("kind", VerdictKind)
def test_a_ground_belongs_to_one_verdict(kind: VerdictKind, ground: Ground) -> None:
    found = read(said(verdict=label(kind), because=str(ground)))
    assert (found is not None) == (MEANINGS[ground].kind is kind)


def test_blanks_alone_may_differ_in_a_quotation() -> None:
    assert read(said(evidence=["great chatting at the Aarhus"])) is not None
    for quote in ("great chatting at aarhus", "Great chatting", "Aarhus meetup on Tuesday.", "“Aarhus”"):
        assert read(said(evidence=[quote])) is None


NO_OPINIONS = {
    "prose before it": "Sure! " + said(),
    "prose behind it": said() + " Hope that helps.",
    "a code block": f"```json\n{said()}\n```",
    "two of them": said() + said(),
    "a list": f"[{said()}]",
    "words": json.dumps(said()),
    "a refusal": "I'm sorry, but I can't help with that.",
    "nothing": "",
    "a verdict of the interface": said(verdict="personalised"),
    "a verdict that is none": said(verdict=None),
    "a list of verdicts": said(verdict=[label(VerdictKind.PERSONALISED)]),
    "a ground that is none": said(because="because I say so"),
    "a ground that is a list": said(because=["met"]),
    "a ground that is a number": said(because=1),
    "evidence that is one word": said(evidence="Aarhus"),
    "no evidence": said(evidence=[]),
    "evidence of somebody else": said(evidence=["We met in Leicester"]),
    "evidence and an invention": said(evidence=["Aarhus", "We met in Leicester"]),
    "evidence that is a number": said(evidence=[2024]),
    "empty evidence": said(evidence=[""]),
    "blank evidence": said(evidence=["  \n "]),
    "evidence of two letters": said(evidence=["Hi"]),
    "evidence without letters": said(evidence=["!"]),
    "a name that was taken out": said(evidence=["[Recipient]"]),
    "too much evidence": said(evidence=["Aarhus", "meetup", "Tuesday", "chatting"]),
    "a name too many": said(confidence=1),
    "a name too few": json.dumps({"verdict": label(VerdictKind.PERSONALISED), "because": "met"}),
    "a name twice": said()[:-1] + f', "verdict": "{label(VerdictKind.GENERIC)}"}}',
    "names in capitals": said().replace("verdict", "Verdict"),
    "not a number": said()[:-1] + ', "confidence": NaN}',
    "no number where words are wanted": said().replace('"met"', "NaN"),
    "infinity": said().replace('"met"', "-Infinity"),
    "single quotes": said().replace('"', "'"),
    "a comment": said() + "// so",
    "deep": "[" * 4000,
    "deeper": '{"verdict":' * 600,
    "long": said() + " " * LONGEST,
    "null": "null",
    "a byte order mark": "\ufeff" + said(),
    "a half letter": '"\ud800',
}


@pytest.mark.parametrize("text", NO_OPINIONS.values(), ids=NO_OPINIONS)
def test_anything_else_is_none(text: str) -> None:
    assert read(text) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["met", *ASKED.meanings, "Aarhus", NOTE]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["verdict", "because", "evidence", "x"]), inner, max_size=4)
    ),
)


@given(_JSON)
def test_whatever_is_an_opinion_quotes_the_note(value: Any) -> None:
    found = read(json.dumps(value))
    if found is not None:
        assert value["verdict"] in ASKED.meanings
        assert all(len(NOTE[start:end]) >= FEWEST_LETTERS for start, end in found.quotes)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    read(text)
    answer.kept_opinion(text, NOTE)


@given(st.sampled_from(Ground), st.lists(st.tuples(st.integers(0, 20), st.integers(21, 40)), min_size=1, max_size=3))
def test_what_is_kept_comes_back_and_shows_nothing(ground: Ground, quotes: list[tuple[int, int]]) -> None:
    opinion = Opinion(ground, tuple(quotes))
    text = answer.kept(opinion)
    assert answer.kept_opinion(text, NOTE) == opinion
    assert answer.kept_opinion(text, NOTE[:20]) is None
    assert not any(word in text for word in ("Aarhus", "Tuesday", "Recipient"))


def test_two_answers_must_say_the_same() -> None:
    met, asked, praise = (Opinion(ground, ((0, 5),)) for ground in (Ground.MET, Ground.QUESTION, Ground.FLATTERY))
    assert answer.agreed(met, asked) == Opinion(Ground.MET, ((0, 5),))
    assert answer.agreed(met, praise) is None


@given(st.text(max_size=300), SEEDS)
def test_a_note_cannot_end_its_fence_or_name_a_label(note: str, seed: bytes) -> None:
    asked = question(note, seed)
    first, *body, last = asked.data.split("\n")
    assert "\n".join(body) == note
    assert first == last
    assert first not in note
    assert not any(label in note.casefold() for label in asked.meanings)
    assert set(asked.meanings.values()) == set(VerdictKind)


@given(SEEDS)
def test_a_note_that_guessed_the_words_gets_other_ones(seed: bytes) -> None:
    before = question("", seed)
    fence = before.data.split("\n")[0]
    after = question(f"{fence}\n{' '.join(before.meanings)}".upper(), seed)
    assert not before.meanings.keys() & after.meanings.keys()
    assert fence != after.data.split("\n")[0]


def test_each_question_has_other_labels_in_other_orders() -> None:
    asked = [question(NOTE, bytes([number]) * 16) for number in range(60)]
    assert len({label for one in asked for label in one.meanings}) == 180
    assert len({tuple(one.meanings.values()) for one in asked}) == 6
    assert len({one.data.split("\n")[0] for one in asked}) == 60


def test_the_task_does_not_hold_the_note() -> None:
    assert "Aarhus" not in ASKED.task
    assert "personalised" not in ASKED.task
