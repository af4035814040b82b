"""What goes wrong ends in a clear message and the right exit code, and nothing is lost."""

import os
import resource
import subprocess
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from servers.dovecot import Dovecot, Style, free_port
from servers.posts import imap_post
from shell.program import PROGRAM, Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
TRUST = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test"}
NO_NOTE = (SAMPLES / "01-no-note.eml").read_bytes()
DEFAULT = (SAMPLES / "02-default-sentence.eml").read_bytes()
OWN_WORDS = (SAMPLES / "05-own-words-reason.eml").read_bytes()


def _deliver(dovecot: Dovecot, *mails: bytes) -> None:
    dovecot.bulk(mails, time.time() - 60)


def test_a_wrong_password_names_both_settings(home: Home) -> None:
    ran = home.run("once", WATCHER_IMAP_PASSWORD="not the canary")
    assert ran.code == 2
    assert "WATCHER_IMAP_PASSWORD" in ran.err
    assert "app password" in ran.err
    assert "canary" not in ran.err + ran.out


def test_a_server_that_is_away_is_worth_another_try(home: Home) -> None:
    ran = home.run("once", WATCHER_IMAP_PORT=str(free_port()))
    assert (ran.code, ran.out) == (3, "")
    assert "cannot be reached" in ran.err


def test_a_wrong_host_names_the_setting(home: Home) -> None:
    ran = home.run("once", WATCHER_IMAP_HOST="imap.nowhere.invalid", WATCHER_IMAP_SECURITY="tls")
    assert ran.code == 3
    assert "imap.nowhere.invalid" in ran.err
    assert "WATCHER_IMAP_HOST" in ran.err


def test_every_wrong_setting_is_told_at_once(home: Home) -> None:
    ran = home.run("once", WATCHER_IMAP_PORT="imap", WATCHER_POLL_EVERY="5 parsecs", WATCHER_LANGUAGE="en")
    assert ran.code == 2
    for words in ("WATCHER_IMAP_PORT", "'imap'", "WATCHER_POLL_EVERY", "'5 parsecs'", "did you mean WATCHER_LANGUAGES"):
        assert words in ran.err


@pytest.mark.parametrize("dovecot_of", [Style(drafts="Letters", special_use="")], indirect=True)
def test_without_a_drafts_folder_nothing_is_done(dovecot_of: Dovecot, tmp_path: Path) -> None:
    _deliver(dovecot_of, NO_NOTE)
    home = Home(tmp_path, dovecot_of.environment())
    ran = home.run("once", **TRUST)
    assert ran.code == 2
    assert "WATCHER_DRAFTS_FOLDER" in ran.err
    assert "Letters" in ran.err
    named = home.run("once", "--json", WATCHER_DRAFTS_FOLDER="Letters", **TRUST)
    assert (named.code, named.lines[-1]["drafted"]) == (0, 1)
    assert len(imap_post(dovecot_of).stored("Letters")) == 1


@pytest.mark.parametrize(
    "dovecot_of",
    [
        Style(drafts="Entwürfe", special_use=""),
        Style(drafts="下書き", special_use="", separator="."),
        Style(separator=".", prefix="INBOX.", special_use=""),
    ],
    indirect=True,
    ids=["german", "japanese", "below-inbox"],
)
def test_drafts_is_found_by_its_name_in_any_language(dovecot_of: Dovecot, tmp_path: Path) -> None:
    _deliver(dovecot_of, NO_NOTE)
    ran = Home(tmp_path, dovecot_of.environment()).run("once", "--json", **TRUST)
    assert (ran.code, ran.lines[-1]["drafted"]) == (0, 1)
    folder = ran.lines[0]["draft"]["folder"]
    assert folder in {"Entwürfe", "下書き", "INBOX.Drafts"}
    assert len(imap_post(dovecot_of).stored(folder)) == 1


def test_a_broken_template_holds_its_invitation_and_the_others_go_on(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot, NO_NOTE, OWN_WORDS)
    own = home.folder / "own" / "en"
    own.mkdir(parents=True)
    (own / "generic.txt.j2").write_text("Hi,\n\n{{ inviter.frist_name }}\n")
    settings = {"WATCHER_TEMPLATES": str(own.parent), **TRUST}
    ran = home.run("once", "--json", **settings)
    assert ran.code == 0
    held, drafted = ran.lines[:-1]
    assert (held["state"], drafted["state"]) == ("held", "drafted")
    for words in ("generic.txt.j2", "line 3", "frist_name", "did you mean 'inviter.first_name'"):
        assert words in held["state_reason"]
    (own / "generic.txt.j2").write_text("Hi {{ inviter.first_name }}, why me?\n")
    mended = home.run("drafts", "draft", str(held["id"]), "--json", **settings)
    assert (mended.code, mended.lines[0]["state"]) == (0, "drafted")
    assert len(imap_post(dovecot).stored("Drafts")) == 2


def _limited() -> None:
    # A file cannot grow: what a full disk looks like to the ledger.
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))


