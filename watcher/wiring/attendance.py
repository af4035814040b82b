"""The wiring of what watches the watch: everything beside the passes that `watcher run` starts, listens and ends.

With everything off it costs two threads that sleep and a small file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

from watcher.adapters import summary_text
from watcher.adapters.sign import FileSign
from watcher.adapters.systemd import Systemd
from watcher.domain.schedule import Every, Rhythm
from watcher.errors import Show
from watcher.ports import Outbox
from watcher.service import Service, Wanted
from watcher.service.parts import Part
from watcher.watching.bell import Bell, Guarded
from watcher.watching.happenings import Listener
from watcher.watching.minding import Minding
from watcher.watching.notices import NewDrafts
from watcher.watching.standing import Manner, Standings
from watcher.watching.summaries import Subscription, Summaries
from watcher.web.measures import Measures
from watcher.wiring import House, Houses

PATIENCE = 2.0
"""Seconds for which the end waits for a look at the alarms that is under way."""

_UNUSABLE = Manner(Rhythm(Every(timedelta(minutes=5))))
"""In the place of a manner that cannot be read: such a mailbox is given up, and nothing is reckoned by it."""

Trouble = Callable[[str, str], None]
"""Is told which part could not do what, in words without secrets: for the log."""


@dataclass(slots=True)
class Attendance:
    """What attends to the mailboxes of these houses, whichever they are just now."""

    houses: Houses
    trouble: Trouble
    systemd: Systemd = field(default_factory=lambda: Systemd(os.environ))
    standings: Standings = field(init=False)
    measures: Measures = field(init=False)
    minding: Minding = field(init=False)
    summaries: Summaries = field(init=False)
    _signs: dict[Path, FileSign] = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        clock = self.houses.shared.clock
        self.houses.shared.trouble = lambda words: self.trouble("telling", words)
        self.standings = Standings(self._manners)
        self.measures = Measures(self.standings, clock)
        bell = Bell(self.standings, self._guarded, clock)
        self.minding = Minding(self.standings, bell, self._hung_out, self.systemd, clock, self._failed)
        self.summaries = Summaries(self._subscriptions, clock, summary_text.render, self._failed)

    def service(self, log: Listener) -> Service:
        """The service that watches these mailboxes, with everybody who listens to it."""
        listeners = (log, self.standings, self.measures, NewDrafts(self._notices), self.summaries, self.minding)
        service = self.houses.service(listeners)
        load = service.load
        service.load = lambda: self._told_to_systemd(load, is_anew=bool(service.watches or service.given_up))
        return service

    def _told_to_systemd(self, load: Callable[[], Wanted], *, is_anew: bool) -> Wanted:
        """What was begun anew and could not be used is ready all the same: the old goes on."""
        if is_anew:
            self.systemd.reloading()
        try:
            wanted = load()
        except Exception:
            if is_anew:
                self.systemd.ready()
            raise
        self.systemd.ready()
        return wanted

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Meanwhile their threads run; at the end what is still to be told is told."""
        for name, work in (("minding", self.minding.work), ("summaries", self.summaries.work)):
            Part(name, work, self._broke, self._stop).start()
        try:
            yield
        finally:
            self._stop.set()
            self.summaries.end()
            self.minding.end(PATIENCE)

    # ------------------------------------------------------------------------------- the mailboxes, as each wants them

    def _manners(self) -> Mapping[str, Manner]:
        unusable = dict.fromkeys(self.houses.problems, _UNUSABLE)
        return {**unusable, **{name: _manner(house) for name, house in self._houses()}}

    def _guarded(self) -> Mapping[str, Guarded]:
        """Who watches for all is told of a mailbox whose own settings cannot be read."""
        first = next(iter(self.houses.by_name.values()))
        lost = {name: Guarded(name, first.ledger, first.alarms) for name in self.houses.problems}
        return lost | {name: Guarded(one.account.name, one.ledger, one.alarms) for name, one in self._houses()}

    def _notices(self) -> Mapping[str, Sequence[Outbox]]:
        return {name: one.notices for name, one in self._houses()}

    def _subscriptions(self) -> Mapping[str, Subscription]:
        wanted = {name: _subscription(one) for name, one in self._houses()}
        return {name: one for name, one in wanted.items() if one is not None}

    def _hung_out(self) -> Mapping[str, tuple[FileSign, str]]:
        return {name: (self._sign(one), one.account.name) for name, one in self._houses()}

    def _sign(self, house: House) -> FileSign:
        if house.folder not in self._signs:
            self._signs[house.folder] = house.sign()
        return self._signs[house.folder]

    def _houses(self) -> Sequence[tuple[str, House]]:
        return tuple(self.houses.by_name.items())

    # ---------------------------------------------------------------------------------------------------------- trouble

    def _failed(self, what: str, error: Exception) -> None:
        self.trouble(what, f"{type(error).__name__}: {error}")

    def _broke(self, part: str, error: Exception, _again: timedelta) -> None:
        self.trouble(part, type(error).__name__)


def _manner(house: House) -> Manner:
    try:
        return house.manner()
    except Show:
        return _UNUSABLE


def _subscription(house: House) -> Subscription | None:
    """None, too, where nobody knows which day it is for the person: such a mailbox is given up."""
    try:
        return house.subscription()
    except Show:
        return None
