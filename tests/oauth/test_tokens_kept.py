"""Tokens are renewed in time, by one at a time, and nothing that the network or the provider fails at loses one."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from oauth.client import ACCOUNT, NOW, Account, registered
from servers.loopback import free_port
from servers.oauth_provider import OAuthProvider, Reply

from watcher.adapters.oauth import KeptTokens, KeyringStore, Place, Provider, Store, TokenFile, store
from watcher.domain.tokens import Standing, Tokens
from watcher.errors import NotSignedIn, Show, TryAgain

HOUR = timedelta(hours=1)


def _refresh(account: Account) -> str | None:
    kept = account.store.read()
    assert kept is not None
    return kept.tokens.refresh


# ------------------------------------------------------------------------------------------------------------ renewal


def test_a_token_serves_until_five_minutes_before_its_end(account: Account) -> None:
    first = account.sign_in()
    account.clock.later(timedelta(minutes=54, seconds=59))
    assert account.tokens.current() == first
    account.clock.later(timedelta(seconds=1))
    assert account.tokens.current() != first


def test_a_refresh_token_that_was_replaced_is_never_used_again(account: Account) -> None:
    account.sign_in()
    for _ in range(5):
        before = _refresh(account)
        account.clock.later(HOUR)
        account.tokens.current()
        assert _refresh(account) != before
    assert account.provider.times_asked("refresh_token") == 5


def test_one_that_is_not_replaced_goes_on(account: Account) -> None:
    account.provider.rotates = False
    account.sign_in()
    before = _refresh(account)
    for _ in range(3):
        account.clock.later(HOUR)
        account.tokens.current()
    assert _refresh(account) == before


def test_a_token_without_a_told_end_serves_until_it_is_refused(account: Account) -> None:
    account.provider.lifetime = None
    first = account.sign_in()
    account.clock.later(timedelta(days=30))
    assert account.tokens.current() == first
    assert account.tokens.renewed(first) != first


def test_one_that_somebody_else_has_renewed_already_is_not_renewed_again(account: Account) -> None:
    first = account.sign_in()
    second = account.tokens.renewed(first)
    assert account.tokens.renewed(first) == second
    assert account.provider.times_asked("refresh_token") == 1


def test_the_clock_put_back_does_not_make_a_token_serve_for_ever(account: Account) -> None:
    first = account.sign_in()
    account.clock.later(-timedelta(days=1))
    assert account.tokens.current() == first
    assert account.tokens.renewed(first) != first, "the server's refusal counts"


def test_many_threads_at_once_renew_once(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(account.tokens.current())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 8
    assert len(set(got)) == 1
    assert account.provider.times_asked("refresh_token") == 1


_ANOTHER = """
import sys
from datetime import datetime
from pathlib import Path
from oauth.client import Account, Clock
from servers.oauth_provider import OAuthProvider
port, folder, now = sys.argv[1:]
account = Account(OAuthProvider(int(port)), Path(folder), Clock(datetime.fromisoformat(now)))
print(account.tokens.current())
"""


def test_many_processes_at_once_renew_once(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    words = [sys.executable, "-c", _ANOTHER, str(account.provider.port), str(account.folder)]
    paths = {"PYTHONPATH": ":".join(sys.path)}
    processes = [
        subprocess.Popen([*words, account.clock.at.isoformat()], env=paths, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    got = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert len(got) == 1
    assert "c4n4ry-access" in got.pop()
    assert account.provider.times_asked("refresh_token") == 1


# ------------------------------------------------------------------------------------------------------ what goes wrong


def _answers(status: int, body: bytes = b"", **fields: str) -> Reply:
    return Reply(status, body, {"Content-Type": "application/json", **fields})


PASSING = {
    "in trouble": _answers(503),
    "too many": _answers(429, b"{}"),
    "a proxy's page": _answers(200, b"<html>Sign in to the hotel's network</html>"),
    "a proxy's refusal": _answers(403, b"<html>no</html>"),
    "no token in it": _answers(200, b'{"token_type": "bearer"}'),
    "a token of another type": _answers(200, b'{"access_token": "a", "token_type": "mac"}'),
    "a token that would break the line": _answers(200, b'{"access_token": "a\\r\\nA1 DELETE INBOX"}'),
    "no time": _answers(200, b'{"access_token": "a", "expires_in": "soon"}'),
    "no error of the consent": _answers(500, b'{"error": "server_error"}'),
    "a list": _answers(200, b"[1]"),
    "deep": _answers(200, b"[" * 100_000),
    "an unknown word": _answers(400, b'{"error": "we_do_not_know"}'),
    "for now": _answers(400, b'{"error": "temporarily_unavailable"}'),
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
def test_trouble_that_may_pass_loses_nothing(account: Account, reply: Reply) -> None:
    account.sign_in()
    before = _refresh(account)
    account.clock.later(HOUR)
    account.provider.script = reply
    with pytest.raises(TryAgain):
        account.tokens.current()
    assert _refresh(account) == before
    assert account.tokens.current()


def test_the_provider_says_how_long_it_wants_to_be_left_alone(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    account.provider.script = _answers(429, b"{}", **{"Retry-After": "120"})
    with pytest.raises(TryAgain) as failed:
        account.tokens.current()
    assert failed.value.wait == 120


def test_before_its_end_a_token_serves_although_no_new_one_came(account: Account) -> None:
    first = account.sign_in()
    account.clock.later(timedelta(minutes=57))
    account.provider.script = _answers(503)
    assert account.tokens.current() == first
    assert account.tokens.current() != first


def test_an_answer_that_was_lost_loses_nothing_here(account: Account) -> None:
    account.provider.rotates = False
    account.sign_in()
    account.clock.later(HOUR)
    account.provider.cuts_after = True
    with pytest.raises(TryAgain):
        account.tokens.current()
    assert account.tokens.current()


def test_a_provider_that_cannot_be_reached_is_no_end(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    gone = Account(OAuthProvider(free_port()), account.folder, account.clock)
    with pytest.raises(TryAgain):
        gone.tokens.current()
    assert account.tokens.current()


def test_a_redirect_is_not_followed(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    account.provider.script = _answers(307, Location=account.provider.url("elsewhere"))
    with pytest.raises(Show, match="sends elsewhere"):
        account.tokens.current()
    assert account.provider.times_asked("refresh_token") == 1
    assert account.tokens.current()


def _ended(provider: OAuthProvider) -> None:
    provider.revoke()


def _interaction(provider: OAuthProvider) -> None:
    provider.script = _answers(400, b'{"error": "interaction_required"}')


@pytest.mark.parametrize("end", [_ended, _interaction])
def test_a_consent_that_is_over_is_told_with_the_command_and_asked_for_no_more(
    account: Account, end: Callable[[OAuthProvider], None]
) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    end(account.provider)
    for _ in range(3):
        with pytest.raises(NotSignedIn, match="watcher login") as told:
            account.tokens.current()
        assert "c4n4ry" not in str(told.value)
    assert account.provider.times_asked("refresh_token") == 1
    assert _refresh(account) is not None, "what is kept is not thrown away"
    standing = account.tokens.standing()
    assert standing is not None
    assert standing.over == account.clock.at
    account.sign_in()
    assert account.tokens.current()


@pytest.mark.parametrize(
    ("error", "where"),
    [
        ("invalid_client", "WATCHER_OAUTH_CLIENT_ID"),
        ("unauthorized_client", "WATCHER_OAUTH_CLIENT_ID"),
        ("invalid_scope", "WATCHER_OAUTH_SCOPE"),
    ],
)
def test_settings_that_the_provider_refuses_are_named_and_end_nothing(account: Account, error: str, where: str) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    account.provider.script = _answers(401, json.dumps({"error": error}).encode())
    with pytest.raises(Show, match=where):
        account.tokens.current()
    assert account.tokens.current()


def test_words_of_the_provider_are_told_without_what_a_terminal_obeys(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    told = {"error": "invalid_client", "error_description": "\x1b[2J\r\n you are \u202e wrong " + "x" * 9999}
    account.provider.script = _answers(400, json.dumps(told).encode())
    with pytest.raises(Show) as shown:
        account.tokens.current()
    assert str(shown.value).isprintable()
    assert len(str(shown.value)) < 500


def test_a_token_that_cannot_be_renewed_is_told_at_its_end(account: Account) -> None:
    account.tokens.keep(Tokens("only", NOW + HOUR, None, NOW))
    assert account.tokens.current() == "only"
    account.clock.later(HOUR)
    with pytest.raises(NotSignedIn, match="cannot be renewed") as told:
        account.tokens.current()
    assert "offline_access" in told.value.problems[0].remedy, "the same once more would end as soon"


class FullDisk:
    """What happens to `os` where a disk is full: a file is opened, and not written."""

    def __init__(self, error: int) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, _opened: int) -> None:
        raise OSError(self.error, os.strerror(self.error))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_is_full_for_a_while_ends_no_sign_in(
    account: Account, error: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No refresh token is spent where the one that comes back could not be kept."""
    account.sign_in()
    account.clock.later(HOUR)
    with monkeypatch.context() as full:
        full.setattr(store, "os", FullDisk(error))
        with pytest.raises(TryAgain, match=os.strerror(error)):
            account.tokens.current()
    assert account.provider.times_asked("refresh_token") == 0
    assert account.tokens.current()


