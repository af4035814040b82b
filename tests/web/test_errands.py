"""Commands under way: one for each thing at a time, told once they end, whatever ends them."""

import threading
from datetime import timedelta
from threading import Event
from typing import NoReturn

import pytest

from watcher.errors import GiveUp, NotLetIn, Problem, TryAgain
from watcher.web.errands import MOST_KEPT, Ending, Errands, Told


def _raising(error: Exception) -> Told:
    raise error


@pytest.mark.parametrize(
    ("error", "ending", "says"),
    [
        (GiveUp("it is yours"), Ending.REFUSED, "It is yours."),
        (TryAgain("the link broke"), Ending.FAILED, "It failed for now: the link broke."),
        (NotLetIn(Problem("WATCHER_IMAP_PASSWORD", "is wrong", "correct it")), Ending.WRONG, "has to be changed"),
        (ZeroDivisionError("secret"), Ending.FAILED, "not foreseen (ZeroDivisionError)"),
    ],
)
def test_whatever_ends_a_command_is_told(error: Exception, ending: Ending, says: str) -> None:
    told = Errands().run("1", lambda: _raising(error)).told
    assert told is not None
    assert (told.ending, says in told.words) == (ending, True)
    assert "secret" not in told.words


def test_it_is_told_where_the_log_is_broken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise OSError("Input/output error")

    heard: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr("threading.excepthook", heard.append)
    monkeypatch.setattr("structlog.get_logger", broken)
    told = Errands().run("1", lambda: _raising(ZeroDivisionError("secret"))).told
    assert told is not None
    assert told.ending is Ending.FAILED
    assert [args.exc_type for args in heard] == [OSError]


def test_what_is_to_be_changed_is_listed_with_its_place() -> None:
    problem = NotLetIn(Problem("WATCHER_IMAP_PASSWORD", "is wrong", "correct it"))
    told = Errands().run("1", lambda: _raising(problem)).told
    assert told is not None
    assert list(told.lines) == ["WATCHER_IMAP_PASSWORD: is wrong. Correct it."]


def test_about_one_thing_there_is_one_at_a_time() -> None:
    errands, go_on, done = Errands(timedelta(milliseconds=20)), Event(), list[int]()

    def work() -> Told:
        go_on.wait(10)
        done.append(1)
        return Told("done")

    first = errands.run("1", work)
    assert first.told is None
    assert errands.run("1", work) is first
    assert errands.run("2", lambda: Told("other")).told == Told("other")
    go_on.set()
    errands.wait(timedelta(seconds=10))
    assert (first.told, done) == (Told("done"), [1])
    assert errands.run("1", lambda: Told("again")).told == Told("again")


def test_words_that_came_while_something_else_was_done_are_kept_and_not_taken_for_done() -> None:
    errands, go_on = Errands(timedelta(milliseconds=20)), Event()

    def work() -> Told:
        go_on.wait(10)
        return Told("done")

    first = errands.run("1", work, "Words of mine")
    assert errands.run("1", work, "Words of mine") is first, "a second click is the same command"
    second = errands.run("1", work, "Other words of mine")
    assert second.told is not None
    assert (second.told.ending, second.unsaved) == (Ending.FAILED, "Other words of mine")
    assert errands.find(second.id) is second
    go_on.set()
    errands.wait(timedelta(seconds=10))
    assert (first.told, first.unsaved) == (Told("done"), "Words of mine")


def test_the_last_ones_are_kept_and_no_more() -> None:
    errands = Errands()
    ids = [errands.run(str(number), lambda: Told("done")).id for number in range(MOST_KEPT + 1)]
    assert errands.find(ids[0]) is None
    assert errands.find(ids[1]) is not None
    assert errands.find("") is None
