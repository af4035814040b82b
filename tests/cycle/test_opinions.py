"""The language model in a pass: heard where a draft hangs on it, within its bounds, and never in the way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from cycle.house import OWN_WORDS, SAMPLES, House, in_own_words
from domain.instructed_notes import INSTRUCTED
from twins.language_model import KeptInMemory, ModelInMemory, fails, label_of, note_of, says

from watcher.adapters.ledger import open_ledger
from watcher.cycle import Wish
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.opinion.grounds import Ground
from watcher.domain.opinion.question import Question
from watcher.domain.plan import Strictness
from watcher.domain.values import Verdict
from watcher.samples import RECIPIENT
from watcher.steps.account import Ports
from watcher.steps.opinions import LONGEST_REST, PASS_LIMIT, Opinions, SecondJudge


@dataclass
class Advised(House):
    """With a language model that is asked for a second opinion."""

    model: ModelInMemory = field(default_factory=lambda: ModelInMemory(says(Ground.MET)))
    kept: KeptInMemory = field(default_factory=KeptInMemory)
    judge: SecondJudge = field(init=False)

    def __post_init__(self) -> None:
        self.model.let_pass = self.clock.wait
        numbers = count()
        self.judge = SecondJudge(
            model=self.model,
            kept=self.kept,
            seed=lambda: next(numbers).to_bytes(16, "big"),
            secret=b"k" * 32,
            me=RECIPIENT,
            within=timedelta(seconds=30),
            per_day=100,
        )

    def ports(self) -> Ports:
        return replace(super().ports(), second=self.judge)

    def sets(self, **policy: object) -> None:
        """Other settings from now on."""
        self.account = replace(self.account, policy=replace(self.account.policy, **policy))

    def judged(self, note: str | None = None) -> Verdict:
        """What comes of one mail with own words, or with this note in it."""
        self.deliver(in_own_words(note=note))
        verdict = self.look().outcomes[-1].reading.verdict
        assert verdict is not None
        return verdict


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Advised]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield Advised(ledger)
    ledger.close()


def _words(verdict: Verdict) -> str:
    return " | ".join(f"{one.text}: {one.why}" for one in verdict.evidence)


def test_an_opinion_is_heard_and_its_evidence_is_kept(house: Advised) -> None:
    verdict = house.judged()
    assert "a language model finds it personalised: where you met" in _words(verdict)
    (record,) = house.ledger.listing()
    assert record.reading.verdict == verdict
    assert (record.state, len(house.model.asked)) == (State.DRAFTED, 2)


def test_names_are_replaced_in_what_is_asked_and_come_back_in_the_evidence(house: Advised) -> None:
    house.model.script = says(Ground.MET, "[Sender] here. We met in Aarhus, [Recipient].")
    verdict = house.judged("Tilde here. We met in Aarhus, Robin. Tildae here. We met in Aarhus, Robin.")
    assert {note_of(asked) for asked in house.model.asked} == {
        "Tilde here. We met in Aarhus, [Recipient]. [Sender] here. We met in Aarhus, [Recipient]."
    }
    assert "Tildae here. We met in Aarhus, Robin." in [one.text for one in verdict.evidence]


def test_the_same_note_is_asked_about_once(house: Advised) -> None:
    house.deliver(*map(in_own_words, range(1, 6)))
    house.look()
    assert len(house.model.asked) == 2
    assert all("a language model" in _words(_verdict(record)) for record in house.ledger.listing())
    assert len({asked.data.split("\n")[0] for asked in house.model.asked}) == 2


def test_another_model_is_asked_anew(house: Advised) -> None:
    house.judged()
    house.model.name = "another"
    house.deliver(in_own_words(6))
    house.look()
    assert len(house.model.asked) == 4


def _verdict(record: object) -> Verdict:
    verdict = record.reading.verdict  # type: ignore[attr-defined]
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.mark.parametrize("name", ["01-no-note.eml", "02-default-sentence.eml", "13-accepted.eml", "18-imitation.eml"])
def test_nobody_is_asked_where_nothing_is_open(name: str, house: Advised) -> None:
    house.deliver(SAMPLES[name])
    house.look()
    assert house.model.asked == []


@pytest.mark.parametrize("result", [b"dkim=fail; dmarc=fail header.from=linkedin.com", b"none"])
def test_nobody_is_asked_about_mail_that_may_be_false(result: bytes, house: Advised) -> None:
    mail = OWN_WORDS.partition(b"\n")[2]
    house.deliver(b"Authentication-Results: mx.example.test; " + result + b"\n" + mail)
    house.look()
    assert house.model.asked == []


def test_nobody_is_asked_about_who_is_never_answered(house: Advised) -> None:
    house.sets(skip=frozenset({"tildae moreau"}))
    house.deliver(in_own_words())
    assert [one.state for one in house.look().outcomes] == [State.SKIPPED]
    assert house.model.asked == []


def test_the_verdict_with_the_opinion_decides_on_the_draft(house: Advised) -> None:
    house.sets(draft_for=frozenset({VerdictKind.GENERIC}))
    house.model.script = says(Ground.FLATTERY)
    verdict = house.judged()
    (record,) = house.ledger.listing()
    expected = {VerdictKind.GENERIC: State.DRAFTED, VerdictKind.UNSURE: State.HELD, VerdictKind.PERSONALISED: None}
    assert record.state is expected[verdict.kind]


def test_a_dry_run_asks_nobody_and_shows_what_is_known(house: Advised) -> None:
    house.deliver(in_own_words())
    house.look(Wish(dry_run=True))
    assert (house.model.asked, house.kept.spent) == ([], {})
    house.look()
    house.deliver(in_own_words(6))
    (outcome,) = house.look(Wish(dry_run=True)).outcomes
    assert "a language model" in _words(_verdict(outcome))
    assert len(house.model.asked) == 2


def test_what_waits_for_its_turn_is_asked_about_once_and_keeps_its_opinion(house: Advised) -> None:
    house.sets(drafts_per_pass=1)
    house.deliver(
        in_own_words(1, "We met in Aarhus on Tuesday, dear colleague."),
        in_own_words(2, "We met in Ghent, dear colleague."),
    )
    house.look()
    assert len(house.model.asked) == 4
    house.model.script = fails()
    house.look()
    assert [record.state for record in house.ledger.listing()] == [State.DRAFTED] * 2
    assert all("a language model" in _words(_verdict(record)) for record in house.ledger.listing())
    assert len(house.model.asked) == 4


def test_held_mail_is_asked_about_when_it_is_taken_through_again(house: Advised) -> None:
    house.deliver(in_own_words().partition(b"\n")[2])
    house.look()
    assert [record.state for record in house.ledger.listing()] == [State.HELD]
    assert house.model.asked == []
    house.sets(strictness=Strictness.WARN)
    house.look(Wish(held=True))
    (record,) = house.ledger.listing()
    assert "a language model finds it personalised" in _words(_verdict(record))
    assert record.state is State.DRAFTED


BAD = {
    "garbage": lambda _: "Sure! It is personalised.",
    "a refusal": lambda _: "",
    "the interface's own word": lambda asked: json.dumps(
        {"verdict": "personalised", "because": "met", "evidence": [note_of(asked)]}
    ),
    "evidence that is none": says(Ground.MET, "We met in Leicester"),
    "failing": fails(),
}


@pytest.mark.parametrize("script", BAD.values(), ids=BAD)
def test_what_is_no_opinion_changes_nothing(script: object, house: Advised) -> None:
    house.judge.model.script = script  # type: ignore[attr-defined]
    verdict = house.judged()
    assert "language model" not in _words(verdict)
    assert [record.state for record in house.ledger.listing()] == [State.DRAFTED]
    assert house.kept.opinions == {}


def test_a_model_that_takes_the_first_label_whatever_it_means_has_no_opinion(house: Advised) -> None:
    def first(asked: Question) -> str:
        label, kind = next(iter(asked.meanings.items()))
        ground = {VerdictKind.PERSONALISED: "met", VerdictKind.GENERIC: "pitch", VerdictKind.UNSURE: "either_way"}[kind]
        return json.dumps({"verdict": label, "because": ground, "evidence": [note_of(asked)[:20]]})

    house.model.script = first
    kinds = []
    for number in range(1, 15):
        house.deliver(in_own_words(number, f"We met in Aarhus on day {number} of the fair, dear colleague."))
        verdict = _verdict(house.look().outcomes[-1])
        kinds.append("a language model finds it" in _words(verdict))
    assert kinds.count(False) >= 5


@pytest.mark.parametrize("note", INSTRUCTED.values(), ids=INSTRUCTED)
def test_a_note_that_gives_orders_is_not_asked_about_whatever_the_model_would_do(note: str, house: Advised) -> None:
    verdict = house.judged(note)
    assert house.model.asked == []
    assert verdict.kind is not VerdictKind.PERSONALISED or verdict.because is Because.REASON
    assert "no language model was asked" in _words(verdict)


def test_a_slow_model_is_asked_once_in_a_pass(house: Advised) -> None:
    house.model.thinks = timedelta(seconds=31)
    house.deliver(
        *(in_own_words(number, f"We met in Aarhus, dear colleague {chr(96 + number) * 3}.") for number in range(1, 9))
    )
    report = house.look()
    assert report.unheard == "no answer within 30 s"
    assert report.summary.drafted == 8
    assert house.model.limits == [timedelta(seconds=30)]
    assert report.summary.ended - report.summary.started == timedelta(seconds=30)
    house.deliver(in_own_words(9, "We met in Aarhus, dear colleague zzz."))
    house.look()
    assert len(house.model.asked) == 2


def test_a_model_that_is_just_in_time_takes_a_bounded_part_of_a_pass(house: Advised) -> None:
    house.model.thinks = timedelta(seconds=14)
    house.deliver(
        *(in_own_words(number, f"We met in Aarhus, dear colleague {chr(96 + number) * 3}.") for number in range(1, 13))
    )
    report = house.look()
    assert report.summary.drafted == 12
    assert report.summary.ended - report.summary.started == timedelta(seconds=30 * PASS_LIMIT)
    assert report.unheard == "no answer within 8 s"
    assert house.model.limits[:3] == [timedelta(seconds=30), timedelta(seconds=16), timedelta(seconds=30)]


def test_the_questions_of_a_day_are_spent_and_come_again(house: Advised) -> None:
    house.judge.per_day = 3
    house.deliver(
        in_own_words(1, "We met in Aarhus, dear colleague."), in_own_words(2, "We met in Ghent, dear colleague.")
    )
    assert "WATCHER_LLM_PER_DAY" in house.look().unheard
    assert len(house.model.asked) == 3
    house.clock.wait(timedelta(days=1))
    house.deliver(in_own_words(3, "We met in Oslo, dear colleague."))
    assert house.look().unheard == ""
    assert len(house.model.asked) == 5


@pytest.mark.parametrize(("wait", "rests"), [(600.0, timedelta(minutes=10)), (1e12, LONGEST_REST)])
def test_a_model_that_wishes_to_be_left_alone_is(wait: float, rests: timedelta, house: Advised) -> None:
    house.model.script = fails(wait)
    house.judged()
    house.model.script = says(Ground.MET)
    house.clock.wait(rests - timedelta(seconds=1))
    house.deliver(in_own_words(6))
    assert "left alone" in house.look().unheard
    assert len(house.model.asked) == 1
    house.clock.wait(timedelta(seconds=1))
    house.deliver(in_own_words(7))
    assert house.look().unheard == ""
    assert len(house.model.asked) == 3


def test_a_program_that_ends_asks_no_more(house: Advised) -> None:
    house.deliver(in_own_words(1), in_own_words(2, "We met in Ghent, dear colleague."))
    told = iter([False])
    report = house.look(Wish(stop=lambda: next(told, True)))
    assert len(house.model.asked) == 1
    assert [one.state for one in report.outcomes] == [State.DRAFTED]


def test_a_note_that_is_far_too_long_is_not_asked_about(house: Advised) -> None:
    house.judged("We met in Aarhus, and then " + "we walked on and on " * 120)
    assert house.model.asked == []


def test_nothing_of_the_note_is_in_what_is_kept(house: Advised) -> None:
    house.judged()
    (kept,) = house.kept.opinions.items()
    assert len(kept[0]) == 32
    assert not any(word in str(kept) for word in ("Ghent", "napkin", "Tilda", "Robin"))


def test_without_a_model_all_is_as_it_was(house: Advised) -> None:
    reading = house.judged()
    opinions = Opinions(None, house.clock, lambda: False)
    (record,) = house.ledger.listing()
    assert opinions.on(record.reading, may_ask=True) == record.reading
    assert reading


def test_the_model_is_tried_on_a_note_of_ours_alone(house: Advised) -> None:
    assert house.judge.answers_well()
    house.model.script = says(Ground.PITCH)
    assert not house.judge.answers_well()
    assert all("Aarhus" in note_of(asked) for asked in house.model.asked)
    assert house.kept.spent == {}
    assert label_of(house.model.asked[0], VerdictKind.GENERIC)
