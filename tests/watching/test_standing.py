"""How a mailbox stands after each thing that happens to it, and when its passes count as missing."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from watching.attended import FIVE_MINUTES, MANNER, ended

from watcher.adapters.cron import Cron
from watcher.domain.schedule import Every, QuietHours, Rhythm
from watcher.errors import Problem, Show
from watcher.watching.happenings import (
    GaveUp,
    Happening,
    KeptOld,
    Listening,
    PartBroke,
    PassFailed,
    Rest,
    Resting,
    Started,
    Stopping,
)
from watcher.watching.standing import SLACK, Manner, Standing, Standings, missed_at

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WRONG = Show(Problem("WATCHER_FOLDERS", "is wrong", "mend it"))


def _after(*happenings: Happening) -> Standing:
    standings = Standings(lambda: {"anna": MANNER})
    for happening in happenings:
        standings.hear(happening)
    return standings.now()["anna"][0]


def _failed(at: datetime) -> PassFailed:
    return PassFailed("anna", at, "no answer", at + MINUTE)


def test_a_pass_that_went_through_ends_what_failed_before() -> None:
    failing = _after(Started("anna", NOW), _failed(NOW), _failed(NOW + MINUTE))
    assert failing.failing is not None
    assert (failing.failing.at, failing.failing.times) == (NOW + MINUTE, 2)
    well = failing.after(ended("anna", NOW + 2 * MINUTE))
    assert (well.failing, well.completed, well.due) == (None, NOW + 2 * MINUTE, NOW + 7 * MINUTE)


def test_a_pass_that_was_stopped_is_none_that_was_completed() -> None:
    standing = _after(Started("anna", NOW), ended("anna", NOW + HOUR, completed=False))
    assert (standing.completed, standing.counted_from) == (None, NOW)


def test_who_is_begun_anew_is_given_up_no_longer() -> None:
    given_up = _after(Started("anna", NOW), GaveUp("anna", NOW, WRONG))
    assert (given_up.given_up, given_up.due) == (WRONG, None)
    assert given_up.after(Started("anna", NOW + HOUR)).given_up is None


def test_it_is_listened_to_until_the_next_pass() -> None:
    assert _after(ended("anna", NOW), Listening("anna", NOW)).is_listening
    assert not _after(ended("anna", NOW), Listening("anna", NOW), _failed(NOW)).is_listening


def test_mailboxes_that_are_set_up_no_longer_are_forgotten() -> None:
    manners = {"anna": MANNER, "otto": MANNER}
    standings = Standings(lambda: manners)
    for name in manners:
        standings.hear(Started(name, NOW))
    del manners["otto"]
    assert list(standings.now()) == ["anna"]


@pytest.mark.parametrize("happening", [Stopping(NOW), PartBroke("ears", NOW, "x", NOW), KeptOld(None, NOW, WRONG)])
def test_what_concerns_no_mailbox_changes_none(happening: Happening) -> None:
    before = _after(ended("anna", NOW))
    assert _after(ended("anna", NOW), happening) == before


# ------------------------------------------------------------------------------------------------------------- overdue

NIGHT = QuietHours(time(22), time(7))


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "last", "missed"),
    [
        (Rhythm(Every(FIVE_MINUTES)), _at(24, 9, 0), _at(24, 9, 15)),
        (Rhythm(Every(FIVE_MINUTES), quiet=(NIGHT,)), _at(24, 21, 52), _at(25, 7, 5)),
        (Rhythm(Every(FIVE_MINUTES), quiet=(NIGHT,)), _at(24, 21, 58), _at(25, 7, 10)),
        (Rhythm(Cron("*/15 8-18 * * mon-fri", UTC)), _at(27, 18, 30), _at(30, 8, 15)),
        (Rhythm(Cron("0 6 * * *", UTC), MINUTE), _at(24, 6, 0), _at(27, 6, 1)),
    ],
    ids=["interval", "into the night", "over the night", "over the weekend", "daily, with jitter"],
)
def test_three_missed_passes_by_the_rhythm_that_was_set(rhythm: Rhythm, last: datetime, missed: datetime) -> None:
    manner = Manner(rhythm)
    assert missed_at(manner, last) == missed
    standing = Standing("anna", last, last)
    assert not standing.is_overdue(manner, missed + SLACK)
    assert standing.is_overdue(manner, missed + SLACK + timedelta(seconds=1))


def test_a_first_pass_that_never_comes_is_missed_too() -> None:
    assert _after(Started("anna", NOW)).is_overdue(MANNER, NOW + HOUR)


def test_who_is_paused_is_not_overdue_and_counts_anew_afterwards() -> None:
    paused = _after(ended("anna", NOW), Resting("anna", NOW + MINUTE, Rest.PAUSED, None))
    assert not paused.is_overdue(MANNER, NOW + timedelta(days=400))
    back = NOW + timedelta(days=3)
    resumed = paused.after(_failed(back))
    assert not resumed.is_overdue(MANNER, back + 10 * MINUTE)
    assert resumed.is_overdue(MANNER, back + 17 * MINUTE)


def test_a_pause_with_an_end_counts_from_there() -> None:
    paused = _after(ended("anna", NOW), Resting("anna", NOW, Rest.PAUSED, NOW + HOUR))
    assert not paused.is_overdue(MANNER, NOW + HOUR + 15 * MINUTE)
    assert paused.is_overdue(MANNER, NOW + HOUR + 17 * MINUTE)
    ended_early = paused.after(_failed(NOW + 10 * MINUTE))
    assert ended_early.is_overdue(MANNER, NOW + 27 * MINUTE)


def test_who_is_given_up_is_not_overdue_besides() -> None:
    given_up = _after(GaveUp("anna", NOW, WRONG))
    assert not given_up.is_overdue(MANNER, NOW + HOUR)
    assert not given_up.is_well(MANNER, NOW)


@pytest.mark.parametrize("jump", [timedelta(hours=8), -timedelta(days=400)], ids=["slept", "put back"])
def test_after_a_jump_of_the_clock_passes_are_counted_anew(jump: timedelta) -> None:
    standings = Standings(lambda: {"anna": MANNER})
    standings.hear(ended("anna", NOW))
    standings.mind_clock(NOW)
    standings.mind_clock(NOW + jump)
    (standing, _), after = standings.now()["anna"], NOW + jump
    assert not standing.is_overdue(MANNER, after + 15 * MINUTE)
    assert standing.is_overdue(MANNER, after + 17 * MINUTE)


@pytest.mark.parametrize("jump", [timedelta(hours=8), -timedelta(days=400)], ids=["slept", "put back"])
def test_a_jump_of_the_clock_ends_no_pause(jump: timedelta) -> None:
    standings = Standings(lambda: {"anna": MANNER})
    end = NOW + timedelta(days=3)
    standings.hear(Resting("anna", NOW, Rest.PAUSED, end))
    standings.mind_clock(NOW)
    standings.mind_clock(NOW + jump)
    standing, _ = standings.now()["anna"]
    assert not standing.is_overdue(MANNER, end)
    assert standing.is_overdue(MANNER, end + HOUR)


def _happening(draw: Any, at: datetime) -> Happening:
    kind = draw(st.integers(0, 6))
    until = at + timedelta(minutes=draw(st.integers(1, 600)))
    return (
        Started("anna", at), ended("anna", at), _failed(at), Resting("anna", at, Rest.QUIET_HOURS, until),
        Resting("anna", at, Rest.PAUSED, None), Resting("anna", at, Rest.PAUSED, until), Listening("anna", at),
    )[kind]  # fmt: skip


@st.composite
def _lives(draw: Any) -> Sequence[Happening]:
    at, life = NOW, [Started("anna", NOW)]
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(minutes=draw(st.integers(0, 300)))
        life.append(_happening(draw, at))
    return life


@given(_lives())
def test_whatever_happens_silence_is_noticed_and_a_completed_pass_ends_it(life: Sequence[Happening]) -> None:
    standing = _after(*life)
    long_after = life[-1].at + timedelta(days=2)
    is_paused = standing.resting is Rest.PAUSED and standing.due is None
    assert standing.is_overdue(MANNER, long_after) is not is_paused
    assert standing.after(ended("anna", long_after)).is_well(MANNER, long_after)
