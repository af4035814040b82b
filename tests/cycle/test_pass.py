"""One pass over a mailbox in memory: each outcome is recorded once, and the watermark moves only over what is."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import NoReturn

import pytest
from cycle.house import AGAIN, DEFAULT, GERMAN, NO_NOTE, NOW, OWN_WORDS, REMINDER, SAMPLES, House
from twins.mailbox import Store, StoredFolder, TwinMailbox

from watcher.cycle import Wish
from watcher.domain import reading
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.plan import SkipReason, Strictness
from watcher.domain.reading import Trust
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import Watermark
from watcher.steps.drafting import QUIET


def _mark(house: House) -> int:
    mark = house.ledger.watermark("me@example.test", "INBOX")
    assert mark is not None
    return mark.next_uid


def test_every_sample_comes_out_as_it_should(house: House) -> None:
    house.deliver(*SAMPLES.values())
    report = house.look()
    assert (report.summary.drafted, report.summary.held, report.summary.skipped) == (9, 1, {"same_person": 1})
    assert house.look().outcomes == ()
    assert len(house.drafts) == 9


def test_a_second_invitation_within_90_days_is_skipped(house: House) -> None:
    house.deliver(NO_NOTE)
    house.look()
    house.deliver(AGAIN)
    (outcome,) = house.look().outcomes
    assert (outcome.state, "no. 1" in outcome.reason) == (State.SKIPPED, True)


def test_a_reminder_is_drafted_where_the_first_was_never_seen(house: House) -> None:
    house.deliver(REMINDER)
    assert [one.state for one in house.look().outcomes] == [State.DRAFTED]


def test_a_reminder_of_one_that_was_drafted_adds_nothing(house: House) -> None:
    house.deliver(DEFAULT)
    house.look()
    house.deliver(REMINDER)
    house.look()
    assert len(house.drafts) == 1


def test_copies_in_several_folders_make_one_draft(house: House) -> None:
    house.store.folders["Network"] = type(house.store.folders["INBOX"])()
    house.account = replace(house.account, folders=("INBOX", "Network"))
    house.deliver(DEFAULT)
    house.deliver(DEFAULT, folder="Network")
    house.look()
    assert len(house.drafts) == 1


def test_the_answer_is_in_the_language_of_the_mail_where_the_person_answers_in_it(house: House) -> None:
    house.deliver(GERMAN)
    assert "vielen Dank" in _draft_text(house)
    house.store = Store()
    house.account = replace(house.account, voice=replace(house.account.voice, account="two", languages=("en",)))
    house.deliver(GERMAN)
    assert "Thank you" in _draft_text(house)


def _draft_text(house: House) -> str:
    house.look()
    (draft,) = house.drafts.values()
    return draft.content.decode()


def test_old_mail_is_left_alone_at_the_first_pass(house: House) -> None:
    house.deliver(NO_NOTE, received=NOW - timedelta(days=15))
    house.deliver(DEFAULT, received=NOW - timedelta(days=13))
    assert [one.reading.source.subject for one in house.look().outcomes] == [
        "Robin, please add me to your LinkedIn network"
    ]


def test_old_mail_that_is_copied_here_later_is_left(house: House) -> None:
    house.look()
    house.clock.wait(timedelta(days=30))
    house.deliver(_dated(NO_NOTE, house.clock.now() - timedelta(days=45)))
    house.deliver(_dated(DEFAULT, house.clock.now() - timedelta(days=29)))
    report = house.look()
    assert [one.skipped for one in report.outcomes] == [SkipReason.OLD, None]
    assert house.states() == [State.SKIPPED, State.DRAFTED]


def test_a_mailbox_that_moved_to_another_server_makes_no_flood(house: House) -> None:
    mails = [_dated(NO_NOTE, NOW - timedelta(days=3)), _dated(DEFAULT, NOW - timedelta(days=300))]
    house.deliver(mails[0], received=NOW - timedelta(days=3))
    house.deliver(mails[1], received=NOW - timedelta(days=300))
    house.look()
    house.clock.wait(timedelta(days=1))
    house.store.folders["INBOX"] = StoredFolder(uidvalidity=99)
    house.deliver(*mails)
    report = house.look()
    assert [one.skipped for one in report.outcomes] == [SkipReason.OLD]
    assert len(house.drafts) == 1


def _dated(mail: bytes, at: datetime) -> bytes:
    return re.sub(rb"(?m)^Date: .*$", b"Date: " + format_datetime(at).encode(), mail, count=1)


def test_a_look_back_of_0_days_starts_now(house: House) -> None:
    house.account = replace(house.account, look_back=timedelta(0))
    house.deliver(NO_NOTE)
    assert house.look().outcomes == ()
    house.deliver(DEFAULT)
    assert len(house.look().outcomes) == 1


def test_since_looks_further_back_and_leaves_the_watermark(house: House) -> None:
    house.deliver(NO_NOTE, received=NOW - timedelta(days=40))
    house.look()
    before = _mark(house)
    report = house.look(Wish(since=date(2026, 10, 1)))
    assert (report.summary.drafted, _mark(house)) == (1, before)


def test_what_is_over_the_cap_waits_for_the_next_pass(house: House) -> None:
    uids = house.deliver(NO_NOTE, DEFAULT, OWN_WORDS)
    first = house.look(drafts_per_pass=2)
    assert ([one.state for one in first.outcomes], _mark(house)) == ([*[State.DRAFTED] * 2, State.SEEN], uids[2])
    second = house.look(drafts_per_pass=2)
    assert (second.summary.drafted, _mark(house)) == (1, uids[2] + 1)


def test_verdicts_that_are_not_wanted(house: House) -> None:
    house.deliver(NO_NOTE, OWN_WORDS)
    house.look(draft_for=frozenset({VerdictKind.PERSONALISED}))
    assert house.states() == [State.SKIPPED, State.DRAFTED]


def test_a_lost_answer_is_not_answered_with_a_second_append(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.lose_answers = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_answers = False
    assert (house.states(), len(house.drafts)) == ([State.INTENDED], 1)
    report = house.look()
    assert (house.states(), len(house.drafts), report.summary.drafted) == ([State.DRAFTED], 1, 1)


def _killed_before_the_append(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(TwinMailbox, "append_draft", killed)
        with pytest.raises(KeyboardInterrupt):
            house.look()


def test_an_append_that_never_began_is_made_after_the_quiet_period(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.deliver(NO_NOTE)
    _killed_before_the_append(house, monkeypatch)
    house.look()
    assert house.states() == [State.INTENDED]
    house.clock.wait(QUIET)
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.DRAFTED], 1)


def test_a_clock_that_was_set_back_keeps_no_draft_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deliver(NO_NOTE)
    _killed_before_the_append(house, monkeypatch)
    house.clock.wait(-timedelta(days=300))
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.DRAFTED], 1)


def test_an_append_that_is_made_again_and_refused_has_its_turn_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.deliver(NO_NOTE)
    _killed_before_the_append(house, monkeypatch)
    house.look()
    house.clock.wait(QUIET)
    house.store.refuse = "[OVERQUOTA] no room"
    house.look()
    house.store.refuse = ""
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.DRAFTED], 1)


def test_a_tail_that_may_still_arrive_is_never_answered_with_another_append(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.lose_tails = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_tails = False
    house.look()
    assert house.states() == [State.INTENDED]
    house.clock.wait(QUIET)
    report = house.look()
    assert (house.states(), len(report.outcomes)) == ([State.UNCERTAIN], 1)
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.UNCERTAIN], 0)


def test_a_server_in_trouble_is_not_held_against_the_invitation(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.busy = "[UNAVAILABLE] just now"
    for _ in range(5):
        with pytest.raises(TryAgain):
            house.look()
        assert house.states() == [State.SEEN]
    house.store.busy = ""
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.DRAFTED], 1)


def test_what_nobody_can_prove_is_uncertain(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.lose_answers = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_answers = False
    house.drafts.clear()  # made and deleted meanwhile, or never made: the UIDNEXT moved
    house.clock.wait(QUIET)
    report = house.look()
    assert (house.states(), [one.state for one in report.outcomes]) == ([State.UNCERTAIN], [State.UNCERTAIN])
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.UNCERTAIN], 0)


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_a_drafts_folder_that_is_gone_stops_no_pass(
    house: House, monkeypatch: pytest.MonkeyPatch, is_handed_over: bool
) -> None:
    house.deliver(NO_NOTE)
    _left_open(house, monkeypatch, is_handed_over)
    _rename_drafts(house)
    house.store.folders["Entwürfe"].mails.clear()
    house.deliver(DEFAULT)
    report = house.look()
    assert (house.states(), report.summary.completed) == ([State.UNCERTAIN, State.DRAFTED], True)
    assert "'Drafts' is gone" in house.ledger.listing()[1].reason
    house.look()
    assert (house.states(), len(house.store.folders["Entwürfe"].mails)) == ([State.UNCERTAIN, State.DRAFTED], 1)


def test_a_draft_is_found_where_its_folder_was_renamed(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.lose_answers = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_answers = False
    _rename_drafts(house)
    report = house.look()
    assert (house.states(), report.summary.drafted) == ([State.DRAFTED], 1)
    house.look()
    assert (house.states(), len(house.store.folders["Entwürfe"].mails)) == ([State.DRAFTED], 1)


def test_without_uidplus_a_drafts_folder_that_is_gone_stops_no_pass(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.store.knows_uids = False
    test_a_drafts_folder_that_is_gone_stops_no_pass(house, monkeypatch, is_handed_over=False)


def test_a_drafts_folder_that_may_not_be_opened_proves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed all the same: what the person mends there leads on."""

    def refuse(*_: object) -> NoReturn:
        raise Show(Problem("WATCHER_FOLDERS", "[NOPERM] not yours", "ask for the right to open it"))

    house.deliver(NO_NOTE)
    _left_open(house, monkeypatch, is_handed_over=True)
    with monkeypatch.context() as patched:
        patched.setattr(TwinMailbox, "state", refuse)
        with pytest.raises(Show, match="NOPERM"):
            house.look()
    assert house.states() == [State.INTENDED]


