"""Which alarms hold, which of them are told now, and that their words name nobody."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.errors import NotLetIn, NotSignedIn, Problem, Show
from watcher.ports import Pile
from watcher.watching.alarms import ONCE_IN, Alarm, Kept, Kind, due, notice, outside_name, raised, remedy

HOUR = timedelta(hours=1)
WRONG = Problem("WATCHER_IMAP_PASSWORD", "robin@example.test is not let in", "mend it")


@pytest.mark.parametrize(
    ("kept", "is_overdue", "given_up", "kinds"),
    [
        (Kept(), False, None, []),
        (Kept(), True, None, [Kind.OVERDUE]),
        (Kept(), False, NotLetIn(WRONG), [Kind.SIGN_IN]),
        (Kept(), False, NotSignedIn(WRONG), [Kind.SIGN_IN]),
        (Kept(), False, Show(WRONG), [Kind.STOPPED]),
        (Kept(waiting=Pile(2, NOW)), False, None, [Kind.WAITING]),
        (Kept(quarantined=Pile(1, NOW), drifts=Pile(3, NOW)), True, None, [Kind.OVERDUE, Kind.QUARANTINED, Kind.DRIFT]),
    ],
)
def test_what_holds(kept: Kept, is_overdue: bool, given_up: Show | None, kinds: list[Kind]) -> None:
    assert [alarm.kind for alarm in raised(kept, is_overdue=is_overdue, given_up=given_up)] == kinds


OVERDUE = Alarm(Kind.OVERDUE)


@pytest.mark.parametrize(
    ("alarm", "told", "is_due"),
    [
        (OVERDUE, None, True),
        (OVERDUE, NOW, False),
        (OVERDUE, NOW - 23 * HOUR, False),
        (OVERDUE, NOW - 24 * HOUR, True),
        (OVERDUE, NOW + HOUR, False),
        (OVERDUE, NOW + timedelta(days=30), True),
        (Alarm(Kind.WAITING, 2, NOW - 30 * HOUR), NOW - 25 * HOUR, False),
        (Alarm(Kind.WAITING, 3, NOW - HOUR), NOW - 25 * HOUR, True),
        (Alarm(Kind.WAITING, 3, NOW - HOUR), NOW - 2 * HOUR, False),
    ],
    ids=["never told", "just told", "told within a day", "told a day ago", "told by a clock that is a little ahead",
         "told in a future that is none", "nothing new waits", "something new waits", "new, but told today"],
)  # fmt: skip
def test_what_is_told_now(alarm: Alarm, told: datetime | None, is_due: bool) -> None:
    by_kind = {} if told is None else {str(alarm.kind): told}
    assert due([alarm], by_kind, NOW) == ((alarm,) if is_due else ())


@given(st.lists(st.integers(0, 4000), max_size=60).map(sorted))
def test_however_often_somebody_looks_a_day_has_one(minutes: list[int]) -> None:
    told: dict[str, datetime] = {}
    times = []
    for minute in minutes:
        now = NOW + timedelta(minutes=minute)
        for alarm in due([OVERDUE], told, now):
            told[alarm.kind] = now
            times.append(now)
    assert all(later - earlier >= ONCE_IN for earlier, later in pairwise(times))


@pytest.mark.parametrize("kind", list(Kind))
def test_each_has_words_that_say_what_to_do(kind: Kind) -> None:
    one = notice(kind, [("anna", Alarm(kind, 1, NOW))])
    assert one.body.startswith("anna: ")
    assert "`watcher " in one.body
    assert "{" not in one.title + one.body


def test_many_mailboxes_are_one_notice() -> None:
    told = [(f"box-{number:03}", Alarm(Kind.WAITING, 2)) for number in range(200)]
    body = notice(Kind.WAITING, told).body
    assert body.startswith("box-000, box-001, box-002, box-003, box-004 and 195 more: ")
    assert "400" in body


@pytest.mark.parametrize(("name", "shown"), [("anna", "anna"), ("robin@example.test", "your mailbox")])
def test_an_address_does_not_leave_the_machine(name: str, shown: str) -> None:
    assert outside_name(name) == shown


def test_counts_are_written_for_people() -> None:
    assert "1,200" in remedy(Alarm(Kind.QUARANTINED, 1200))
