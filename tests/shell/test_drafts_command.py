"""`watcher drafts` and the commands for one of its rows: what they do on a real server, and what they say."""

import re
import sqlite3
import time
from datetime import UTC, datetime
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
    assert home.run("drafts", "--state", "drafted").err == "None is drafted.\n"
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


# --------------------------------------------------------------------------------- what commands do to a draft, and say


@pytest.fixture
def drafted(dovecot: Dovecot, home: Home) -> int:
    """The number of an invitation whose draft lies in Drafts, beside a letter of the person's own."""
    imap_post(dovecot).deliver(OWN, NOON, "Drafts")
    dovecot.bulk([(SAMPLES / "02-default-sentence.eml").read_bytes()], time.time() - 60)
    (one,) = home.run("once", "--json", WATCHER_AUTHENTICITY="warn").lines[:-1]
    assert one["state"] == "drafted"
    return int(one["id"])


OWN = b"From: me@example.test\r\nSubject: Half a letter\r\nMessage-ID: <own@example.test>\r\n\r\nDear \r\n"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# What the program sends, without moments, tags and the FETCHes.
CHANGING = re.compile(
    rb"(?im)^[\d.]+ [A-Z]{4}\d+ ((?:UID )?(?:STORE|EXPUNGE|SELECT|EXAMINE|CLOSE|MOVE|APPEND)\b.*?)\r$"
)


def _said(dovecot: Dovecot) -> list[bytes]:
    return [re.sub(rb'[(")]', b"", line) for line in CHANGING.findall(dovecot.raw_log())]


def _of_the_person(dovecot: Dovecot) -> list[bytes]:
    return [mail.content for mail in imap_post(dovecot).stored("Drafts").values()]


def _edit(dovecot: Dovecot) -> bytes:
    """As a mail program does: the new text first, then the old one is taken away."""
    post = imap_post(dovecot)
    uid = max(post.stored("Drafts"))
    edited = re.sub(rb"Message-ID: <[^>]*>", b"Message-ID: <new@client.example>", post.stored("Drafts")[uid].content)
    post.deliver(edited, NOON, "Drafts")
    post.remove("Drafts", uid)
    return edited


def test_discard_removes_one_mail_and_leaves_no_other_trace(dovecot: Dovecot, home: Home, drafted: int) -> None:
    post = imap_post(dovecot)
    own, uid = sorted(post.stored("Drafts"))
    dovecot.forget_raw_log()
    ran = home.run("discard", str(drafted), "--json")
    assert (ran.code, ran.lines[0]["state"], ran.lines[0]["state_reason"]) == (0, "discarded", "removed")
    assert [line for line in _said(dovecot) if not line.startswith(b"EXAMINE")] == [
        b"SELECT Drafts", b"UID STORE %d +FLAGS.SILENT \\Deleted" % uid, b"UID EXPUNGE %d" % uid,
    ]  # fmt: skip
    said = _said(dovecot)
    assert said[said.index(b"UID EXPUNGE %d" % uid) + 1] == b"EXAMINE Drafts"
    assert list(post.stored("Drafts")) == [own]
    assert home.run("once", "--json", WATCHER_AUTHENTICITY="warn").lines[-1]["drafted"] == 0


def test_discard_of_an_edited_draft_says_whose_it_is(dovecot: Dovecot, home: Home, drafted: int) -> None:
    edited = _edit(dovecot)
    dovecot.forget_raw_log()
    ran = home.run("discard", str(drafted))
    assert ran.code == 2
    assert "it is yours" in ran.err
    assert all(line.startswith(b"EXAMINE") for line in _said(dovecot))
    assert _of_the_person(dovecot) == [OWN, edited]
    assert home.run("show", str(drafted), "--json").lines[0]["state"] == "edited"


def test_redraft_takes_another_template_and_leaves_one_draft(dovecot: Dovecot, home: Home, drafted: int) -> None:
    before = _of_the_person(dovecot)
    ran = home.run("redraft", str(drafted), "--template", "boilerplate", "--json")
    assert ran.code == 0, ran.err
    (row,) = ran.lines
    assert (row["state"], row["draft"]["revision"], row["draft"]["template"]) == ("drafted", 2, "boilerplate")
    own, made = _of_the_person(dovecot)
    assert own == OWN
    assert made not in before
    assert row["draft"]["message_id"].encode() in made


def test_redraft_with_no_such_template_touches_nothing(dovecot: Dovecot, home: Home, drafted: int) -> None:
    before = _of_the_person(dovecot)
    ran = home.run("redraft", str(drafted), "--template", "nothing-like-it")
    assert ran.code == 2
    assert "nothing-like-it" in ran.err
    assert _of_the_person(dovecot) == before


def test_what_was_discarded_is_drafted_when_the_person_says_so(dovecot: Dovecot, home: Home, drafted: int) -> None:
    home.run("discard", str(drafted))
    assert home.run("draft", str(drafted), "--json").lines[0]["state"] == "drafted"
    assert len(_of_the_person(dovecot)) == 2


def test_what_the_person_did_is_told_by_the_next_pass_and_counted(dovecot: Dovecot, home: Home, drafted: int) -> None:
    edited = _edit(dovecot)
    dovecot.forget_raw_log()
    ran = home.run("once", "--json")
    assert ran.lines[-1]["noticed"] == {"edited": 1}
    assert all(line.startswith(b"EXAMINE") for line in _said(dovecot))
    post = imap_post(dovecot)
    post.deliver(edited, datetime.now(UTC), "Sent")
    post.remove("Drafts", max(post.stored("Drafts")))
    assert "Earlier drafts: 1 sent." in home.run("once").out
    (counts,) = home.run("report", "--json").lines
    assert counts["drafts"] == {"made": 1, "edited": 0, "sent": 1, "discarded": 0}
    assert counts["templates"] == {"generic": counts["drafts"]}
    assert home.run("show", str(drafted), "--json").lines[0]["state"] == "sent"
    ran = home.run("discard", str(drafted))
    assert (ran.code, "is sent: it has no draft" in ran.err) == (2, True)


@pytest.fixture
def uncertain(home: Home, drafted: int) -> int:
    """The number of an invitation whose draft is uncertain, though it lies there."""
    ledger = sqlite3.connect(home.ledger)
    ledger.execute("UPDATE invitation SET state = 'uncertain' WHERE id = ?", (drafted,))
    ledger.execute("UPDATE draft SET uid = 0, drafted_at = NULL WHERE invitation_id = ?", (drafted,))
    ledger.commit()
    ledger.close()
    return drafted


def test_an_uncertain_one_leaves_the_person_two_ways(dovecot: Dovecot, home: Home, uncertain: int) -> None:
    for words in (("drafts", "--state", "uncertain"), ("show", str(uncertain))):
        told = home.run(*words).err
        assert f"make it: `watcher draft {uncertain}`" in told
        assert f"leave it: `watcher discard {uncertain}`" in told
    before = _of_the_person(dovecot)
    assert home.run("draft", str(uncertain), "--json").lines[0]["state"] == "drafted"
    assert _of_the_person(dovecot) == before, "it was there after all"


def test_an_uncertain_one_can_be_left_as_it_is(dovecot: Dovecot, home: Home, uncertain: int) -> None:
    before = _of_the_person(dovecot)
    assert home.run("discard", str(uncertain), "--json").lines[0]["state"] == "discarded"
    assert _of_the_person(dovecot) == before
