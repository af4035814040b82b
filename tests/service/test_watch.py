"""One mailbox under watch: it begins anew with a fresh connection, waits as it is told, and never stays away."""

from datetime import timedelta
from threading import Thread

import pytest
from service.world import FIVE_MINUTES, Server, TwinHearing, World, refused

from watcher.adapters.imap import Security
from watcher.adapters.imap import Server as ImapServer
from watcher.domain.schedule import QuietHours, Rhythm
from watcher.errors import Problem, Show, ShowForNow, TryAgain
from watcher.service import Idle
from watcher.service.timetable import Lane
from watcher.service.watch import LONGEST_GAP, NEWS_GAP, RENEWAL
from watcher.watching.happenings import GaveUp, PassEnded, PassFailed, Rest, Resting

TWO_MINUTES = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("failure", [TryAgain("gone"), RuntimeError("never thought of"), RecursionError()])
def test_after_a_failure_there_is_a_new_connection(world: World, failure: Exception) -> None:
    server = Server(trouble=[failure])
    watch = world.watch(server=server)
    assert isinstance(watch.one_pass(), PassFailed)
    assert watch.lane is Lane.AILING
    assert isinstance(watch.one_pass(), PassEnded)
    assert watch.lane is Lane.WELL
    assert [one.is_closed for one in server.connections] == [True, False]


def test_an_error_of_its_own_tells_nothing_personal(world: World) -> None:
    failed = world.watch(server=Server(trouble=[RuntimeError("Ottoline Marsh")])).one_pass()
    assert isinstance(failed, PassFailed)
    assert "RuntimeError" in failed.problem
    assert "Ottoline" not in failed.problem


@pytest.mark.parametrize("seconds", [30.0, 300.0, 3600.0])
def test_a_server_is_left_alone_as_long_as_it_asks(world: World, seconds: float) -> None:
    watch = world.watch(server=Server(trouble=[TryAgain("Suggested Backoff Time", wait=seconds)]))
    watch.one_pass()
    assert watch.wake - world.clock.at >= timedelta(seconds=seconds)


def test_no_number_of_failures_ends_it_or_keeps_it_away(world: World) -> None:
    watch = world.watch(server=Server(trouble=[TryAgain("gone")] * 50))
    for _ in range(50):
        failed = watch.one_pass()
        assert isinstance(failed, PassFailed)
        assert failed.next_at == watch.wake
        assert SECOND <= watch.wake - world.clock.at <= LONGEST_GAP
    # A connection that stands but says nothing is noticed within one wait, and the next is tried after this gap.
    assert LONGEST_GAP + timedelta(seconds=ImapServer("", 993, Security.TLS, "", "").timeout) < TWO_MINUTES


def test_what_only_the_person_can_change_ends_it_at_once(world: World) -> None:
    """A wrong password is tried once: no provider locks the account."""
    server = Server(trouble=[refused()])
    watch = world.watch(server=server)
    gave_up = watch.one_pass()
    assert isinstance(gave_up, GaveUp)
    assert gave_up.problem.problems[0].where == "WATCHER_IMAP_PASSWORD"
    assert watch.one_pass() is None
    assert [one.is_closed for one in server.connections] == [True]


def test_what_is_put_right_elsewhere_is_told_and_tried_again(world: World) -> None:
    """A certificate that its server renews a day late, a clock that is set a minute after the machine began."""
    server = Server(refusal=ShowForNow(Problem("WATCHER_IMAP_HOST", "not yet valid", "set the clock")))
    watch = world.watch(server=server)
    failed = watch.one_pass()
    assert isinstance(failed, PassFailed)
    assert "set the clock" in failed.problem
    server.refusal = None
    assert isinstance(watch.one_pass(), PassEnded)


def test_the_next_pass_is_due_after_the_interval_and_never_later(world: World) -> None:
    world.rhythm = Rhythm(FIVE_MINUTES, jitter=timedelta(seconds=30))
    watch = world.watch()
    waits = set()
    for _ in range(20):
        world.clock.at = watch.wake
        ended = watch.one_pass()
        assert isinstance(ended, PassEnded)
        assert ended.next_at == watch.wake
        waits.add(watch.wake - world.clock.at)
    assert timedelta(minutes=4.5) <= min(waits) < max(waits) <= timedelta(minutes=5)


# --------------------------------------------------------------------------------------------------------- quiet hours


def test_in_quiet_hours_nothing_is_asked_and_it_is_told_once(world: World) -> None:
    hour = world.clock.at.hour
    quiet = QuietHours(world.clock.at.time().replace(hour=hour + 1), world.clock.at.time().replace(hour=hour + 3))
    world.rhythm = Rhythm(FIVE_MINUTES, quiet=(quiet,))
    server = Server(knows_idle=True)
    watch = world.watch(server=server)
    assert isinstance(watch.one_pass(), PassEnded)
    assert watch.listen()
    world.clock.at += timedelta(hours=1)
    until = world.clock.at + timedelta(hours=2)
    assert watch.one_pass() == Resting("me@example.test", world.clock.at, Rest.QUIET_HOURS, until)
    assert (watch.wake, server.open_connections) == (until, 0)
    watch.news()
    assert watch.one_pass() is None
    assert (watch.wake, len(server.connections)) == (until, 1)
    world.clock.at = until
    assert isinstance(watch.one_pass(), PassEnded)


