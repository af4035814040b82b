"""A ticket lets one browser in, once, and within a minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cycle.house import NO_NOTE
from hypothesis import given
from hypothesis import strategies as st
from web.pages import KEYS, LINK, Visitor, visiting

from watcher.web.keys import Keys
from watcher.web.link import Link
from watcher.web.tickets import LASTS, Tickets, ticket

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = "a-number-of-its-own"
SECOND = timedelta(seconds=1)


def _given(number: str = NUMBER, link: Link = LINK) -> str:
    return ticket(link, number, NOW).partition("ticket=")[2]


def test_it_lets_in_once() -> None:
    tickets = Tickets(KEYS, NOW)
    assert [tickets.take(_given(), NOW) for _ in range(3)] == [True, False, False]
    assert tickets.take(_given("another-number-of-its-own"), NOW)


@pytest.mark.parametrize(
    ("late", "is_taken"), [(timedelta(), True), (LASTS - SECOND, True), (LASTS, False), (LASTS + SECOND, False)]
)
def test_it_lasts_a_minute(late: timedelta, is_taken: bool) -> None:
    assert Tickets(KEYS, NOW).take(_given(), NOW + late) is is_taken


@pytest.mark.parametrize(("began", "is_taken"), [(-SECOND, True), (timedelta(), True), (SECOND, False), (LASTS, False)])
def test_of_the_time_before_the_page_began_none_is_taken(began: timedelta, is_taken: bool) -> None:
    assert Tickets(KEYS, NOW + began).take(_given(), NOW + LASTS - SECOND) is is_taken


def test_one_that_was_taken_is_remembered_for_as_long_as_it_would_last() -> None:
    tickets = Tickets(KEYS, NOW)
    assert tickets.take(_given(), NOW)
    assert not tickets.take(_given(), NOW + LASTS - SECOND)


def test_of_another_page_it_is_worth_nothing() -> None:
    assert not Tickets(Keys("the-token-of-another-page-on-this-machine"), NOW).take(_given(), NOW)


@given(st.text() | st.from_regex(r"[0-9]{1,12}\.[a-z]{16}\.[0-9a-f]{64}", fullmatch=True))
def test_none_can_be_made_up(made_up: str) -> None:
    assert not Tickets(KEYS, NOW).take(made_up, NOW)


@given(st.data())
def test_nor_one_be_changed(data: st.DataObject) -> None:
    right = _given()
    at = data.draw(st.integers(0, len(right) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != right[at]))
    assert not Tickets(KEYS, NOW).take(right[:at] + letter + right[at + 1 :], NOW)


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Visitor]:
    """A browser without a cookie."""
    with visiting(tmp_path, NO_NOTE) as visitor:
        visitor.client.cookies.clear()
        yield visitor


def _address(visitor: Visitor, number: str = NUMBER) -> str:
    return ticket(LINK, number, visitor.desk.clock.now()).removeprefix(LINK.place.rstrip("/"))


def test_at_the_door_it_becomes_a_cookie_and_then_nothing(stranger: Visitor) -> None:
    address = _address(stranger)
    first = stranger.get(address)
    assert (first.status_code, "set-cookie" in first.headers) == (303, True)
    assert stranger.get("/").status_code == 200
    stranger.client.cookies.clear()
    second = stranger.get(address)
    assert (second.status_code, "set-cookie" in second.headers) == (403, False)


def test_who_looks_at_it_first_does_not_spend_it(stranger: Visitor) -> None:
    address = _address(stranger)
    looked = stranger.client.head(address, follow_redirects=False)
    assert (looked.status_code, "set-cookie" in looked.headers) == (405, False)
    assert stranger.get(address).status_code == 303


def test_who_is_in_stays_in_and_spends_it_all_the_same(stranger: Visitor) -> None:
    visitor, address = stranger.again(), _address(stranger)
    for path in (address, address, "/enter"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert stranger.get(address).status_code == 403
