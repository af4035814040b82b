"""`watcher pause` and `watcher resume`: no pass is begun meanwhile, a person's own command is done all the same."""

import re
import signal
import time
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"


@pytest.fixture
def home(dovecot: Dovecot, tmp_path: Path) -> Home:
    dovecot.bulk([(SAMPLES / "01-no-note.eml").read_bytes()], time.time() - 60)
    return Home(tmp_path, {**dovecot.environment(), "WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})


def test_once_leaves_off_until_one_goes_on(dovecot: Dovecot, home: Home) -> None:
    paused = home.run("pause")
    assert (paused.code, "until you end it" in paused.err) == (0, True)
    dovecot.forget_raw_log()
    left = home.run("once", "--json")
    assert (left.code, left.lines[-1].keys()) == (0, {"mailbox", "paused", "until"})
    assert "watcher resume" in left.err
    assert dovecot.raw_log() == b""
    assert home.run("resume").code == 0
    assert home.run("once", "--json").lines[-1]["drafted"] == 1


@pytest.mark.parametrize(("words", "drafts"), [(("once", "--anyway"), 1), (("once", "--dry-run"), 0)])
def test_a_person_may_look_all_the_same(dovecot: Dovecot, home: Home, words: tuple[str, ...], drafts: int) -> None:
    home.run("pause", "--for", "3 days")
    ran = home.run(*words)
    assert (ran.code, "1 invitations" in ran.out) == (0, True)
    assert len(imap_post(dovecot).stored("Drafts")) == drafts


def test_a_draft_that_is_asked_for_is_made(dovecot: Dovecot, home: Home) -> None:
    assert home.run("once", WATCHER_TRUSTED_AUTHSERV="-", WATCHER_DRAFT_FOR="personalised").code == 0
    home.run("pause")
    ran = home.run("draft", "1")
    assert (ran.code, len(imap_post(dovecot).stored("Drafts"))) == (0, 1), ran.err


@pytest.mark.parametrize("wrong", ["3 fortnights", "0 s", "soon"])
def test_a_time_that_is_none_is_told(home: Home, wrong: str) -> None:
    ran = home.run("pause", "--for", wrong)
    assert (ran.code, "3 days" in ran.err) == (2, True)


def test_going_on_where_nobody_paused_says_so(home: Home) -> None:
    ran = home.run("resume")
    assert (ran.code, "was not paused" in ran.err) == (0, True)


def test_run_rests_and_goes_on(dovecot: Dovecot, home: Home) -> None:
    home.run("pause")
    with home.start("run", WATCHER_POLL_EVERY="10 s") as running:
        assert running.stderr is not None
        try:
            for line in running.stderr:
                if "resting" in line:
                    assert "paused" in line
                    home.run("resume")
                if re.search("pass .*drafted=1", line):
                    break
        finally:
            running.send_signal(signal.SIGTERM)
    assert len(imap_post(dovecot).stored("Drafts")) == 1
