"""What the ledger keeps of a person's word: corrections of verdicts, and whom they know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_reading, a_sighting, an_intent

from watcher.adapters.ledger import open_ledger
from watcher.domain.corrections import Correction
from watcher.domain.kinds import Because, Kind, VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Evidence, NotInvitation, Verdict
from watcher.errors import GiveUp
from watcher.ports import Ledger, Move

ME = "me@example.test"
GENERIC, PERSONALISED, UNSURE = VerdictKind.GENERIC, VerdictKind.PERSONALISED, VerdictKind.UNSURE
SAID = Verdict(PERSONALISED, Because.REASON, (Evidence("Hi 你好 \u2028", "you judged it so"),), 1.0)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def test_a_correction_changes_the_verdict_and_leaves_a_line(ledger: Ledger) -> None:
    row = ledger.record(a_sighting(), State.HELD, "not proven", NOW)
    corrected = ledger.correct(row.id, SAID, "hi 你好", LATER)
    assert corrected == ledger.show(row.id)
    assert corrected.reading == replace(row.reading, verdict=SAID)
    assert (corrected.state, corrected.reason, corrected.updated_at) == (State.HELD, "not proven", LATER)
    line = Move(LATER, State.HELD, State.HELD, By.PERSON, "you judged it personalised")
    assert corrected.history == (*row.history, line)
    assert ledger.corrections(ME) == (Correction(row.id, "hi 你好", GENERIC, PERSONALISED, LATER),)


def test_the_newest_word_counts_and_what_the_program_thought_at_first(ledger: Ledger) -> None:
    row = ledger.record(a_sighting(), State.SKIPPED, "", NOW)
    ledger.correct(row.id, SAID, "words", NOW)
    ledger.correct(row.id, replace(SAID, kind=GENERIC), "other words", LATER)
    (kept,) = ledger.corrections(ME)
    assert kept == Correction(row.id, "other words", GENERIC, GENERIC, LATER)
    assert not kept.is_change


def test_they_come_newest_first_and_of_one_account(ledger: Ledger) -> None:
    numbers = []
    for day, key, account in ((0, "a", ME), (2, "b", ME), (1, "c", ME), (3, "d", "other@example.test")):
        row = ledger.record(a_sighting(account=account, key=key), State.SKIPPED, "", NOW)
        ledger.correct(row.id, SAID, key, NOW + timedelta(days=day))
        numbers.append(row.id)
    assert [one.invitation for one in ledger.corrections(ME)] == [numbers[1], numbers[2], numbers[0]]
    assert [one.words for one in ledger.corrections("other@example.test")] == ["d"]
    assert ledger.corrections("nobody@example.test") == ()


def test_what_was_never_judged_cannot_be_corrected(ledger: Ledger) -> None:
    nothing = a_reading(found=NotInvitation(Kind.OTHER, "unreadable", "en"), verdict=None, route=None)
    row = ledger.record(a_sighting(reading=nothing), State.QUARANTINED, "", NOW)
    for number in (row.id, 99):
        with pytest.raises(GiveUp):
            ledger.correct(number, SAID, "", NOW)
    assert ledger.show(row.id) == row
    assert ledger.corrections(ME) == ()


def test_what_waits_takes_what_is_thought_by_now_and_leaves_no_line(ledger: Ledger) -> None:
    row = ledger.record(a_sighting(), State.SEEN, "over the cap", NOW)
    judged = ledger.judge(row.id, SAID, LATER)
    assert judged == replace(row, reading=replace(row.reading, verdict=SAID), updated_at=LATER)
    assert judged == ledger.show(row.id)
    assert ledger.corrections(ME) == ()


def test_what_has_its_outcome_is_not_judged_again(ledger: Ledger) -> None:
    row = ledger.record(a_sighting(), State.SEEN, "", NOW)
    lease = ledger.lease(ME, NOW)
    ledger.intend(row.id, an_intent(), lease)
    ledger.release(lease)
    for number in (row.id, 99):
        with pytest.raises(GiveUp):
            ledger.judge(number, SAID, NOW)
    (standing,) = ledger.unresolved(ME)
    assert standing.reading == row.reading


def test_whom_the_person_knows_is_kept_once_by_account(ledger: Ledger) -> None:
    assert ledger.known(ME) == ()
    assert [ledger.know(ME, who, NOW) for who in ("tilda moreau", "a@example.test", "tilda moreau")] == [
        True, True, False,
    ]  # fmt: skip
    assert ledger.know("other@example.test", "tilda moreau", NOW)
    assert ledger.known(ME) == ("a@example.test", "tilda moreau")
    assert [ledger.unknow(ME, "tilda moreau") for _ in range(2)] == [True, False]
    assert (ledger.known(ME), ledger.known("other@example.test")) == (("a@example.test",), ("tilda moreau",))
