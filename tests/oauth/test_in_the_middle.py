"""The whole program, signed in by tokens that end while it waits for mail, and while it stores a draft."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import Fault, Kind
from oauth.people import kept, signed_in
from servers.dovecot import Dovecot
from servers.oauth_provider import OAuthProvider
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
FIRST, SECOND = ((SAMPLES / name).read_bytes() for name in ("01-no-note.eml", "05-own-words-reason.eml"))


@pytest.fixture
def signed(home: Home) -> Home:
    """Somebody has signed in, and mail of the samples' server is trusted."""
    assert signed_in(home).code == 0
    return replace(home, settings={**home.settings, "WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})


def _has_ended(home: Home, provider: OAuthProvider) -> None:
    """An hour has passed, for the provider and for the program."""
    provider.expire()
    (place,) = kept(home)
    told = json.loads(place.read_text())
    told["ends"] = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    place.write_text(json.dumps(told))


def _was_taken_back(_home: Home, provider: OAuthProvider) -> None:
    """Before its time: the program learns it from the mail server."""
    provider.expire()


ENDS = [_has_ended, _was_taken_back]


def _drafts(dovecot: Dovecot) -> int:
    with dovecot.client() as client:
        return int(client.select_folder("Drafts", readonly=True)[b"EXISTS"])


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.1)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", [Kind.LOSE_ANSWER, Kind.CUT_BEFORE])
def test_in_append_there_is_one_draft(
    signed: Home, dovecot: Dovecot, provider: OAuthProvider, end: Callable[[Home, OAuthProvider], None], kind: Kind
) -> None:
    dovecot.bulk([FIRST], time.time() - 3600)
    with faulty.running(dovecot.port, Fault(kind, "APPEND")) as proxy:
        assert signed.run("once", WATCHER_IMAP_PORT=str(proxy.port)).code == 3
        end(signed, provider)
        assert signed.run("once", WATCHER_IMAP_PORT=str(proxy.port)).code == 0
    assert _drafts(dovecot) == 1
    assert provider.times_asked("refresh_token") == 1


@pytest.mark.parametrize("end", ENDS)
def test_in_idle_it_comes_back_with_another_token(
    signed: Home, dovecot: Dovecot, provider: OAuthProvider, end: Callable[[Home, OAuthProvider], None]
) -> None:
    dovecot.bulk([FIRST], time.time() - 3600)
    with faulty.running(dovecot.port) as proxy:
        process = signed.start("run", WATCHER_IMAP_PORT=str(proxy.port), WATCHER_IDLE="on", WATCHER_POLL_EVERY="10 s")
        try:
            _until(lambda: any(b"IDLE" in line for line in proxy.commands))
            end(signed, provider)
            proxy.hang_up()
            _until(lambda: provider.times_asked("refresh_token") == 1)
            dovecot.receive([SECOND], datetime.now(UTC))
            _until(lambda: _drafts(dovecot) == 2)
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=30)
    assert "Traceback" not in log


def test_what_the_person_took_back_ends_the_watch_with_one_clear_word(signed: Home, provider: OAuthProvider) -> None:
    provider.revoke()
    process = signed.start("run")
    try:
        _, log = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 2
    assert "watcher login" in log
    assert provider.times_asked("refresh_token") == 1


def test_a_provider_in_trouble_is_waited_for_and_never_counted_as_a_refusal(
    signed: Home, provider: OAuthProvider
) -> None:
    provider.introspection = 503
    for _ in range(4):
        assert signed.run("once").code == 3
    provider.introspection = 200
    assert signed.run("once").code == 0