# ----------------------------------------------------------------------------------------------------- where it is kept


class InMemory(KeyringBackend):
    """A keyring that forgets at the end."""

    priority = 1.0  # type: ignore[assignment] # a property there

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture(params=["file", "keyring"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store, with nothing in it."""
    if request.param == "file":
        yield TokenFile(Place(tmp_path, ACCOUNT))
        return
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield KeyringStore(Place(tmp_path, ACCOUNT))
    keyring.set_keyring(before)


WHOLE = Tokens("access", NOW + HOUR, "refresh", NOW, NOW + timedelta(days=7))
BARE = Tokens("access", None, None, NOW)


@pytest.mark.parametrize("tokens", [WHOLE, BARE])
def test_what_is_kept_comes_back_whole(place: Store, tokens: Tokens) -> None:
    assert place.read() is None
    kept = store.Kept("google", "an-id", tokens, over=NOW)
    with place.locked():
        place.write(kept)
    assert place.read() == kept


def test_the_keyring_leaves_no_token_on_the_disk(provider: OAuthProvider, tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    try:
        tokens = KeptTokens(
            registered(provider), KeyringStore(Place(tmp_path, ACCOUNT)), Account(provider, tmp_path).clock
        )
        tokens.keep(WHOLE)
        assert tokens.current() == "access"
    finally:
        keyring.set_keyring(before)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b""], "the lock alone"


def test_a_machine_without_a_keyring_is_told(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        with pytest.raises(Show, match="WATCHER_OAUTH_STORE"):
            KeyringStore(Place(tmp_path, ACCOUNT)).read()
    finally:
        keyring.set_keyring(before)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Show, match=r"invitation-watcher\[keyring\]"):
        KeyringStore(Place(tmp_path, ACCOUNT)).read()


def test_a_file_that_others_may_read_is_refused(account: Account) -> None:
    account.sign_in()
    account.store.path.chmod(0o640)
    with pytest.raises(Show, match="chmod 600"):
        account.tokens.current()


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.pop("since"),
        lambda told: told.update(ends="soon"),
        lambda told: told.update(since=7),
        lambda told: told.pop("access_token"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(account: Account, change: Callable[[dict[str, Any]], None]) -> None:
    account.sign_in()
    told = json.loads(account.store.path.read_text())
    change(told)
    account.store.path.write_text(json.dumps(told))
    with pytest.raises(Show, match="watcher login") as shown:
        account.tokens.current()
    assert "c4n4ry" not in str(shown.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_sign_in_at_all_is_told_too(account: Account, content: bytes) -> None:
    account.sign_in()
    account.store.path.write_bytes(content)
    with pytest.raises(Show):
        account.tokens.current()


def test_tokens_of_another_client_are_not_used(account: Account) -> None:
    account.sign_in()
    other = registered(account.provider)
    changed = Provider("custom", "another-id", "", other.authorize_url, other.token_url, other.device_url, other.scope)
    with pytest.raises(Show, match="another provider or client id"):
        KeptTokens(changed, account.store, account.clock).current()
    assert account.provider.times_asked("refresh_token") == 0


def test_accounts_keep_theirs_apart(tmp_path: Path) -> None:
    long = "a" * 300
    names = ["me@example.test", "me/../you@example.test", "ü@example.test", f"{long}@one.test", f"{long}@two.test"]
    for name in names:
        TokenFile(Place(tmp_path, name)).write(store.Kept("custom", name, WHOLE))
    assert [TokenFile(Place(tmp_path, name)).read() for name in names] == [
        store.Kept("custom", name, WHOLE) for name in names
    ]
    assert {file.parent for file in tmp_path.rglob("*.json")} == {tmp_path}


def test_a_crash_between_two_writes_leaves_the_old_one(account: Account) -> None:
    account.sign_in()
    before = account.store.read()
    account.store.path.with_suffix(".new").write_text('{"half')
    assert account.store.read() == before
    account.clock.later(HOUR)
    assert account.tokens.current()


def test_a_lock_that_is_not_let_go_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    monkeypatch.setattr(store, "LOCK_WITHIN", 0.2)
    with account.store.locked(), pytest.raises(TryAgain, match="another process"):
        account.tokens.current()
    assert account.tokens.current()


def test_no_token_stands_in_what_is_shown_of_them(account: Account) -> None:
    account.sign_in()
    kept = account.store.read()
    assert "c4n4ry" not in repr((kept, account.tokens, registered(account.provider)))


def test_nobody_signed_in_yet_is_told_with_the_command(account: Account) -> None:
    assert account.tokens.standing() is None
    with pytest.raises(Show, match="watcher login"):
        account.tokens.current()


def test_how_long_it_has_held_is_known_without_asking(account: Account) -> None:
    account.sign_in()
    account.clock.later(HOUR)
    account.tokens.current()
    assert account.tokens.standing() == Standing("custom", NOW)
