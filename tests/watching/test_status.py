"""What `watcher status` finds: from the ledger, and from a service where one runs."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, a_sighting
from watching.attended import ADDRESS, MANNER

from watcher.adapters.ledger import SqlLedger
from watcher.domain.lifecycle import State
from watcher.person import pausing
from watcher.ports import Drift, Failure, OnWatch, PassSummary, Pause, Presence
from watcher.watching.alarms import Kind
from watcher.watching.status import GIVEN_UP, NO_SERVICE, NOT_WATCHED, Status, status

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
COMPLETED = PassSummary(ADDRESS, NOW, NOW, completed=True, looked_at=3)
FAILED = replace(COMPLETED, completed=False, problem="no answer", ended=NOW + MINUTE)


def _status(ledger: SqlLedger, presence: Presence | None = None, after: timedelta = MINUTE) -> Status:
    return status(ADDRESS, ledger, MANNER, presence, NOW + after)


def _kinds(found: Status) -> list[Kind]:
    return [alarm.kind for alarm in found.alarms]


def test_a_mailbox_that_nobody_has_looked_over_asks_for_attention(ledger: SqlLedger) -> None:
    found = _status(ledger)
    assert (found.completed, found.is_well, found.why_none, found.runs) == (None, False, NO_SERVICE, False)


def test_a_completed_pass_is_well_until_others_are_missing(ledger: SqlLedger) -> None:
    ledger.passed(COMPLETED)
    assert _status(ledger).is_well
    late = _status(ledger, after=20 * MINUTE)
    assert (late.is_well, _kinds(late)) == (False, [Kind.OVERDUE])


def test_a_failure_is_told_until_a_pass_is_completed(ledger: SqlLedger) -> None:
    for summary in (COMPLETED, FAILED, FAILED):
        ledger.passed(summary)
    found = _status(ledger)
    assert (found.completed, found.failure) == (COMPLETED, Failure(FAILED.ended, "no answer", 2))
    ledger.passed(COMPLETED)
    assert _status(ledger).failure is None


def test_a_server_that_cannot_be_reached_is_known_from_the_service(ledger: SqlLedger) -> None:
    """No pass begins, so the ledger has none that failed."""
    ledger.passed(COMPLETED)
    failure = Failure(NOW, "cannot be reached", 3)
    assert _status(ledger, Presence(NOW, {ADDRESS: OnWatch(NOW, "failing", failure)})).failure == failure


@pytest.mark.parametrize(
    ("watch", "why"),
    [
        ({ADDRESS: OnWatch(NOW, "watched")}, ""),
        ({ADDRESS: OnWatch(None, "given up")}, GIVEN_UP),
        ({"other@example.test": OnWatch(NOW, "watched")}, NOT_WATCHED),
    ],
)
def test_a_service_that_runs_says_when_the_next_pass_is(ledger: SqlLedger, watch: Any, why: str) -> None:
    ledger.passed(COMPLETED)
    found = _status(ledger, Presence(NOW, watch))
    assert (found.runs, found.why_none, found.next_pass) == (True, why, None if why else NOW)


def test_a_mailbox_that_the_service_gave_up_is_an_alarm_at_once(ledger: SqlLedger) -> None:
    ledger.passed(COMPLETED)
    found = _status(ledger, Presence(NOW, {ADDRESS: OnWatch(None, "given up", Failure(NOW, "no such folder"))}))
    assert (found.is_well, _kinds(found)) == (False, [Kind.STOPPED])


def test_a_sign_that_has_been_there_for_a_month_is_an_alarm_no_longer(ledger: SqlLedger) -> None:
    """It is counted and listed as ever; but nothing would end it, and `watcher status` serves as a check."""
    ledger.record(a_sighting(key="a"), State.QUARANTINED, "", NOW)
    ledger.drifted(Drift(ADDRESS, "<1@x.example>", "no rule", b"sample", NOW))
    later = replace(COMPLETED, ended=NOW + 31 * DAY)
    for summary, after, kinds in ((COMPLETED, MINUTE, [Kind.QUARANTINED, Kind.DRIFT]), (later, 31 * DAY, [])):
        ledger.passed(summary)
        found = _status(ledger, after=after)
        assert (_kinds(found), found.waiting[State.QUARANTINED]) == (kinds, 1)


@pytest.mark.parametrize("until", [None, NOW + 4 * DAY])
@pytest.mark.parametrize(
    "watch",
    [OnWatch(None, "paused"), OnWatch(NOW + 3 * DAY, "watched"), OnWatch(None, "given up"), None],
    ids=["heard of", "not heard of yet", "given up", "not watched"],
)
def test_a_pause_holds_from_the_command_on_whatever_the_service_says(
    ledger: SqlLedger, watch: OnWatch | None, until: datetime | None
) -> None:
    ledger.passed(COMPLETED)
    ledger.pause(ADDRESS, Pause(NOW, until))
    presence = Presence(NOW, {ADDRESS: watch} if watch else {})
    for found in (_status(ledger, presence, 3 * DAY), _status(ledger, None, 3 * DAY)):
        assert (found.next_pass, Kind.OVERDUE in _kinds(found)) == (None, False)
        assert pausing.told(Pause(NOW, until)) in found.why_none
        assert "`watcher resume`" in found.why_none


@pytest.mark.parametrize("due", [None, NOW + 3 * DAY])
def test_a_pause_that_was_ended_is_over_before_the_service_hears_of_it(ledger: SqlLedger, due: datetime | None) -> None:
    ledger.passed(COMPLETED)
    found = _status(ledger, Presence(NOW, {ADDRESS: OnWatch(due, "paused")}))
    assert (found.next_pass, found.why_none) == (NOW + MINUTE, "")


def test_what_waits_is_counted_and_what_waited_for_a_week_is_an_alarm(ledger: SqlLedger) -> None:
    ledger.record(a_sighting(key="a"), State.HELD, "", NOW - 8 * DAY)
    ledger.record(a_sighting(key="b"), State.HELD, "", NOW)
    ledger.record(a_sighting(key="c"), State.QUARANTINED, "", NOW)
    ledger.passed(COMPLETED)
    found = _status(ledger)
    assert {state: count for state, count in found.waiting.items() if count} == {State.HELD: 2, State.QUARANTINED: 1}
    assert [(alarm.kind, alarm.count) for alarm in found.alarms] == [(Kind.WAITING, 1), (Kind.QUARANTINED, 1)]


def test_a_server_that_lets_nobody_in_is_an_alarm(ledger: SqlLedger) -> None:
    ledger.passed(COMPLETED)
    ledger.kept_out(ADDRESS, "settings", NOW)
    assert _kinds(_status(ledger)) == [Kind.SIGN_IN]
    ledger.let_in(ADDRESS)
    assert _status(ledger).is_well