def test_a_full_disk_under_the_ledger_makes_no_draft_and_loses_nothing(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot, NO_NOTE)
    assert home.run("once", "--json", WATCHER_LOOK_BACK="0 days", **TRUST).code == 0  # the ledger is made
    many = [_numbered(number) for number in range(60)]
    post = imap_post(dovecot)
    for content in many:
        post.deliver(content, datetime.now(UTC))
    settings = {"WATCHER_MAX_DRAFTS_PER_PASS": "1000", **TRUST}
    full = subprocess.run(
        [*PROGRAM, "once", "--json"], cwd=home.folder, env=home.environment(settings), preexec_fn=_limited,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert full.returncode == 3, full.stderr
    assert "the disk is full" in full.stderr
    assert "Traceback" not in full.stderr
    made = len(post.stored("Drafts"))
    assert made < len(many)
    again = home.run("once", "--json", **settings)
    assert again.code in {0, 1}, again.err
    states = [one["state"] for one in home.run("drafts", "--json", **settings).lines]
    drafts = post.stored("Drafts")
    assert len(states) == len(many)
    # An APPEND whose outcome could not be written down is proven by its Message-ID, or left for the quiet period.
    assert len({mail.content for mail in drafts.values()}) == len(drafts) <= len(many)
    assert states.count("drafted") == len(drafts)


def _numbered(number: int) -> bytes:
    changed = DEFAULT.replace(b"7300000000000000002", b"73000000000000%05d" % number)
    changed = changed.replace(b"Caspian Doyle", b"Caspian Nr%d" % number).replace(b"caspian-doyle", b"c-%d" % number)
    return changed.replace(b"<2.102.", b"<2.%d." % number)


def test_a_mail_of_30_megabytes_is_looked_at_in_its_text_alone(dovecot: Dovecot, home: Home) -> None:
    mail = EmailMessage()
    for name, value in (("From", "Big One <invitations@linkedin.com>"), ("Subject", "I want to connect")):
        mail[name] = value
    mail["Message-ID"] = "<big@lva1.prod.linkedin.com>"
    mail.set_content("Hi Robin,\nI'd like to add you to my professional network on LinkedIn.\n\nBig One\n")
    mail.add_attachment(os.urandom(22 << 20), maintype="application", subtype="zip", filename="x.zip")
    content = mail.as_bytes()
    assert len(content) > 30_000_000
    _deliver(dovecot, content, NO_NOTE)
    ran = home.run("once", "--json", **TRUST)
    assert (ran.code, ran.lines[-1]["drafted"], ran.lines[-1]["failed"]) == (0, 1, 0)
    assert ran.lines[-1]["bytes_in"] < 40_000


def test_a_mail_with_a_nul_and_a_lying_charset_is_read(dovecot: Dovecot, home: Home) -> None:
    odd = DEFAULT.replace(b'charset="utf-8"', b'charset="x-no-such-thing"').replace(b"Hi Robin", b"Hi R\x00bin\xff\xfe")
    _deliver(dovecot, odd, NO_NOTE)
    ran = home.run("once", "--json", **TRUST)
    assert ran.code == 0
    assert [one["state"] for one in ran.lines[:-1]] == ["drafted", "drafted"]
    assert ran.lines[0]["inviter"]["name"] == "Caspian Doyle"


def test_a_rebuilt_mailbox_makes_no_second_draft(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot, NO_NOTE, DEFAULT)
    assert home.run("once", "--json", **TRUST).lines[-1]["drafted"] == 2
    before = imap_post(dovecot).open().state("INBOX").uidvalidity
    time.sleep(1.1)  # a UIDVALIDITY is a second
    dovecot.rebuild()
    assert imap_post(dovecot).open().state("INBOX").uidvalidity != before
    again = home.run("once", "--json", **TRUST)
    assert (again.code, again.lines[-1]["drafted"]) == (0, 0)
    assert len(imap_post(dovecot).stored("Drafts")) == 2


def test_an_edited_sent_or_deleted_draft_is_not_made_again(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot, NO_NOTE, DEFAULT)
    home.run("once", **TRUST)
    post = imap_post(dovecot)
    for uid in post.stored("Drafts"):
        post.remove("Drafts", uid)
    assert home.run("once", "--json", **TRUST).lines[-1]["drafted"] == 0
    assert post.stored("Drafts") == {}


def test_the_drafts_folder_is_never_looked_over(home: Home) -> None:
    ran = home.run("once", WATCHER_FOLDERS="INBOX,Drafts", **TRUST)
    assert ran.code == 2
    assert "WATCHER_FOLDERS" in ran.err


def test_a_dry_run_changes_nothing(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot, NO_NOTE, DEFAULT)
    ran = home.run("once", "--dry-run", "--json", **TRUST)
    assert (ran.code, [one["state"] for one in ran.lines[:-1]]) == (0, ["intended", "intended"])
    assert imap_post(dovecot).stored("Drafts") == {}
    assert home.run("drafts", "--json").lines == []
    assert home.run("once", "--json", **TRUST).lines[-1]["drafted"] == 2


def test_no_traceback_reaches_a_person(home: Home) -> None:
    (home.folder / ".local").write_text("in the way")
    ran = home.run("once")
    assert ran.code in {2, 3}
    assert "Traceback" not in ran.err
