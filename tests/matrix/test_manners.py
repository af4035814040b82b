"""How the program says things, so that servers with ways of their own understand: read off the wire, on each one."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from faults.proxy import Proxy
from servers.posts import ImapPost

from watcher.adapters.imap import connect
from watcher.ports import Mailbox, Window

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAIL = b"From: invitations@linkedin.com\r\nSubject: I want to connect\r\nMessage-ID: <3@example.net>\r\n\r\nHello\r\n"


@pytest.fixture
def mailbox(post: ImapPost, wire: Proxy) -> Iterator[Mailbox]:
    opened = connect(replace(post.server, port=wire.port))
    yield opened
    opened.close()


def test_it_names_the_last_uid_where_it_was_told(post: ImapPost, mailbox: Mailbox, wire: Proxy) -> None:
    # GNU imap4d finds nothing for `n:*`; Courier tells no UIDNEXT when a folder is opened.
    _, second = post.deliver(MAIL, NOON), post.deliver(MAIL, NOON)
    assert mailbox.search("INBOX", Window(from_uid=second)) == (second,)
    assert [thread.uid for thread in mailbox.threads("INBOX", Window(from_uid=second))] == [second]
    assert len(list(mailbox.newest("INBOX", 1))) == 1
    asked = [line for line in wire.commands if b"SEARCH" in line]
    assert len(asked) == 3
    assert any(b":*" in line for line in asked) is not post.facts.tells_next_uid


def test_a_folder_that_was_empty_needs_no_second_try(post: ImapPost, mailbox: Mailbox) -> None:
    drafts = post.facts.named("Drafts")
    mailbox.state(drafts)
    time.sleep(1.1)  # GNU imap4d takes the second for the UIDVALIDITY of a folder that nobody wrote to
    assert mailbox.threads(drafts, Window()) == ()
    time.sleep(1.1)
    mailbox.append_draft(drafts, MAIL, NOON)
    assert len(mailbox.threads(drafts, Window())) == 1


def test_it_appends_to_no_folder_that_is_open(post: ImapPost, mailbox: Mailbox, wire: Proxy) -> None:
    # Courier answers NO: "Current box is selected READ-ONLY".
    drafts = post.facts.named("Drafts")
    mailbox.threads(drafts, Window())
    mailbox.append_draft(drafts, MAIL, NOON)
    opened = [line for line in wire.commands if line.startswith((b"EXAMINE", b"APPEND"))]
    assert [line.split()[1].strip(b'"').decode() for line in opened] == [drafts, "INBOX", drafts]
    assert len(mailbox.threads(drafts, Window())) == 1
