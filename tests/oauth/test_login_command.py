"""`watcher login` as a person runs it: by a browser here, by a code elsewhere; tried at a real mail server at once."""

import json
import re
import stat
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from oauth.people import ADDRESS, kept, signed_in
from servers.dovecot import Dovecot
from servers.loopback import free_port
from servers.oauth_provider import OAuthProvider
from shell.program import Home


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_by_a_browser_and_then_a_pass(home: Home, dovecot: Dovecot, mechanism: str) -> None:
    ran = signed_in(home, WATCHER_IMAP_AUTH=mechanism)
    assert ran.code == 0, ran.err
    assert f"lets {dovecot.user} in" in ran.out
    assert home.run("once", WATCHER_IMAP_AUTH=mechanism).code == 0
    assert [stat.S_IMODE(file.stat().st_mode) for file in kept(home)] == [0o600]


def test_the_doctor_tells_since_when_and_foretells_the_end(home: Home) -> None:
    assert signed_in(home).code == 0
    assert _check(home)["health"] == "ok"
    (place,) = kept(home)
    week = json.loads(place.read_text()) | {"provider": "google", "refresh_ends": "2026-12-02T09:00:00+00:00"}
    place.write_text(json.dumps(week))
    foretold = _check(home)
    assert foretold["health"] == "attention"
    assert "ends on 2026-12-02" in foretold["found"]


def _check(home: Home) -> dict[str, str]:
    return next(line for line in home.run("doctor", "--json").lines if line["what"] == "sign-in")


def test_the_browser_of_the_desktop_is_opened(home: Home) -> None:
    script = home.folder / "browser"
    script.write_text(f"#!{sys.executable}\nimport sys\nsys.path[:0] = {sys.path}\n" + _VISIT)
    script.chmod(0o700)
    ran = home.run("login", DISPLAY=":99", BROWSER=str(script))
    assert ran.code == 0, ran.err
    assert "open already" in ran.err


_VISIT = "from servers.oauth_provider import visit\nvisit(sys.argv[1])\n"


def test_the_address_asks_for_what_it_should_and_holds_no_secret(home: Home, provider: OAuthProvider) -> None:
    address = ADDRESS.findall(signed_in(home).err)[0]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["scope"] == "mail offline_access"
    assert asked["login_hint"] == "me@example.test"
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert "client_secret" not in asked
    verifier = next(form["code_verifier"] for place, form in provider.asked if place == "token")
    assert verifier not in address


def test_by_a_code_on_another_device(home: Home, provider: OAuthProvider) -> None:
    provider.pending = 1
    ran = home.run("login", "--device")
    assert ran.code == 0, ran.err
    assert "WDJB-MJHT" in ran.err
    assert provider.times_asked("device_code") == 2
    assert home.run("once").code == 0


def test_a_machine_without_a_desktop_takes_the_code(home: Home) -> None:
    ran = home.run("login", DISPLAY="", WAYLAND_DISPLAY="")
    assert (ran.code, "WDJB-MJHT" in ran.err) == (0, True)


def test_where_there_is_no_code_the_way_from_afar_is_told(home: Home) -> None:
    ran = signed_in(home, DISPLAY="", WAYLAND_DISPLAY="", WATCHER_OAUTH_DEVICE_URL="")
    assert ran.code == 0, ran.err
    assert re.search(r"ssh -N -L (\d+):127\.0\.0\.1:\1 ", ran.err)


@pytest.mark.parametrize("words", [["login"], ["login", "--device"]])
def test_consent_that_was_not_given_keeps_nothing(home: Home, provider: OAuthProvider, words: list[str]) -> None:
    provider.denies = "access_denied"
    ran = home.run(*words) if "--device" in words else signed_in(home)
    assert ran.code == 2
    assert "consent was not given" in ran.err
    assert kept(home) == []


def test_somebody_else_who_signed_in_is_not_let_in_and_nothing_iskept(home: Home, provider: OAuthProvider) -> None:
    provider.user = "other@example.test"
    ran = signed_in(home)
    assert ran.code == 2
    assert "did you sign in as me@example.test?" in ran.err
    assert "nothing was kept" in ran.err
    assert kept(home) == []


def test_a_failed_login_leaves_the_sign_in_before_as_it_was(home: Home, provider: OAuthProvider) -> None:
    assert signed_in(home).code == 0
    before = kept(home)[0].read_text()
    provider.user = "other@example.test"
    assert signed_in(home).code == 2
    assert kept(home)[0].read_text() == before
    assert home.run("once").code == 0


def test_what_could_not_be_tried_is_kept_and_told(home: Home) -> None:
    ran = signed_in(home, WATCHER_IMAP_PORT=str(free_port()))
    assert ran.code == 0, ran.err
    assert "could not be tried" in ran.err
    assert "kept" in ran.err
    assert home.run("once").code == 0


def test_each_of_several_mailboxes_signs_in_for_itself(home: Home) -> None:
    folder = home.folder / "mailboxes"
    folder.mkdir()
    for name, lines in (("first", ["WATCHER_MY_ADDRESS=first@example.test"]), ("second", _PASSWORD)):
        place = folder / f"{name}.env"
        place.write_text("\n".join(lines))
        place.chmod(0o600)
    assert "--account" in home.run("login", WATCHER_ACCOUNTS=str(folder)).err
    ran = signed_in(home, "--account", "first", WATCHER_ACCOUNTS=str(folder))
    assert ran.code == 0, ran.err
    assert [file.name for file in kept(home)] == ["sign-in-first@example.test.json"]
    assert home.run("once", "--account", "second", WATCHER_ACCOUNTS=str(folder)).code == 0


_PASSWORD = [
    "WATCHER_IMAP_AUTH=password",
    "WATCHER_IMAP_PASSWORD=secret",
    "WATCHER_MY_ADDRESS=second@example.test",
    "WATCHER_IMAP_HOST=localhost",
]


def test_before_anybody_signed_in_the_command_is_named(home: Home) -> None:
    for words in ("once", "doctor"):
        ran = home.run(words)
        assert ran.code == 2
        assert "watcher login" in ran.out + ran.err


def test_with_a_password_there_is_nobody_to_sign_in_with(home: Home) -> None:
    ran = home.run("login", WATCHER_IMAP_AUTH="password", WATCHER_IMAP_PASSWORD="secret")
    assert ran.code == 2
    assert "WATCHER_IMAP_AUTH" in ran.err


def test_a_consent_that_was_taken_back_is_told_once_and_asked_for_no_more(home: Home, provider: OAuthProvider) -> None:
    assert signed_in(home).code == 0
    provider.revoke()
    told = [home.run("once") for _ in range(3)]
    assert [ran.code for ran in told] == [2, 2, 2]
    assert all("watcher login" in ran.err for ran in told)
    assert provider.times_asked("refresh_token") == 1
    assert signed_in(home).code == 0
    assert home.run("once").code == 0
