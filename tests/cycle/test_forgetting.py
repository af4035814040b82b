"""What a person has forgotten: whom that finds, what becomes of what waits, and that no mail gets a second draft."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import a_reading, a_sighting, an_intent, an_invitation
from cycle.desk import Desk
from cycle.house import AGAIN, DEFAULT, GERMAN, NO_NOTE, NOW, REMINDER, SAMPLES, House
from hypothesis import given
from hypothesis import strategies as st

from watcher import review
from watcher.domain import forgotten
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Inviter
from watcher.errors import GiveUp
from watcher.person import forgetting
from watcher.person.forgetting import Traces

ME = "me@example.test"
OTTOLINE = "https://www.linkedin.com/in/ottoline-marsh"
GUEST = SAMPLES["09-guest-by-own-address.eml"]


def _forget(house: House, traces: Traces) -> None:
    forgetting.forget(traces, house.account.voice.secret, house.ledger, house.clock)


def _of(house: House, person: str) -> Traces:
    return forgetting.of_person(person, house.ledger, [ME])


def _numbers(traces: Traces) -> list[int]:
    return sorted(row.id for row in traces.rows)


# ------------------------------------------------------------------------------------------------------ never a second


def test_the_same_mail_in_another_folder_with_other_uids_gets_no_second_draft(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    _forget(house, _of(house, "Ottoline Marsh"))
    house.drafts.clear()
    house.store.folders["INBOX"].uidvalidity += 1
    house.deliver(NO_NOTE)
    assert house.look().outcomes == ()
    assert len(house.drafts) == 0
    (row,) = house.ledger.listing()
    assert forgotten.is_forgotten(row.reading)
    assert row.state is State.DRAFTED


def test_a_reminder_of_the_same_invitation_gets_none_either(house: House) -> None:
    house.deliver(DEFAULT)
    house.look()
    _forget(house, _of(house, "Caspian Doyle"))
    house.deliver(REMINDER)
    house.look()
    assert len(house.drafts) == 1


def test_who_comes_again_later_is_a_new_person(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    _forget(house, _of(house, OTTOLINE))
    house.deliver(AGAIN)
    (outcome,) = house.look().outcomes
    assert outcome.state is State.DRAFTED


def test_nothing_can_be_drafted_to_nobody(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    desk = Desk(house)
    desk.discard()
    _forget(house, _of(house, OTTOLINE))
    for command in (desk.draft, desk.redraft, lambda: review.know(1, house.ledger, house.clock)):
        with pytest.raises(GiveUp):
            command()
    assert desk.contents == []


def test_the_draft_of_somebody_forgotten_is_the_persons_to_delete(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    desk = Desk(house)
    _forget(house, _of(house, OTTOLINE))
    for command in (desk.draft, desk.redraft, desk.discard):
        with pytest.raises(GiveUp, match=r"you had no\. 1 forgotten"):
            command()
    assert len(desk.contents) == 1


# --------------------------------------------------------------------------------------------------------------- whom


@pytest.mark.parametrize(
    "person", ["Ottoline Marsh", "OTTOLINE  MARSH", OTTOLINE, "linkedin.com/in/Ottoline-Marsh/?trk=x"]
)
def test_one_person_is_found_with_all_that_is_kept_of_them(house: House, person: str) -> None:
    house.deliver(NO_NOTE, AGAIN, GERMAN)
    house.look()
    assert _numbers(_of(house, person)) == [1, 2]


def test_an_address_finds_who_writes_from_it(house: House) -> None:
    house.deliver(NO_NOTE, GUEST)
    house.look()
    assert _numbers(_of(house, "Leocadia.Finch@example.org")) == [2]


def test_namesakes_with_another_profile_are_found_by_the_name_alone(house: House) -> None:
    for number, profile in enumerate(["one", "two"], start=1):
        inviter = Inviter("Tilda Moreau", "Tilda", None, None, f"https://www.linkedin.com/in/{profile}")
        found = an_invitation(inviter=inviter)
        house.ledger.record(a_sighting(key=f"k{number}", reading=a_reading(found=found)), State.SKIPPED, "", NOW)
    assert _numbers(_of(house, "Tilda Moreau")) == [1, 2]
    assert _numbers(_of(house, "https://www.linkedin.com/in/two")) == [2]


def test_whom_the_person_said_to_know_goes_with_them(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    others = ("caspian doyle", "someone@example.org")
    for person in (OTTOLINE, "ottoline marsh", *others):
        house.ledger.know(ME, person, NOW)
    _forget(house, _of(house, "Ottoline Marsh"))
    assert house.ledger.known(ME) == others


def test_who_was_known_and_never_invited_is_forgotten_too(house: House) -> None:
    house.ledger.know(ME, "someone@example.org", NOW)
    _forget(house, _of(house, "someone@example.org"))
    assert house.ledger.known(ME) == ()


def test_another_mailbox_is_left_alone(house: House) -> None:
    house.ledger.record(a_sighting(account="other@example.test"), State.HELD, "", NOW)
    assert _of(house, "Tilda Moreau") == Traces()


def test_what_names_nobody_is_refused(house: House) -> None:
    with pytest.raises(GiveUp, match="names nobody"):
        _of(house, "  ")


def test_the_old_ones_are_those_received_before(house: House) -> None:
    for days in (10, 30, 31, 400):
        sighting = a_sighting(key=f"k{days}", received=NOW - timedelta(days=days))
        house.ledger.record(sighting, State.SKIPPED, "", NOW)
    traces = forgetting.older_than(NOW - timedelta(days=30), house.ledger, [ME])
    assert _numbers(traces) == [3, 4]
    _forget(house, traces)
    assert forgetting.older_than(NOW - timedelta(days=30), house.ledger, [ME]) == Traces()


# ------------------------------------------------------------------------------------------------------ what waits


@pytest.mark.parametrize(("start", "end"), [(State.SEEN, State.SKIPPED), (State.HELD, State.SKIPPED)])
def test_what_waits_gets_no_draft(house: House, start: State, end: State) -> None:
    row = house.ledger.record(a_sighting(), start, "", NOW)
    _forget(house, _of(house, "Tilda Moreau"))
    assert review.find(house.ledger, row.id).state is end


def test_an_uncertain_one_is_left_as_it_is(house: House) -> None:
    row = house.ledger.record(a_sighting(), State.SEEN, "", NOW)
    lease = house.ledger.lease(ME, NOW)
    house.ledger.intend(row.id, an_intent(), lease)
    house.ledger.release(lease)
    house.ledger.move(row.id, State.UNCERTAIN, "", NOW)
    _forget(house, _of(house, "Tilda Moreau"))
    assert review.find(house.ledger, row.id).state is State.DISCARDED


def test_one_whose_draft_is_on_its_way_is_left_for_the_next_time(house: House) -> None:
    row = house.ledger.record(a_sighting(), State.SEEN, "", NOW)
    lease = house.ledger.lease(ME, NOW)
    intended = house.ledger.intend(row.id, an_intent(), lease)
    house.ledger.release(lease)
    traces = _of(house, "Tilda Moreau")
    assert (traces.rows, [left.id for left in traces.left]) == ((), [row.id])
    _forget(house, traces)
    assert house.ledger.show(row.id) == intended


def test_what_happened_while_the_person_was_asked_counts(house: House) -> None:
    """A pass may come in between: its draft on the way needs its row, and one that it made waits for nobody."""
    rows = [house.ledger.record(a_sighting(key=key), State.HELD, "", NOW) for key in ("k1", "k2")]
    traces = _of(house, "Tilda Moreau")
    lease = house.ledger.lease(ME, NOW)
    going, gone = (house.ledger.intend(row.id, an_intent(message_id=f"<{row.id}@x>"), lease, By.PERSON) for row in rows)
    house.ledger.drafted(gone.id, 7, NOW)
    house.ledger.release(lease)
    _forget(house, traces)
    assert house.ledger.show(going.id) == going
    erased = review.find(house.ledger, gone.id)
    assert (forgotten.is_forgotten(erased.reading), erased.state) == (True, State.DRAFTED)


def test_what_became_of_the_draft_is_noticed_all_the_same(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    _forget(house, _of(house, OTTOLINE))
    house.drafts.clear()
    house.look()
    house.clock.wait(timedelta(minutes=30))
    house.look()
    assert house.states() == [State.DISCARDED]


def test_counts_stay(house: House) -> None:
    house.deliver(NO_NOTE, GERMAN)
    house.look()
    before = house.ledger.tally()
    _forget(house, forgetting.older_than(NOW + timedelta(days=1), house.ledger, [ME]))
    assert house.ledger.tally() == before
    verdicts = [row.reading.verdict.kind for row in house.ledger.listing() if row.reading.verdict]
    assert verdicts == [VerdictKind.GENERIC, VerdictKind.GENERIC]


# ---------------------------------------------------------------------------------------------------------- the key


@given(key=st.text(), other=st.text(), account=st.text())
def test_a_key_is_hashed_once_and_for_one_mailbox_and_secret(key: str, other: str, account: str) -> None:
    hashed = forgotten.key_of(b"k" * 32, account, f"mail:{key}")
    assert forgotten.key_of(b"k" * 32, account, hashed) == hashed
    assert hashed != forgotten.key_of(b"l" * 32, account, f"mail:{key}")
    assert hashed != forgotten.key_of(b"k" * 32, account + "x", f"mail:{key}")
    assert (hashed == forgotten.key_of(b"k" * 32, account, f"mail:{other}")) is (key == other)


def test_a_mail_that_could_not_be_read_keeps_its_place() -> None:
    assert forgotten.key_of(b"k" * 32, ME, "unread:INBOX:1:2") == "unread:INBOX:1:2"


def test_a_forged_subject_does_not_make_a_row_forgotten() -> None:
    assert not forgotten.is_forgotten(replace(a_reading(), problems=(forgotten.REASON,)))
