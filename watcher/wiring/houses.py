"""The mailboxes of this machine's settings, opened and closed together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from watcher import config
from watcher.config import Settings
from watcher.errors import GiveUp, Problem, Show
from watcher.ports import Ledger
from watcher.service import Service, Wanted, Watch
from watcher.watching.happenings import Listener
from watcher.web.desk import Office, Watched
from watcher.web.link import Link

if TYPE_CHECKING:
    pass  # comes with an extra
from watcher.wiring.house import House, Shared, opened_house
from watcher.wiring.pieces import page_link_of


@dataclass(slots=True)
class Houses:
    """The houses of all mailboxes, by the names that `--account` and the log have for them.

    `problems` are those of mailboxes whose settings cannot be used.
    """

    shared: Shared = field(default_factory=Shared)
    by_name: dict[str, House] = field(default_factory=dict)
    problems: Mapping[str, Show] = field(default_factory=dict)
    _watches: dict[str, Watch] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Of any of them, for what holds for the whole program."""
        return next(iter(self.by_name.values())).settings

    @property
    def is_alone(self) -> bool:
        """Whether there is one mailbox and no word of any other."""
        return len(self.by_name) == 1 and not self.problems

    def take_up(self, accounts: config.Accounts) -> None:
        """Build what these settings want; what is the same as before stays. Raises Show where nothing is of use."""
        problems = dict(accounts.problems)
        built: dict[str, House] = {}
        for name, settings in accounts.settings.items():
            try:
                built[name] = self._house(name, settings)
            except Show as shown:
                problems[name] = shown
        if not built:
            raise Show(*(problem for shown in problems.values() for problem in shown.problems))
        kept = {name: house for name, house in self.by_name.items() if name in problems}
        self.by_name, self.problems = {**kept, **built}, problems

    def ledgers(self) -> list[Ledger]:
        """The ledgers of all of them, each once."""
        return list({id(house.ledger): house.ledger for house in self.by_name.values()}.values())

    def service(self, listeners: Sequence[Listener]) -> Service:
        """The service that watches all of them; every listener hears everything that happens."""
        return Service(self._wanted, self.shared.clock, listeners)

    def desk(self) -> Office:
        """What the page works on: the mailboxes that have one ledger with the first of them."""
        ledger = self.ledgers()[0]

        def watched() -> list[Watched]:
            return [house.for_page() for house in tuple(self.by_name.values()) if house.ledger is ledger]

        return Office(ledger, self.shared.clock, watched)

    def page_link(self) -> Link | None:
        """Where the page is served, and the token that opens it; None where it is off. Raises Show."""
        return page_link_of(self.settings)

    def close(self) -> None:
        """Log out everywhere, and close what they share."""
        for house in self.by_name.values():
            house.close()
        self.shared.close()

    def _house(self, name: str, settings: Settings) -> House:
        before = self.by_name.get(name)
        return before if before is not None and before.settings == settings else self.shared.house(settings)

    def _wanted(self) -> Wanted:
        """What the settings want now. Raises Show where nothing of them can be used."""
        self.take_up(config.load_accounts(os.environ, Path.cwd()))
        problems, watches = dict(self.problems), dict[str, Watch]()
        for name in self.by_name.keys() - problems:
            try:
                watches[name] = self._watch(name, self.by_name[name])
            except Show as shown:  # what only a watch needs, such as a time zone
                problems[name] = shown
        if not watches:
            raise Show(*(problem for shown in problems.values() for problem in shown.problems))
        self._watches = watches
        return Wanted(watches, problems)

    def _watch(self, name: str, house: House) -> Watch:
        before = self._watches.get(name)
        return before if before is not None and before.account is house.account else house.watch(name)


@contextmanager
def open_houses(name: str | None = None) -> Iterator[Houses]:
    """All houses of this machine's settings, or the one of that name. Raises Show where none can be used."""
    accounts = config.load_accounts(os.environ, Path.cwd())
    houses = Houses()
    try:
        houses.take_up(accounts if name is None else accounts.only(name))
        yield houses
    finally:
        houses.close()


@contextmanager
def open_house(name: str | None = None) -> Iterator[House]:
    """The house of the one mailbox, or of that name. Raises Show with every problem at once."""
    accounts = config.load_accounts(os.environ, Path.cwd())
    with opened_house(accounts.one(name)) as house:
        yield house


@contextmanager
def open_house_of(number: int, name: str | None = None) -> Iterator[House]:
    """The house in whose mailbox the invitation of this number is. Raises Show, and GiveUp where none has it."""
    with open_houses(name) as houses:
        ledgers = {house.settings.ledger for house in houses.by_name.values()}
        if len(ledgers) > 1:
            what = f"several mailboxes may have a no. {number}: they have ledgers of their own"
            raise Show(Problem("--account", what, f"name one of {', '.join(houses.by_name)}"))
        yield _owner(number, houses)


def _owner(number: int, houses: Houses) -> House:
    *_, last = houses.by_name.values()
    record = last.ledger.show(number)
    if record is None or len(houses.by_name) == 1:
        return last
    for house in houses.by_name.values():
        if house.account.name == record.account:
            return house
    if houses.problems:  # it may be one of those
        raise Show(*(problem for shown in houses.problems.values() for problem in shown.problems))
    raise GiveUp(f"no. {number} is of {record.account}, which is among no mailboxes of these settings")
