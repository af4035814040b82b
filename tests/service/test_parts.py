"""Parts in threads of their own: each goes on whatever befalls one mailbox, and is begun anew where it breaks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Barrier, Event, Thread

import pytest
from service.world import TwinHearing

from watcher.service.ears import Ears
from watcher.service.parts import Part
from watcher.service.timetable import WORKERS, Lane, Timetable

SOON = 10.0


def _next(queue: SimpleQueue[str]) -> str | None:
    try:
        return queue.get(timeout=SOON)
    except Empty:
        return None


# ---------------------------------------------------------------------------------------------------------------- ears


class Hearers:
    """Ears in their thread, and whom they told what."""

    def __init__(self) -> None:
        self.news: SimpleQueue[str] = SimpleQueue()
        self.lost: SimpleQueue[str] = SimpleQueue()
        self.ears = Ears(self.news.put, self.lost.put)


@pytest.fixture
def hearers() -> Iterator[Hearers]:
    found, stop = Hearers(), Event()
    thread = Thread(target=found.ears.listen, args=(stop,), daemon=True)
    thread.start()
    yield found
    stop.set()
    found.ears.wake()
    thread.join(SOON)
    assert not thread.is_alive()


def test_each_mailbox_is_heard_and_no_longer_once_it_was(hearers: Hearers) -> None:
    anna, bert = TwinHearing(), TwinHearing()
    hearers.ears.lend("anna", anna)
    hearers.ears.lend("bert", bert)
    bert.say(b"* OK Still here\r\n")
    anna.say(b"* 3 EXISTS\r\n")
    assert _next(hearers.news) == "anna"
    bert.say(b"* 7 EXISTS\r\n")
    assert _next(hearers.news) == "bert"
    assert len(hearers.ears) == 0
    assert hearers.lost.empty()


def test_what_came_before_anybody_listened_is_heard_at_once(hearers: Hearers) -> None:
    hearing = TwinHearing()
    hearing.say(b"* 3 EXISTS\r\n")
    hearers.ears.lend("anna", hearing)
    assert hearers.news.get_nowait() == "anna"


def test_a_link_that_dies_is_told_as_lost(hearers: Hearers) -> None:
    hearing = TwinHearing()
    hearers.ears.lend("anna", hearing)
    hearing.die()
    assert _next(hearers.lost) == "anna"


class Unthought(TwinHearing):
    """A hearing with a fault that nobody thought of."""

    def heard(self) -> bool:
        raise RuntimeError


def test_one_that_breaks_does_not_make_the_others_unheard(hearers: Hearers) -> None:
    hearers.ears.lend("anna", Unthought())
    assert _next(hearers.lost) == "anna"
    bert = TwinHearing()
    hearers.ears.lend("bert", bert)
    bert.say(b"* 3 EXISTS\r\n")
    assert _next(hearers.news) == "bert"


def test_what_was_taken_back_is_read_by_nobody_else(hearers: Hearers) -> None:
    anna, bert = TwinHearing(), TwinHearing()
    hearers.ears.lend("anna", anna)
    hearers.ears.lend("bert", bert)
    hearers.ears.take_back("anna")
    anna.say(b"* 3 EXISTS\r\n")
    bert.say(b"* 3 EXISTS\r\n")
    assert _next(hearers.news) == "bert"
    assert hearers.news.empty()
    assert anna.heard()


# ----------------------------------------------------------------------------------------------------------- timetable


@contextmanager
def _firing(fire: Callable[[str], None], refill: Callable[[Timetable], None]) -> Iterator[SimpleQueue[str]]:
    fired: SimpleQueue[str] = SimpleQueue()
    timetable = Timetable(fire, fired.put, lambda: refill(timetable))
    thread = Thread(target=timetable.run, daemon=True)
    thread.start()
    try:
        yield fired
    finally:
        timetable.end()
        thread.join(SOON)
    assert not thread.is_alive()


def test_what_is_overdue_is_fired_at_once_and_once() -> None:
    def refill(timetable: Timetable) -> None:
        timetable.set("anna", datetime.now(UTC) - timedelta(days=3), Lane.WELL)

    count: list[str] = []
    with _firing(count.append, refill) as fired:
        assert _next(fired) == "anna"
    assert count == ["anna"]


def test_a_pass_that_breaks_is_followed_by_the_next_all_the_same() -> None:
    def fire(name: str) -> None:
        raise RuntimeError(name)

    with _firing(fire, lambda timetable: timetable.set("anna", datetime.now(UTC), Lane.WELL)) as fired:
        assert _next(fired) == "anna"


def test_however_many_hang_in_the_lane_of_the_ailing_the_others_have_theirs() -> None:
    go_on = Event()

    def fire(name: str) -> None:
        if name.startswith("hangs"):
            go_on.wait(SOON * 3)

    def refill(timetable: Timetable) -> None:
        for number in range(3 * WORKERS[Lane.AILING]):
            timetable.set(f"hangs {number}", datetime.now(UTC), Lane.AILING)
        timetable.set("well", datetime.now(UTC) + timedelta(seconds=0.2), Lane.WELL)

    with _firing(fire, refill) as fired:
        assert _next(fired) == "well"
        go_on.set()
        assert _next(fired)


def test_no_more_passes_run_at_the_same_time_than_a_lane_has_workers() -> None:
    together = Barrier(WORKERS[Lane.WELL])
    names = [f"no{number}" for number in range(2 * WORKERS[Lane.WELL])]

    def refill(timetable: Timetable) -> None:
        for name in names:
            timetable.set(name, datetime.now(UTC), Lane.WELL)

    with _firing(lambda _: together.wait(SOON) and None, refill) as fired:
        assert sorted(str(_next(fired)) for _ in names) == sorted(names)
    assert not together.broken


# --------------------------------------------------------------------------------------------------------------- parts


def test_a_part_that_breaks_is_told_and_begun_anew() -> None:
    stop, begun, broken = Event(), SimpleQueue[str](), SimpleQueue[tuple[str, Exception, timedelta]]()

    def work() -> None:
        begun.put("begun")
        if begun.qsize() == 1:
            raise OSError("no thread left")
        stop.wait(SOON)

    Part("ears", work, lambda *words: broken.put(words), stop).start()
    name, error, wait = broken.get(timeout=SOON)
    assert (name, type(error)) == ("ears", OSError)
    deadline = time.monotonic() + SOON
    while begun.qsize() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    assert begun.qsize() == 2
    assert timedelta(seconds=1) <= wait <= timedelta(seconds=5)
