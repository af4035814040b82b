"""The program's side: one account's tokens in a folder, and a clock that is put on by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servers.dovecot import Dovecot
from servers.oauth_provider import CLIENT, CLIENT_SECRET, MAIL, OAuthProvider

from watcher.adapters.imap import Bearer, Mechanism, Security, Server
from watcher.adapters.oauth import KeptTokens, Place, Provider, TokenFile
from watcher.domain.tokens import Tokens

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ACCOUNT = "me@example.test"


@dataclass
class Clock:
    """A clock that moves only when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def later(self, time: timedelta) -> None:
        self.at += time


@dataclass
class Account:
    """Tokens that the provider gave, kept in a folder; `again` is another process with the same."""

    provider: OAuthProvider
    folder: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def store(self) -> TokenFile:
        return TokenFile(Place(self.folder, ACCOUNT))

    @property
    def tokens(self) -> KeptTokens:
        return KeptTokens(registered(self.provider), self.store, self.clock)

    def sign_in(self) -> str:
        """As after `watcher login`; returns the access token."""
        given = self.provider.grant()
        ends = self.clock.at + timedelta(seconds=given["expires_in"]) if "expires_in" in given else None
        self.tokens.keep(Tokens(given["access_token"], ends, given["refresh_token"], self.clock.at))
        return str(given["access_token"])

    def server(self, dovecot: Dovecot, mechanism: Mechanism = Mechanism.XOAUTH2) -> Server:
        bearer = Bearer(mechanism, self.tokens)
        return Server(dovecot.host, dovecot.port, Security.NONE, dovecot.user, "", bearer=bearer)


def registered(provider: OAuthProvider) -> Provider:
    """The provider as the settings name it."""
    return Provider(
        name="custom",
        client_id=CLIENT,
        client_secret=CLIENT_SECRET,
        authorize_url=provider.url("authorize?realm=mail"),
        token_url=provider.url("token"),
        device_url=provider.url("device"),
        scope=MAIL,
    )
