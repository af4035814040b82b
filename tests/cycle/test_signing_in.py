"""A password that the server refuses is tried three times at most, however often the program starts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from twins.mailbox import Store, TwinMailbox

from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.adapters.templates import FileTemplates
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.schedule import Every, Rhythm
from watcher.errors import NotLetIn, NotSignedIn, Problem, TryAgain
from watcher.ports import Mailbox
from watcher.samples import RECIPIENT
from watcher.service import Watch
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice
from watcher.steps.signing_in import SignIn
from watcher.watching.happenings import GaveUp, PassEnded

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
FIVE_MINUTES = Rhythm(Every(timedelta(minutes=5)))


@dataclass
class Clock:
    """A clock that moves only when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


class NoDns:
    """DNS that is never asked."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        raise AssertionError(f"nobody asks for {name}")


Answer = Callable[[], Mailbox]


def let_in() -> Mailbox:
    return TwinMailbox(Store())


def refused() -> Mailbox:
    raise NotLetIn(Problem("WATCHER_IMAP_PASSWORD", "not accepted", "check it"))


def unreachable() -> Mailbox:
    raise TryAgain("no route")


@dataclass
class Door:
    """A server, and the program before it, started anew as often as it ends."""

    ledger: SqlLedger
    clock: Clock = field(default_factory=Clock)
    answer: Answer = refused
    settings: str = "hash"
    logins: list[datetime] = field(default_factory=list)

    def sign_in(self) -> SignIn:
        return SignIn("me@example.test", self.settings, self._connect, self.ledger, self.clock)

    def _connect(self) -> Mailbox:
        self.logins.append(self.clock.now())
        return self.answer()

    def watch(self) -> Watch:
        voice = Voice("me@example.test", RECIPIENT, ("en",), b"k" * 32)
        account = Account(voice, ("INBOX",), timedelta(days=14), Policy(), Trust("mx.example.test"))
        sign_in, signatures = self.sign_in(), DkimSignatures(NoDns())

        def ports() -> Ports:
            return Ports(sign_in.mailbox(), self.ledger, FileTemplates(), self.clock, signatures)

        return Watch(account.name, account, self.ledger, ports, self.clock, FIVE_MINUTES)

    def wait(self, time: timedelta, watch: Watch | None = None) -> None:
        """Passes for so long; a program that ends is started again after a minute, as an init system would."""
        running, until = watch or self.watch(), self.clock.at + time
        while self.clock.at < until:
            if isinstance(running.one_pass(), GaveUp):
                self.clock.at += timedelta(minutes=1)
                running = self.watch()
            self.clock.at = max(self.clock.at, running.wake)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield Door(ledger)
    ledger.close()


def test_a_wrong_password_is_tried_three_times_in_a_day(door: Door) -> None:
    door.wait(DAY)
    assert 1 <= len(door.logins) <= 3


def test_one_that_worked_is_tried_three_times_with_long_waits_between(door: Door) -> None:
    door.answer = let_in
    watch = door.watch()
    assert isinstance(watch.one_pass(), PassEnded)
    watch.rest_connection(keeps=False)
    door.answer, before = refused, len(door.logins)
    door.wait(DAY, watch)
    tried = door.logins[before:]
    assert len(tried) == 3
    assert all(later - earlier >= timedelta(minutes=10) for earlier, later in pairwise(tried))


def test_a_refusal_that_passes_is_no_trouble(door: Door) -> None:
    door.answer = let_in
    sign_in = door.sign_in()
    sign_in.mailbox()
    door.answer = refused
    with pytest.raises(TryAgain) as told:
        sign_in.mailbox()
    assert told.value.wait == 600
    door.answer = let_in
    assert sign_in.mailbox()
    assert door.ledger.refusals("me@example.test") is None


def test_what_fails_on_the_way_is_no_refusal(door: Door) -> None:
    door.answer = unreachable
    door.wait(DAY)
    assert len(door.logins) > 100
    assert door.ledger.refusals("me@example.test") is None


def test_other_settings_are_tried_at_once(door: Door) -> None:
    door.wait(DAY)
    before = len(door.logins)
    door.settings, door.answer = "another hash", let_in
    assert door.sign_in().mailbox()
    assert len(door.logins) == before + 1


def test_a_person_may_have_the_same_ones_tried_once_more(door: Door) -> None:
    door.wait(DAY)
    with pytest.raises(NotSignedIn, match="not tried again"):
        door.sign_in().mailbox()
    door.answer = let_in
    assert door.sign_in().anyway()
    assert door.sign_in().mailbox()
