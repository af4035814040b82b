"""Settings of a sign-in by OAuth: what is missing is told all at once, and no secret goes unencrypted to elsewhere."""

from pathlib import Path

import pytest

from watcher.config import load
from watcher.errors import Problem, Show

PLACE = "environment"
BASE = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_MY_NAME": "Robin Ashdown",
    "WATCHER_IMAP_AUTH": "xoauth2",
}
MICROSOFT = BASE | {"WATCHER_OAUTH_PROVIDER": "microsoft", "WATCHER_OAUTH_CLIENT_ID": "an-id"}
GOOGLE = BASE | {
    "WATCHER_OAUTH_PROVIDER": "Google",
    "WATCHER_OAUTH_CLIENT_ID": "an-id",
    "WATCHER_OAUTH_CLIENT_SECRET": "a-secret",
}
CUSTOM = BASE | {
    "WATCHER_OAUTH_PROVIDER": "custom",
    "WATCHER_OAUTH_CLIENT_ID": "an-id",
    "WATCHER_OAUTH_AUTHORIZE_URL": "https://login.example.test/authorize?realm=mail",
    "WATCHER_OAUTH_TOKEN_URL": "https://login.example.test/token",
    "WATCHER_OAUTH_SCOPE": "mail offline_access",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings-here"))
    return tmp_path


def _problems(environ: dict[str, str], folder: Path) -> list[Problem]:
    with pytest.raises(Show) as shown:
        load(environ, folder)
    return list(shown.value.problems)


def _where(environ: dict[str, str], folder: Path) -> list[str]:
    return [problem.where for problem in _problems(environ, folder)]


@pytest.mark.parametrize("environ", [MICROSOFT, GOOGLE, CUSTOM])
def test_no_password_is_needed(here: Path, environ: dict[str, str]) -> None:
    settings = load(environ, here)
    assert settings.imap_password is None
    assert (settings.oauth_tenant, settings.oauth_store) == ("common", "file")


def test_everything_that_is_missing_is_told_at_once(here: Path) -> None:
    assert _where(BASE, here) == ["WATCHER_OAUTH_PROVIDER", "WATCHER_OAUTH_CLIENT_ID"]
    assert _where(BASE | {"WATCHER_OAUTH_PROVIDER": "custom"}, here) == [
        "WATCHER_OAUTH_CLIENT_ID",
        "WATCHER_OAUTH_AUTHORIZE_URL",
        "WATCHER_OAUTH_TOKEN_URL",
        "WATCHER_OAUTH_SCOPE",
    ]


def test_google_wants_the_secret_that_is_none(here: Path) -> None:
    without = {name: value for name, value in GOOGLE.items() if not name.endswith("SECRET")}
    assert _where(without, here) == ["WATCHER_OAUTH_CLIENT_SECRET"]


def test_a_secret_may_come_from_a_file_of_ones_own(here: Path) -> None:
    place = here / "secret"
    place.write_text("from-the-file\n")
    place.chmod(0o600)
    given = {name: value for name, value in GOOGLE.items() if not name.endswith("SECRET")}
    given["WATCHER_OAUTH_CLIENT_SECRET_FILE"] = str(place)
    secret = load(given, here).oauth_client_secret
    assert secret is not None
    assert secret.get_secret_value() == "from-the-file"
    place.chmod(0o644)
    (problem,) = _problems(given, here)
    assert "may be read by others" in problem.what


@pytest.mark.parametrize("name", ["AUTHORIZE_URL", "TOKEN_URL", "DEVICE_URL"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("http://login.example.test/token", "not encrypted"),
        ("ftp://login.example.test/token", "no web address"),
        ("login.example.test/token", "no web address"),
        ("https://me:c4n4ry@login.example.test/token", "no web address"),
        ("https:///token", "no web address"),
        ("https://login.example.test/to ken", "no web address"),
        ("https://login.example.test/token#part", "no web address"),
        ("https://login.example.test:0/token", "no port"),
        ("https://login.example.test:99999/token", "ut of range"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(here: Path, name: str, value: str, told: str) -> None:
    (problem,) = _problems(CUSTOM | {f"WATCHER_OAUTH_{name}": value}, here)
    assert problem.where == f"WATCHER_OAUTH_{name}, {PLACE}"
    assert told in problem.what
    assert "c4n4ry" not in str(problem)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_this_machine_needs_no_encryption(here: Path, host: str) -> None:
    settings = load(CUSTOM | {"WATCHER_OAUTH_TOKEN_URL": f"http://{host}/token"}, here)
    assert settings.oauth_token_url == f"http://{host}/token"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OAUTH_PROVIDER", "yahoo"),
        ("OAUTH_CLIENT_ID", "an id"),
        ("OAUTH_TENANT", "a/../b"),
        ("OAUTH_SCOPE", "mail\nother"),
        ("OAUTH_STORE", "cloud"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(here: Path, name: str, value: str) -> None:
    assert _where(CUSTOM | {f"WATCHER_{name}": value}, here) == [f"WATCHER_{name}, {PLACE}"]


def test_a_client_secret_is_never_shown(here: Path) -> None:
    for secret in ("c4n4ry with blanks", "c4n4ry-ü"):
        (problem,) = _problems(GOOGLE | {"WATCHER_OAUTH_CLIENT_SECRET": secret}, here)
        assert "c4n4ry" not in str(problem)


def test_who_names_a_provider_and_forgets_the_way_is_told(here: Path) -> None:
    given = {name: value for name, value in MICROSOFT.items() if name != "WATCHER_IMAP_AUTH"}
    (problem,) = _problems(given, here)
    assert problem.where == "WATCHER_IMAP_PASSWORD"
    assert "WATCHER_IMAP_AUTH=xoauth2" in problem.remedy
