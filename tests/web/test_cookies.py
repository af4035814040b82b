"""A cookie says until when it is good, and the page holds it to that, whatever a browser does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cycle.house import NO_NOTE
from hypothesis import given
from hypothesis import strategies as st
from web.pages import KEYS, Visitor, visiting

from watcher.web.cookies import IS_YOUNG, LASTS, cookie, is_good, is_to_be_renewed
from watcher.web.keys import Keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("later", "good", "renewed"),
    [
        (timedelta(), True, False), (IS_YOUNG, True, False), (IS_YOUNG + SECOND, True, True),
        (LASTS - SECOND, True, True), (LASTS, False, False), (10 * LASTS, False, False),
    ],
)  # fmt: skip
def test_it_lasts_thirty_days_and_is_given_anew_after_one(later: timedelta, good: bool, renewed: bool) -> None:
    given_then = cookie(KEYS, NOW)
    assert is_good(KEYS, given_then, NOW + later) is good
    assert is_to_be_renewed(KEYS, given_then, NOW + later) is renewed


def test_of_another_page_it_is_worth_nothing() -> None:
    other = Keys("the-token-of-another-page-on-this-machine")
    assert not is_good(other, cookie(KEYS, NOW), NOW)
    assert not is_to_be_renewed(other, cookie(KEYS, NOW), NOW + IS_YOUNG + SECOND)


@given(st.text() | st.from_regex(r"[0-9]{1,12}\.[0-9a-f]{64}", fullmatch=True))
def test_none_can_be_made_up(made_up: str) -> None:
    assert not is_good(KEYS, made_up, NOW)


@given(st.data())
def test_nor_one_be_changed(data: st.DataObject) -> None:
    right = cookie(KEYS, NOW)
    at = data.draw(st.integers(0, len(right) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != right[at]))
    assert not is_good(KEYS, right[:at] + letter + right[at + 1 :], NOW)


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(tmp_path, NO_NOTE) as one:
        yield one


def test_who_uses_the_page_stays_in(visitor: Visitor) -> None:
    assert "set-cookie" not in visitor.get("/").headers
    for _ in range(3):
        visitor.house.clock.wait(LASTS - IS_YOUNG)
        assert "set-cookie" in visitor.get("/").headers
        assert "set-cookie" not in visitor.get("/").headers


def test_who_does_not_comes_by_the_link_again(visitor: Visitor) -> None:
    visitor.house.clock.wait(LASTS + IS_YOUNG)
    answer = visitor.get("/")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_nobody_gets_one_who_is_not_let_in(visitor: Visitor) -> None:
    visitor.house.clock.wait(2 * IS_YOUNG)
    assert "set-cookie" not in visitor.get("/", Host="evil.example").headers
    visitor.client.cookies.clear()
    for path in ("/", "/style.css"):
        assert "set-cookie" not in visitor.get(path).headers
