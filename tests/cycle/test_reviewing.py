"""The walk through what waits: what is in it and in which order, its moves, and the way back from each deed."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from builders import a_reading, a_sighting
from cycle.desk import Desk, WatchedRemoval
from cycle.house import DEFAULT, NO_NOTE, NOW, OWN_WORDS, House
from hypothesis import given
from hypothesis import strategies as st

from watcher import review
from watcher.adapters.templates import FileTemplates
from watcher.domain import message
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.errors import GiveUp
from watcher.person import correcting, reviewing
from watcher.person.reviewing import Step, Walk
from watcher.ports import Record

MINE = "Dear Ottoline,\n\nwhich talk was it?\n\nRobin\n"


@dataclass
class Hand:
    """Does steps to no. 1, as the page's forms do."""

    desk: Desk

    def do(self, step: Step) -> None:
        account, ports = self.desk.house.account, self.desk.ports()
        removal, form = WatchedRemoval(self.desk, ports), step.form
        match step.deed:
            case "draft":
                review.draft(1, account, ports)
            case "redraft":
                choice = review.Choice(form.get("template") or None, form.get("language") or None)
                review.redraft(1, account, ports, removal, choice)
            case "save":
                review.save(1, review.Edit(form["text"], int(form["revision"])), account, ports, removal)
            case "discard":
                review.discard(1, account, ports, removal)
            case "judge":
                correcting.judge(1, VerdictKind(form["verdict"]), account, ports, removal)
            case "know":
                review.know(1, ports.ledger, ports.clock)
            case "unknow":
                review.unknow(1, ports.ledger)
            case other:
                raise AssertionError(other)

    @property
    def words(self) -> str:
        row = self.desk.row
        return review.words(row, self.desk.house.account.voice.me, FileTemplates()) if row.draft else ""

    def and_back(self, step: Step) -> None:
        before, words = self.desk.row, self.words
        self.do(step)
        back = reviewing.way_back(before, words, step, self.desk.row)
        assert back is not None
        self.do(back)


@pytest.fixture
def hand(house: House) -> Hand:
    """Of one draft in the mailbox."""
    house.deliver(NO_NOTE)
    house.look()
    house.clock.wait(timedelta(minutes=5))
    return Hand(Desk(house))


def _ids(rows: tuple[Record, ...]) -> list[int]:
    return [row.id for row in rows]


# ---------------------------------------------------------------------------------------------------------- what waits


def test_what_needs_a_person_comes_first_and_then_the_newest(house: House) -> None:
    house.deliver(NO_NOTE, DEFAULT)
    house.look()
    for number, state in enumerate([State.HELD, State.SKIPPED, State.QUARANTINED, State.SEEN]):
        sighting = a_sighting(key=f"k{number}", received=NOW - timedelta(days=90 - number))
        house.ledger.record(sighting, state, "", NOW)
    rows = reviewing.waiting(house.ledger)
    assert [row.state in NEEDS_PERSON for row in rows] == [True, True, False, False]
    assert [row.state for row in rows] == [State.QUARANTINED, State.HELD, State.DRAFTED, State.DRAFTED]
    assert rows[2].received >= rows[3].received


def test_a_draft_that_the_person_worded_or_threw_away_waits_no_longer(hand: Hand) -> None:
    assert _ids(reviewing.waiting(hand.desk.house.ledger)) == [1]
    hand.do(Step("save", {"text": MINE, "revision": "1"}))
    assert reviewing.waiting(hand.desk.house.ledger) == ()


def test_one_mailbox_can_be_walked_through_alone(house: House) -> None:
    house.ledger.record(a_sighting(account="other@example.test"), State.HELD, "", NOW)
    house.ledger.record(a_sighting(), State.HELD, "", NOW)
    assert _ids(reviewing.waiting(house.ledger, "other@example.test")) == [1]
    assert _ids(reviewing.waiting(house.ledger)) == [2, 1]


# --------------------------------------------------------------------------------------------------------------- moves


@given(numbers=st.lists(st.integers(), min_size=1, unique=True).map(tuple), moves=st.lists(st.integers(-3, 3)))
def test_no_move_leads_beyond_the_ends_or_changes_what_is_walked_through(
    numbers: tuple[int, ...], moves: list[int]
) -> None:
    walk = Walk(numbers)
    for by in moves:
        before = walk.place
        walk = walk.moved(by)
        assert walk.here in numbers
        assert abs(walk.place - before) <= abs(by)
    assert walk.numbers == numbers