def _left_open(house: House, monkeypatch: pytest.MonkeyPatch, is_handed_over: bool) -> None:
    if not is_handed_over:
        return _killed_before_the_append(house, monkeypatch)
    house.store.lose_tails = True
    with pytest.raises(TryAgain):
        house.look()
    house.store.lose_tails = False
    return None


def _rename_drafts(house: House) -> None:
    house.store.folders["Entwürfe"] = house.store.folders.pop("Drafts")
    house.store.drafts = "Entwürfe"


def test_a_refused_append_is_tried_three_times_then_held(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.refuse = "[OVERQUOTA] no room"
    states = []
    for _ in range(4):
        house.look()
        states += house.states()
    assert states == [State.SEEN, State.SEEN, State.HELD, State.HELD]
    assert "no room" in house.ledger.listing()[0].reason


def test_a_refused_append_is_made_when_there_is_room_again(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.refuse = "[OVERQUOTA] no room"
    house.look()
    house.store.refuse = ""
    house.look()
    assert (house.states(), len(house.drafts)) == ([State.DRAFTED], 1)


def test_a_mail_that_breaks_the_reader_is_quarantined_and_stops_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = reading.read

    def breaks(message: object, trust: Trust) -> object:
        if getattr(message, "subject", "") == "I want to connect":
            raise RuntimeError("broken")
        return sound(message, trust)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(reading, "read", breaks)
    uids = house.deliver(NO_NOTE, DEFAULT)
    for _ in range(2):
        assert house.look().summary.failed == 1
        assert (house.states(), _mark(house)) == ([State.DRAFTED], uids[0])
    house.look()
    assert State.QUARANTINED in house.states()
    assert _mark(house) == uids[1] + 1
    assert house.look().summary.failed == 0


def test_a_pass_that_is_told_to_stop_finishes_the_one_in_hand(house: House) -> None:
    house.look()
    uids = house.deliver(DEFAULT, GERMAN, OWN_WORDS)
    asked = iter([False, True, True])
    report = house.look(Wish(stop=lambda: next(asked)))
    assert (report.summary.completed, report.summary.drafted, _mark(house)) == (False, 1, uids[1])
    assert house.look().summary.drafted == 2


def test_another_uidvalidity_makes_no_second_draft(house: House) -> None:
    house.deliver(NO_NOTE, DEFAULT)
    house.look()
    house.store.folders["INBOX"].uidvalidity += 7
    assert house.look().outcomes == ()
    assert len(house.drafts) == 2
    mark = house.ledger.watermark("me@example.test", "INBOX")
    assert mark == Watermark(house.store.folders["INBOX"].uidvalidity, 3)


def test_without_a_uidvalidity_nothing_is_done(house: House) -> None:
    house.deliver(NO_NOTE)
    house.store.folders["INBOX"].uidvalidity = 0
    with pytest.raises(TryAgain, match="UIDVALIDITY"):
        house.look()
    assert house.drafts == {}


def test_without_uidplus_the_uid_is_learnt_afterwards(house: House) -> None:
    house.store.knows_uids = False
    house.deliver(NO_NOTE, DEFAULT)
    house.look()
    uids = [record.draft.uid for record in house.ledger.listing() if record.draft]
    assert sorted(filter(None, uids)) == sorted(house.drafts)


def test_a_failed_pass_is_recorded_as_one(house: House) -> None:
    house.store.drafts = None
    with pytest.raises(Show):
        house.look()
    last = house.ledger.last_pass("me@example.test")
    assert last is not None
    assert (last.completed, "WATCHER_DRAFTS_FOLDER" in last.problem) == (False, True)
    assert house.ledger.last_pass("me@example.test", completed=True) is None


def test_a_dry_run_remembers_nothing(house: House) -> None:
    house.deliver(NO_NOTE, AGAIN, DEFAULT)
    report = house.look(Wish(dry_run=True))
    assert [one.state for one in report.outcomes] == [State.INTENDED, State.SKIPPED, State.INTENDED]
    assert (house.states(), house.drafts, house.ledger.last_pass("me@example.test")) == ([], {}, None)


def test_a_dry_run_foretells_the_pass_that_follows(house: House) -> None:
    house.deliver(*SAMPLES.values())
    foretold = house.look(Wish(dry_run=True))
    done = house.look()
    assert [(one.state.replace("intended", "drafted"), one.reading) for one in foretold.outcomes] == [
        (str(one.state), one.reading) for one in done.outcomes
    ]


def test_a_long_mail_whose_card_stands_late_is_read_whole(house: House) -> None:
    style = b"<style>" + b"a" * 40_000 + b"</style>"
    late = NO_NOTE.replace(b'<meta charset=3D"utf-8">', b'<meta charset=3D"utf-8">' + style)
    house.deliver(late)
    assert [one.state for one in house.look().outcomes] == [State.DRAFTED]


SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; d=linkedin.com; s=x; h=from; bh=AAAA; b=AAAA\r\n"
UNPROVEN = SIGNED + DEFAULT.replace(b"mx.example.test", b"elsewhere.example")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Checked(Authentic.PASS, "verified"), State.DRAFTED),
        (Checked(Authentic.UNKNOWN, "its key is gone"), State.HELD),
        (Checked(Authentic.FAIL, "it was altered"), None),
    ],
)
def test_where_the_server_proves_nothing_the_signature_is_checked(
    house: House, said: Checked, state: State | None
) -> None:
    house.signatures.says = said
    house.deliver(UNPROVEN)
    assert [one.state for one in house.look().outcomes] == ([state] if state else [])
    assert house.signatures.asked == 1
    house.look()
    assert house.signatures.asked == 1


