"""Commands under way: one for each thing at a time, told once they end, whatever ends them."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
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
    told = Errands().run("1", "save", lambda: _raising(error)).told
    assert told is not None
    assert (told.ending, says in told.words) == (ending, True)
    assert "secret" not in told.words


def test_it_is_told_where_the_log_is_broken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise OSError("Input/output error")

    heard: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr("threading.excepthook", heard.append)
    monkeypatch.setattr("structlog.get_logger", broken)
    told = Errands().run("1", "save", lambda: _raising(ZeroDivisionError("secret"))).told
    assert told is not None
    assert told.ending is Ending.FAILED
    assert [args.exc_type for args in heard] == [OSError]


def test_what_is_to_be_changed_is_listed_with_its_place() -> None:
    problem = NotLetIn(Problem("WATCHER_IMAP_PASSWORD", "is wrong", "correct it"))
    told = Errands().run("1", "save", lambda: _raising(problem)).told
    assert told is not None
    assert list(told.lines) == ["WATCHER_IMAP_PASSWORD: is wrong. Correct it."]


@dataclass
class Slow:
    """A command that ends when it may, and how often it was done."""

    go_on: Event = field(default_factory=Event)
    done: int = 0

    def __call__(self) -> Told:
        self.go_on.wait(10)
        self.done += 1
        return Told("done")


def test_about_one_thing_there_is_one_at_a_time() -> None:
    errands, work = Errands(timedelta(milliseconds=20)), Slow()
    first = errands.run("1", "save", work)
    assert first.told is None
    assert errands.run("1", "save", work) is first
    assert errands.run("2", "save", lambda: Told("other")).told == Told("other")
    work.go_on.set()
    errands.wait(timedelta(seconds=10))
    assert (first.told, work.done) == (Told("done"), 1)
    assert errands.run("1", "save", lambda: Told("again")).told == Told("again")


@pytest.mark.parametrize("order", ["remove", ("save", "Other words"), ("save", ""), None])
@pytest.mark.parametrize(("unsaved", "says"), [("", "Not done: another"), ("Other words", "Not saved: another")])
def test_another_command_is_put_off_and_not_taken_for_done(order: Hashable, unsaved: str, says: str) -> None:
    errands, work = Errands(timedelta(milliseconds=20)), Slow()
    first = errands.run("1", ("save", "Words"), work, "Words")
    second = errands.run("1", order, work, unsaved)
    assert second.told is not None
    assert second.told.words.startswith(says)
    assert (second.told.ending, second.unsaved) == (Ending.FAILED, unsaved)
    assert errands.find(second.id) is second
    work.go_on.set()
    errands.wait(timedelta(seconds=10))
    assert (first.told, first.unsaved, work.done) == (Told("done"), "Words", 1)


def test_the_last_ones_are_kept_and_no_more() -> None:
    errands = Errands()
    ids = [errands.run(str(number), "save", lambda: Told("done")).id for number in range(MOST_KEPT + 1)]
    assert errands.find(ids[0]) is None
    assert errands.find(ids[1]) is not None
    assert errands.find("") is None
