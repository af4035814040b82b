"""Where the person wants it, Junk is looked over too: only what is proven genuine, without a trace, and once."""

import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from servers.dovecot import Dovecot, Style
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
TODAY = format_datetime(datetime.now(tz=UTC)).encode()
SAMPLE = re.sub(rb"(?m)^Date: .*", b"Date: " + TODAY, (SAMPLES / "01-no-note.eml").read_bytes())
FORBIDDEN = re.compile(rb"(?im)^[\d.]+ [A-Z]{4}\d+ (?:UID )?(?:STORE|EXPUNGE|MOVE|DELETE|COPY|SELECT|CLOSE)\b")
MARKED = """
namespace inbox {
  mailbox Rubbish {
    special_use = \\Junk
    auto = create
  }
}
"""

pytestmark = pytest.mark.parametrize("dovecot_of", [Style(extra=MARKED)], indirect=True)


@pytest.fixture
def home(dovecot_of: Dovecot, tmp_path: Path) -> Home:
    imap_post(dovecot_of).deliver(SAMPLE, datetime.fromtimestamp(time.time() - 60, tz=UTC), "Rubbish")
    dovecot_of.forget_raw_log()
    return Home(tmp_path, {**dovecot_of.environment(), "WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})


def _drafted(home: Home, **settings: str) -> int:
    ran = home.run("once", "--json", **settings)
    assert ran.code == 0, ran.err
    return int(ran.lines[-1]["drafted"])


def test_it_is_left_alone_until_it_is_wanted(dovecot_of: Dovecot, home: Home) -> None:
    assert _drafted(home) == 0
    assert b"Rubbish" not in dovecot_of.raw_log()
    assert _drafted(home, WATCHER_JUNK="on") == 1
    log = dovecot_of.raw_log()
    assert b'EXAMINE "Rubbish"' in log or b"EXAMINE Rubbish" in log
    assert FORBIDDEN.findall(log) == []
    (mail,) = imap_post(dovecot_of).stored("Rubbish").values()
    assert mail.flags <= {"\\Recent"}


def test_moved_out_of_it_the_same_mail_gets_no_second_draft(dovecot_of: Dovecot, home: Home) -> None:
    assert _drafted(home, WATCHER_JUNK="on") == 1
    with dovecot_of.client() as client:
        client.select_folder("Rubbish")
        client.move(client.search(["ALL"]), "INBOX")
    assert _drafted(home, WATCHER_JUNK="on") == 0
    assert len(imap_post(dovecot_of).stored("Drafts")) == 1


def test_there_nothing_is_drafted_that_is_not_proven_genuine(home: Home) -> None:
    other = {"WATCHER_AUTHENTICITY": "off", "WATCHER_TRUSTED_AUTHSERV": "mx.other.test"}
    ran = home.run("once", "--json", WATCHER_JUNK="on", **other)
    assert [one["state"] for one in ran.lines[:-1]] == ["held"]


def test_a_persons_word_on_a_note_does_not_prove_who_sent_it(dovecot_of: Dovecot, home: Home) -> None:
    settings = {"WATCHER_JUNK": "on", "WATCHER_AUTHENTICITY": "off", "WATCHER_TRUSTED_AUTHSERV": ""}
    assert _drafted(home, **settings) == 0
    ran = home.run("judge", "1", "personalised", **settings)
    assert "it gets no draft" in ran.out + ran.err
    assert imap_post(dovecot_of).stored("Drafts") == {}


def test_what_was_held_there_is_found_again_where_it_was_moved_to(dovecot_of: Dovecot, home: Home) -> None:
    doubtful = {"WATCHER_JUNK": "on", "WATCHER_AUTHENTICITY": "off", "WATCHER_TRUSTED_AUTHSERV": ""}
    assert _drafted(home, **doubtful) == 0
    with dovecot_of.client() as client:
        client.select_folder("Rubbish")
        client.move(client.search(["ALL"]), "INBOX")
    assert _drafted(home, **doubtful) == 0
    ran = home.run("rejudge", "--json", **doubtful)
    assert (ran.code, ran.lines[-1]["drafted"]) == (0, 1)
    assert len(imap_post(dovecot_of).stored("Drafts")) == 1
