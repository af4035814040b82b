"""A provider, a Dovecot that asks it about tokens, and a person's home with both in its settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.rounds import Launcher, launcher
from oauth.client import Account
from oauth.people import QuickHome
from servers import dovecot as dovecot_server
from servers import oauth_provider
from servers.dovecot import Dovecot, Style
from servers.loopback import private_folder
from servers.oauth_provider import OAuthProvider
from shell.program import Home


@pytest.fixture
def provider() -> Iterator[OAuthProvider]:
    with oauth_provider.running() as running:
        yield running


@pytest.fixture
def dovecot(unpacked: Path, provider: OAuthProvider) -> Iterator[Dovecot]:
    """Takes the tokens of the provider."""
    with private_folder("iw-oauth-") as folder:
        place = folder / "oauth2.conf.ext"
        place.write_text(oauth_provider.oauth2_settings(provider))
        style = Style(extra=oauth_provider.dovecot_extra(str(place)))
        with dovecot_server.running(unpacked, style) as server:
            yield server


@pytest.fixture
def settings(dovecot: Dovecot, provider: OAuthProvider) -> dict[str, str]:
    """Nobody has signed in yet."""
    given = {**dovecot.environment(), **provider.environment(), "WATCHER_IMAP_AUTH": "xoauth2"}
    del given["WATCHER_IMAP_PASSWORD"]
    return given


@pytest.fixture(scope="session")
def program() -> Iterator[Launcher]:
    with launcher() as one:
        yield one


@pytest.fixture
def home(settings: dict[str, str], program: Launcher, tmp_path: Path) -> Home:
    return QuickHome(tmp_path, settings, program)


@pytest.fixture
def plain_home(settings: dict[str, str], tmp_path: Path) -> Home:
    """With a process of its own for each command."""
    return Home(tmp_path, settings)


@pytest.fixture
def account(provider: OAuthProvider, tmp_path: Path) -> Account:
    """Nobody has signed in yet."""
    return Account(provider, tmp_path / "data")
