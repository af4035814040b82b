"""Notices on their way: whoever posts one never waits, and each is told once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

import pytest

from watcher.adapters.telling import ThreadedOutbox, outbox
from watcher.errors import TryAgain
from watcher.ports import Notice

FIRST, SECOND = Notice("one", "first"), Notice("two", "second")


@dataclass
class Messenger:
    """Fails as often as it is told to, then takes what comes; hangs while it `is_stuck`."""

    failures: list[Exception] = field(default_factory=list)
    taken: list[Notice] = field(default_factory=list)
    stuck: Event = field(default_factory=Event)
    name: str = "a way"
    is_here: bool = True

    def __post_init__(self) -> None:
        self.stuck.set()

    def tell(self, notice: Notice) -> None:
        self.stuck.wait(30)
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(notice)


@pytest.fixture
def messenger() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stuck.set()


def _told(box: ThreadedOutbox) -> None:
    box.close(20)


def test_notices_are_told_in_their_order(messenger: Messenger) -> None:
    box = ThreadedOutbox(messenger, pytest.fail)
    box.post(FIRST)
    box.post(SECOND)
    _told(box)
    assert messenger.taken == [FIRST, SECOND]


def test_what_was_refused_is_tried_again(messenger: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "back_off", lambda *_: outbox.LONGEST_WAIT * 0)
    messenger.failures = [TryAgain("no answer"), ValueError("a fault")]
    troubles: list[str] = []
    box = ThreadedOutbox(messenger, troubles.append)
    box.post(FIRST)
    deadline = monotonic() + 20
    while not messenger.taken and monotonic() < deadline:
        Event().wait(0.01)
    assert messenger.taken == [FIRST]
    assert troubles == ["no answer: one", "a way failed (ValueError): one"]


def test_what_hangs_keeps_neither_the_others_nor_the_end_waiting(messenger: Messenger) -> None:
    troubles: list[str] = []
    hanging, well = Messenger(), messenger
    hanging.stuck.clear()
    stuck, free = ThreadedOutbox(hanging, troubles.append, 0.05), ThreadedOutbox(well, pytest.fail)
    for box in (stuck, free):
        box.post(FIRST)
        box.post(SECOND)
    _told(free)
    _told(stuck)
    assert well.taken == [FIRST, SECOND]
    assert troubles == ["a way did not answer within 0.05 s: one", "a way still hangs, so this is not told: two"]
    hanging.stuck.set()


def test_too_many_are_dropped_and_nobody_waits(messenger: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST", 3)
    messenger.stuck.clear()
    troubles: list[str] = []
    box = ThreadedOutbox(messenger, troubles.append)
    for _ in range(10):
        box.post(FIRST)
    assert all("dropped" in trouble for trouble in troubles)
    assert 6 <= len(troubles) <= 7  # one may be under way already


def test_an_end_with_nothing_to_tell_is_at_once(messenger: Messenger) -> None:
    before = monotonic()
    ThreadedOutbox(messenger, pytest.fail).close(60)
    assert monotonic() - before < 30
