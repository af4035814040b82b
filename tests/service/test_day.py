"""A day at the speed of a fake clock: every interval has a pass that completed, or a failure that was told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from service.world import FIVE_MINUTES, Server, World

from watcher.adapters.cron import Cron
from watcher.domain.schedule import Moments, QuietHours, Rhythm
from watcher.errors import TryAgain
from watcher.watching.happenings import Happening, PassEnded, PassFailed, Resting

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
RESTART = 6 * MINUTE
ORDINARY = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


@dataclass
class Troubles:
    """What befalls a server in a day: a token that ends each hour, and four restarts, in which every link dies."""

    world: World
    server: Server
    hours: set[int] = field(default_factory=set)

    def befall(self) -> None:
        since = self.world.clock.at - ORDINARY
        hour = since // HOUR
        if hour not in self.hours and since % HOUR > 30 * MINUTE:
            self.hours.add(hour)
            self.server.trouble.append(TryAgain("the token has ended"))
        is_down = hour % 6 == 5 and since % HOUR < RESTART
        self.server.refusal = TryAgain("cannot be reached") if is_down else None
        for connection in self.server.connections if is_down else ():
            if connection.hearing is not None and not connection.is_closed:
                connection.hearing.die()


def _told_in(happenings: list[Happening], begin: datetime, end: datetime) -> list[Happening]:
    spoken = (PassEnded, PassFailed, Resting)
    return [one for one in happenings if isinstance(one, spoken) and begin <= one.at.astimezone(UTC) < end]


def _silent(world: World, begin: datetime, end: datetime, interval: timedelta) -> list[datetime]:
    """Intervals of which nobody heard."""
    count = (end - begin) // interval
    starts = [begin + interval * number for number in range(count)]
    return [start for start in starts if not _told_in(world.told.happenings, start, start + interval)]


def _run(world: World, time: timedelta, acts: tuple[Callable[[], None], ...] = ()) -> None:
    service = world.service({"anna": world.watch("anna", world.servers.get("anna") or Server(knows_idle=True))})
    service.begin()
    world.run(service, time, acts)


def test_a_day_of_tokens_that_end_and_servers_that_restart(world: World) -> None:
    world.clock.at = ORDINARY
    world.servers["anna"] = Server(knows_idle=True)
    troubles = Troubles(world, world.servers["anna"])
    _run(world, DAY, (troubles.befall,))
    assert _silent(world, ORDINARY, ORDINARY + DAY, FIVE_MINUTES.gap) == []
    assert len(world.told.of(PassFailed)) >= 24 + 4
    completed = [one.at for one in world.told.of(PassEnded)]
    back_within = 2 * MINUTE
    assert max(later - earlier for earlier, later in pairwise(completed)) <= FIVE_MINUTES.gap + RESTART + back_within


@pytest.mark.parametrize("begin", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("moments", [FIVE_MINUTES, Cron("*/5 * * * *", BERLIN)], ids=["interval", "cron"])
def test_nights_in_which_clocks_change_have_as_many_passes_as_hours(
    world: World, begin: datetime, moments: Moments
) -> None:
    world.clock.at = begin
    world.rhythm = Rhythm(moments, zone=BERLIN)
    _run(world, 8 * HOUR)
    assert _silent(world, begin, begin + 8 * HOUR, FIVE_MINUTES.gap) == []
    assert len(world.told.of(PassEnded)) == 8 * 12 + 1


@pytest.mark.parametrize("begin", [SPRING, AUTUMN, ORDINARY], ids=["spring", "autumn", "ordinary"])
def test_quiet_hours_are_by_the_clock_on_the_wall(world: World, begin: datetime) -> None:
    night = QuietHours(datetime(2026, 1, 1, 23, 30).time(), datetime(2026, 1, 1, 7, 0).time())  # noqa: DTZ001 - times
    world.clock.at = begin
    world.rhythm = Rhythm(FIVE_MINUTES, quiet=(night,), zone=BERLIN)
    _run(world, DAY)
    local = [one.at.astimezone(BERLIN).time() for one in world.told.of(PassEnded)]
    assert not any(night.covers(moment) for moment in local)
    (rest,) = world.told.of(Resting)[:1]
    assert rest.until is not None
    assert rest.until.astimezone(BERLIN).time() == night.end
    assert min(one.at for one in world.told.of(PassEnded) if one.at >= rest.until) == rest.until


@pytest.mark.parametrize("jump", [3 * HOUR, timedelta(days=2), -2 * HOUR, -timedelta(days=400)], ids=str)
def test_a_machine_that_slept_or_whose_clock_was_set_goes_on_at_once_and_once(world: World, jump: timedelta) -> None:
    world.clock.at = ORDINARY
    service = world.service({"anna": world.watch("anna")})
    service.begin()
    world.run(service, HOUR)
    before = len(world.told.of(PassEnded))
    world.clock.at += jump
    service.mind_clock()
    after_jump = world.clock.at
    world.run(service, MINUTE)
    assert len(world.told.of(PassEnded)) - before == 1  # what was missed, once
    world.run(service, HOUR)
    assert _silent(world, after_jump, after_jump + HOUR, FIVE_MINUTES.gap) == []
