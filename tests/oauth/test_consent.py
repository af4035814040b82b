"""A person's consent: by the page on loopback, which takes the right answer alone, and by a code typed in elsewhere."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from oauth.client import NOW, Clock, registered
from servers.oauth_provider import OAuthProvider, Reply, visit

from watcher.adapters.oauth import by_browser, by_device, consent, google, microsoft
from watcher.adapters.oauth.loopback import Page, Redirected, listening
from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import Show, TryAgain

SHORT = timedelta(seconds=0.2)


# ------------------------------------------------------------------------------------------------------ the page itself


@contextmanager
def _page() -> Iterator[Page]:
    with listening("127.0.0.1", "the-state") as page:
        yield page


def _get(page: Page, target: str, host: str = "", verb: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", page.port, timeout=5)
    connection.request(verb, target, headers={"Host": host or f"127.0.0.1:{page.port}"})
    response = connection.getresponse()
    told = response.status, response.read().decode()
    connection.close()
    return told


def test_the_right_answer_is_taken_and_the_person_is_told_what_next() -> None:
    with _page() as page:
        status, words = _get(page, "/?code=c4n4ry&state=the-state")
        assert page.wait(SHORT) == Redirected("c4n4ry")
    assert status == 200
    assert "You may close this page" in words
    assert "c4n4ry" not in words


WRONG = [
    "/?code=other&state=another-state",
    "/?code=other",
    "/?code=other&state=",
    "/favicon.ico",
    "/elsewhere?code=other&state=the-state",
    "/?code=other&state=%ff%fe",
]


@pytest.mark.parametrize("target", WRONG)
def test_what_is_not_the_answer_changes_nothing(target: str) -> None:
    with _page() as page:
        assert _get(page, target)[0] == 404
        assert page.wait(SHORT) is None
        assert _get(page, "/?code=right&state=the-state")[0] == 200
        assert page.wait(SHORT) == Redirected("right")


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1"])
def test_a_name_that_somebody_points_here_is_turned_away(host: str) -> None:
    with _page() as page:
        assert _get(page, "/?code=other&state=the-state", host)[0] == 404
        assert page.wait(SHORT) is None


def test_only_one_answer_counts() -> None:
    with _page() as page:
        _get(page, "/?code=first&state=the-state")
        assert _get(page, "/?code=second&state=the-state")[0] == 404
        assert page.wait(SHORT) == Redirected("first")


@pytest.mark.parametrize("verb", ["POST", "HEAD", "OPTIONS", "PUT"])
def test_other_verbs_are_not_known(verb: str) -> None:
    with _page() as page:
        assert _get(page, "/?code=other&state=the-state", verb=verb)[0] == 501
        assert page.wait(SHORT) is None


def test_connections_that_say_nothing_hold_nobody_up() -> None:
    with _page() as page:
        idle = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(5)]
        assert _get(page, "/?code=right&state=the-state")[0] == 200
        assert page.wait(SHORT) == Redirected("right")
    for one in idle:
        one.close()


def test_the_page_is_closed_afterwards_and_is_for_this_machine_alone() -> None:
    with _page() as page:
        with socket.create_connection(("127.0.0.1", page.port)) as connected:
            assert connected.getpeername()[0] == "127.0.0.1"
        assert page.address == f"http://127.0.0.1:{page.port}/"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", page.port))


def test_nothing_of_it_is_kept_or_passed_on_by_the_browser() -> None:
    with _page() as page:
        connection = HTTPConnection("127.0.0.1", page.port, timeout=5)
        connection.request("GET", "/?code=right&state=the-state")
        fields = dict(connection.getresponse().headers)
        connection.close()
    assert fields["Cache-Control"] == "no-store"
    assert fields["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in fields["Content-Security-Policy"]


# --------------------------------------------------------------------------------------------------------- by a browser


def _opens(address: str, _port: int) -> None:
    threading.Thread(target=visit, args=(address,), daemon=True).start()


def test_the_code_is_redeemed_with_its_verifier(provider: OAuthProvider) -> None:
    tokens = by_browser(registered(provider), "me@example.test", Clock(), _opens)
    assert tokens.access.startswith("c4n4ry-access")
    assert tokens.ends == NOW + timedelta(hours=1)
    assert tokens.since == NOW


def test_each_time_is_another_state_and_another_challenge(provider: OAuthProvider) -> None:
    for _ in range(3):
        by_browser(registered(provider), "me@example.test", Clock(), _opens)
    asked = [form for place, form in provider.asked if place == "authorize"]
    assert len({form["state"] for form in asked}) == 3
    assert len({form["code_challenge"] for form in asked}) == 3


def test_a_code_that_somebody_slipped_in_is_worth_nothing(provider: OAuthProvider) -> None:
    """Of another sign-in, at the same provider: PKCE binds a code to whoever asked for it (RFC 7636 §1)."""
    stolen: list[str] = []

    def slips_in(address: str, port: int) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = provider._code({**asked, "code_challenge": "of-somebody-else"})  # noqa: SLF001 - plays the attacker
        stolen.append(code)
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/?" + urlencode({"code": code, "state": asked["state"]}))
        connection.getresponse().read()
        connection.close()

    with pytest.raises(Show, match="watcher login") as shown:
        by_browser(registered(provider), "me@example.test", Clock(), slips_in)
    assert stolen[0] not in str(shown.value)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        ("access_denied", Show, "consent was not given"),
        ("temporarily_unavailable", TryAgain, "just now"),
        ("unauthorized_client", Show, "WATCHER_OAUTH_CLIENT_ID"),
    ],
)
def test_what_went_wrong_in_the_browser_is_told(
    provider: OAuthProvider, error: str, kind: type[Exception], told: str
) -> None:
    provider.denies = error
    with pytest.raises(kind, match=told):
        by_browser(registered(provider), "me@example.test", Clock(), _opens)


@pytest.fixture
def nobody_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "WITHIN", SHORT)


@pytest.mark.usefixtures("nobody_comes")
def test_where_nobody_signs_in_it_comes_to_an_end(provider: OAuthProvider) -> None:
    with pytest.raises(Show, match="nobody signed in"):
        by_browser(registered(provider), "me@example.test", Clock(), lambda _address, _port: None)


def _address_of(provider_name: str) -> dict[str, str]:
    """What is asked of a provider whose page nobody opens here."""
    shown: list[str] = []
    chosen = google("id", "secret") if provider_name == "google" else microsoft("id", "", "contoso.example")
    with pytest.raises(Show):
        by_browser(chosen, "me@example.test", Clock(), lambda address, _port: shown.append(address))
    parts = urlsplit(shown[0])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return asked | {"address": f"{parts.scheme}://{parts.netloc}{parts.path}"}


@pytest.mark.usefixtures("nobody_comes")
def test_google_is_asked_as_it_wants() -> None:
    asked = _address_of("google")
    assert asked["address"] == "https://accounts.google.com/o/oauth2/v2/auth"
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert asked["scope"] == "https://mail.google.com/"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", asked["redirect_uri"])


@pytest.mark.usefixtures("nobody_comes")
def test_microsoft_is_asked_as_it_wants() -> None:
    asked = _address_of("microsoft")
    assert asked["address"] == "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize"
    assert asked["scope"] == "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"
    assert re.fullmatch(r"http://localhost:\d+/", asked["redirect_uri"]), "its port is disregarded for this name alone"


# ------------------------------------------------------------------------------------------------------------ by a code


def _by_code(provider: OAuthProvider, clock: Clock) -> tuple[Tokens, list[float]]:
    waits: list[float] = []

    def wait(time: timedelta) -> None:
        waits.append(time.total_seconds())
        clock.later(time)

    return by_device(registered(provider), clock, lambda _code: None, wait), waits


def test_a_code_is_asked_about_as_often_as_the_provider_likes(provider: OAuthProvider) -> None:
    provider.interval, provider.pending, provider.too_fast = 7, 2, 1
    tokens, waits = _by_code(provider, Clock())
    assert tokens.access.startswith("c4n4ry-access")
    assert waits == [7, 7 + 5, 7 + 5, 7 + 5], "slow_down is for all that follow (RFC 8628 §3.5)"


def test_a_code_that_nobody_types_in_ends(provider: OAuthProvider) -> None:
    provider.interval, provider.pending = 60, 1000
    with pytest.raises(Show, match="time for signing in is over"):
        _by_code(provider, Clock())
    assert provider.times_asked("device_code") == 10


@pytest.mark.parametrize("error", ["access_denied", "authorization_declined", "expired_token"])
def test_a_code_that_was_declined_or_is_too_old_is_told(provider: OAuthProvider, error: str) -> None:
    provider.denies = error
    with pytest.raises(Show, match="watcher login"):
        _by_code(provider, Clock())


def test_a_question_about_a_code_that_gets_lost_is_asked_again(provider: OAuthProvider) -> None:
    provider.script = Reply(503, b"")
    tokens, waits = _by_code(provider, Clock())
    assert tokens.access
    assert len(waits) == 2


def test_the_code_is_shown_with_its_place(provider: OAuthProvider) -> None:
    shown: list[DeviceCode] = []
    by_device(registered(provider), Clock(), shown.append, lambda _time: None)
    assert (shown[0].user_code, shown[0].address) == ("WDJB-MJHT", "https://login.example.test/device")
    assert "c4n4ry" not in repr(shown[0])


def test_google_gives_no_code_for_mail() -> None:
    with pytest.raises(Show, match="offers no sign-in by code"):
        by_device(google("id", "secret"), Clock(), lambda _code: None, lambda _time: None)
