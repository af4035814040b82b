"""What a mailbox that was asked to tell of news promises, on every server that can: IDLE (RFC 2177)."""

import select
from datetime import UTC, datetime

import pytest
from servers import kinds
from servers.posts import Post

from watcher.errors import Show, TryAgain
from watcher.ports import Hearing, Mailbox, Window

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAIL = b"From: invitations@linkedin.com\r\nSubject: I want to connect\r\nMessage-ID: <1@example.test>\r\n\r\nHi\r\n"
WITHIN = 60.0
"""Seconds: some servers are told of news, others look for it every half minute."""

ABLE = [name for name in kinds.CHOSEN if kinds.ALL[name].FACTS.listens]
UNABLE = ["maildir", "maildir-plain"]

able = pytest.mark.parametrize("post", ABLE, indirect=True)


@pytest.mark.parametrize("post", UNABLE, indirect=True)
def test_who_cannot_tell_of_news_says_so(post: Post, mailbox: Mailbox) -> None:
    post.deliver(MAIL, NOON)
    assert mailbox.listen("INBOX") is None


@able
def test_new_mail_is_heard_of_and_the_mailbox_goes_on(post: Post, mailbox: Mailbox) -> None:
    hearing = _listen(mailbox)
    assert not hearing.heard()
    uid = post.deliver(MAIL, NOON)
    assert _hears(hearing)
    hearing.done()
    mailbox.look("INBOX")
    assert mailbox.search("INBOX", Window()) == (uid,)
    again = _listen(mailbox)
    assert not again.heard()
    again.done()


@able
def test_mail_that_came_before_the_listening_began_is_news(post: Post, mailbox: Mailbox) -> None:
    mailbox.look("INBOX")
    post.deliver(MAIL, NOON)
    hearing = _listen(mailbox)
    assert hearing.heard()
    assert not hearing.heard()
    hearing.done()


@pytest.mark.parametrize("post", [name for name in ABLE if name != "pymap"], indirect=True)  # it tells only of new mail
def test_mail_that_goes_is_no_news(post: Post, mailbox: Mailbox) -> None:
    first, _second = post.deliver(MAIL, NOON), post.deliver(MAIL, NOON)
    mailbox.look("INBOX")
    hearing = _listen(mailbox)
    post.remove("INBOX", first)
    assert select.select([hearing], [], [], WITHIN)[0], "the server tells of it"
    assert not hearing.heard()
    post.deliver(MAIL, NOON)
    assert _hears(hearing)


@able
def test_a_connection_that_was_cut_is_noticed(mailbox: Mailbox) -> None:
    hearing = _listen(mailbox)
    mailbox.cut()
    with pytest.raises(TryAgain):
        hearing.heard()
    with pytest.raises(TryAgain):
        hearing.done()


@able
def test_what_is_no_folder_is_told(mailbox: Mailbox) -> None:
    with pytest.raises(Show, match="INBOX"):
        mailbox.listen("Nowhere")


def _listen(mailbox: Mailbox) -> Hearing:
    hearing = mailbox.listen("INBOX")
    assert hearing is not None
    return hearing


def _hears(hearing: Hearing) -> bool:
    """Whether news comes in time."""
    while select.select([hearing], [], [], WITHIN)[0]:
        if hearing.heard():
            return True
    return False
