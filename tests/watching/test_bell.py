"""A day and more at the speed of a fake clock: what is missed is told once a day, and not more, whatever happens."""

from datetime import timedelta

import pytest
from builders import NOW, a_sighting
from service.world import Server, refused
from watching.attended import Attended, BrokenLedger, KeptOutbox

from watcher.domain.lifecycle import State
from watcher.domain.schedule import Every, Rhythm
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import Drift
from watcher.watching.alarms import Kind, title
from watcher.watching.bell import Guarded

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AWAY = TryAgain("cannot be reached")
OVERDUE, SIGN_IN, STOPPED, WAITING, QUARANTINED, DRIFT = map(
    title, (Kind.OVERDUE, Kind.SIGN_IN, Kind.STOPPED, Kind.WAITING, Kind.QUARANTINED, Kind.DRIFT)
)


def _begun(attended: Attended, *names: str) -> None:
    """Each is looked over once an hour: three hours without a completed pass are an alarm."""
    attended.world.rhythm = Rhythm(Every(HOUR))
    for name in names or ("anna",):
        attended.add(name)
    attended.service.begin()


def _goes_away(attended: Attended, name: str = "anna", why: Exception = AWAY) -> None:
    """Its connections break, and no other can be made."""
    server = attended.world.servers[name]
    server.refusal = why
    server.trouble.append(AWAY)


def test_while_passes_go_through_nothing_is_told(attended: Attended) -> None:
    _begun(attended)
    attended.live(DAY)
    assert attended.rung == []


def test_a_server_that_stays_away_is_told_once_a_day(attended: Attended) -> None:
    _begun(attended)
    attended.live(HOUR)
    _goes_away(attended)
    away = attended.world.clock.at
    attended.live(3 * DAY)
    assert {what for _, what in attended.rung} == {OVERDUE}
    first, *later = [at - away for at, _ in attended.rung]
    assert 2 * HOUR < first <= 3 * HOUR + 2 * MINUTE
    assert later == [first + DAY, first + 2 * DAY]


def test_a_service_that_does_nothing_any_more_is_told_too(attended: Attended) -> None:
    _begun(attended)
    attended.live(HOUR)
    attended.live(DAY, is_silent=True)
    assert [what for _, what in attended.rung] == [OVERDUE]


def test_a_server_that_comes_and_goes_is_told_once_a_day(attended: Attended) -> None:
    _begun(attended)
    for _ in range(4):
        _goes_away(attended)
        attended.live(5 * HOUR)
        attended.world.servers["anna"].refusal = None
        attended.live(HOUR)
    assert [what for _, what in attended.rung] == [OVERDUE]


def test_neither_restarts_nor_a_second_instance_tell_it_again(attended: Attended) -> None:
    _begun(attended)
    _goes_away(attended)
    second = Attended(attended.world, attended.outbox, attended.manners, attended.guarded, attended.watches)
    for _ in range(4):
        attended.live(5 * HOUR)
        second.standings = attended.standings
        second.bell.standings = attended.standings
        second.look()
        attended.begin_anew()
        attended.service.begin()
    assert [what for _, what in attended.rung + second.rung] == [OVERDUE]


@pytest.mark.parametrize("jump", [8 * HOUR, 3 * DAY, -2 * HOUR], ids=str)
def test_a_machine_that_slept_gives_no_alarm(attended: Attended, jump: timedelta) -> None:
    _begun(attended)
    attended.live(HOUR)
    attended.world.clock.at += jump
    attended.service.mind_clock()
    attended.look()
    attended.live(HOUR)
    assert attended.rung == []


def test_a_sign_in_that_is_broken_is_told_by_itself_and_the_others_are_not(attended: Attended) -> None:
    _begun(attended, "anna", "otto")
    attended.live(HOUR)
    _goes_away(attended, why=refused())
    attended.live(DAY + 3 * HOUR)
    assert [what for _, what in attended.rung] == [SIGN_IN, SIGN_IN]
    assert {notice.body.partition(":")[0] for notice in attended.outbox.notices} == {"anna"}


