"""Promise: the wait after failures grows within bounds, never passes the usual pace, and honours what a server said."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.timing import FIRST_WAIT, LONGEST_TOLD, LONGEST_WAIT, back_off

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
FAILURES = st.integers(-1, 10**9)
CHANCE = st.floats(-1, 2)
EVERY = st.timedeltas(SECOND, DAY)


@given(FAILURES, CHANCE, EVERY)
def test_a_wait_lies_between_a_second_and_the_usual_pace(failures: int, chance: float, every: timedelta) -> None:
    assert SECOND <= back_off(failures, chance, every) <= max(SECOND, min(LONGEST_WAIT, every))


@given(FAILURES, st.floats(0, 1), EVERY)
def test_one_more_failure_never_makes_the_wait_shorter(failures: int, chance: float, every: timedelta) -> None:
    assert back_off(failures, chance, every) <= back_off(failures + 1, chance, every)


@given(FAILURES, CHANCE, EVERY, st.floats(0, DAY.total_seconds()))
def test_what_the_server_told_is_honoured(failures: int, chance: float, every: timedelta, told: float) -> None:
    wait = back_off(failures, chance, every, told)
    assert wait >= timedelta(seconds=told)
    assert wait in {back_off(failures, chance, every), timedelta(seconds=told)}


@given(FAILURES, CHANCE, EVERY, st.floats(DAY.total_seconds(), allow_nan=False))
def test_no_server_silences_the_program_for_more_than_a_day(
    failures: int, chance: float, every: timedelta, told: float
) -> None:
    assert back_off(failures, chance, every, told) == LONGEST_TOLD


@given(FAILURES, CHANCE, EVERY, st.floats(max_value=0, allow_nan=False))
def test_a_server_cannot_shorten_the_wait(failures: int, chance: float, every: timedelta, told: float) -> None:
    assert back_off(failures, chance, every, told) == back_off(failures, chance, every)


def test_the_wait_doubles_until_it_is_longest() -> None:
    waits = [back_off(failures, 1.0, DAY) for failures in range(1, 12)]
    assert waits[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
