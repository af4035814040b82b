"""What a person's commands do to drafts: never two that live, never one removed that is not ours."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from builders import NOW, a_sighting
from cycle.desk import Desk, WatchedRemoval, edited
from cycle.house import NO_NOTE, House
from twins.mailbox import StoredFolder, StoredMail

from watcher import review
from watcher.adapters.ledger import open_ledger
from watcher.domain import message
from watcher.domain.lifecycle import CAN_BE_LEFT, By, State
from watcher.domain.plan import Policy
from watcher.domain.traces import ABSENT_FOR
from watcher.errors import GiveUp, NotStored, TryAgain
from watcher.ports import Record
from watcher.steps.drafting import QUIET


def _raise(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
def uncertain(house: House) -> Desk:
    """With one draft of which nobody knows whether it was made. It was not."""
    house.deliver(NO_NOTE)
    house.store.lose_tails = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_tails = False
    house.clock.wait(QUIET)
    house.look()
    assert house.states() == [State.UNCERTAIN]
    return Desk(house)


# -------------------------------------------------------------------------------------------------------------- discard


def test_an_untouched_draft_is_removed_and_nothing_else(desk: Desk) -> None:
    own = desk.put(b"Subject: a letter\r\n\r\nDear Nell\r\n")
    record = desk.discard()
    assert (record.state, record.reason, record.history[-1].by) == (State.DISCARDED, "removed", By.PERSON)
    assert list(desk.house.drafts) == [own]
    assert desk.house.look().summary.drafted == 0
    assert list(desk.house.drafts) == [own]


def test_an_edited_draft_is_the_persons(desk: Desk) -> None:
    edited = desk.edit()
    for _ in range(2):
        with pytest.raises(GiveUp, match="it is yours"):
            desk.discard()
        assert (desk.contents, desk.row.state) == ([edited], State.EDITED)


def test_a_draft_that_is_being_edited_is_left_alone(desk: Desk) -> None:
    desk.put(edited(desk.contents[0]))  # the old one is still there
    before = desk.contents
    with pytest.raises(GiveUp, match="another draft"):
        desk.discard()
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


@pytest.mark.parametrize("when", ["on_removal", "after_removal"])
def test_one_that_is_edited_at_the_same_moment_stays(desk: Desk, when: str) -> None:
    written: list[bytes] = []

    def edit() -> None:
        written.append(desk.edit() if desk.house.drafts else edited(content))
        if not desk.house.drafts:
            desk.put(written[-1])

    content = desk.contents[0]
    setattr(desk, when, edit)
    with pytest.raises(GiveUp, match="it is yours"):
        desk.discard()
    assert (desk.contents, desk.row.state) == (written, State.EDITED)


def test_what_was_sent_cannot_be_discarded(desk: Desk) -> None:
    (uid,) = desk.house.drafts
    desk.put(desk.house.drafts.pop(uid).content, "Sent")
    with pytest.raises(GiveUp, match="stands in Sent"):
        desk.discard()
    assert desk.row.state is State.SENT


def test_one_that_is_gone_already_is_discarded_by_word(desk: Desk) -> None:
    desk.house.drafts.clear()
    assert desk.discard().reason == "it was no longer in Drafts"
    assert desk.row.state is State.DISCARDED


def test_a_server_that_changes_what_it_takes_in_keeps_its_draft(house: House) -> None:
    house.store.alters = b"X-Stamp: 1\r\n"
    house.deliver(NO_NOTE)
    house.look()
    desk = Desk(house)
    before = desk.contents
    for command in (desk.discard, desk.redraft):
        with pytest.raises(GiveUp, match=r"not octet for octet.*delete it yourself"):
            command()
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


def test_without_uidplus_the_person_is_told_to_do_it(desk: Desk) -> None:
    desk.house.store.knows_uids = False
    before = desk.contents
    for command in (desk.discard, desk.redraft):
        with pytest.raises(GiveUp, match="delete it yourself"):
            command()
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


def test_in_a_rebuilt_folder_it_is_known_by_name_and_octets(house: House) -> None:
    house.store.folders["Drafts"].uidnext = 100
    house.deliver(NO_NOTE)
    house.look()
    desk = Desk(house)
    content = desk.contents[0]
    desk.house.store.folders["Drafts"] = StoredFolder()
    desk.put(content)
    assert desk.discard().reason == "removed"
    assert desk.contents == []


def test_an_uncertain_one_is_left_as_it_is(uncertain: Desk) -> None:
    own = uncertain.put(b"Subject: a letter\r\n\r\nDear Nell\r\n")
    assert uncertain.discard().state is State.DISCARDED
    assert list(uncertain.house.drafts) == [own]
    assert uncertain.house.look().summary.drafted == 0


def test_what_has_no_draft_has_none_to_discard(house: House) -> None:
    house.deliver(NO_NOTE)
    house.account = replace(house.account, policy=Policy(skip=frozenset({"linkedin.com"})))
    house.look()
    with pytest.raises(GiveUp, match="is skipped: it has no draft"):
        Desk(house).discard()


@pytest.mark.parametrize("state", sorted(CAN_BE_LEFT))
def test_what_is_held_or_could_not_be_read_is_left_by_word(house: House, state: State) -> None:
    row = house.ledger.record(a_sighting(account=house.account.name), state, "why", NOW)
    assert Desk(house).discard().state is State.SKIPPED
    assert review.find(house.ledger, row.id).history[-1].reason == "you left it"
    other = house.ledger.record(a_sighting(account=house.account.name, key="other"), state, "why", NOW)
    assert review.leave(other.id, house.ledger, house.clock).state is State.SKIPPED
    with pytest.raises(GiveUp, match="is skipped"):
        review.leave(other.id, house.ledger, house.clock)


# -------------------------------------------------------------------------------------------------------------- redraft


def test_a_redraft_takes_the_place_of_the_old_one(desk: Desk) -> None:
    old = desk.contents[0]
    record = desk.redraft("unsure")
    assert record.draft is not None
    intent = record.draft.intent
    assert (record.state, intent.revision, intent.template) == (State.DRAFTED, 2, "unsure")
    assert desk.contents == [intent.content]
    names = {message.parse(content).message_id for content in (old, intent.content)}
    assert len(names) == 2
    assert [(move.end, move.by) for move in record.history[-3:]] == [
        (State.DISCARDED, By.PERSON), (State.INTENDED, By.PERSON), (State.DRAFTED, By.PROGRAM),
    ]  # fmt: skip
    assert desk.redraft().state is State.DRAFTED
    assert len(desk.contents) == 1


def test_what_was_discarded_is_drafted_anew(desk: Desk) -> None:
    desk.discard()
    for command in (desk.redraft, desk.discard, desk.draft):
        assert command().state is (State.DISCARDED if command == desk.discard else State.DRAFTED)
    assert len(desk.contents) == 1


@pytest.mark.parametrize("command", ["redraft", "draft"])
def test_one_that_lies_there_again_is_not_doubled(desk: Desk, command: str) -> None:
    mail = dict(desk.house.drafts)
    desk.discard()
    desk.house.drafts.update(mail)  # the mail program took it back
    assert getattr(desk, command)().state is State.DRAFTED
    assert len(desk.contents) == 1


def test_a_template_that_is_none_removes_nothing(desk: Desk) -> None:
    before = desk.contents
    with pytest.raises(GiveUp, match="nothing-like-it"):
        desk.redraft("nothing-like-it")
    assert (desk.contents, desk.row.state) == (before, State.DRAFTED)


def test_an_edited_draft_is_not_drafted_anew(desk: Desk) -> None:
    edited = desk.edit()
    for _ in range(2):
        with pytest.raises(GiveUp, match="yours"):
            desk.redraft()
        assert (desk.contents, desk.row.state) == ([edited], State.EDITED)


@pytest.mark.parametrize("when", ["on_removal", "after_removal"])
def test_one_that_is_edited_in_the_middle_of_a_redraft_gets_no_second(desk: Desk, when: str) -> None:
    content = desk.contents[0]

    def edit() -> None:
        desk.house.drafts.clear()
        desk.put(edited(content))

    setattr(desk, when, edit)
    with pytest.raises(GiveUp):
        desk.redraft()
    assert desk.contents == [edited(content)]
    desk.on_removal = desk.after_removal = lambda: None
    with pytest.raises(GiveUp, match="yours"):
        desk.redraft()
    assert desk.contents == [edited(content)]


def test_one_that_is_marked_as_deleted_in_the_middle_gets_no_second(desk: Desk) -> None:
    (uid,) = desk.house.drafts
    content = desk.contents[0]

    def mark() -> None:
        desk.house.drafts[uid] = StoredMail(content, desk.house.clock.now(), frozenset({"\\Deleted"}))

    desk.on_removal = mark
    with pytest.raises(GiveUp, match="just now"):
        desk.redraft()
    assert (list(desk.house.drafts), desk.row.state) == ([uid], State.DRAFTED)


def test_what_is_gone_is_first_discarded_by_word(desk: Desk) -> None:
    desk.house.drafts.clear()
    with pytest.raises(GiveUp, match="watcher discard 1"):
        desk.redraft()
    desk.discard()
    assert desk.redraft().state is State.DRAFTED


def test_what_never_had_a_draft_has_none_to_replace(uncertain: Desk) -> None:
    with pytest.raises(GiveUp, match="`watcher draft` makes it"):
        uncertain.redraft()


# ------------------------------------------------------------------------------- what breaks in the middle of a redraft


def _lost_after_removal(desk: Desk) -> None:
    desk.after_removal = _raise(TryAgain("the connection was lost"))


def _lost_before_the_intent(desk: Desk) -> None:
    ledger = desk.house.ledger

    def fail(*_: object, **__: object) -> Record:
        raise TryAgain("the disk is full")

    ledger.intend = fail  # type: ignore[method-assign]


def _store(**changes: object) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        for name, value in changes.items():
            setattr(desk.house.store, name, value)

    return change


@pytest.mark.parametrize(
    "breaks",
    [
        _lost_after_removal,
        _lost_before_the_intent,
        _store(busy="try again later"),
        _store(refuse="no"),
        _store(lose_answers=True),
        _store(lose_tails=True),
    ],
    ids=["after the removal", "before the intent", "busy", "refused", "the answer is lost", "the draft is lost"],
)
@pytest.mark.parametrize("passes_follow", [False, True])
def test_whatever_breaks_the_person_gets_exactly_one(
    desk: Desk, breaks: Callable[[Desk], None], passes_follow: bool
) -> None:
    breaks(desk)
    with pytest.raises((TryAgain, GiveUp)):
        desk.redraft()
    assert len(desk.contents) <= 1
    _mend(desk)
    for _ in range(4 if passes_follow else 0):
        desk.house.clock.wait(ABSENT_FOR)
        desk.house.look()
        assert len(desk.contents) <= 1
    _until_drafted(desk)
    assert (len(desk.contents), desk.row.state) == (1, State.DRAFTED)
    draft = desk.row.draft
    assert draft is not None
    assert desk.contents == [draft.intent.content]


def _mend(desk: Desk) -> None:
    desk.after_removal = lambda: None
    desk.house.ledger.__dict__.pop("intend", None)
    _store(busy="", refuse="", lose_answers=False, lose_tails=False)(desk)


def _until_drafted(desk: Desk) -> None:
    """What a person does who reads what the program says."""
    for _ in range(5):
        match desk.row.state:
            case State.DRAFTED:
                if desk.contents:
                    return
                desk.discard()
            case State.DISCARDED:
                desk.redraft()
            case State.UNCERTAIN:
                desk.draft()
            case State.INTENDED:
                desk.house.clock.wait(QUIET)
                desk.house.look()


@pytest.mark.parametrize("trouble", [{"refuse": "no"}, {"busy": "later"}])
def test_what_the_server_refuses_leads_back_to_where_it_was(desk: Desk, trouble: dict[str, str]) -> None:
    _store(**trouble)(desk)
    with pytest.raises(GiveUp if "refuse" in trouble else NotStored):
        desk.redraft()
    assert (desk.row.state, desk.contents) == (State.DISCARDED, [])
    _mend(desk)
    assert desk.house.look().summary.drafted == 0
    assert desk.redraft().draft is not None
    assert len(desk.contents) == 1


# ---------------------------------------------------------------------------------------------------------------- draft


def test_an_uncertain_one_is_made_when_the_person_says_so(uncertain: Desk) -> None:
    record = uncertain.draft()
    assert record.draft is not None
    assert (record.state, record.draft.intent.revision, len(uncertain.contents)) == (State.DRAFTED, 2, 1)


def test_an_uncertain_one_that_is_there_after_all_is_not_made_again(uncertain: Desk) -> None:
    draft = uncertain.row.draft
    assert draft is not None
    uid = uncertain.put(draft.intent.content)
    record = uncertain.draft()
    assert record.draft is not None
    assert (record.state, record.draft.uid, len(uncertain.contents)) == (State.DRAFTED, uid, 1)


@pytest.mark.parametrize(("folder", "state"), [("Drafts", State.EDITED), ("Sent", State.SENT)])
def test_an_uncertain_one_that_was_changed_or_sent_is_not_made_again(
    uncertain: Desk, folder: str, state: State
) -> None:
    draft = uncertain.row.draft
    assert draft is not None
    uncertain.put(edited(draft.intent.content), folder)
    assert uncertain.draft().state is state
    assert len(uncertain.contents) == (folder == "Drafts")


def test_what_the_server_refuses_of_an_uncertain_one_stays_uncertain(uncertain: Desk) -> None:
    uncertain.house.store.refuse = "no"
    with pytest.raises(GiveUp, match="refused"):
        uncertain.draft()
    assert uncertain.row.state is State.UNCERTAIN


def test_what_was_skipped_is_drafted_when_the_person_says_so(house: House) -> None:
    house.deliver(NO_NOTE)
    whole = house.account
    house.account = replace(whole, policy=Policy(skip=frozenset({"linkedin.com"})))
    house.look()
    house.account = whole
    assert Desk(house).draft().state is State.DRAFTED
    with pytest.raises(GiveUp, match="has its draft already"):
        Desk(house).draft()
    assert len(house.drafts) == 1


@pytest.mark.parametrize("folder", ["Drafts", "Sent"])
def test_what_was_answered_already_gets_no_draft(desk: Desk, tmp_path: Path, folder: str) -> None:
    # The ledger was lost: the draft of the one before lies there, or was sent.
    (uid,) = desk.house.drafts
    mail = desk.house.drafts.pop(uid)
    desk.put(mail.content, folder)
    ledger = open_ledger(f"sqlite:///{tmp_path}/new/ledger.sqlite")
    fresh = House(ledger, store=desk.house.store, clock=desk.house.clock)
    fresh.look()
    assert fresh.states() == [State.SKIPPED]
    with pytest.raises(GiveUp, match=f"stands in {folder} already"):
        Desk(fresh).draft()
    ledger.close()


def test_a_row_of_another_mailbox_is_not_touched(desk: Desk) -> None:
    other = replace(desk.house.account, voice=replace(desk.house.account.voice, account="other@example.test"))
    ports = desk.ports()
    with pytest.raises(GiveUp, match="belongs to the mailbox"):
        review.discard(1, other, ports, WatchedRemoval(desk, ports))
    assert len(desk.contents) == 1
