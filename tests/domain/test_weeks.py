"""The week that a summary tells of: seven days by the clock on the wall, over on the day that the person chose."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.weeks import WEEKDAYS, last_week

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY_NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekday", "zone", "end"),
    [
        ("tuesday", UTC, date(2026, 11, 24)),
        ("tuesday", BERLIN, date(2026, 11, 24)),
        ("wednesday", UTC, date(2026, 11, 18)),
        ("wednesday", BERLIN, date(2026, 11, 25)),
        ("monday", UTC, date(2026, 11, 23)),
    ],
)
def test_it_is_over_on_the_newest_such_day(weekday: str, zone: ZoneInfo, end: date) -> None:
    week = last_week(weekday, TUESDAY_NIGHT, zone)
    assert (week.begin, week.last_day, week.end) == (end - timedelta(days=7), end - timedelta(days=1), end)


def test_its_first_moment_belongs_to_it_and_its_end_does_not() -> None:
    week = last_week("monday", TUESDAY_NIGHT, BERLIN)
    first = datetime(2026, 11, 16, tzinfo=BERLIN)
    assert [week.has(first), week.has(first - timedelta(seconds=1))] == [True, False]
    assert [week.has(first + timedelta(days=7)), week.has(first + timedelta(days=7, seconds=-1))] == [False, True]
    assert [week.began_after(first), week.began_after(first - timedelta(seconds=1))] == [False, True]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(WEEKDAYS))  # noqa: DTZ001 - bounds
def test_weeks_follow_each_other_without_a_gap(now: datetime, weekday: str) -> None:
    week, next_one = last_week(weekday, now, BERLIN), last_week(weekday, now + timedelta(days=7), BERLIN)
    assert next_one.begin == week.end
    assert week.end <= now.astimezone(BERLIN).date() < week.end + timedelta(days=7)
