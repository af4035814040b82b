"""What an address asks a list for, and back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.ports import Wanted
from watcher.web.browsing import Browsing, browsing, pages
from watcher.web.rendering import said, visible, when


@given(st.dictionaries(st.sampled_from(["verdict", "state", "language", "account", "text", "page", "x"]), st.text()))
def test_any_address_can_be_read_and_stays_what_it_is(query: dict[str, str]) -> None:
    asked = browsing(query)
    assert asked.page >= 1
    assert browsing(QueryParams(asked.query.removeprefix("?"))) == asked
    assert asked.wanted.text == asked.text


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        (Browsing(), ""),
        (Browsing(state="waiting", text="a b&c", page=3), "?state=waiting&text=a+b%26c&page=3"),
        (Browsing(verdict="unsure", page=1), "?verdict=unsure"),
    ],
)
def test_what_is_usual_stands_in_no_address(asked: Browsing, query: str) -> None:
    assert asked.query == query


def test_those_that_wait_are_all_that_need_a_person() -> None:
    assert Browsing(state="waiting").wanted == Wanted(states=NEEDS_PERSON)
    assert Browsing(state="sent").wanted == Wanted(states=frozenset({State.SENT}))


@pytest.mark.parametrize(("total", "count"), [(0, 1), (1, 1), (50, 1), (51, 2), (5000, 100)])
def test_pages_are_counted(total: int, count: int) -> None:
    assert pages(total) == count


def test_a_moment_is_said_as_one_says_it() -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).astimezone()
    assert when(now, now) == f"today {now:%H:%M}"
    assert when(now - timedelta(days=1), now) == f"yesterday {now:%H:%M}"
    assert when(now - timedelta(days=9), now) == "15 Nov"
    assert when(now - timedelta(days=400), now) == "20 Oct 2025"


def test_what_hides_is_shown_as_a_mark() -> None:
    assert visible("a\u202eb\x1b[1m\x00\tc\r\nd") == "a\ufffdb\ufffd[1m\ufffd\tc\nd"
    assert visible(7) == 7


def test_commands_are_set_apart_and_nothing_else_is_markup() -> None:
    assert said("run `watcher <b>` & look") == "run <code>watcher &lt;b&gt;</code> &amp; look"
    assert said("one ` alone <i>") == "one <code> alone &lt;i&gt;</code>"
