"""How long tokens serve, what follows them, and which end is foretold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.tokens import A_TEST, AHEAD, Standing, Tokens, foretold

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = Tokens("access-1", NOW + HOUR, "refresh-1", NOW)

moments = st.integers(0, 10**6).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(ends=moments, now=moments)
def test_what_serves_has_not_ended_within_the_time_ahead(ends: datetime, now: datetime) -> None:
    assert Tokens("a", ends, None, NOW).serves(now) == (now + AHEAD < ends)


@given(now=moments)
def test_what_has_no_known_end_serves(now: datetime) -> None:
    assert Tokens("a", None, None, NOW).serves(now)


def test_a_replaced_refresh_token_takes_the_place_of_the_old_one() -> None:
    answer = Tokens("access-2", NOW + 2 * HOUR, "refresh-2", NOW + HOUR)
    assert FIRST.renewed(answer) == replace(answer, since=NOW)


def test_one_that_was_not_replaced_goes_on() -> None:
    answer = Tokens("access-2", NOW + 2 * HOUR, None, NOW + HOUR)
    assert FIRST.renewed(answer).refresh == "refresh-1"


def test_the_end_of_the_consent_is_the_one_told_last() -> None:
    first = replace(FIRST, refresh_ends=NOW + A_TEST)
    silent, told = Tokens("b", None, None, NOW + HOUR), Tokens("b", None, None, NOW + HOUR, NOW + 2 * A_TEST)
    assert first.renewed(silent).refresh_ends == NOW + A_TEST
    assert first.renewed(told).refresh_ends == NOW + 2 * A_TEST


def test_no_token_is_shown() -> None:
    shown = repr(FIRST)
    assert "access-1" not in shown
    assert "refresh-1" not in shown


@pytest.mark.parametrize(
    ("standing", "now", "words"),
    [
        (Standing("google", NOW, NOW + A_TEST), NOW + DAY, "ends on 2026-12-02 09:00"),
        (Standing("google", NOW, NOW + A_TEST), NOW + 30 * DAY, "ends on 2026-12-02 09:00"),
        (Standing("google", NOW), NOW + DAY, "ends on 2026-12-02 if your Google project is still in testing"),
        (Standing("google", NOW), NOW + A_TEST, ""),
        (Standing("microsoft", NOW, NOW + 90 * DAY), NOW + DAY, ""),
        (Standing("custom", NOW), NOW, ""),
    ],
)
def test_what_is_foretold(standing: Standing, now: datetime, words: str) -> None:
    told = foretold(standing, now)
    assert words in told
    assert bool(told) == bool(words)
