"""One's own words, "pasted", and "remove all that nobody touched", for scripts: on a real server."""

import time
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
NAMES = ("02-default-sentence.eml", "03-default-sentence-german.eml", "10-answerable-by-mail.eml")
TRUST = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LANGUAGES": "en,de"}
WORDS = "Lieber Herr Doyle,\n\nworum geht es — 你好?\n\nRobin\n"


@pytest.fixture
def drafted(dovecot: Dovecot, home: Home) -> Home:
    """No. 1 and 2 are to be pasted, no. 3 is answered by mail."""
    dovecot.bulk([(SAMPLES / name).read_bytes() for name in NAMES], time.time() - 60)
    assert home.run("once", "--json", **TRUST).lines[-1]["drafted"] == 3
    return home


def _drafts(dovecot: Dovecot) -> list[str]:
    said = []
    for _, mail in sorted(imap_post(dovecot).stored("Drafts").items()):
        body = message_from_bytes(mail.content, policy=default).get_body(("plain",))
        assert body is not None
        said.append(str(body.get_content()).replace("\r\n", "\n"))
    return said


def _edit(dovecot: Dovecot) -> None:
    """The person goes on with the first draft in their mail program."""
    post = imap_post(dovecot)
    uid = min(post.stored("Drafts"))
    content = post.stored("Drafts")[uid].content.replace(b"Caspian", b"Herr Doyle")
    post.deliver(content, datetime(2026, 11, 20, tzinfo=UTC), "Drafts")
    post.remove("Drafts", uid)


def test_own_words_come_from_a_file(drafted: Home, dovecot: Dovecot) -> None:
    (drafted.folder / "words.txt").write_text(WORDS, "utf-8")
    ran = drafted.run("drafts", "save", "1", "words.txt", "--json", **TRUST)
    assert ran.code == 0, ran.err
    (row,) = ran.lines
    assert (row["state"], row["draft"]["template"], row["draft"]["revision"]) == ("drafted", "own words", 2)
    own = _drafts(dovecot)[-1]
    assert own.startswith(WORDS + "\n")
    assert "for you only" in own
    assert len(_drafts(dovecot)) == 3


def test_what_is_no_text_and_what_is_not_ours_is_refused(drafted: Home, dovecot: Dovecot) -> None:
    before = _drafts(dovecot)
    (drafted.folder / "latin").write_bytes("Grüße".encode("latin-1"))
    ran = drafted.run("drafts", "save", "1", "latin", **TRUST)
    assert (ran.code, "UTF-8 (octet 3)" in ran.err) == (2, True)
    (drafted.folder / "empty").write_bytes(b" \n")
    ran = drafted.run("drafts", "save", "1", "empty", **TRUST)
    assert (ran.code, "no words" in ran.err) == (2, True)
    assert drafted.run("drafts", "save", "1", "nowhere", **TRUST).code == 2
    assert _drafts(dovecot) == before
    _edit(dovecot)
    (drafted.folder / "words.txt").write_text(WORDS, "utf-8")
    ran = drafted.run("drafts", "save", "1", "words.txt", **TRUST)
    assert (ran.code, "it is yours" in ran.err) == (2, True)
    assert not any(WORDS in said for said in _drafts(dovecot))


def test_pasted_is_kept_where_something_can_be_pasted(drafted: Home, dovecot: Dovecot) -> None:
    before = _drafts(dovecot)
    assert drafted.run("drafts", "pasted", "1", "--json", **TRUST).lines[0]["state"] == "pasted"
    ran = drafted.run("drafts", "pasted", "3", **TRUST)
    assert (ran.code, "answered by mail" in ran.err) == (2, True)
    assert _drafts(dovecot) == before


def test_all_that_nobody_touched_is_removed_at_once_and_the_rest_is_told(drafted: Home, dovecot: Dovecot) -> None:
    _edit(dovecot)
    ran = drafted.run("drafts", "discard", "--untouched", **TRUST)
    assert "Remove 3 drafts" in ran.err
    assert len(_drafts(dovecot)) == 3
    ran = drafted.run("drafts", "discard", "--untouched", "--yes", "--json", **TRUST)
    assert [(line["id"], line["removed"]) for line in ran.lines] == [(2, True), (3, True), (1, False)]
    assert "it is yours" in ran.lines[-1]["why"]
    assert len(_drafts(dovecot)) == 1
    ran = drafted.run("drafts", "discard", "--untouched", "--yes", **TRUST)
    assert (ran.code, "no draft that you have not changed" in ran.err) == (0, True)


def test_a_draft_is_made_anew_in_another_language(drafted: Home, dovecot: Dovecot) -> None:
    ran = drafted.run("redraft", "2", "--language", "en", "--json", **TRUST)
    assert (ran.code, ran.lines[0]["draft"]["language"]) == (0, "en")
    ran = drafted.run("redraft", "2", "--language", "fr", **TRUST)
    assert (ran.code, "WATCHER_LANGUAGES names en, de" in ran.err) == (2, True)
    assert len(_drafts(dovecot)) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [((), "--untouched"), (("1", "--untouched"), "--untouched"), (("--untouched", "--json"), "--yes")],
)
def test_what_makes_no_sense_is_refused(home: Home, words: tuple[str, ...], says: str) -> None:
    ran = home.run("drafts", "discard", *words)
    assert ran.code == 2
    assert says in ran.err
