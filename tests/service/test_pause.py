"""While the person wants none, no pass is begun; they may go on at any time, and a broken ledger starts nothing."""

from datetime import timedelta

import pytest
from service.world import World, refused

from watcher.errors import Show, TryAgain
from watcher.ports import Pause
from watcher.service.watch import Watch
from watcher.watching.happenings import GaveUp, PassEnded, PassFailed, Rest, Resting

ME = "me@example.test"
FIVE_MINUTES = timedelta(minutes=5)


def _paused(world: World, until: timedelta | None = None) -> Watch:
    at = world.clock.at
    world.ledger.pause(ME, Pause(at, at + until if until else None))
    return world.watch()


def test_a_pause_is_told_once_and_nobody_connects(world: World) -> None:
    watch = _paused(world)
    assert watch.one_pass() == Resting(ME, world.clock.at, Rest.PAUSED, None)
    world.clock.at = watch.wake
    assert watch.one_pass() is None
    assert world.servers[ME].connections == []


def test_the_connection_is_given_back(world: World) -> None:
    watch = world.watch()
    assert isinstance(watch.one_pass(), PassEnded)
    world.ledger.pause(ME, Pause(world.clock.at, None))
    assert isinstance(watch.one_pass(), Resting)
    assert world.servers[ME].open_connections == 0


@pytest.mark.parametrize("until", [None, timedelta(days=3)])
def test_whoever_goes_on_waits_for_no_more_than_the_interval(world: World, until: timedelta | None) -> None:
    watch = _paused(world, until)
    watch.one_pass()
    assert watch.wake <= world.clock.at + FIVE_MINUTES
    world.ledger.resume(ME)
    world.clock.at = watch.wake
    assert isinstance(watch.one_pass(), PassEnded)


def test_a_pause_that_is_over_is_over(world: World) -> None:
    watch = _paused(world, timedelta(minutes=1))
    watch.one_pass()
    assert watch.wake == world.clock.at + timedelta(minutes=1)
    world.clock.at = watch.wake
    assert isinstance(watch.one_pass(), PassEnded)


@pytest.mark.parametrize(("trouble", "told"), [(TryAgain("locked"), PassFailed), (refused("WATCHER_LEDGER"), GaveUp)])
def test_where_the_ledger_does_not_say_no_pass_is_begun(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: TryAgain | Show, told: type
) -> None:
    watch = world.watch()

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(world.ledger, "paused", fail)
    assert isinstance(watch.one_pass(), told)
    assert world.servers[ME].connections == []


def test_after_a_ledger_that_failed_in_between_the_pause_is_told_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever counts missing passes has heard of a failure, and would else know of no pause."""
    watch = _paused(world)
    told = watch.one_pass()
    with monkeypatch.context() as broken:
        broken.setattr(world.ledger, "paused", _locked)
        assert isinstance(watch.one_pass(), PassFailed)
    assert watch.one_pass() == told
    watch.begin()
    assert watch.one_pass() == told


def _locked(*_: object) -> None:
    raise TryAgain("locked")