def test_what_the_server_says_needs_no_check_of_our_own(house: House) -> None:
    house.deliver(SIGNED + DEFAULT, DEFAULT.replace(b"mx.example.test", b"elsewhere.example"))
    house.look()
    assert house.signatures.asked == 0


def test_nothing_is_checked_where_the_person_does_not_ask_for_proof(house: House) -> None:
    house.deliver(UNPROVEN)
    house.look(strictness=Strictness.OFF)
    assert (house.signatures.asked, house.states()) == (0, [State.DRAFTED])


def test_without_dns_it_is_tried_again_and_held_the_third_time(house: House) -> None:
    house.signatures.says = Checked(Authentic.UNKNOWN, "DNS does not answer", again=True)
    uids = house.deliver(UNPROVEN, NO_NOTE)
    for _ in range(2):
        house.look()
        assert (house.states(), _mark(house)) == ([State.DRAFTED], uids[0])
    house.look()
    assert State.HELD in house.states()
    assert _mark(house) == uids[1] + 1
    assert any("DNS does not answer" in record.reason for record in house.ledger.listing())


def test_when_dns_is_back_the_mail_is_drafted(house: House) -> None:
    house.signatures.says = Checked(Authentic.UNKNOWN, "DNS does not answer", again=True)
    house.deliver(UNPROVEN)
    house.look()
    house.signatures.says = Checked(Authentic.PASS, "verified")
    house.look()
    assert house.states() == [State.DRAFTED]