def test_another_setting_that_is_wrong_is_told_as_such(attended: Attended) -> None:
    _begun(attended)
    _goes_away(attended, why=Show(Problem("WATCHER_FOLDERS", "there is no such folder", "mend it")))
    attended.live(HOUR)
    assert [what for _, what in attended.rung] == [STOPPED]


def _later(attended: Attended, time: timedelta) -> None:
    """The machine slept for so long, then an hour goes by."""
    attended.world.clock.at += time
    attended.service.mind_clock()
    attended.live(HOUR)


def test_what_was_held_for_a_week_is_told_once_until_more_waits(attended: Attended) -> None:
    ledger, me = attended.world.ledger, "anna@example.test"
    ledger.record(a_sighting(account=me), State.HELD, "not proven", NOW)
    _begun(attended)
    attended.live(HOUR)
    assert attended.rung == []
    _later(attended, 7 * DAY)
    _later(attended, 3 * DAY)
    assert [what for _, what in attended.rung] == [WAITING]
    ledger.record(a_sighting(account=me, key="other"), State.HELD, "not proven", NOW + 2 * DAY)
    _later(attended, HOUR)
    assert [what for _, what in attended.rung] == [WAITING, WAITING]
    assert "2" in attended.outbox.notices[-1].body


def test_mail_that_cannot_be_read_and_mail_that_has_changed_are_told_at_once(attended: Attended) -> None:
    ledger, me = attended.world.ledger, "anna@example.test"
    ledger.record(a_sighting(account=me), State.QUARANTINED, "unreadable", NOW)
    ledger.drifted(Drift(me, "<1@x.example>", "no rule", b"sample", NOW))
    _begun(attended)
    attended.live(HOUR)
    _later(attended, 3 * DAY)
    assert sorted(what for _, what in attended.rung) == sorted([QUARANTINED, DRIFT])


def test_many_mailboxes_behind_one_server_are_one_notice(attended: Attended) -> None:
    _begun(attended, *(f"box{number}" for number in range(20)))
    attended.live(MINUTE)
    attended.live(4 * HOUR, is_silent=True)
    assert [what for _, what in attended.rung] == [OVERDUE]


def test_a_mailbox_without_an_outbox_costs_nothing(attended: Attended) -> None:
    attended.add("anna", Server(refusal=AWAY), BrokenLedger())  # type: ignore[arg-type] # nobody asks it
    attended.guarded["anna"] = Guarded("anna@example.test", BrokenLedger(), ())  # type: ignore[arg-type] # the same
    attended.service.begin()
    attended.live(DAY)
    assert attended.rung == []


def test_a_ledger_that_fails_keeps_nobody_else_silent(attended: Attended) -> None:
    attended.add("anna", Server(refusal=AWAY))
    attended.add("otto", Server(refusal=AWAY))
    attended.guarded["anna"] = Guarded("anna@example.test", BrokenLedger(), [attended.outbox])  # type: ignore[arg-type]
    attended.service.begin()
    attended.world.run(attended.service, 4 * HOUR)
    with pytest.raises(TryAgain, match="disk"):
        attended.bell.look()
    assert attended.outbox.titles == [OVERDUE]
    assert attended.outbox.notices[0].body.startswith("otto: ")


def test_only_the_desktop_is_told_an_address(attended: Attended) -> None:
    desktop, elsewhere, me = KeptOutbox(is_here=True), KeptOutbox(), "me@example.test"
    attended.add(me, Server(refusal=AWAY))
    attended.guarded[me] = Guarded(me, attended.world.ledger, [desktop, elsewhere])
    attended.service.begin()
    attended.live(HOUR)
    assert me in desktop.notices[0].body
    assert "@" not in elsewhere.notices[0].title + elsewhere.notices[0].body
