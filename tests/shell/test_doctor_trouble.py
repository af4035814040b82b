"""`watcher doctor` on servers and machines that are not well: each line says what to do, and hides no other."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from servers.dovecot import Dovecot, Style
from servers.loopback import free_port
from servers.odd import CAPABLE, certified, greeting_with
from shell.program import Home

from watcher import wiring
from watcher.doctor import Check, Health
from watcher.wiring import examining

SETTINGS = {
    "WATCHER_IMAP_HOST": "localhost",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_IMAP_PASSWORD": "secret",
    "WATCHER_MY_NAME": "Robin Ashdown",
    "WATCHER_WEB": "off",
}


@dataclass(frozen=True)
class Told:
    checks: tuple[Check, ...]

    def bad(self) -> list[Check]:
        return [check for check in self.checks if check.health is Health.BAD]

    def of(self, what: str) -> Check:
        return next(check for check in self.checks if check.what == what)


class Telling(Protocol):
    def __call__(self, **settings: str) -> Told: ...


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Telling:
    """Examined in this process, in a home without any settings."""
    for name in [name for name in os.environ if name.startswith(("WATCHER_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(examining, "ROAD_WITHIN", 2.0)

    def told(**settings: str) -> Told:
        for name, value in {**SETTINGS, **settings}.items():
            monkeypatch.setenv(name, value)
        with wiring.open_doctors() as (doctor,):
            found = Told(tuple(doctor.checks()))
        assert [check for check in found.bad() if not check.remedy] == [], "each says what to do"
        return found

    return told


def _one_is_bad(told: Told, what: str, found: str, remedy: str) -> None:
    (bad,) = told.bad()
    assert bad.what == what
    assert found in bad.found
    assert remedy in bad.remedy
    at_home = ("settings", "files", "disk", "ledger", "clock", "templates en", "review page")
    assert {told.of(one).health for one in at_home} == {Health.GOOD}, "the rest is looked at"
    assert told.checks[-1].health is Health.NOT_CHECKED


def test_a_name_that_is_no_host(tell: Telling) -> None:
    told = tell(WATCHER_IMAP_HOST="imap.nowhere.invalid")
    _one_is_bad(told, "host", "imap.nowhere.invalid is not known", "WATCHER_IMAP_HOST")


def test_a_closed_port(tell: Telling) -> None:
    told = tell(WATCHER_IMAP_PORT=str(free_port()))
    _one_is_bad(told, "port", "cannot be reached", "WATCHER_IMAP_PORT")
    assert told.of("host").health is Health.GOOD


def test_a_server_that_speaks_nocertified(tell: Telling) -> None:
    with greeting_with(CAPABLE) as port:
        told = tell(WATCHER_IMAP_PORT=str(port))
    _one_is_bad(told, "TLS", "does not speak TLS", "starttls")
    assert told.of("port").health is Health.GOOD


def test_a_server_that_says_nothing(tell: Telling) -> None:
    with greeting_with(b"") as port:
        told = tell(WATCHER_IMAP_PORT=str(port), WATCHER_IMAP_SECURITY="starttls")
    _one_is_bad(told, "TLS", "did not answer in 2 s", "WATCHER_IMAP_SECURITY fits the port")


DAY = timedelta(days=1)
NOW = datetime.now(tz=UTC)


@pytest.mark.parametrize(
    ("name", "dates", "trusts", "found", "remedy"),
    [
        ("localhost", {}, False, "is not trusted", "PEM file of its authority"),
        ("localhost", {"not_before": NOW - 9 * DAY, "not_after": NOW - DAY}, True, "expired", "has to renew it"),
        ("localhost", {"not_before": NOW + DAY, "not_after": NOW + 9 * DAY}, True, "not yet valid", "set the clock"),
        ("other.example", {}, True, "ostname mismatch", "as your provider tells it"),
    ],
    ids=["of an authority unknown", "expired", "of tomorrow", "of another name"],
)
def test_a_certificate_that_is_not_trusted(
    tmp_path: Path, name: str, dates: dict[str, datetime], trusts: bool, found: str, remedy: str, tell: Telling
) -> None:
    with greeting_with(CAPABLE, certified(tmp_path, name, **dates)) as port:
        trust = {"WATCHER_IMAP_CA_FILE": str(tmp_path / "ca.pem")} if trusts else {}
        told = tell(WATCHER_IMAP_PORT=str(port), **trust)
    _one_is_bad(told, "TLS", found, remedy)


def test_a_certificate_that_ends_soon_is_to_be_looked_at(tmp_path: Path, tell: Telling) -> None:
    context = certified(tmp_path, not_before=NOW - DAY, not_after=NOW + 5 * DAY)
    with greeting_with(CAPABLE, context) as port:
        told = tell(WATCHER_IMAP_PORT=str(port), WATCHER_IMAP_CA_FILE=str(tmp_path / "ca.pem"))
    tls = told.of("TLS")
    assert (tls.health, "(4 days)" in tls.found, "renew it" in tls.remedy) == (Health.ATTENTION, True, True)


@pytest.mark.parametrize("dovecot_of", [Style(drafts="Letters", special_use="")], indirect=True)
def test_no_drafts_folder(dovecot_of: Dovecot, tell: Telling) -> None:
    told = tell(**dovecot_of.environment())
    assert [check.what for check in told.bad()] == ["Drafts folder"]
    assert "make one in your mail program" in told.of("Drafts folder").remedy
    assert told.of("folder INBOX").health is Health.GOOD


def test_a_ledger_that_has_no_place_does_not_hide_the_mailbox(dovecot: Dovecot, tmp_path: Path, tell: Telling) -> None:
    (tmp_path / "file").write_text("")
    told = tell(**dovecot.environment(), WATCHER_LEDGER=f"sqlite:///{tmp_path}/file/ledger.sqlite")
    assert [check.what for check in told.bad()] == ["ledger"]
    assert "name another place" in told.of("ledger").remedy
    assert told.of("Drafts folder").health is Health.GOOD


def test_settings_that_are_wrong_do_not_hide_what_can_be_seen_without_them(dovecot: Dovecot, tell: Telling) -> None:
    wrong = {"WATCHER_POLL_EVERY": "soon", "WATCHER_LANGUAGES": "tlh", "WATCHER_KNOWN_BY": "x"}
    told = tell(**dovecot.environment(), **wrong)
    bad = [(check.what, check.found.partition(",")[0]) for check in told.bad()]
    assert ("settings", "WATCHER_POLL_EVERY") in bad
    assert ("settings", "WATCHER_KNOWN_BY") in bad
    assert "templates" in {what for what, _ in bad}
    assert told.of("Drafts folder").health is Health.GOOD


def test_without_what_a_mailbox_needs_only_the_settings_are_told(tell: Telling) -> None:
    told = tell(WATCHER_IMAP_HOST="")
    found = [(check.what, check.health) for check in told.checks]
    assert found == [("settings", Health.BAD), ("all else", Health.NOT_CHECKED)]


def test_in_words_there_is_one_line_for_each_and_a_sum(tmp_path: Path) -> None:
    ran = Home(tmp_path, {**SETTINGS, "WATCHER_IMAP_PORT": str(free_port())}).run("doctor")
    assert ran.code == 2
    assert ran.out.splitlines()[-1] == "11 checks: 9 well, 1 to mend, 1 not checked."
    assert "✗  port" in ran.out
    assert "→ check WATCHER_IMAP_HOST" in ran.out


def test_of_several_mailboxes_each_is_examined(dovecot: Dovecot, tmp_path: Path) -> None:
    boxes = tmp_path / "boxes"
    boxes.mkdir()
    for name, line in (("good", ""), ("wrong", "WATCHER_IMAP_PASSWORD=wrong\n"), ("broken", "WATCHER_POLL_EVERY=x\n")):
        (boxes / f"{name}.env").write_text(f"WATCHER_MY_ADDRESS={name}@example.test\n{line}WATCHER_IMAP_USER={name}\n")
        (boxes / f"{name}.env").chmod(0o600)
    dovecot.admit(["good", "wrong", "broken"])
    home = Home(tmp_path, {**dovecot.environment(), "WATCHER_ACCOUNTS": str(boxes)})
    ran = home.run("doctor", "--json")
    bad = {(check["account"], check["what"]) for check in ran.lines if check["health"] == "bad"}
    assert (ran.code, bad) == (2, {("wrong", "login"), ("broken", "settings")})
    assert home.run("doctor", "--account", "good").code == 0
    assert home.run("doctor", "--account", "none").code == 2