def test_once_a_server_is_pinned_held_mail_is_taken_through_again(house: House) -> None:
    house.account = replace(house.account, trust=Trust())
    house.deliver(NO_NOTE, AGAIN, DEFAULT, GERMAN)
    assert house.look().summary.held == 4
    house.account = replace(house.account, trust=Trust("mx.example.test"))
    foretold = house.look(Wish(held=True, dry_run=True))
    report = house.look(Wish(held=True))
    assert (report.summary.drafted, report.summary.held, report.summary.skipped) == (3, 0, {"same_person": 1})
    assert len(foretold.outcomes) == len(report.outcomes) == 4
    assert len(house.drafts) == 3
    assert house.look(Wish(held=True)).outcomes == ()
    assert house.look().outcomes == ()
    assert len(house.drafts) == 3


def test_held_mail_is_found_under_another_uidvalidity(house: House) -> None:
    house.account = replace(house.account, trust=Trust())
    house.deliver(NO_NOTE)
    house.look()
    folder = house.store.folders["INBOX"]
    folder.uidvalidity, folder.mails, folder.uidnext = folder.uidvalidity + 1, {80: folder.mails[1]}, 81
    house.account = replace(house.account, trust=Trust("mx.example.test"))
    assert house.look(Wish(held=True)).summary.drafted == 1