# ----------------------------------------------------------------------------------------------------------- listening


def test_what_is_listened_to_is_ended_before_the_next_pass(world: World) -> None:
    server = Server(knows_idle=True)
    watch = world.watch(server=server)
    watch.one_pass()
    assert watch.listen() is server.connections[0].hearing
    assert isinstance(watch.one_pass(), PassEnded)  # the twin refuses to be asked while it is listened to
    assert len(server.connections) == 1


def test_a_connection_that_broke_while_it_was_to_be_listened_to_is_used_no_more(world: World) -> None:
    server = Server(knows_idle=True, deaf=TryAgain("gone"))
    watch = world.watch(server=server)
    watch.one_pass()
    assert watch.listen() is None
    watch.rest_connection(keeps=True)
    assert server.open_connections == 0
    assert isinstance(watch.one_pass(), PassEnded)


def test_a_listening_is_renewed_in_time(world: World) -> None:
    world.rhythm = Rhythm(type(FIVE_MINUTES)(timedelta(days=1)))
    watch = world.watch(server=Server(knows_idle=True))
    watch.one_pass()
    assert watch.wake - world.clock.at == timedelta(days=1)
    watch.listen()
    assert RENEWAL * 0.8 <= watch.wake - world.clock.at <= RENEWAL < timedelta(minutes=29)


def test_a_link_that_died_meanwhile_costs_no_pass(world: World) -> None:
    server = Server(knows_idle=True)
    watch = world.watch(server=server)
    watch.one_pass()
    watch.listen()
    hearing = server.connections[0].hearing
    assert hearing is not None
    hearing.die()
    assert isinstance(watch.one_pass(), PassEnded)
    assert [one.is_closed for one in server.connections] == [True, False]


def test_a_server_that_ends_every_listening_is_left_alone_for_longer_each_time(world: World) -> None:
    watch = world.watch(server=Server(knows_idle=True))
    waits = []
    for _ in range(30):
        watch.one_pass()
        watch.listen()
        watch.lost()
        waits.append(watch.wake - world.clock.at)
        world.clock.at = watch.wake
    assert min(waits) >= SECOND
    assert max(waits[:2]) <= timedelta(seconds=10)
    assert LONGEST_GAP / 10 < max(waits) <= LONGEST_GAP


def test_no_storm_of_news_brings_a_storm_of_passes(world: World) -> None:
    watch = world.watch(server=Server(knows_idle=True))
    watch.one_pass()
    for _ in range(3):
        watch.news()
    assert watch.wake == world.clock.at + NEWS_GAP
    world.clock.at += timedelta(minutes=1)
    watch.news()
    assert watch.wake < world.clock.at


def test_a_server_without_idle_is_told_of_only_where_the_person_wants_it(world: World) -> None:
    watch = world.watch()
    watch.one_pass()
    assert watch.listen() is None
    world.idle = Idle.ON
    strict = world.watch("other@example.test")
    strict.one_pass()
    with pytest.raises(Show, match="WATCHER_IDLE"):
        strict.listen()


def test_switched_off_nobody_listens(world: World) -> None:
    world.idle = Idle.OFF
    server = Server(knows_idle=True)
    watch = world.watch(server=server)
    watch.one_pass()
    assert watch.listen() is None
    assert server.connections[0].hearing is None


@pytest.mark.parametrize(("keeps", "gap", "is_open"), [(True, 5, 1), (False, 5, 0), (True, 60, 0)])
def test_a_connection_is_kept_for_a_pass_that_comes_soon(world: World, keeps: bool, gap: int, is_open: int) -> None:
    world.rhythm = Rhythm(type(FIVE_MINUTES)(timedelta(minutes=gap)))
    server = Server()
    watch = world.watch(server=server)
    watch.one_pass()
    watch.rest_connection(keeps=keeps)
    assert server.open_connections == is_open


# ---------------------------------------------------------------------------------------------------------- the clock


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(hours=-1), timedelta(hours=5)])
def test_a_clock_that_is_put_forward_or_back_delays_nothing(world: World, jump: timedelta) -> None:
    watch = world.watch()
    watch.one_pass()
    world.clock.at += jump
    watch.reckon_anew()
    assert watch.wake - world.clock.at <= timedelta(minutes=5)


# ------------------------------------------------------------------------------------------------------------ the end


def test_a_server_that_does_not_answer_the_goodbye_is_cut_off(world: World) -> None:
    """Else the end of the program would wait for it as long as for any answer."""
    server = Server(knows_idle=True)
    watch = world.watch(server=server)
    watch.one_pass()
    hearing = watch.listen()
    assert isinstance(hearing, TwinHearing)
    hearing.answers_done = False
    ending = Thread(target=watch.end, args=(5.0,), daemon=True)
    ending.start()
    assert hearing.waits_done.wait(5)
    watch.cut()
    ending.join(5)
    assert not ending.is_alive()
    assert server.open_connections == 0
