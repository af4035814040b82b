"""What each server is declared to do in its own way is what it does: neither more nor less."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError
from servers.facts import Facts
from servers.loopback import Listening
from servers.posts import ImapPost

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAIL = b"From: nell@example.net\r\nSubject: Lunch\r\nMessage-ID: <3@example.net>\r\n\r\nToday?\r\n"
NAMES = {"From", "Subject", "Message-ID"}


@pytest.fixture
def facts(server: Listening, post: ImapPost) -> Facts:
    """As declared; two mails lie in INBOX and one in Drafts."""
    for folder in ("INBOX", "INBOX", "Drafts"):
        post.deliver(MAIL, NOON, server.facts.named(folder))
    return server.facts


def test_its_folders_and_what_marks_them(server: Listening, facts: Facts) -> None:
    with server.client() as client:
        listed = {name: {flag.lower() for flag in flags} for flags, _, name in client.list_folders()}
    assert {"INBOX", *map(facts.named, ("Drafts", "Sent", "Trash"))} <= listed.keys()
    assert (b"\\drafts" in listed[facts.named("Drafts")]) is facts.marks_drafts


def test_what_it_tells_of_uids(server: Listening, facts: Facts) -> None:
    with server.client() as client:
        assert (b"APPENDUID" in client.append("INBOX", MAIL)) is facts.tells_uid
        assert client.has_capability("UIDPLUS") is facts.tells_uid
        assert (b"UIDNEXT" in client.select_folder("INBOX", readonly=True)) is facts.tells_next_uid
        last = client.folder_status("INBOX", ["UIDNEXT"])[b"UIDNEXT"] - 1
        assert client.search(["UID", f"{last}:*"]) == ([last] if facts.finds_to_the_last else [])


def test_whether_it_takes_a_draft_where_one_looks(server: Listening, facts: Facts) -> None:
    drafts = facts.named("Drafts")
    with server.client() as client:
        client.select_folder(drafts, readonly=True)
        assert _is_done(client.append, drafts, MAIL) is facts.appends_where_one_looks


def test_how_it_cuts(server: Listening, facts: Facts) -> None:
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        answers = client.fetch(client.search(["ALL"]), ["BODY.PEEK[HEADER]<0.9999>"])
    first, second = (next(value for name, value in one.items() if name.startswith(b"BODY")) for one in answers.values())
    assert b"Lunch" in first
    assert (b"Lunch" in second) is facts.cuts_each


def test_what_it_adds(facts: Facts, post: ImapPost) -> None:
    first = min(post.stored("INBOX"))
    post.mark("INBOX", first, "\\Seen")
    content = post.stored("INBOX")[first].content
    assert {name.decode() for name in re.findall(rb"(?m)^([\w-]+):", content)} == {*NAMES, *facts.adds}
    assert facts.own(content) == MAIL


def test_whether_it_keeps_keywords(server: Listening, facts: Facts) -> None:
    with server.client() as client:
        client.select_folder("INBOX")
        (uid, *_) = client.search(["ALL"])
        is_taken = _is_done(client.add_flags, [uid], [b"$Forwarded"])
        kept = client.get_flags([uid])[uid]
    assert (is_taken and b"$Forwarded" in kept) is facts.keywords


def test_whether_uids_stay_valid(server: Listening) -> None:
    server.receive([MAIL], NOON)
    before = _validity(server)
    time.sleep(1.1)  # where it is made anew, it is the time in seconds
    assert (_validity(server) == before) is server.facts.keeps_validity


def test_whether_it_tells_of_new_mail(server: Listening, facts: Facts, post: ImapPost) -> None:
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        client.idle()
        post.deliver(MAIL, NOON)
        told = client.idle_check(timeout=60 if facts.listens else 10)
    assert any(b"EXISTS" in one for one in told) is facts.listens


def _validity(server: Listening) -> int:
    with server.client() as client:
        return int(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])


def _is_done(command: Callable[..., Any], *words: object) -> bool:
    try:
        command(*words)
    except IMAPClientError:
        return False
    return True
