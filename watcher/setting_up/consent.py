"""A person's sign-in by OAuth: they consent at their provider, and tokens are kept once the mail server takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import TryAgain
from watcher.ports import AccessTokens, Mailbox


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
