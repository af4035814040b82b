"""The mailbox's promises, one by one, for every adapter of the port: in memory, over Dovecot, over pymap, over files.

Where a server answers, calls cost round trips and octets; a Maildir costs the octets read of its files, no more.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from servers.posts import ImapPost, MaildirPost, Post, TwinPost, imap_post
from twins.mailbox import Store

from watcher.adapters import demo
from watcher.adapters.imap import Security, Server
from watcher.domain import message
from watcher.errors import Show, TryAgain
from watcher.ports import CARD, GLANCE_FIELDS, WHOLE, Mailbox, Window

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

INVITATION = (
    b"From: Tilda Moreau <invitations@linkedin.com>\r\nTo: me@example.test\r\nSubject: I want to connect\r\n"
    b"Message-ID: <1@lva1.prod.linkedin.com>\r\nX-Secret: not to be glanced at\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b'--b\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    b"caf=C3=A9\r\n"
    b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=x.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 50_000 + b"\r\n--b--\r\n"
)
ABOUT = (
    b"From: nell@example.net\r\nSubject: LinkedIn tips\r\nMessage-ID: <2@example.net>\r\n"
    b"Content-Type: text/html\r\n\r\n<p>hi</p>\r\n"
)
OTHER = b"From: nell@example.net\r\nSubject: Lunch\r\nMessage-ID: <3@example.net>\r\n\r\nwww.linkedin.com is down\r\n"
DRAFT = b"From: me@example.test\r\nSubject: Re: I want to connect\r\nMessage-ID: <draft@example.test>\r\n\r\nHello\r\n"


@contextmanager
def _pymap() -> Iterator[Post]:
    with demo.mail_server([]) as (port, password):
        yield ImapPost(Server("127.0.0.1", port, Security.NONE, demo.USER, password, timeout=20))


@pytest.fixture(params=["twin", "dovecot", "pymap", "maildir", "maildir-plain"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    match request.param:
        case "twin":
            yield TwinPost(Store())
        case "maildir" | "maildir-plain" as layout:
            yield MaildirPost(tmp_path / "mail", tmp_path / "data", is_plain=layout == "maildir-plain")
        case "pymap":
            with _pymap() as started:
                yield started
        case _:
            yield imap_post(request.getfixturevalue("dovecot"))


@pytest.fixture
def mailbox(post: Post) -> Iterator[Mailbox]:
    opened = post.open()
    yield opened
    opened.close()


def test_a_folder_has_a_validity_and_a_next_uid(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(OTHER, NOON)
    looked, state = mailbox.look("INBOX"), mailbox.state("INBOX")
    assert looked.uidvalidity > 0
    assert (looked.uidvalidity, looked.uidnext) == (state.uidvalidity, uid + 1)


def test_what_is_no_folder_is_told_with_those_there_are(mailbox: Mailbox) -> None:
    with pytest.raises(Show, match="INBOX"):
        mailbox.look("Nowhere")


def test_mail_from_or_about_linkedin_is_found(post: Post, mailbox: Mailbox) -> None:
    wanted = [post.deliver(INVITATION, NOON), post.deliver(ABOUT, NOON)]
    post.deliver(OTHER, NOON)
    assert list(mailbox.search("INBOX", Window())) == wanted


def test_only_uids_from_the_watermark_on_are_found(post: Post, mailbox: Mailbox) -> None:
    post.deliver(INVITATION, NOON)
    second = post.deliver(INVITATION, NOON)
    assert mailbox.search("INBOX", Window(from_uid=second)) == (second,)
    # A server names the last message for `n:*` even where it lies below n.
    assert mailbox.search("INBOX", Window(from_uid=second + 1)) == ()


def test_only_mail_received_since_is_found(post: Post, mailbox: Mailbox) -> None:
    post.deliver(INVITATION, NOON - timedelta(days=9))
    late = post.deliver(INVITATION, NOON)
    assert mailbox.search("INBOX", Window(since=date(2026, 11, 18))) == (late,)


def test_a_glance_shows_few_headers_and_the_text_parts(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(INVITATION, NOON)
    (envelope,) = mailbox.glance("INBOX", [uid])
    assert (envelope.uid, envelope.size, envelope.received) == (uid, len(INVITATION), NOON)
    names = {name.decode().lower() for name in re.findall(rb"(?m)^([A-Za-z-]+):", envelope.header)}
    assert names == {"from", "subject", "message-id"} <= {name.lower() for name in GLANCE_FIELDS}
    assert [part.content_type for part in envelope.parts] == ["text/plain"]


def test_reading_takes_the_header_and_the_text_and_no_attachment(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(INVITATION, NOON)
    before = mailbox.traffic.bytes_in
    ((read, raw),) = mailbox.read("INBOX", list(mailbox.glance("INBOX", [uid])))
    assert (read, raw.size) == (uid, len(INVITATION))
    mail = message.assemble(raw)
    assert (mail.subject, (mail.text or "").strip(), mail.html) == ("I want to connect", "café", None)
    # A server cuts the text out; in a file it has to be found, once for the glance and once for the text.
    assert mailbox.traffic.bytes_in - before < (5000 if post.is_remote else 2 * len(INVITATION) + 1)


def test_a_long_text_is_read_in_its_beginning_and_says_so(post: Post, mailbox: Mailbox) -> None:
    head = b"From: Tilda <invitations@linkedin.com>\r\nSubject: long\r\nMessage-ID: <4@x.example>\r\n\r\n"
    uid = post.deliver(head + b"0123456789\r\n" * 4000, NOON)
    envelopes = list(mailbox.glance("INBOX", [uid]))
    ((_, first),) = mailbox.read("INBOX", envelopes)
    ((_, whole),) = mailbox.read("INBOX", envelopes, WHOLE)
    assert (first.is_cut, len(first.parts[0].body)) == (True, CARD)
    assert (whole.is_cut, len(whole.parts[0].body)) == (False, 48_000)


def test_a_mail_is_fetched_whole_up_to_a_limit(post: Post, mailbox: Mailbox) -> None:
    small, large = post.deliver(ABOUT, NOON), post.deliver(OTHER + b"x" * 77 + b"\r\n" + b"y" * WHOLE, NOON)
    before = post.stored("INBOX")
    assert mailbox.whole("INBOX", small) == ABOUT
    assert mailbox.whole("INBOX", large) is None
    assert mailbox.whole("INBOX", large + 7) is None
    assert {uid: mail.flags - {"\\Recent"} for uid, mail in post.stored("INBOX").items()} == {
        uid: mail.flags - {"\\Recent"} for uid, mail in before.items()
    }


def test_the_newest_mails_show_what_their_server_wrote(post: Post, mailbox: Mailbox) -> None:
    head = b"Authentication-Results: mx.example.test; dkim=%d\r\nReceived: from a by b\r\nSubject: hidden\r\n"
    for number in range(5):
        post.deliver(head % number + OTHER, NOON)
    found = list(mailbox.newest("INBOX", 3))
    assert [re.findall(rb"dkim=(\d)", header) for header in found] == [[b"2"], [b"3"], [b"4"]]
    assert all(b"Received: from a" in header and b"hidden" not in header for header in found)
    post.make("Empty")
    assert list(mailbox.newest("Empty", 3)) == []


def test_mail_is_read_in_the_order_of_its_uids(post: Post, mailbox: Mailbox) -> None:
    uids = [post.deliver(content, NOON) for content in (ABOUT, INVITATION, ABOUT, INVITATION)]
    assert [uid for uid, _ in mailbox.read("INBOX", list(mailbox.glance("INBOX", uids)))] == uids


def test_what_is_gone_is_left_out(post: Post, mailbox: Mailbox) -> None:
    first, second = post.deliver(INVITATION, NOON), post.deliver(INVITATION, NOON)
    envelopes = list(mailbox.glance("INBOX", [first, second]))
    post.remove("INBOX", first)
    mailbox.look("INBOX")  # within one look a server may still show what another client expunged (RFC 3501 §7.4.1)
    assert [uid for uid, _ in mailbox.read("INBOX", envelopes)] == [second]
    assert [envelope.uid for envelope in mailbox.glance("INBOX", [first, second])] == [second]


def test_looking_leaves_no_trace(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(INVITATION, NOON)
    before = post.stored("INBOX")
    list(mailbox.read("INBOX", list(mailbox.glance("INBOX", mailbox.search("INBOX", Window())))))
    assert uid in before
    assert "\\Seen" not in before[uid].flags
    assert {key: mail.flags - {"\\Recent"} for key, mail in post.stored("INBOX").items()} == {
        key: mail.flags - {"\\Recent"} for key, mail in before.items()
    }


def test_a_draft_lands_whole_and_marked_as_one(post: Post, mailbox: Mailbox) -> None:
    folder = mailbox.drafts()
    before = mailbox.state(folder)
    appended = mailbox.append_draft(folder, DRAFT, NOON)
    ((uid, stored),) = post.stored(folder).items()
    assert (stored.content, stored.flags - {"\\Recent"}) == (DRAFT, {"\\Draft", "\\Seen"})
    assert stored.received == NOON
    assert (appended.uid, appended.uidvalidity) in {(uid, before.uidvalidity), (None, None)}
    assert before.uidnext == uid


def test_message_ids_from_a_uid_on(post: Post, mailbox: Mailbox) -> None:
    first = post.deliver(ABOUT, NOON, "Drafts")
    second = post.deliver(b"Subject: none of its own\r\n\r\nx\r\n", NOON, "Drafts")
    assert mailbox.message_ids("Drafts", first) == {first: "<2@example.net>", second: ""}
    assert mailbox.message_ids("Drafts", second + 1) == {}


@pytest.mark.parametrize("name", ["Bücher & Mehr", "下書き", "a b", "Über~peter"])
def test_folders_may_have_any_name(post: Post, mailbox: Mailbox, name: str) -> None:
    post.make(name)
    assert mailbox.look(name).uidvalidity > 0
    mailbox.append_draft(name, DRAFT, NOON)
    assert len(post.stored(name)) == 1


def test_facts_name_the_folders(post: Post, mailbox: Mailbox) -> None:
    facts = mailbox.facts()
    assert {"INBOX", "Drafts"} <= set(facts.folders)
    assert ("IMAP4REV1" if post.is_remote else "MAILDIR") in facts.capabilities


def test_a_closed_or_cut_connection_is_worth_another_try(post: Post) -> None:
    for end in ("close", "cut"):
        opened = post.open()
        getattr(opened, end)()
        with pytest.raises(TryAgain):
            opened.look("INBOX")


def test_traffic_is_counted(post: Post, mailbox: Mailbox) -> None:
    before = mailbox.traffic
    mailbox.state("INBOX")
    spent = mailbox.traffic.since(before)
    # One question and one answer; a folder of files is looked at without reading any.
    assert spent.round_trips == (1 if post.is_remote else 0)
    assert 0 < spent.bytes_in < 1000 if post.is_remote else spent.bytes_in == 0
    assert 0 < spent.bytes_out < 200 if post.is_remote else spent.bytes_out == 0
