"""Canaries: whatever happens to the program, no token, code or client secret turns up but where the tokens are kept."""

import base64
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import Fault, Kind
from oauth.people import kept, signed_in
from servers.dovecot import Dovecot
from servers.loopback import free_port
from servers.oauth_provider import OAuthProvider, Reply
from shell.program import Home, Ran

SAMPLE = Path(__file__).parents[2] / "watcher" / "samples" / "05-own-words-reason.eml"


def _unwrapped(word: str) -> str:
    """What base64 may hide in it, wherever in these letters (a path may stand before it) the wrapping begins."""
    wholes = (word[start:][: (len(word) - start) // 4 * 4] for start in range(4))
    return " ".join(base64.b64decode(whole).decode("latin-1") for whole in wholes)


def _canaries(text: str) -> list[str]:
    """Also those that a SASL exchange wraps in base64."""
    words = re.findall(r"[A-Za-z0-9+/]{40,}", text)
    return sorted(set(re.findall(r"c4n4ry-\w+", text + " ".join(map(_unwrapped, words)))))


@pytest.mark.parametrize("before", ["", "/", "/a", "/ab", "/abc"])
@pytest.mark.parametrize("trouble", ["", "\1", "\1\1"])
def test_a_canary_in_base64_would_be_heard(before: str, trouble: str) -> None:
    wrapped = base64.b64encode(f"user=me\1auth=Bearer c4n4ry-access-123\1\1{trouble}".encode()).decode()
    assert _canaries(f"> A1 AUTHENTICATE XOAUTH2 {before}{wrapped}") == ["c4n4ry-access"]


@pytest.fixture
def home(plain_home: Home) -> Home:
    return plain_home


def _trouble(home: Home, provider: OAuthProvider) -> Iterator[Ran]:
    """The whole job, then everything that goes wrong, each with its trace."""
    yield signed_in(home)
    yield home.run("--debug", "login", "--device")
    for words in ("doctor", "--debug once --json"):
        yield home.run(*words.split())
    port = int(home.settings["WATCHER_IMAP_PORT"])
    for kind, mechanism in ((Kind.GARBAGE, "xoauth2"), (Kind.BYE, "oauthbearer"), (Kind.UNAVAILABLE, "xoauth2")):
        with faulty.running(port, Fault(kind, "AUTHENTICATE")) as proxy:
            changes = {"WATCHER_IMAP_PORT": str(proxy.port), "WATCHER_IMAP_AUTH": mechanism}
            yield home.run("--debug", "once", **changes)
    yield home.run("--debug", "once", WATCHER_OAUTH_CLIENT_ID="another-id")
    yield from _trouble_of_the_provider(home, provider)


def _trouble_of_the_provider(home: Home, provider: OAuthProvider) -> Iterator[Ran]:
    echo = b'{"error": "invalid_client", "error_description": "what is c4n4ry-client-secret"}'
    for reply in (Reply(503, b""), Reply(400, echo)):
        provider.expire()
        provider.script = reply
        yield home.run("--debug", "once")
    yield home.run("once", WATCHER_OAUTH_TOKEN_URL=f"http://127.0.0.1:{free_port()}/token")
    provider.user = "other@example.test"
    yield signed_in(home)
    provider.revoke()
    yield home.run("--debug", "once")
    yield home.run("doctor")


def test_no_canary_sings(home: Home, dovecot: Dovecot, provider: OAuthProvider) -> None:
    dovecot.bulk([SAMPLE.read_bytes()], time.time() - 3600)
    heard = [(ran.code, _canaries(ran.out + ran.err)) for ran in _trouble(home, provider)]
    assert [canaries for _, canaries in heard if canaries] == []
    assert {0, 2, 3} <= {code for code, _ in heard}, "nothing of all this went well, or nothing went wrong"
    (place,) = kept(home)
    assert _canaries(place.read_text()), "the tokens are kept here"
    left = {file: file.read_bytes() for file in home.folder.rglob("*") if file.is_file() and file != place}
    assert any(file.name == "ledger.sqlite" for file in left)
    assert [file.name for file, content in left.items() if _canaries(content.decode("latin-1"))] == []


def test_the_log_of_the_service_is_silent_too(home: Home, provider: OAuthProvider) -> None:
    assert signed_in(home).code == 0
    provider.expire()
    process = home.start("run", WATCHER_LOG_LEVEL="debug", WATCHER_LOG="json")
    deadline = time.monotonic() + 30
    while provider.times_asked("refresh_token") == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert provider.times_asked("refresh_token") >= 1, log
    assert '"event"' in log
    assert _canaries(log) == []


@pytest.mark.parametrize("name", ["WATCHER_OAUTH_CLIENT_SECRET", "WATCHER_OAUTH_CLIENT_SECRET_FILE"])
def test_a_client_secret_in_a_wrong_place_is_not_shown(home: Home, name: str) -> None:
    place = home.folder / "secret"
    place.write_text("c4n4ry line\nand another")
    place.chmod(0o600)
    given = {"WATCHER_OAUTH_CLIENT_SECRET": "", name: str(place) if name.endswith("_FILE") else "c4n4ry-a b"}
    ran = home.run("--debug", "once", **given)
    assert "WATCHER_OAUTH_CLIENT_SECRET" in ran.err
    assert "c4n4ry" not in ran.out + ran.err
