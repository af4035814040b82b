"""Reports, notices that are kept, and a bell over a world whose clock is put on by hand."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from builders import NOW, a_reading
from service.world import Server, World

from watcher.cycle import PassReport
from watcher.domain.lifecycle import State
from watcher.domain.schedule import Every, Rhythm
from watcher.errors import TryAgain
from watcher.ports import Ledger, Notice, PassSummary, Traffic
from watcher.service import Service, Wanted, Watch
from watcher.steps.acting import Outcome
from watcher.watching.bell import Bell, Guarded
from watcher.watching.happenings import PassEnded
from watcher.watching.standing import Manner, Standings

FIVE_MINUTES = timedelta(minutes=5)
MANNER = Manner(Rhythm(Every(FIVE_MINUTES)))
ADDRESS = "me@example.test"


def a_report(*outcomes: Outcome, **changes: Any) -> PassReport:
    states = [outcome.state for outcome in outcomes]
    summary = PassSummary(ADDRESS, NOW, NOW + timedelta(seconds=2), completed=True, invitations=len(outcomes),
        drafted=states.count(State.DRAFTED), held=states.count(State.HELD))  # fmt: skip
    return PassReport(replace(summary, **changes), outcomes, Traffic(7, 900, 80), {})


def an_outcome(state: State = State.DRAFTED, **changes: Any) -> Outcome:
    return Outcome(a_reading(**changes), state, "because")


def ended(account: str, at: datetime, next_in: timedelta = FIVE_MINUTES, **changes: Any) -> PassEnded:
    return PassEnded(account, at, a_report(**changes), at + next_in)


@dataclass(eq=False)
class KeptOutbox:
    """Implements `ports.Outbox`: keeps what it is given."""

    is_here: bool = False
    notices: list[Notice] = field(default_factory=list)

    def post(self, notice: Notice) -> None:
        self.notices.append(notice)

    @property
    def titles(self) -> list[str]:
        return [notice.title for notice in self.notices]


class BrokenLedger:
    """A ledger that fails, whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_words: Any, **_named: Any) -> None:
            raise TryAgain("the disk is full")

        return fail


@dataclass
class Attended:
    """Mailboxes of a world under one service, with a bell that looks each minute."""

    world: World
    outbox: KeptOutbox = field(default_factory=KeptOutbox)
    manners: dict[str, Manner] = field(default_factory=dict)
    guarded: dict[str, Guarded] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    rung: list[tuple[datetime, str]] = field(default_factory=list)
    standings: Standings = field(init=False)
    bell: Bell = field(init=False)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """As after a restart: what was not written down is forgotten."""
        self.standings = Standings(lambda: self.manners)
        self.bell = Bell(self.standings, lambda: self.guarded, self.world.clock)
        self.service = Service(lambda: Wanted(self.watches, {}), self.world.clock, [self.world.told, self.standings])
        self.service._timetable = self.world.timetable  # type: ignore[assignment] # noqa: SLF001 - put on by hand

    def add(self, name: str, server: Server | None = None, ledger: Ledger | None = None) -> Server:
        self.watches[name] = self.world.watch(name, server)
        self.manners[name] = Manner(self.world.rhythm)
        account = self.watches[name].account.name
        self.guarded[name] = Guarded(account, ledger or self.world.ledger, [self.outbox])
        return self.world.servers[name]

    def live(self, time: timedelta, *, is_silent: bool = False) -> None:
        """So much time goes by; where the service `is_silent`, it does nothing in it."""
        until = self.world.clock.at + time
        while self.world.clock.at < until:
            if is_silent:
                self.world.clock.at += timedelta(minutes=1)
            else:
                self.world.run(self.service, timedelta(minutes=1))
            self.look()

    def look(self) -> None:
        """What the minder does each time, as far as alarms go."""
        before = len(self.outbox.notices)
        self.standings.mind_clock(self.world.clock.at)
        self.bell.look()
        self.rung += [(self.world.clock.at, notice.title) for notice in self.outbox.notices[before:]]
