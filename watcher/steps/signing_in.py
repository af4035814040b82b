"""Three refusals in a row with the same settings, and nobody knocks again until they change: providers lock accounts.

At its start a wrong password is the person's to mend, and is told at once. One that worked before may be refused for a
while (providers do that): it is tried again, with long waits, before the person is told. What fails on the way to the
server, or to the provider who gives tokens, is no refusal and never counted. What was refused is kept as a keyed hash
of the settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from watcher.errors import NotLetIn, NotSignedIn, Problem, TryAgain, WatcherError
from watcher.ports import Clock, Ledger, Mailbox

MOST_REFUSALS = 3
WAITS = (timedelta(minutes=10), timedelta(hours=2))
"""After the first and the second refusal of what worked before; providers unlock after minutes to an hour."""


@dataclass(frozen=True, slots=True)
class Told:
    """By which settings an account is known at the door, and what the person does where they are refused."""

    where: str
    remedy: str


BY_PASSWORD = Told("WATCHER_IMAP_USER, WATCHER_IMAP_PASSWORD", "correct them")
BY_TOKEN = Told("WATCHER_IMAP_USER, WATCHER_OAUTH_PROVIDER", "sign in again with `watcher login`")


@dataclass(slots=True)
class SignIn:
    """Logs one account in. `settings` is a keyed hash of what the server is told."""

    account: str
    settings: str
    connect: Callable[[], Mailbox]
    ledger: Ledger
    clock: Clock
    told: Told = BY_PASSWORD
    _was_let_in: bool = False

    def mailbox(self) -> Mailbox:
        """A connection, logged in. Raises Show where the server refused these settings too often, or TryAgain."""
        self._refuse_to_knock()
        return self.anyway()

    def anyway(self) -> Mailbox:
        """The same, however often it was refused: a person stands by and asks for it."""
        try:
            mailbox = self.connect()
        except NotLetIn as refusal:
            times = self.ledger.kept_out(self.account, self.settings, self.clock.now())
            raise self._told(refusal, times) from refusal
        if self.ledger.refusals(self.account) is not None:
            self.ledger.let_in(self.account)
        self._was_let_in = True
        return mailbox

    def _refuse_to_knock(self) -> None:
        before = self.ledger.refusals(self.account)
        if before is None or before.settings != self.settings or before.times < MOST_REFUSALS:
            return
        what = f"the server refused them {before.times} times, last on {before.at:%d %B, %H:%M} UTC: not tried again"
        remedy = f"{self.told.remedy}, or run `watcher doctor` to try the same ones once more"
        raise NotSignedIn(Problem(self.told.where, what, remedy))

    def _told(self, refusal: NotLetIn, times: int) -> WatcherError:
        if self._was_let_in and times < MOST_REFUSALS:
            return TryAgain(f"the server let nobody in this time: {refusal}", wait=WAITS[times - 1].total_seconds())
        return refusal
