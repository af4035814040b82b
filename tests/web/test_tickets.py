"""A ticket lets one browser in, once, and within a minute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cycle.house import NO_NOTE
from hypothesis import given
from hypothesis import strategies as st
from web.pages import KEYS, LINK, visiting

from watcher.web.keys import Keys
from watcher.web.link import Link
from watcher.web.tickets import LASTS, Tickets, ticket

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = "a-number-of-its-own"
SECOND = timedelta(seconds=1)


def _given(number: str = NUMBER, link: Link = LINK) -> str:
    return ticket(link, number, NOW).partition("ticket=")[2]


def test_it_lets_in_once() -> None:
    tickets = Tickets(KEYS)
    assert [tickets.take(_given(), NOW) for _ in range(3)] == [True, False, False]
    assert tickets.take(_given("another-number-of-its-own"), NOW)


@pytest.mark.parametrize(
    ("late", "is_taken"), [(timedelta(), True), (LASTS - SECOND, True), (LASTS, False), (LASTS + SECOND, False)]
)
def test_it_lasts_a_minute(late: timedelta, is_taken: bool) -> None:
    assert Tickets(KEYS).take(_given(), NOW + late) is is_taken


def test_one_that_was_taken_is_remembered_for_as_long_as_it_would_last() -> None:
    tickets = Tickets(KEYS)
    assert tickets.take(_given(), NOW)
    assert not tickets.take(_given(), NOW + LASTS - SECOND)


def test_of_another_page_it_is_worth_nothing() -> None:
    assert not Tickets(Keys("the-token-of-another-page-on-this-machine")).take(_given(), NOW)


@given(st.text() | st.from_regex(r"[0-9]{1,12}\.[a-z]{16}\.[0-9a-f]{64}", fullmatch=True))
def test_none_can_be_made_up(made_up: str) -> None:
    assert not Tickets(KEYS).take(made_up, NOW)


@given(st.data())
def test_nor_one_be_changed(data: st.DataObject) -> None:
    right = _given()
    at = data.draw(st.integers(0, len(right) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != right[at]))
    assert not Tickets(KEYS).take(right[:at] + letter + right[at + 1 :], NOW)


def test_at_the_door_it_becomes_a_cookie_and_then_nothing(tmp_path: Path) -> None:
    with visiting(tmp_path, NO_NOTE) as visitor:
        visitor.client.cookies.clear()
        address = ticket(LINK, NUMBER, visitor.desk.clock.now()).removeprefix(LINK.place.rstrip("/"))
        answers = [visitor.get(address) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 403]
        assert "set-cookie" in answers[0].headers
        assert "set-cookie" not in answers[1].headers
        assert visitor.get("/").status_code == 200
