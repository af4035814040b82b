"""Where alarms and notices go is decided by settings alone: nothing of it by mail, and no address is ever shown."""

from pathlib import Path

import apprise
import pytest
from pydantic import SecretStr

from watcher.config import Destinations, Settings, load, load_accounts
from watcher.config.settings import _BY_MAIL
from watcher.errors import Problem, Show

SECRET = "hush-4711"
NTFY, SLACK = f"ntfys://{SECRET}@ntfy.example.test/topic", f"slack://{SECRET}/b/c/#general"
OTHERS = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_IMAP_PASSWORD": "secret",
    "WATCHER_MY_NAME": "Robin Ashdown",
}
each = pytest.mark.parametrize("setting", ["ALARMS", "NOTICES"])


@pytest.fixture(autouse=True)
def _no_settings_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def _load(tmp_path: Path, **settings: str) -> Settings:
    return load(OTHERS | {f"WATCHER_{name}": value for name, value in settings.items()}, tmp_path)


def _problem(tmp_path: Path, **settings: str) -> Problem:
    with pytest.raises(Show) as shown:
        _load(tmp_path, **settings)
    (problem,) = shown.value.problems
    assert SECRET not in str(problem)
    return problem


@each
@pytest.mark.parametrize(
    ("text", "desktop", "urls"),
    [
        ("desktop", True, ()),
        ("Desktop", True, ()),
        (NTFY, False, (NTFY,)),
        (f"desktop  {NTFY}\n{SLACK} {NTFY}", True, (NTFY, SLACK)),
    ],
)
def test_places_with_blanks_between(
    setting: str, text: str, desktop: bool, urls: tuple[str, ...], tmp_path: Path
) -> None:
    found = getattr(_load(tmp_path, **{setting: text}), setting.lower())
    assert found == Destinations(desktop, tuple(map(SecretStr, urls)))
    assert SECRET not in repr(found)


@each
def test_nobody_is_told_unless_it_is_wanted(setting: str, tmp_path: Path) -> None:
    assert getattr(_load(tmp_path), setting.lower()) is None
    assert getattr(_load(tmp_path, **{setting: "OFF"}), setting.lower()) is None


@each
@pytest.mark.parametrize("url", [f"mailto://{SECRET}:x@example.test", f"MAILTOS://{SECRET}", f"sendgrid://{SECRET}"])
def test_what_sends_mail_is_refused(setting: str, url: str, tmp_path: Path) -> None:
    problem = _problem(tmp_path, **{setting: f"desktop {url}"})
    assert problem.where == f"WATCHER_{setting}, environment"
    assert "sends mail" in problem.what
    assert url.partition(":")[0].lower() in problem.what


@each
@pytest.mark.parametrize("text", [SECRET, f"off {NTFY}", f"desktop,{NTFY}", "://x", f"{NTFY} {SECRET}"])
def test_what_is_no_place_is_refused_and_not_shown(setting: str, text: str, tmp_path: Path) -> None:
    assert "neither desktop nor the address" in _problem(tmp_path, **{setting: text}).what


@each
def test_addresses_may_lie_in_a_file_of_their_own(setting: str, tmp_path: Path) -> None:
    secret = tmp_path / "places"
    secret.write_text(f"desktop\n{NTFY}\n", "utf-8")
    secret.chmod(0o600)
    by_file = {f"{setting}_FILE": str(secret)}
    assert getattr(_load(tmp_path, **by_file), setting.lower()) == Destinations(True, (SecretStr(NTFY),))
    assert "is set beside" in _problem(tmp_path, **by_file, **{setting: "desktop"}).what
    secret.write_text(f"mailto://{SECRET}\n", "utf-8")
    problem = _problem(tmp_path, **by_file)
    assert (problem.where, "sends mail" in problem.what) == (f"WATCHER_{setting}_FILE, environment", True)
    secret.chmod(0o644)
    with pytest.raises(Show, match="may be read by others"):
        _load(tmp_path, **by_file)


def test_every_service_that_sends_mail_is_known_as_such() -> None:
    """By what apprise says of the words in an address: only mail has copies that others do not see."""
    by_mail: set[str] = set()
    for schema in apprise.Apprise().details()["schemas"]:
        if "bcc" in schema["details"]["args"]:
            by_mail |= {*(schema["protocols"] or ()), *(schema["secure_protocols"] or ())}
    assert {"mailto", "mailtos", "sendgrid", "mailgun", "ses"} <= by_mail
    assert by_mail - _BY_MAIL == set()


def test_a_mailbox_of_its_own_may_have_places_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "mailboxes"
    folder.mkdir()
    for name, more in (("anna", "WATCHER_ALARMS=desktop\n"), ("otto", "")):
        own = folder / f"{name}.env"
        own.write_text(f"WATCHER_IMAP_USER={name}@example.test\n{more}", "utf-8")
        own.chmod(0o600)
    secret = tmp_path / "places"
    secret.write_text(NTFY, "utf-8")
    secret.chmod(0o600)
    outside = {**OTHERS, "WATCHER_ACCOUNTS": str(folder), "WATCHER_ALARMS_FILE": str(secret)}
    found = load_accounts(outside, tmp_path).settings
    assert found["anna"].alarms == Destinations(True, ())
    assert found["otto"].alarms == Destinations(False, (SecretStr(NTFY),))


@pytest.mark.parametrize(("text", "problem"), [("0", "ALARM_AFTER"), ("101", "ALARM_AFTER"), ("soon", "ALARM_AFTER")])
def test_a_patience_that_is_none_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    assert problem in _problem(tmp_path, ALARM_AFTER=text).where


def test_a_summary_comes_on_a_day_of_the_week(tmp_path: Path) -> None:
    assert _load(tmp_path).summary == "off"
    assert _load(tmp_path, SUMMARY="Friday").summary == "friday"
    assert "monday" in _problem(tmp_path, SUMMARY="weekly").remedy