def test_held_mail_that_proves_false_is_skipped_for_good(house: House) -> None:
    house.account = replace(house.account, trust=Trust())
    house.deliver(DEFAULT.replace(b"dkim=pass", b"dkim=fail").replace(b"dmarc=pass", b"dmarc=fail"))
    house.look()
    house.account = replace(house.account, trust=Trust("mx.example.test"))
    house.look(Wish(held=True))
    assert (house.states(), house.drafts) == ([State.SKIPPED], {})


def test_taking_held_mail_through_again_is_no_pass_over_the_mailbox(house: House) -> None:
    house.look(Wish(held=True))
    assert house.ledger.last_pass("me@example.test") is None


CHANGED = (
    b"Authentication-Results: mx.example.test; dkim=pass header.d=linkedin.com; dmarc=pass header.from=linkedin.com\r\n"
    b"From: Wilma Fenn <invitations@linkedin.com>\r\nTo: me@example.test\r\nSubject: A brand new wording\r\n"
    b"Message-ID: <new@lva1.prod.linkedin.com>\r\nContent-Type: text/plain\r\n\r\n"
    b"Wilma Fenn did something nobody has a rule for.\r\n"
)


def test_genuine_mail_that_no_rule_understands_is_kept_as_a_sample(house: House) -> None:
    house.deliver(CHANGED, NO_NOTE)
    house.look(Wish(dry_run=True))
    assert house.ledger.drifts("me@example.test") == ()
    house.look()
    (drift,) = house.ledger.drifts("me@example.test")
    assert drift.message_id == "<new@lva1.prod.linkedin.com>"
    assert drift.why
    assert b"invitations@linkedin.com" in drift.sample
    assert b"Wilma" not in drift.sample
    house.store.folders["INBOX"].uidvalidity += 1
    house.look()
    assert len(house.ledger.drifts("me@example.test")) == 1


def test_mail_of_others_is_never_kept(house: House) -> None:
    house.deliver(CHANGED.replace(b"mx.example.test", b"elsewhere.example"), CHANGED.replace(b"invitations@", b"news@"))
    house.look()
    assert house.ledger.drifts("me@example.test") == ()
