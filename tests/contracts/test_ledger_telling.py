"""What the ledger promises of alarms and summaries: each is told once, whoever asks at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_sighting

from watcher.adapters.ledger import open_ledger
from watcher.domain.lifecycle import State
from watcher.errors import TryAgain
from watcher.ports import Drift, Ledger, Pile

ME, OTHER = "me@example.test", "other@example.test"
DAY, WEEK = timedelta(days=1), "2026-11-23"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = open_ledger(url, timedelta(seconds=0.1))
    yield opened
    opened.close()


def test_a_pile_is_what_stands_in_a_state_for_so_long(ledger: Ledger) -> None:
    for day, state in enumerate([State.HELD, State.HELD, State.QUARANTINED, State.SKIPPED]):
        ledger.record(a_sighting(key=str(day)), state, "", NOW + day * DAY)
    assert ledger.pile(ME, {State.HELD, State.UNCERTAIN}, NOW) == Pile(1, NOW)
    assert ledger.pile(ME, {State.HELD, State.UNCERTAIN}, NOW + 9 * DAY) == Pile(2, NOW + DAY)
    assert ledger.pile(ME, {State.QUARANTINED}, NOW + 9 * DAY) == Pile(1, NOW + 2 * DAY)
    assert ledger.pile(OTHER, {State.HELD}, NOW + 9 * DAY) == Pile()


def test_what_the_person_had_forgotten_lies_in_no_pile(ledger: Ledger) -> None:
    """Else forgetting old mail that could not be read would ring for it once more."""
    row = ledger.record(a_sighting(), State.QUARANTINED, "unreadable", NOW)
    ledger.forget({row.id: "forgotten:1"}, NOW + DAY)
    assert ledger.pile(ME, {State.QUARANTINED}, NOW + 9 * DAY) == Pile()


def test_signs_of_changed_mail_are_counted(ledger: Ledger) -> None:
    assert ledger.drift_pile(ME) == Pile()
    for number in (1, 2):
        ledger.drifted(Drift(ME, f"<{number}@x.example>", "why", b"sample", NOW + number * DAY))
    assert ledger.drift_pile(ME) == Pile(2, NOW + 2 * DAY)


def test_an_alarm_is_told_once_until_a_day_is_over(ledger: Ledger) -> None:
    def told(hours: int, kind: str = "overdue", account: str = ME) -> bool:
        at = NOW + timedelta(hours=hours)
        return ledger.alarmed(account, kind, at, at - DAY)

    assert [told(0), told(1), told(23), told(24), told(25)] == [True, False, False, True, False]
    assert told(25, "drift")
    assert told(25, account=OTHER)
    assert ledger.alarms(ME) == {"overdue": NOW + DAY, "drift": NOW + timedelta(hours=25)}


def test_a_clock_that_was_far_ahead_silences_no_alarm(ledger: Ledger) -> None:
    future = NOW + 400 * DAY
    assert ledger.alarmed(ME, "overdue", future, future - DAY)
    assert ledger.alarmed(ME, "overdue", NOW, NOW - DAY)
    assert not ledger.alarmed(ME, "overdue", NOW, NOW - DAY)


def test_of_several_instances_one_tells(url: str) -> None:
    ledgers = [open_ledger(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda one: one.alarmed(ME, "overdue", NOW, NOW - DAY), ledgers))
    assert sorted(told) == [False, False, False, True]
    for one in ledgers:
        one.close()


def test_a_summary_goes_out_once(ledger: Ledger) -> None:
    lease = ledger.lease(ME, NOW)
    assert not ledger.was_summed_up(ME, WEEK)
    ledger.hand_over_summary(WEEK, lease, NOW)
    assert ledger.was_summed_up(ME, WEEK)
    assert not ledger.was_summed_up(ME, "2026-11-30")
    with pytest.raises(TryAgain, match="before"):
        ledger.hand_over_summary(WEEK, lease, NOW)


def test_what_was_certainly_not_stored_may_go_out_again(ledger: Ledger) -> None:
    lease = ledger.lease(ME, NOW)
    ledger.hand_over_summary(WEEK, lease, NOW)
    ledger.take_back_summary(WEEK, lease, NOW)
    ledger.hand_over_summary(WEEK, lease, NOW)
    assert ledger.was_summed_up(ME, WEEK)


def test_who_lost_the_lease_puts_no_summary(ledger: Ledger, url: str) -> None:
    lost = ledger.lease(ME, NOW)
    later = NOW + timedelta(hours=1)
    second = open_ledger(url)
    second.lease(ME, later)
    with pytest.raises(TryAgain):
        ledger.hand_over_summary(WEEK, lost, later)
    assert not second.was_summed_up(ME, WEEK)
    second.close()
