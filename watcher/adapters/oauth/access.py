"""Implements `ports.AccessTokens` by tokens that are kept and renewed.

A renewal happens under the lock, after what is kept was read again; what comes back is kept before it is used. What the
network or the provider fails at changes nothing that is kept. A consent that the provider ended is marked, so that it
is not asked for again at each start; the tokens stay until the person has signed in anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from watcher.adapters.oauth import asking
from watcher.adapters.oauth.asking import ConsentOver, sign_in_again
from watcher.adapters.oauth.provider import Provider
from watcher.adapters.oauth.store import Kept, Store, over
from watcher.domain.tokens import Standing, Tokens
from watcher.errors import NotSignedIn, Problem, TryAgain
from watcher.ports import Clock


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """One account's tokens."""

    provider: Provider
    store: Store
    clock: Clock

    def current(self) -> str:
        """A token that is good for the next minutes. Raises Show, TryAgain."""
        kept = self._known()
        if kept.tokens.serves(self.clock.now()):
            return kept.tokens.access
        with self.store.locked():
            kept = self._known()
            if kept.tokens.serves(self.clock.now()):
                return kept.tokens.access
            try:
                return self._renewed(kept)
            except TryAgain:
                if kept.tokens.serves(self.clock.now(), ahead=timedelta()):
                    return kept.tokens.access  # it was early: there is time to try again
                raise

    def renewed(self, refused: str) -> str:
        """Another token. Raises Show, TryAgain."""
        with self.store.locked():
            kept = self._known()
            return self._renewed(kept) if kept.tokens.access == refused else kept.tokens.access

    def keep(self, tokens: Tokens) -> None:
        """What a new sign-in gave, in the place of all before. Raises Show, TryAgain."""
        with self.store.locked():
            self.store.write(Kept(self.provider.name, self.provider.client_id, tokens))

    def standing(self) -> Standing | None:
        """How long the sign-in has held and will hold. Raises Show where what is kept cannot be read."""
        kept = self.store.read()
        if kept is None:
            return None
        return Standing(kept.provider, kept.tokens.since, kept.tokens.refresh_ends, kept.over)

    def _known(self) -> Kept:
        kept = self.store.read()
        if kept is None:
            raise self._sign_in_again("nobody has signed in yet")
        if (kept.provider, kept.client_id) != (self.provider.name, self.provider.client_id):
            raise self._sign_in_again("the sign-in that is kept is of another provider or client id")
        if kept.over is not None:
            raise self._sign_in_again(f"{self.provider.host} ended the sign-in on {kept.over:%F}")
        return kept

    def _sign_in_again(self, what: str) -> NotSignedIn:
        return NotSignedIn(sign_in_again(self.provider, what))

    def _renewed(self, kept: Kept) -> str:
        """Inside the lock: ask for new ones, and keep them before anybody uses them.

        What is kept is written once more before: a refresh token that is spent, while the one in its place cannot be
        kept, would be the end of the sign-in.
        """
        now = self.clock.now()
        if kept.tokens.refresh is None:
            raise NotSignedIn(_without_refresh(self.provider))
        self.store.write(kept)
        try:
            answer = asking.renew(self.provider, kept.tokens.refresh, now)
        except ConsentOver:
            self.store.write(over(kept, now))
            raise
        tokens = kept.tokens.renewed(answer)
        self.store.write(replace(kept, tokens=tokens))
        return tokens.access


def _without_refresh(provider: Provider) -> Problem:
    """To sign in once more the same way would hold for as short a time."""
    what = f"{provider.host} gave a token that cannot be renewed"
    if provider.name != "custom":
        return sign_in_again(provider, what)
    remedy = "write the scope for that as well, which is offline_access with most; then run `watcher login`"
    return Problem("WATCHER_OAUTH_SCOPE", what, remedy)
