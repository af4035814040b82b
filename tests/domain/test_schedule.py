"""Promise: a pass is never due in the past, never later than the person said, and never in quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.schedule import Every, QuietHours, Rhythm, leaves_time, with_named_days

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
QUIET = st.builds(QuietHours, MINUTES, MINUTES).filter(lambda hours: hours.start != hours.end)
SEVERAL = st.lists(QUIET, max_size=4).map(tuple).filter(leaves_time)
GAPS = st.timedeltas(timedelta(seconds=10), timedelta(days=31))
CHANCE = st.floats(0, 1)


@given(MOMENTS, MOMENTS, GAPS, CHANCE, st.floats(0, 0.5))
def test_a_pass_is_due_now_or_within_the_gap(
    last: datetime, now: datetime, gap: timedelta, chance: float, part: float
) -> None:
    """Also with a last pass that lies in the future, for the clock was put back."""
    due = Rhythm(Every(gap), gap * part).due(last, now, chance)
    assert now <= due <= now + gap
    assert due <= max(last + gap, now)


@given(MOMENTS, GAPS, st.floats(0, 0.5))
def test_two_passes_are_never_further_apart_than_the_person_said(last: datetime, gap: timedelta, part: float) -> None:
    rhythm = Rhythm(Every(gap), gap * part)
    assert rhythm.due(last, last, 0.0) == last + gap
    assert last + gap * 0.499 <= rhythm.due(last, last, 1.0) <= last + gap


@given(MOMENTS, SEVERAL, st.sampled_from(ZONES))
def test_what_is_held_back_comes_when_it_is_no_longer_quiet(
    moment: datetime, quiet: tuple[QuietHours, ...], zone: ZoneInfo
) -> None:
    rhythm = Rhythm(Every(timedelta(minutes=5)), quiet=quiet, zone=zone)
    until = rhythm.quiet_until(moment)
    is_quiet = any(hours.covers(moment.astimezone(zone).time()) for hours in quiet)
    assert (until is not None) is is_quiet
    if until is not None:
        assert moment < until <= moment + timedelta(days=2)
        assert rhythm.quiet_until(until) is None
        assert rhythm.at_the_latest(moment) == until


@pytest.mark.parametrize(
    ("hours", "moment", "covers"),
    [
        (QuietHours(time(22), time(7)), time(21, 59), False),
        (QuietHours(time(22), time(7)), time(22), True),
        (QuietHours(time(22), time(7)), time(0), True),
        (QuietHours(time(22), time(7)), time(6, 59, 59), True),
        (QuietHours(time(22), time(7)), time(7), False),
        (QuietHours(time(12), time(13)), time(12, 30), True),
        (QuietHours(time(12), time(13)), time(13), False),
        (QuietHours(time(22), time(0)), time(23, 59), True),
        (QuietHours(time(22), time(0)), time(0), False),
    ],
)
def test_quiet_hours_have_their_first_minute_and_not_their_last(hours: QuietHours, moment: time, covers: bool) -> None:
    assert hours.covers(moment) is covers


@pytest.mark.parametrize(
    ("quiet", "does"),
    [
        ((), True),
        ((QuietHours(time(22), time(7)),), True),
        ((QuietHours(time(0), time(12)), QuietHours(time(12), time(0))), False),
        ((QuietHours(time(0), time(12)), QuietHours(time(12, 1), time(0))), True),
    ],
)
def test_quiet_hours_must_leave_some_time(quiet: tuple[QuietHours, ...], does: bool) -> None:
    assert leaves_time(quiet) is does


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("*", "*"), ("0", "sun"), ("7", "sun"), ("1-5", "mon,tue,wed,thu,fri"), ("MON-fri", "mon,tue,wed,thu,fri"),
        ("sat-mon", "sat,sun,mon"), ("5-7", "fri,sat,sun"), ("*/2", "sun,tue,thu,sat"), ("1,3", "mon,wed"),
        ("1-5/2", "mon,wed,fri"),
    ],
)  # fmt: skip
def test_days_of_the_week_are_counted_as_cron_counts_them(field: str, named: str) -> None:
    assert with_named_days(f"0 8 * * {field}") == f"0 8 * * {named}"


@pytest.mark.parametrize("wrong", ["", "* * * *", "0 8 1 * mon", "0 8 * * 8", "0 8 * * x", "0 8 * * 1-5/0", "@daily"])
def test_what_is_no_expression_or_means_two_things_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"is no|names days"):
        with_named_days(wrong)
