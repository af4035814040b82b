"""The ledger's promises, one by one, for every adapter of the port."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from builders import NOW, a_reading, a_sighting, an_intent, an_invitation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.adapters.ledger import open_ledger
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.lifecycle import START, By, State, legal
from watcher.domain.values import Inviter, NotInvitation
from watcher.errors import GiveUp
from watcher.ports import Drift, Intent, Ledger, Location, PassSummary, Record, Watermark

ME = "me@example.test"

# How a row comes into each state by legal moves alone.
PATHS: dict[State, tuple[State, ...]] = {
    State.SEEN: (State.SEEN,),
    State.HELD: (State.HELD,),
    State.SKIPPED: (State.SKIPPED,),
    State.QUARANTINED: (State.QUARANTINED,),
    State.INTENDED: (State.SEEN, State.INTENDED),
    State.DRAFTED: (State.SEEN, State.INTENDED, State.DRAFTED),
    State.UNCERTAIN: (State.SEEN, State.INTENDED, State.UNCERTAIN),
    State.EDITED: (State.SEEN, State.INTENDED, State.DRAFTED, State.EDITED),
    State.SENT: (State.SEEN, State.INTENDED, State.DRAFTED, State.SENT),
    State.DISCARDED: (State.SEEN, State.INTENDED, State.DRAFTED, State.DISCARDED),
    State.PASTED: (State.SEEN, State.INTENDED, State.DRAFTED, State.PASTED),
    State.ANSWERED: (State.SEEN, State.INTENDED, State.DRAFTED, State.SENT, State.ANSWERED),
    State.CLOSED: (State.SEEN, State.INTENDED, State.DRAFTED, State.SENT, State.CLOSED),
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = open_ledger(url)
    yield opened
    opened.close()


def _intend(ledger: Ledger, number: int, intent: Intent, by: By = By.PROGRAM) -> Record:
    lease = ledger.lease(ME, NOW)
    try:
        return ledger.intend(number, intent, lease, by)
    finally:
        ledger.release(lease)


def _brought_to(ledger: Ledger, state: State) -> int:
    first, *rest = PATHS[state]
    record = ledger.record(a_sighting(), first, "", NOW)
    for end in rest:
        if end is State.INTENDED:
            record = _intend(ledger, record.id, an_intent())
        else:
            record = ledger.move(record.id, end, "", NOW, By.PERSON if end is State.PASTED else By.PROGRAM)
    assert record.state is state
    return record.id


def test_a_row_comes_back_as_it_was_written(ledger: Ledger) -> None:
    sighting = a_sighting()
    record = ledger.record(sighting, State.HELD, "not proven", NOW)
    assert ledger.find(ME, sighting.key) == record
    assert ledger.show(record.id) == record
    assert (record.reading, record.location, record.received) == (sighting.reading, sighting.location, NOW)
    assert (record.state, record.reason, record.seen_at, record.draft) == (State.HELD, "not proven", NOW, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    name=st.text(),
    note=st.none() | st.text(),
    problems=st.lists(st.text(), max_size=3).map(tuple),
    kind=st.sampled_from([Kind.INVITATION, Kind.REMINDER]),
    number=st.integers(min_value=0),
)
def test_any_text_survives(
    ledger: Ledger, name: str, note: str | None, problems: tuple[str, ...], kind: Kind, number: int
) -> None:
    found = an_invitation(kind=kind, inviter=Inviter(name, ""), note=note, note_raw=note)
    sighting = a_sighting(key=f"k{number}-{name!r}", reading=a_reading(found=found, problems=problems))
    stored = ledger.record(sighting, State.SEEN, "", NOW)
    if stored.seen_at == NOW and stored.reading != sighting.reading:
        # The same key was drawn before: the row that stood already wins.
        assert ledger.find(ME, sighting.key) == stored
    else:
        assert stored.reading == sighting.reading


def test_what_is_no_invitation_can_be_kept(ledger: Ledger) -> None:
    reading = a_reading(found=NotInvitation(Kind.OTHER, "unreadable", "en"), verdict=None, route=None)
    assert ledger.record(a_sighting(reading=reading), State.QUARANTINED, "", NOW).reading == reading


def test_the_row_that_stands_already_wins(ledger: Ledger) -> None:
    first = ledger.record(a_sighting(), State.SKIPPED, "first", NOW)
    again = ledger.record(a_sighting(location=Location("Other", 2, 3)), State.HELD, "second", NOW)
    assert again == first
    assert len(ledger.listing()) == 1


@pytest.mark.parametrize("state", sorted(set(State) - START))
def test_no_row_begins_where_none_may(ledger: Ledger, state: State) -> None:
    with pytest.raises(GiveUp):
        ledger.record(a_sighting(), state, "", NOW)


@pytest.mark.parametrize(("start", "by"), list(product(State, By)))
def test_only_legal_moves_are_made(ledger: Ledger, start: State, by: By) -> None:
    number = _brought_to(ledger, start)
    for end in set(State) - {State.INTENDED}:
        if not legal(start, end, by):
            with pytest.raises(GiveUp):
                ledger.move(number, end, "", NOW, by)
    kept = ledger.show(number)
    assert kept is not None
    assert kept.state is start


@pytest.mark.parametrize(
    ("start", "end", "by"),
    [triple for triple in product(State, State, By) if legal(*triple) and triple[1] is not State.INTENDED],
)
def test_legal_moves_are_kept_with_their_history(ledger: Ledger, start: State, end: State, by: By) -> None:
    number = _brought_to(ledger, start)
    moved = ledger.move(number, end, "because", NOW, by)
    assert (moved.state, moved.reason) == (end, "because")
    last = moved.history[-1]
    assert (last.start, last.end, last.by, last.reason) == (start, end, by, "because")


def test_an_intent_is_kept_whole(ledger: Ledger) -> None:
    record = ledger.record(a_sighting(), State.SEEN, "", NOW)
    intended = _intend(ledger, record.id, an_intent())
    assert intended.state is State.INTENDED
    assert intended.draft is not None
    assert (intended.draft.intent, intended.draft.uid) == (an_intent(), None)
    assert ledger.unresolved(ME) == (replace(intended, history=()),)


def test_of_two_instances_one_intends(url: str) -> None:
    one, two = open_ledger(url), open_ledger(url)
    record = one.record(a_sighting(), State.SEEN, "", NOW)
    _intend(one, record.id, an_intent())
    with pytest.raises(GiveUp):
        _intend(two, record.id, an_intent())
    one.close()
    two.close()


def test_a_message_id_is_intended_once(ledger: Ledger) -> None:
    first = ledger.record(a_sighting(), State.SEEN, "", NOW)
    other = ledger.record(a_sighting(key="linkedin:7002"), State.SEEN, "", NOW)
    _intend(ledger, first.id, an_intent())
    with pytest.raises(GiveUp):
        _intend(ledger, other.id, an_intent())
    kept = ledger.show(other.id)
    assert kept is not None
    assert (kept.state, kept.draft) == (State.SEEN, None)


def test_a_confirmed_draft_has_its_uid(ledger: Ledger) -> None:
    number = _brought_to(ledger, State.INTENDED)
    drafted = ledger.drafted(number, 77, NOW)
    assert drafted.draft is not None
    assert (drafted.state, drafted.draft.uid, drafted.draft.drafted_at) == (State.DRAFTED, 77, NOW)


def test_a_uid_may_be_learnt_later(ledger: Ledger) -> None:
    number = _brought_to(ledger, State.INTENDED)
    ledger.drafted(number, None, NOW)
    ledger.locate(number, 78)
    kept = ledger.show(number)
    assert kept is not None
    assert kept.draft is not None
    assert kept.draft.uid == 78


def test_a_refused_draft_leaves_no_intent(ledger: Ledger) -> None:
    number = _brought_to(ledger, State.INTENDED)
    lease = ledger.lease(ME, NOW)
    refused = ledger.refused(number, State.SEEN, "over quota", lease, NOW)
    assert (refused.state, refused.draft, refused.reason) == (State.SEEN, None, "over quota")
    ledger.release(lease)
    assert _intend(ledger, number, an_intent()).state is State.INTENDED


def test_a_person_asks_for_a_second_revision(ledger: Ledger) -> None:
    number = _brought_to(ledger, State.DISCARDED)
    second = an_intent(revision=2, message_id="<draft2@example.test>")
    with pytest.raises(GiveUp):
        _intend(ledger, number, second)
    again = _intend(ledger, number, second, By.PERSON)
    assert again.draft is not None
    assert again.draft.intent == second


def test_namesakes_by_name_or_profile(ledger: Ledger) -> None:
    ledger.record(a_sighting(), State.SEEN, "", NOW)
    by_name = ledger.namesakes(ME, "  tilda   MOREAU ", None, NOW - timedelta(days=90))
    by_profile = ledger.namesakes(ME, "T.", "https://www.linkedin.com/in/tilda-moreau", NOW - timedelta(days=90))
    assert len(by_name) == len(by_profile) == 1
    assert ledger.namesakes(ME, "Tilda Moreau", None, NOW + timedelta(seconds=1)) == ()
    assert ledger.namesakes("other@example.test", "Tilda Moreau", None, NOW) == ()
    assert ledger.namesakes(ME, "Nobody", None, NOW) == ()


def test_watermarks_are_kept_by_folder(ledger: Ledger) -> None:
    assert ledger.watermark(ME, "INBOX") is None
    ledger.advance(ME, "INBOX", Watermark(2**32 - 1, 5), NOW)
    ledger.advance(ME, "INBOX", Watermark(2**32 - 1, 9), NOW)
    assert ledger.watermark(ME, "INBOX") == Watermark(2**32 - 1, 9)
    assert ledger.watermark(ME, "Other") is None


def test_failures_are_counted_by_location(ledger: Ledger) -> None:
    here, there = Location("INBOX", 1, 7), Location("INBOX", 2, 7)
    assert [ledger.failed(ME, here, "x", NOW) for _ in range(3)] == [1, 2, 3]
    assert ledger.failed(ME, there, "x", NOW) == 1


def test_listing_is_newest_first_and_by_state(ledger: Ledger) -> None:
    old = ledger.record(a_sighting(key="a", received=NOW - timedelta(days=3)), State.HELD, "", NOW)
    new = ledger.record(a_sighting(key="b"), State.SEEN, "", NOW)
    assert [record.id for record in ledger.listing()] == [new.id, old.id]
    assert [record.id for record in ledger.listing(State.HELD)] == [old.id]


@pytest.mark.parametrize("number", [-1, 0, 2, (1 << 63) - 1, 1 << 63, 10**40])
def test_a_number_that_no_row_has_shows_none(ledger: Ledger, number: int) -> None:
    ledger.record(a_sighting(), State.HELD, "", NOW)
    assert ledger.show(number) is None


def test_passes_are_kept(ledger: Ledger) -> None:
    good = PassSummary(ME, NOW, NOW, completed=True, looked_at=9, skipped={"same_person": 2})
    bad = PassSummary(ME, NOW, NOW, completed=False, problem="no answer")
    ledger.passed(good)
    ledger.passed(bad)
    assert ledger.last_pass(ME) == bad
    assert ledger.last_pass(ME, completed=True) == good
    assert ledger.last_pass("other@example.test") is None


def test_of_many_passes_the_newest_are_kept_and_the_last_that_was_completed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watcher.adapters.ledger.passes.KEPT_PASSES", 3)
    other = PassSummary("other@example.test", NOW, NOW, completed=True)
    good = PassSummary(ME, NOW, NOW, completed=True, looked_at=9)
    for summary in (other, good, *(replace(good, completed=False, problem=str(number)) for number in range(5))):
        ledger.passed(summary)
    assert ledger.failing(ME) == 3
    assert ledger.last_pass(ME, completed=True) == good
    assert ledger.last_pass("other@example.test") == other


def _intend_and_die(url: str) -> None:
    ledger = open_ledger(url)
    record = ledger.record(a_sighting(), State.SEEN, "", NOW)
    _intend(ledger, record.id, an_intent())
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_intent_survives_kill_9(url: str) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_intend_and_die, args=(url,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    reopened = open_ledger(url)
    assert [record.draft.intent for record in reopened.unresolved(ME) if record.draft] == [an_intent()]
    reopened.close()


def test_proof_is_kept(ledger: Ledger) -> None:
    reading = a_reading(authentic=Authentic.UNKNOWN)
    assert ledger.record(a_sighting(reading=reading), State.HELD, "", NOW).reading.authentic is Authentic.UNKNOWN


def test_what_is_held_takes_what_its_mail_says_now(ledger: Ledger) -> None:
    held = ledger.record(a_sighting(key="mail:<one@x>"), State.HELD, "not proven", NOW)
    proven = a_sighting(key="linkedin:7001", reading=a_reading(problems=()), location=Location("INBOX", 12, 7))
    again = ledger.reread(held.id, proven, NOW)
    assert (again.id, again.state, again.key) == (held.id, State.SEEN, "linkedin:7001")
    assert (again.reading, again.location) == (proven.reading, proven.location)
    assert again.history[-1].by is By.PERSON


def test_what_proves_to_have_a_row_already_is_skipped(ledger: Ledger) -> None:
    first = ledger.record(a_sighting(), State.SEEN, "", NOW)
    held = ledger.record(a_sighting(key="mail:<one@x>"), State.HELD, "not proven", NOW)
    again = ledger.reread(held.id, a_sighting(), NOW)
    assert (again.state, again.key, f"no. {first.id}" in again.reason) == (State.SKIPPED, "mail:<one@x>", True)


def test_only_what_is_held_is_read_again(ledger: Ledger) -> None:
    number = _brought_to(ledger, State.DRAFTED)
    with pytest.raises(GiveUp):
        ledger.reread(number, a_sighting(), NOW)


def test_signs_of_changed_mail_are_kept_once_a_mail(ledger: Ledger) -> None:
    first, second = (Drift(ME, f"<{number}@x>", "why", b"sample", NOW) for number in (1, 2))
    for drift in (first, second, first):
        ledger.drifted(drift)
    assert ledger.drifts(ME) == (second, first)
    assert ledger.drifts("other@example.test") == ()


def test_of_many_signs_of_changed_mail_the_newest_are_kept(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.adapters.ledger.passes.KEPT_DRIFTS", 2)
    for account, number in [("other@example.test", 0), *((ME, number) for number in range(4))]:
        ledger.drifted(Drift(account, f"<{number}@example.test>", "no card", b"sample", NOW))
    assert [drift.message_id for drift in ledger.drifts(ME)] == ["<3@example.test>", "<2@example.test>"]
    assert len(ledger.drifts("other@example.test")) == 1


def test_a_failure_that_was_none_leaves_nothing(ledger: Ledger) -> None:
    place = Location("INBOX", 7, 3)
    ledger.failed(ME, place, "the server broke off", NOW)
    ledger.spared(ME, place)
    assert ledger.failed(ME, place, "the server broke off", NOW) == 1
