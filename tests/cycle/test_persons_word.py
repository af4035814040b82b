"""A person's word on a verdict: kept whatever becomes of the draft, followed by the draft where that is ours to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cycle.desk import Desk, WatchedRemoval, edited
from cycle.house import DEFAULT, NO_NOTE, House, in_own_words
from twins.language_model import KeptInMemory, ModelInMemory, says
from twins.mailbox import TwinMailbox

from watcher.adapters.templates import FileTemplates
from watcher.cycle import Wish, run_pass
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.opinion.grounds import Ground
from watcher.domain.plan import Policy, Strictness
from watcher.domain.values import Verdict
from watcher.errors import GiveUp, TryAgain
from watcher.person.correcting import Judged, judge
from watcher.person.report import report
from watcher.samples import RECIPIENT
from watcher.steps.drafting import QUIET
from watcher.steps.opinions import SecondJudge

GENERIC, PERSONALISED, UNSURE = VerdictKind.GENERIC, VerdictKind.PERSONALISED, VerdictKind.UNSURE
WORDS = (
    "Hello Robin, your name came up when I looked for people who run mail for a living, and I would be glad to hear"
    " about the tools you like. Kind regards from the coast"
)
NEARLY = WORDS.replace("the coast", "the hills")


class Person(Desk):
    """A person at the command line who thinks otherwise."""

    def judge(self, kind: VerdictKind, number: int = 1) -> Judged:
        ports = self.ports()
        return judge(number, kind, self.house.account, ports, WatchedRemoval(self, ports))

    def verdict(self, number: int = 1) -> Verdict:
        row = self.house.ledger.show(number)
        assert row is not None
        assert row.reading.verdict is not None
        return row.reading.verdict

    def template(self) -> str:
        draft = self.row.draft
        assert draft is not None
        return draft.intent.template


@pytest.fixture
def person(house: House) -> Person:
    """With the draft of an invitation without a note."""
    house.deliver(NO_NOTE)
    assert house.look().summary.drafted == 1
    house.clock.wait(timedelta(minutes=5))
    return Person(house)


def _other(kind: VerdictKind) -> VerdictKind:
    return GENERIC if kind is PERSONALISED else PERSONALISED


# ---------------------------------------------------------------------------------------- the draft of a corrected row


def test_an_untouched_draft_is_replaced_by_one_that_fits(person: Person) -> None:
    judged = person.judge(PERSONALISED)
    assert judged.told == "its draft was replaced by one of the template personalised"
    assert judged.record.draft is not None
    assert person.contents == [judged.record.draft.intent.content]
    assert (judged.record.state, judged.record.draft.intent.revision) == (State.DRAFTED, 2)
    verdict = judged.record.reading.verdict
    assert verdict is not None
    assert (verdict.kind, verdict.because, verdict.confidence) == (PERSONALISED, Because.REASON, 1.0)
    assert "you judged this invitation personalised on 24 November 2026" in verdict.evidence[0].why
    lines = [(move.start, move.end, move.by, move.reason) for move in judged.record.history]
    assert (State.DRAFTED, State.DRAFTED, By.PERSON, "you judged it personalised") in lines
    assert person.house.look().summary.drafted == 0


def test_taken_back_it_is_what_the_program_thought(person: Person) -> None:
    person.judge(PERSONALISED)
    person.judge(GENERIC)
    assert (person.verdict().because, person.template(), len(person.contents)) == (Because.NO_NOTE, "generic", 1)
    assert not [one for one in person.house.ledger.corrections("me@example.test") if one.is_change]


def test_the_same_verdict_changes_nothing(person: Person) -> None:
    before = person.row
    judged = person.judge(GENERIC)
    assert (judged.told, judged.record) == ("it is judged generic already, so nothing was changed", before)
    assert person.house.ledger.corrections("me@example.test") == ()


def test_an_edited_draft_is_left_alone_and_the_word_is_kept(person: Person) -> None:
    edited = person.edit()
    judged = person.judge(PERSONALISED)
    assert judged.told.startswith("the draft was left alone:")
    assert "it is yours" in judged.told
    assert (person.contents, judged.record.state, person.verdict().kind) == ([edited], State.EDITED, PERSONALISED)
    assert person.judge(GENERIC).told == "its draft was left alone: you have changed it, so it is yours"
    assert person.contents == [edited]


@pytest.mark.parametrize("when", ["on_removal", "after_removal"])
def test_one_that_is_edited_at_the_same_moment_stays(person: Person, when: str) -> None:
    content = person.contents[0]

    def edit() -> None:
        person.house.drafts.clear()
        person.put(edited(content))

    setattr(person, when, edit)
    assert "the draft was left alone" in person.judge(PERSONALISED).told
    assert (person.contents, person.verdict().kind) == ([edited(content)], PERSONALISED)


def test_what_was_sent_is_left_alone(person: Person) -> None:
    (uid,) = person.house.drafts
    person.put(person.house.drafts.pop(uid).content, "Sent")
    assert "an answer stands in Sent" in person.judge(PERSONALISED).told
    assert person.row.state is State.SENT
    assert person.judge(GENERIC).told == "it is answered, so nothing else was changed"


@pytest.mark.parametrize("trouble", ["knows_uids", "alters"])
def test_where_it_cannot_be_removed_it_is_left_alone(house: House, trouble: str) -> None:
    house.store.knows_uids, house.store.alters = trouble != "knows_uids", b"X: 1\r\n" if trouble == "alters" else b""
    house.deliver(NO_NOTE)
    house.look()
    person = Person(house)
    before = person.contents
    assert "delete it yourself" in person.judge(PERSONALISED).told
    assert (person.contents, person.row.state, person.verdict().kind) == (before, State.DRAFTED, PERSONALISED)


def test_what_the_person_threw_away_stays_away(person: Person) -> None:
    person.discard()
    assert person.judge(PERSONALISED).told == "its draft is gone: `watcher draft 1` makes another"
    assert (person.contents, person.verdict().kind) == ([], PERSONALISED)
    person.draft()
    assert person.template() == "personalised"


def test_a_draft_that_is_not_wanted_any_more_is_removed(person: Person) -> None:
    person.house.account = replace(person.house.account, policy=Policy(draft_for=frozenset({GENERIC})))
    assert person.judge(PERSONALISED).told == "its draft was removed: WATCHER_DRAFT_FOR does not name personalised"
    assert (person.contents, person.row.state) == ([], State.DISCARDED)


def test_a_word_is_kept_though_the_connection_is_lost(person: Person) -> None:
    def lose() -> None:
        raise TryAgain("the connection was lost")

    person.after_removal = lose
    with pytest.raises(TryAgain, match=r"the connection was lost\. Your word is kept: `watcher show 1`"):
        person.judge(PERSONALISED)
    assert person.verdict().kind is PERSONALISED
    person.after_removal = lambda: None
    person.discard()
    person.redraft()
    assert (person.template(), len(person.contents)) == ("personalised", 1)


def test_of_an_uncertain_draft_only_the_verdict_changes(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.lose_tails = True
    with pytest.raises(TryAgain):
        house.look()
    person = Person(house)
    assert "on its way just now" in person.judge(PERSONALISED).told
    house.store.lose_tails = False
    house.clock.wait(QUIET)
    house.look()
    assert house.states() == [State.UNCERTAIN]
    assert "its draft is uncertain: `watcher draft 1`" in person.judge(GENERIC).told
    assert (house.states(), person.contents) == ([State.UNCERTAIN], [])


def test_an_append_that_is_refused_goes_back_to_where_it_came_from_whatever_was_said_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object) -> None:
        raise TryAgain("cut off before the first octet")

    house.deliver(NO_NOTE)
    with monkeypatch.context() as patch:
        patch.setattr(TwinMailbox, "append_draft", lose)
        with pytest.raises(TryAgain):
            house.look()
    assert house.states() == [State.INTENDED]
    Person(house).judge(PERSONALISED)
    house.clock.wait(QUIET)
    house.store.refuse = "over quota"
    house.look()
    assert house.states() == [State.SEEN]


def test_a_draft_that_could_not_be_stored_yet_fits_what_was_said_meanwhile(house: House) -> None:
    house.store.busy = "no room just now"
    house.deliver(NO_NOTE)
    with pytest.raises(TryAgain):
        house.look()
    house.store.busy = ""
    assert house.states() == [State.SEEN]
    person = Person(house)
    assert person.judge(PERSONALISED).told == "its draft comes with the next pass"
    house.look()
    assert (house.states(), person.template()) == ([State.DRAFTED], "personalised")


def test_what_was_never_judged_cannot_be(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    person = Person(house)
    with pytest.raises(GiveUp, match=r"no invitation no\. 7"):
        person.judge(GENERIC, 7)
    house.account = replace(house.account, voice=replace(house.account.voice, account="other@example.test"))
    with pytest.raises(GiveUp, match=r"belongs to the mailbox me@example\.test"):
        person.judge(PERSONALISED)


# ------------------------------------------------------------------------------------------------ what has no draft yet


@pytest.mark.parametrize(
    ("wanted", "kind", "state", "told"),
    [
        ({GENERIC}, GENERIC, State.DRAFTED, "its draft was made"),
        ({GENERIC}, PERSONALISED, State.SKIPPED, "it gets no draft: WATCHER_DRAFT_FOR does not name personalised"),
        ({GENERIC, PERSONALISED}, PERSONALISED, State.DRAFTED, "its draft was made"),
    ],
)
def test_what_was_held_as_unsure_is_decided_by_the_persons_word(
    house: House, wanted: set[VerdictKind], kind: VerdictKind, state: State, told: str
) -> None:
    person = _held_as_unsure(house, frozenset(wanted))
    judged = person.judge(kind)
    assert (judged.told, judged.record.state, len(person.contents)) == (told, state, int(state is State.DRAFTED))
    assert house.look().outcomes == ()


def _held_as_unsure(house: House, wanted: frozenset[VerdictKind]) -> Person:
    """With an invitation whose note nobody can judge."""
    house.account = replace(house.account, policy=Policy(draft_for=wanted))
    house.deliver(in_own_words(note="Xxxxx Xxxxx, xx xxxx xxx xxxxx xxxxxxxx xx xxxx xxxxxx. Xxxx xxxxxxx"))
    house.look()
    person = Person(house)
    assert (person.row.state, person.verdict().kind) == (State.HELD, UNSURE)
    return person


def test_what_was_not_wanted_is_drafted_where_the_persons_verdict_is(house: House) -> None:
    house.account = replace(house.account, policy=Policy(draft_for=frozenset({PERSONALISED})))
    house.deliver(NO_NOTE)
    house.look()
    person = Person(house)
    assert person.row.state is State.SKIPPED
    assert person.judge(PERSONALISED).told == "its draft was made"
    assert (len(person.contents), person.template()) == (1, "personalised")


def test_what_is_not_proven_stays_held(house: House) -> None:
    house.deliver(NO_NOTE.replace(b"dkim=pass", b"dkim=none").replace(b"dmarc=pass", b"dmarc=none"))
    house.look()
    person = Person(house)
    judged = person.judge(PERSONALISED)
    assert judged.told.startswith("it gets no draft: not proven genuine")
    assert (judged.record.state, person.verdict().kind, person.contents) == (State.HELD, PERSONALISED, [])
    house.look(Wish(held=True), strictness=Strictness.WARN)
    assert (person.verdict().kind, person.template()) == (PERSONALISED, "personalised")


def test_a_second_one_of_the_same_person_gets_no_second_draft(house: House) -> None:
    house.deliver(DEFAULT)
    house.look()
    house.deliver(DEFAULT.replace(b"<2.102.", b"<2.999.").replace(b"7300000000000000002", b"7300000000000000992"))
    house.look()
    person = Person(house)
    assert house.states()[1] is State.SKIPPED
    assert "invited within 90 days before" in person.judge(PERSONALISED, 2).told
    assert len(person.contents) == 1


# --------------------------------------------------------------------------------------------------- from then on


@pytest.mark.parametrize("note", [WORDS, NEARLY, WORDS.upper()])
def test_the_next_note_with_these_words_is_judged_as_the_person_did(house: House, note: str) -> None:
    person = _judged_otherwise(house)
    said = person.verdict().kind
    house.deliver(in_own_words(6, note=note))
    (outcome,) = house.look().outcomes
    verdict = outcome.reading.verdict
    assert verdict is not None
    assert (verdict.kind, verdict.evidence[0].why.startswith("you judged")) == (said, True)
    assert "same words" in verdict.evidence[0].why
    assert (outcome.state, person.verdict(2)) == (State.DRAFTED, verdict)


def _judged_otherwise(house: House) -> Person:
    house.deliver(in_own_words(note=WORDS))
    house.look()
    person = Person(house)
    person.judge(_other(person.verdict().kind))
    return person


def test_another_note_is_not(house: House) -> None:
    _judged_otherwise(house)
    house.deliver(in_own_words(6, note=f"{WORDS}. PS: you asked me for the slides of my talk in Ghent on bounces"))
    verdict = house.look().outcomes[0].reading.verdict
    assert verdict is not None
    assert not [one for one in verdict.evidence if one.why.startswith("you judged")]


def test_a_word_on_no_note_or_a_default_sentence_judges_no_other(house: House) -> None:
    for mail, again in ((NO_NOTE, "08"), (DEFAULT, "09")):
        house.deliver(mail)
        house.look()
        person = Person(house)
        person.judge(PERSONALISED, len(house.states()))
        assert {one.words for one in house.ledger.corrections("me@example.test")} == {""}
        names = (b"Ottoline Marsh", b"ottoline-marsh", b"Caspian Doyle", b"caspian-doyle")
        other = mail.replace(b"73000000000000000", b"7300000000000%s" % again.encode() + b"00").replace(b"<", b"<9", 1)
        for name in names:
            other = other.replace(name, b"Wanda" + again.encode() + name[-4:])
        house.deliver(other)
        verdict = house.look().outcomes[-1].reading.verdict
        assert verdict is not None
        assert verdict.kind is GENERIC


def test_what_waits_over_the_cap_is_judged_so_too(house: House) -> None:
    notes = [in_own_words(number, note=WORDS) for number in range(1, 4)]
    house.deliver(*notes)
    house.look(drafts_per_pass=1)
    person = Person(house)
    assert house.states() == [State.DRAFTED, State.SEEN, State.SEEN]
    person.judge(_other(person.verdict().kind))
    house.look()
    assert house.states() == [State.DRAFTED] * 3
    assert {person.verdict(number).kind for number in (1, 2, 3)} == {person.verdict().kind}
    assert {row.draft.intent.template for row in house.ledger.listing() if row.draft} == {person.template()}


def test_a_dry_run_hears_it_and_changes_nothing(house: House) -> None:
    person = _judged_otherwise(house)
    house.deliver(in_own_words(6, note=WORDS))
    (outcome,) = house.look(Wish(dry_run=True)).outcomes
    assert outcome.reading.verdict is not None
    assert outcome.reading.verdict.kind is person.verdict().kind
    assert len(house.states()) == 1


def test_the_persons_word_wins_over_a_language_model_which_is_not_even_asked(house: House) -> None:
    person = _judged_otherwise(house)
    said = person.verdict().kind
    ground = Ground.MET if said is GENERIC else Ground.FLATTERY
    model = ModelInMemory(says(ground))
    second = SecondJudge(model, KeptInMemory(), lambda: b"s" * 16, b"k" * 32, RECIPIENT, timedelta(seconds=30), 100)
    house.deliver(in_own_words(6, note=NEARLY))
    report = run_pass(house.account, replace(person.ports(), second=second, templates=FileTemplates()))
    verdict = report.outcomes[0].reading.verdict
    assert verdict is not None
    assert (verdict.kind, model.asked) == (said, [])


def test_a_pass_that_finds_nothing_new_asks_nothing_of_the_ledger(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _judged_otherwise(house)

    def refuse(_account: str) -> tuple[()]:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(house.ledger, "corrections", refuse)
    monkeypatch.setattr(house.ledger, "known", refuse)
    assert house.look().outcomes == ()
    assert house.look(Wish(since=house.clock.now().date())).outcomes == ()


# --------------------------------------------------------------------------------------------------------- the report


def test_a_report_shows_how_often_the_person_thought_otherwise(house: House) -> None:
    house.deliver(NO_NOTE, DEFAULT, in_own_words(note=WORDS))
    house.look()
    person = Person(house)
    thought = person.verdict(3).kind
    moves: list[tuple[int, VerdictKind]] = [(1, PERSONALISED), (2, PERSONALISED), (2, GENERIC), (3, _other(thought))]
    for number, kind in moves:
        person.judge(kind, number)
    counted = report(house.ledger.listing(), (), house.ledger.corrections("me@example.test")).corrections
    expected: dict[str, dict[str, int]] = {"generic": {"personalised": 1}}
    was, became = str(thought), str(_other(thought))
    expected.setdefault(was, {})[became] = expected.get(was, {}).get(became, 0) + 1
    assert counted == expected
    assert report([], (), house.ledger.corrections("me@example.test")).corrections == {}
