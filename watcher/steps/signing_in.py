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

from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import NotLetIn, NotSignedIn, Problem, TryAgain, WatcherError
from watcher.ports import AccessTokens, Clock, Ledger, Mailbox

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


@dataclass(frozen=True, slots=True)
class JustGiven:
    """Implements `ports.AccessTokens` by a token of this moment: nothing is to be renewed yet."""

    token: str

    def current(self) -> str:
        """The token."""
        return self.token

    def renewed(self, refused: str) -> str:
        """The same: a provider that gave it just now would give no better one."""
        return refused

    def standing(self) -> None:
        """Nothing is kept yet."""


@dataclass(frozen=True, slots=True)
class Login:
    """A person's sign-in by OAuth: whose consent is asked for, in which ways, and what becomes of the tokens.

    `browser` is given what shows the address and knows the port that is waited at; `code` what shows the code, and what
    waits. `connect` logs in with a token, `keep` puts tokens in the place of those before.
    """

    provider: str
    user: str
    server: str
    offers_code: bool
    browser: Callable[[Callable[[str, int], None]], Tokens]
    code: Callable[[Callable[[DeviceCode], None], Callable[[timedelta], None]], Tokens]
    connect: Callable[[AccessTokens], Mailbox]
    keep: Callable[[Tokens], None]

    def take(self, tokens: Tokens) -> str:
        """Log in with tokens that were just given, and keep them if that works. Raises Show: then nothing is kept.

        Returns why it could not be tried: they are kept then too, as nothing speaks against them; "" where it worked.
        """
        untried = ""
        try:
            self.connect(JustGiven(tokens.access)).close()
        except TryAgain as failure:
            untried = str(failure)
        self.keep(tokens)
        return untried