def test_it_can_begin_anywhere_and_at_what_does_not_wait() -> None:
    assert Walk((7, 8, 9)).led_to(8) == Walk((7, 8, 9), 1)
    assert Walk((7, 8, 9), 2).led_to(3) == Walk((3, 7, 8, 9), 0)


# --------------------------------------------------------------------------------------------------------- the way back


@pytest.mark.parametrize(
    "step",
    [
        Step("discard"),
        Step("redraft", {"template": "unsure", "language": "de"}),
        Step("save", {"text": MINE, "revision": "1"}),
    ],
    ids=lambda step: step.deed,
)
def test_what_is_done_to_a_draft_can_be_taken_back_word_for_word(hand: Hand, step: Step) -> None:
    before = _text(hand)
    hand.and_back(step)
    assert _text(hand) == before
    assert hand.desk.row.state is State.DRAFTED


@pytest.mark.parametrize("step", [Step("discard"), Step("redraft", {"template": "unsure", "language": "de"})])
def test_own_words_come_back_too(hand: Hand, step: Step) -> None:
    hand.do(Step("save", {"text": MINE, "revision": "1"}))
    hand.and_back(step)
    assert hand.words == MINE
    assert _text(hand).startswith(MINE)


def test_a_draft_that_was_made_is_removed_again(hand: Hand) -> None:
    hand.do(Step("discard"))
    hand.and_back(Step("draft"))
    assert hand.desk.contents == []
    hand.and_back(Step("save", {"text": MINE, "revision": str(_revision(hand))}))
    assert hand.desk.contents == []


def _revision(hand: Hand) -> int:
    assert hand.desk.row.draft is not None
    return hand.desk.row.draft.intent.revision


def test_a_verdict_and_an_acquaintance_can_be_taken_back(hand: Hand) -> None:
    hand.and_back(Step("know"))
    assert hand.desk.house.ledger.known("me@example.test") == ()
    hand.and_back(Step("judge", {"verdict": "personalised"}))
    verdict = hand.desk.row.reading.verdict
    assert verdict is not None
    assert verdict.kind is VerdictKind.GENERIC


def test_nobody_can_say_again_that_a_note_is_unsure(house: House) -> None:
    verdict = a_reading().verdict
    assert verdict is not None
    reading = a_reading(verdict=replace(verdict, kind=VerdictKind.UNSURE))
    row = house.ledger.record(a_sighting(reading=reading), State.HELD, "", NOW)
    assert reviewing.way_back(row, "", Step("judge", {"verdict": "generic"}), row) is None


def test_what_has_no_way_back_is_for_good_and_the_other_way_round(hand: Hand) -> None:
    house = hand.desk.house
    held = house.ledger.record(a_sighting(key="other"), State.HELD, "", NOW)
    drafted = hand.desk.row
    for row, step in [(held, Step("leave")), (drafted, Step("pasted")), (held, Step("discard"))]:
        assert reviewing.is_for_good(row, step)
        assert reviewing.way_back(row, "", step, row) is None
    for name in ("discard", "redraft", "save", "draft", "know", "unknow", "judge"):
        assert not reviewing.is_for_good(drafted, Step(name))
        assert reviewing.way_back(drafted, "", Step(name), drafted) is not None


def test_a_language_that_the_person_does_not_answer_in_is_refused(hand: Hand) -> None:
    before = hand.desk.contents
    with pytest.raises(GiveUp, match="WATCHER_LANGUAGES names en, de"):
        hand.do(Step("redraft", {"language": "fr"}))
    assert hand.desk.contents == before


def test_the_templates_to_choose_among_are_those_of_ones_languages(house: House) -> None:
    names = review.template_names(house.account, FileTemplates())
    assert {"generic", "known", "unsure"} <= set(names)
    assert "paste-on-linkedin" not in names
    assert list(names) == sorted(names)


def test_who_is_known_is_told_how(hand: Hand, house: House) -> None:
    house.deliver(OWN_WORDS)
    assert review.known(hand.desk.row, house.account, house.ledger) == ""
    hand.do(Step("know"))
    assert review.known(hand.desk.row, house.account, house.ledger) == "you said that you know this profile"


def _text(hand: Hand) -> str:
    (content,) = hand.desk.contents
    return message.parse(content).text or ""
