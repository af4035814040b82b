"""Left running: every mailbox looked over on its schedule and when its server tells of news, until told to stop.

The main thread takes orders and looks after the clock; one thread fires what is due, one hears the servers, and the
workers do passes. A mailbox that fails, hangs or has to be given up concerns no other. Told to stop, invitations in
hand are finished; what does not answer is cut off, so that the end comes within `GRACE` and `LAST_WORDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from time import monotonic

from watcher.errors import Problem, Show, TryAgain
from watcher.ports import Clock
from watcher.service.ears import Ears
from watcher.service.parts import Part
from watcher.service.telling import Telling
from watcher.service.timetable import Timetable
from watcher.service.watch import Watch
from watcher.watching.happenings import GaveUp, KeptOld, Listener, Listening, PartBroke, Started, Stopping

GRACE = 7.0
"""Seconds for which passes under way may go on after the order to stop, before their connections are cut."""

LAST_WORDS = 2.0
"""Seconds for which the end waits for passes whose connections were cut."""

KEPT_OPEN = 20
"""With more mailboxes than this, a connection that nobody listens to is closed after each pass."""

LOOK = 5.0
"""Seconds after which the main thread looks at the clock."""

JUMP = 2.0
"""Seconds by which a clock may differ from the time that went by, before it counts as put forward or back."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The mailboxes to watch, by name; of those with `problems` none that could be watched.

    A watch whose settings are the same as before is the very same object.
    """

    watches: Mapping[str, Watch]
    problems: Mapping[str, Show]


class _Order(Enum):
    STOP = auto()
    RELOAD = auto()


@dataclass(slots=True)
class Service:
    """Watches what `load` wants, now and at each reload; `listeners` hear of everything.

    `load` raises Show where nothing of it can be used.
    """

    load: Callable[[], Wanted]
    clock: Clock
    listeners: Sequence[Listener]
    given_up: dict[str, Show] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    _orders: SimpleQueue[_Order] = field(default_factory=SimpleQueue)
    _stop: Event = field(default_factory=Event)
    _telling: Telling = field(init=False)
    _timetable: Timetable = field(init=False)
    _ears: Ears = field(init=False)
    _seen: tuple[datetime, float] = field(init=False)

    def __post_init__(self) -> None:
        self._telling = Telling(self.listeners, self.clock)
        self._timetable = Timetable(self.fire, self.plan, self._plan_all)
        self._ears = Ears(self._news, self._lost)
        self._seen = (self.clock.now(), monotonic())

    # ---------------------------------------------------------------------------------------------------- what is done

    def run(self) -> None:
        """Watch until `stop`. Raises Show where no mailbox is left: the person has to change something."""
        self.begin()
        for name, work in (("timetable", self._timetable.run), ("ears", lambda: self._ears.listen(self._stop))):
            Part(name, work, self._part_broke, self._stop).start()
        self._attend()
        self._telling.tell(Stopping(self.clock.now()))
        self._end()
        if not self.watches:
            raise Show(*(problem for shown in self.given_up.values() for problem in shown.problems))

    def stop(self) -> None:
        """Have it end; from whatever thread, or from a signal."""
        self._orders.put(_Order.STOP)

    def reload(self) -> None:
        """Have it read settings and accounts again; from whatever thread, or from a signal."""
        self._orders.put(_Order.RELOAD)

    def _attend(self) -> None:
        while True:
            try:
                order = self._orders.get(timeout=LOOK)
            except Empty:
                order = None
            if order is _Order.STOP:
                return
            if order is _Order.RELOAD:
                self.take_up()
            self.mind_clock()

    # ------------------------------------------------------------------------------------------------- which mailboxes

    def begin(self) -> None:
        """Take up what is wanted at first. Raises Show where that is nothing."""
        wanted = self.load()
        for name, problem in wanted.problems.items():
            self._give_up(GaveUp(name, self.clock.now(), problem))
        for name, watch in wanted.watches.items():
            self._watch(name, watch)

    def take_up(self) -> None:
        """Take up what is wanted now. What is wrong with it is told, and the old goes on."""
        wanted = self._newly_wanted()
        if wanted is None:
            return
        for name, problem in wanted.problems.items():
            self._refuse(name, problem)
        for name in set(self.watches) | set(self.given_up):
            if name not in wanted.watches and name not in wanted.problems:
                self._dismiss(name)
        for name, watch in wanted.watches.items():
            if self.watches.get(name) is not watch:
                self._dismiss(name)
                self._watch(name, watch)
            elif watch.is_failing:
                self._hurry(name, Watch.wait_no_longer)
        self._stop_without_mailbox()

    def _newly_wanted(self) -> Wanted | None:
        try:
            return self.load()
        except Show as shown:
            problem = shown
        except TryAgain as failure:
            problem = Show(Problem("reload", str(failure), "have it read again"))
        except Exception as error:  # noqa: BLE001 - a fault of the program's own must not end the watch either
            self._part_broke("reload", error, timedelta())
            return None
        self._telling.tell(KeptOld(None, self.clock.now(), problem))
        return None

    def _refuse(self, name: str, problem: Show) -> None:
        if name in self.watches:
            self._telling.tell(KeptOld(name, self.clock.now(), problem))
        else:
            self._give_up(GaveUp(name, self.clock.now(), problem))

    def _watch(self, name: str, watch: Watch) -> None:
        self.given_up.pop(name, None)
        watch.begin()
        self.watches[name] = watch
        self._telling.tell(Started(name, watch.wake))
        self.plan(name)

    def _dismiss(self, name: str) -> None:
        """A pass under way ends after the invitation in hand, and logs out by itself."""
        self.given_up.pop(name, None)
        watch = self.watches.pop(name, None)
        if watch is not None:
            watch.stop.set()
            self._timetable.drop(name)
            self._ears.take_back(name)
            Thread(target=watch.end, args=(GRACE,), daemon=True).start()

    def _give_up(self, happening: GaveUp) -> None:
        self.watches.pop(happening.account, None)
        self.given_up[happening.account] = happening.problem
        self._telling.tell(happening)

    def _stop_without_mailbox(self) -> None:
        if not self.watches:
            self.stop()

    # --------------------------------------------------------------------------------------------------- one mailbox

    def fire(self, name: str) -> None:
        """One pass over a mailbox, and what follows until the next; in a worker's thread."""
        watch = self.watches.get(name)
        if watch is None:
            return
        try:
            self._look_over(watch)
        except Exception as error:  # noqa: BLE001 - a fault of the program's own must not end the watch either
            self._part_broke(f"what follows a pass over {name}", error, timedelta())

    def _look_over(self, watch: Watch) -> None:
        self._ears.take_back(watch.name)
        happening = watch.one_pass()
        if isinstance(happening, GaveUp):
            self._lose(watch, happening)
            return
        if happening is not None:
            self._telling.tell(happening)
        self._listen(watch)
        watch.rest_connection(keeps=len(self.watches) <= KEPT_OPEN)

    def _lose(self, watch: Watch, happening: GaveUp) -> None:
        if self.watches.get(watch.name) is watch:
            self._give_up(happening)
            self._stop_without_mailbox()

    def _listen(self, watch: Watch) -> None:
        try:
            hearing = watch.listen()
        except Show as problem:
            self._lose(watch, watch.gave_up(problem))
            return
        if hearing is not None and self.watches.get(watch.name) is watch:
            self._telling.tell(Listening(watch.name, self.clock.now()))
            self._ears.lend(watch.name, hearing)

    def _news(self, name: str) -> None:
        self._hurry(name, Watch.news)

    def _lost(self, name: str) -> None:
        self._hurry(name, Watch.lost)

    def _hurry(self, name: str, note: Callable[[Watch], None]) -> None:
        watch = self.watches.get(name)
        if watch is not None:
            note(watch)
            self.plan(name)

    # --------------------------------------------------------------------------------------------------------- moments

    def plan(self, name: str) -> None:
        """Have the next pass at the moment at which the mailbox is due."""
        watch = self.watches.get(name)
        if watch is not None and not self._stop.is_set():
            self._timetable.set(name, watch.wake, watch.lane)

    def _plan_all(self) -> None:
        for name in list(self.watches):
            self.plan(name)

    def mind_clock(self) -> None:
        """Reckon anew where the clock was put forward or back, or the machine slept."""
        (then, ticks), self._seen = self._seen, (self.clock.now(), monotonic())
        went_by = self._seen[1] - ticks
        if abs((self._seen[0] - then).total_seconds() - went_by) > JUMP:
            for watch in list(self.watches.values()):
                watch.reckon_anew()
            self._plan_all()

    # ---------------------------------------------------------------------------------------------------------- the end

    def _part_broke(self, part: str, error: Exception, wait: timedelta) -> None:
        now = self.clock.now()
        self._telling.tell(PartBroke(part, now, type(error).__name__, now + wait))

    def _end(self) -> None:
        self._stop.set()
        self._timetable.end()
        self._ears.wake()
        watches = list(self.watches.values())
        for watch in watches:
            watch.stop.set()
            self._ears.take_back(watch.name)
        last = monotonic() + GRACE + LAST_WORDS
        cutting = Timer(GRACE, _cut, (watches,))
        cutting.daemon = True
        cutting.start()
        for watch in watches:
            watch.end(last - monotonic())
        cutting.cancel()


def _cut(watches: Sequence[Watch]) -> None:
    for watch in watches:
        watch.cut()
