"""All checks of one mailbox, in the order in which a pass needs what they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.doctor import mailbox, premises, program, road
from watcher.doctor.checks import Check, Health, good, not_checked, troubles
from watcher.domain.values import Reading
from watcher.errors import Problem, WatcherError
from watcher.ports import AccessTokens, AddressBook, Clock, Ledger, Mailbox, Premises, Road, Templates
from watcher.steps.account import Account
from watcher.steps.opinions import SecondJudge


@dataclass(frozen=True, slots=True)
class Parts:
    """What the settings make, each by a call: it raises Show or TryAgain where it cannot be made.

    `judge` is what tells the meaning of notes. None is what the settings do not want.
    """

    ledger: Callable[[], Ledger]
    templates: Callable[[], Templates]
    judge: Callable[[], object]
    second: Callable[[], SecondJudge | None]
    book: Callable[[], AddressBook | None]
    tokens: Callable[[], AccessTokens | None]
    told_by: Callable[[], Sequence[str]]
    """Where alarms and notices go, in words without secrets."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """Examines one mailbox. `problems` are those of its settings, `settings_in` is where most of them stand.

    `account` is None where the settings do not suffice for one; then nothing else is set. `road` is None for a Maildir.
    `open_mailbox` logs in; `readings` are what templates are tried on.
    """

    name: str
    problems: Sequence[Problem]
    settings_in: str
    account: Account | None = None
    idle: str = "auto"
    every: str = ""
    readings: Sequence[Reading] = ()
    clock: Clock | None = None
    premises: Premises | None = None
    road: Road | None = None
    open_mailbox: Callable[[], Mailbox] | None = None
    parts: Parts | None = None

    def checks(self) -> Iterator[Check]:
        """All of them."""
        yield from self._settings()
        if self.account is None:
            yield not_checked("all else", "the settings come first")
            return
        yield from self._at_home(self.account)
        yield from self._away(self.account)

    def _settings(self) -> Iterator[Check]:
        if not self.problems:
            yield good("settings", f"complete, for {self.name}, in {self.settings_in}")
        for problem in self.problems:
            yield Check("settings", Health.BAD, f"{problem.where}: {problem.what}", problem.remedy)

    def _at_home(self, account: Account) -> Iterator[Check]:
        """What needs no mail server."""
        assert self.premises is not None, "an account has a place"
        assert self.parts is not None, "and parts"
        assert self.clock is not None, "and a clock"
        now = self.clock.now()
        yield from premises.files(self.premises)
        yield from premises.room(self.premises)
        yield from program.ledger(self.parts.ledger, account.name, now)
        yield from program.templates(self.parts.templates, self.readings, account.voice)
        yield from program.judge(self.parts.judge)
        yield from program.model(self.parts.second)
        yield from program.book(self.parts.book)
        yield from program.notices(self.parts.told_by)
        yield from premises.page(self.premises)
        yield from program.sign_in(self.parts.tokens, now)

    def _away(self, account: Account) -> Iterator[Check]:
        """The way to the mail, and the mail."""
        assert self.open_mailbox is not None, "an account has a mailbox"
        blocked = yield from road.steps(self.road, self._now())
        if blocked:
            yield not_checked("login", "the way to the server comes first, then folders and mail")
            return
        try:
            opened = self.open_mailbox()
        except WatcherError as error:
            yield from troubles("login", error, "try again: the server let nobody in, or ended the connection")
            yield not_checked("mailbox", "folders and mail need a login")
            return
        try:
            yield from mailbox.Examination(opened, account, self.idle, self.every, self._now()).checks()
        finally:
            opened.close()

    def _now(self) -> datetime:
        assert self.clock is not None, "an account has a clock"
        return self.clock.now()
