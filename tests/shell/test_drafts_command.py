"""`watcher drafts`: the ledger, newest first, and the answer to an invitation that was held."""

import time
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"


@pytest.fixture
def held(dovecot: Dovecot, home: Home) -> int:
    """The number of an invitation that is held."""
    dovecot.bulk([(SAMPLES / "02-default-sentence.eml").read_bytes()], time.time() - 60)
    (one,) = home.run("once", "--json").lines[:-1]
    assert one["state"] == "held"
    return int(one["id"])


def test_before_the_first_pass_it_says_what_to_do(home: Home) -> None:
    ran = home.run("drafts")
    assert (ran.code, ran.out) == (0, "")
    assert "watcher once" in ran.err


def test_they_are_listed_by_state(home: Home, held: int) -> None:
    assert [row["id"] for row in home.run("drafts", "--json", "--state", "held").lines] == [held]
    assert home.run("drafts", "--json", "--state", "drafted").lines == []
    table = home.run("drafts").out
    assert "Caspian Doyle" in table
    assert "held" in table


def test_one_is_shown_whole(home: Home, held: int) -> None:
    shown = home.run("drafts", "show", str(held)).out
    for words in ("Caspian Doyle", "LinkedIn's default sentence", "not proven genuine", "new → held"):
        assert words in shown


def test_a_number_that_is_not_there_is_told(home: Home) -> None:
    ran = home.run("drafts", "show", "99")
    assert ran.code == 2
    assert "no. 99" in ran.err


def test_a_held_one_is_drafted_when_the_person_says_so_and_only_once(dovecot: Dovecot, home: Home, held: int) -> None:
    ran = home.run("drafts", "draft", str(held), "--json")
    assert (ran.code, ran.lines[0]["state"]) == (0, "drafted")
    assert len(imap_post(dovecot).stored("Drafts")) == 1
    again = home.run("drafts", "draft", str(held))
    assert again.code == 2
    assert "has its draft already" in again.err
    assert home.run("once", "--json").lines[-1]["drafted"] == 0
    assert len(imap_post(dovecot).stored("Drafts")) == 1
