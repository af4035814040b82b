"""What a person does with drafts in the mail program is noticed by the next passes, and costs no more than a look."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cycle.house import DEFAULT, GERMAN, NO_NOTE, House
from twins.mailbox import StoredFolder, StoredMail

from watcher.adapters.ledger import open_ledger
from watcher.cycle import PassReport, Wish
from watcher.domain import message
from watcher.domain.lifecycle import By, State
from watcher.domain.traces import ABSENT_FOR
from watcher.errors import Show
from watcher.ports import DraftRecord, Record
from watcher.steps.tracking import LATELY

SOON = timedelta(minutes=5)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    made = House(ledger)
    made.deliver(NO_NOTE)
    assert made.look().summary.drafted == 1
    yield made
    ledger.close()


def _row(house: House) -> Record:
    (row,) = house.ledger.listing()
    return row


def _draft(house: House) -> DraftRecord:
    draft = _row(house).draft
    assert draft is not None
    return draft


def _uid(house: House) -> int:
    (uid,) = house.drafts
    return uid


def _take_away(house: House) -> bytes:
    """The draft is gone from Drafts; its octets."""
    return house.drafts.pop(_uid(house)).content


def _put(house: House, content: bytes, folder: str = "Drafts") -> int:
    return house.store.folders[folder].add(StoredMail(content, house.clock.now()))


def _renamed(content: bytes) -> bytes:
    """The same reply under a Message-ID that the mail program gave it."""
    old = message.parse(content).message_id or ""
    return content.replace(old.encode(), b"<new@client.example>").replace(b"Hello", b"Dear you")


def _later(house: House, by: timedelta = SOON) -> PassReport:
    house.clock.wait(by)
    return house.look()


def test_an_untouched_draft_stays_drafted_and_costs_one_look_a_pass(house: House) -> None:
    for _ in range(3):
        report = _later(house)
        assert (report.noticed, _row(house).state) == ((), State.DRAFTED)
        assert report.traffic.round_trips == 2


def test_where_no_draft_may_live_nobody_asks_for_drafts(house: House) -> None:
    _take_away(house)
    _later(house)
    _later(house, ABSENT_FOR)
    assert _row(house).state is State.DISCARDED
    assert _later(house, LATELY - SOON).traffic.round_trips == 2
    assert _later(house, 2 * SOON).traffic.round_trips == 1


@pytest.mark.parametrize("renamed", [False, True])
def test_an_edited_draft_is_noticed_then_that_it_was_sent(house: House, renamed: bool) -> None:
    content = _take_away(house)
    edited = _renamed(content) if renamed else content.replace(b"Hello", b"Dear you")
    uid = _put(house, edited)
    (row,) = _later(house).noticed
    assert (row.state, _row(house).state) == (State.EDITED, State.EDITED)
    assert _later(house).noticed == ()
    del house.drafts[uid]
    _put(house, edited, "Sent")
    assert [row.state for row in _later(house).noticed] == [State.SENT]


@pytest.mark.parametrize("renamed", [False, True])
def test_a_draft_that_was_sent_as_it_was_is_noticed(house: House, renamed: bool) -> None:
    content = _take_away(house)
    _put(house, _renamed(content) if renamed else content, "Sent")
    _later(house)
    assert (_row(house).state, len(house.drafts)) == (State.SENT, 0)
    assert [move.by for move in (house.ledger.show(1) or _row(house)).history[-1:]] == [By.PROGRAM]


def test_a_draft_is_thrown_away_when_two_looks_apart_find_it_nowhere(house: House) -> None:
    _take_away(house)
    assert _later(house).noticed == ()
    assert _later(house).noticed == ()
    assert _row(house).state is State.DRAFTED
    assert [row.state for row in _later(house).noticed] == [State.DISCARDED]
    assert "neither in Drafts nor in Sent" in _row(house).reason
    assert _later(house).noticed == ()


def test_a_program_that_takes_the_old_one_away_first_makes_nothing_flap(house: House) -> None:
    content = _take_away(house)
    assert _later(house).noticed == ()
    _put(house, _renamed(content))
    assert [row.state for row in _later(house, ABSENT_FOR).noticed] == [State.EDITED]


def test_absence_is_counted_anew_after_the_draft_was_back(house: House) -> None:
    uid = _uid(house)
    mail = house.drafts.pop(uid)
    _later(house)
    house.drafts[uid] = mail
    assert _later(house).noticed == ()
    assert _draft(house).absent_since is None
    del house.drafts[uid]
    assert _later(house, ABSENT_FOR).noticed == ()
    assert _row(house).state is State.DRAFTED


def test_one_that_turns_up_after_all_is_no_longer_thrown_away(house: House) -> None:
    content = _take_away(house)
    _later(house)
    assert [row.state for row in _later(house, ABSENT_FOR).noticed] == [State.DISCARDED]
    uid = _put(house, _renamed(content))
    assert [row.state for row in _later(house).noticed] == [State.EDITED]
    _put(house, house.drafts.pop(uid).content, "Sent")
    assert [row.state for row in _later(house).noticed] == [State.SENT]


def test_a_draft_marked_as_deleted_counts_as_gone(house: House) -> None:
    uid = _uid(house)
    house.drafts[uid] = StoredMail(house.drafts[uid].content, house.clock.now(), frozenset({"\\Deleted"}))
    _put(house, b"Subject: something else\r\n\r\nDrafts has changed\r\n")
    _later(house)
    assert [row.state for row in _later(house, ABSENT_FOR).noticed] == [State.DISCARDED]


def test_in_a_rebuilt_folder_absence_proves_nothing(house: House) -> None:
    content = _take_away(house)
    house.store.folders["Drafts"] = StoredFolder()
    _later(house)
    assert (_later(house, ABSENT_FOR).noticed, _row(house).state) == ((), State.DRAFTED)
    _put(house, content)  # the same mail under another UID
    assert (_later(house).noticed, _row(house).state) == ((), State.DRAFTED)
    _put(house, _renamed(content), "Sent")
    _take_away(house)
    assert [row.state for row in _later(house).noticed] == [State.SENT]


def test_without_a_sent_folder_nobody_can_say_that_it_was_not_sent(house: House) -> None:
    house.store.sent = None
    _take_away(house)
    _later(house)
    assert (_later(house, ABSENT_FOR).noticed, _row(house).state) == ((), State.DRAFTED)


def test_drafts_named_as_the_sent_folder_is_refused(house: House) -> None:
    house.store.sent = "Drafts"
    with pytest.raises(Show, match="WATCHER_SENT_FOLDER"):
        house.look()


def test_an_uncertain_draft_that_turns_up_is_drafted(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/other/ledger.sqlite")
    house = House(ledger)
    house.deliver(NO_NOTE)
    house.store.lose_tails = True
    with pytest.raises(Exception, match="on its way"):
        house.look()
    house.store.lose_tails = False
    _later(house)
    assert (house.states(), len(house.drafts)) == ([State.UNCERTAIN], 0)
    assert _later(house).noticed == ()
    intent = _draft(house).intent
    uid = _put(house, intent.content)
    (row,) = _later(house).noticed
    assert (row.state, row.draft.uid if row.draft else None) == (State.DRAFTED, uid)
    assert len(house.drafts) == 1
    ledger.close()


def test_a_draft_put_into_a_quiet_folder_needs_no_second_look(house: House) -> None:
    house.deliver(DEFAULT, GERMAN)
    _later(house)
    state = house.store.folders["Drafts"]
    look = house.ledger.last_look("me@example.test")
    assert look is not None
    assert (look.drafts.uidnext, look.drafts.messages) == (state.uidnext, len(state.mails)) == (4, 3)


def test_a_draft_that_is_edited_while_a_pass_puts_others_is_still_noticed(house: House) -> None:
    house.deliver(DEFAULT, GERMAN)

    def edit(done: int, total: int) -> None:
        del total
        if done == 1:
            _put(house, _renamed(house.drafts.pop(1).content))

    house.clock.wait(SOON)
    house.look(Wish(progress=edit))
    assert [row.state for row in _later(house).noticed] == [State.EDITED]


def test_a_draft_that_is_edited_between_the_look_and_the_next_draft_is_still_noticed(house: House) -> None:
    house.deliver(DEFAULT)
    first = _uid(house)

    def edit() -> bool:
        if first in house.drafts:
            _put(house, _renamed(house.drafts.pop(first).content))
        return False

    house.clock.wait(SOON)
    assert house.look(Wish(stop=edit)).summary.drafted == 1
    assert [row.state for row in _later(house).noticed] == [State.EDITED]


def test_a_dry_run_notices_nothing(house: House) -> None:
    _take_away(house)
    house.clock.wait(ABSENT_FOR)
    assert house.look(Wish(dry_run=True)).noticed == ()
    assert _draft(house).absent_since is None


def test_on_a_server_without_uids_a_draft_is_known_by_its_name(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/other/ledger.sqlite")
    house = House(ledger)
    house.store.knows_uids = False
    house.deliver(NO_NOTE)
    house.look()
    assert _later(house).noticed == ()
    content = _take_away(house)
    _put(house, _renamed(content))
    assert [row.state for row in _later(house).noticed] == [State.EDITED]
    ledger.close()
