"""The mailbox's promises, one by one, for every adapter of the port: in memory, over files, over real servers.

Where a server answers, calls cost round trips and octets; a Maildir costs the octets read of its files, no more.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from servers.posts import Post

from watcher.domain import message
from watcher.domain.threads import Thread
from watcher.errors import Show, TryAgain
from watcher.ports import CARD, GLANCE_FIELDS, MOST_SENT, WHOLE, Appended, FolderState, Mailbox, Window

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


def test_a_folder_has_a_validity_a_next_uid_and_a_number_of_mails(post: Post, mailbox: Mailbox) -> None:
    first, second = post.deliver(OTHER, NOON), post.deliver(OTHER, NOON)
    post.remove("INBOX", first)
    looked, state = mailbox.look("INBOX"), mailbox.state("INBOX")
    assert looked.uidvalidity > 0
    assert state == FolderState("INBOX", looked.uidvalidity, second + 1, 1)
    assert looked == (state if post.facts.tells_next_uid else replace(state, uidnext=None))


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


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1926, 12, 19), date(1970, 1, 1), date(2003, 5, 5)])
def test_since_a_day_before_all_mail_everything_is_found(post: Post, mailbox: Mailbox, day: date) -> None:
    uid = post.deliver(INVITATION, NOON)
    assert mailbox.search("INBOX", Window(since=day)) == (uid,)


def test_a_glance_shows_few_headers_and_the_text_parts(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(INVITATION, NOON)
    (envelope,) = mailbox.glance("INBOX", [uid])
    assert (envelope.uid, envelope.size, envelope.received) == (uid, _octets(post, uid), NOON)
    names = {name.decode().lower() for name in re.findall(rb"(?m)^([A-Za-z-]+):", envelope.header)}
    assert names == {"from", "subject", "message-id"} <= {name.lower() for name in GLANCE_FIELDS}
    assert [part.content_type for part in envelope.parts] == ["text/plain"]


def _octets(post: Post, uid: int) -> int:
    """What INVITATION weighs where it lies."""
    stored = post.stored("INBOX")[uid].content
    assert post.facts.own(stored) == INVITATION
    return len(stored)


def test_reading_takes_the_header_and_the_text_and_no_attachment(post: Post, mailbox: Mailbox) -> None:
    uid = post.deliver(INVITATION, NOON)
    before = mailbox.traffic.bytes_in
    ((read, raw),) = mailbox.read("INBOX", list(mailbox.glance("INBOX", [uid])))
    assert (read, raw.size) == (uid, _octets(post, uid))
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
    assert post.facts.own(mailbox.whole("INBOX", small) or b"") == ABOUT
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
    assert all(b"received: from a" in header.lower() and b"hidden" not in header for header in found)
    post.make(post.facts.named("Empty"))
    assert list(mailbox.newest(post.facts.named("Empty"), 3)) == []


def test_mail_is_read_in_the_order_of_its_uids(post: Post, mailbox: Mailbox) -> None:
    uids = [post.deliver(content, NOON) for content in (ABOUT, INVITATION, ABOUT, INVITATION)]
    assert [uid for uid, _ in mailbox.read("INBOX", list(mailbox.glance("INBOX", uids)))] == uids


def test_each_of_several_mails_has_its_own_header_and_text(post: Post, mailbox: Mailbox) -> None:
    mail = (
        b"From: Tilda <invitations@linkedin.com>\r\nSubject: no. %d\r\nMessage-ID: <%d@x.example>\r\n\r\nI am %d.\r\n"
    )
    uids = [post.deliver(mail % (number, number, number), NOON) for number in range(4)]
    envelopes = list(mailbox.glance("INBOX", uids))
    assert [re.findall(rb"(?im)^subject: no. (\d)", one.header) for one in envelopes] == [
        [b"0"],
        [b"1"],
        [b"2"],
        [b"3"],
    ]
    read = [message.assemble(raw) for _, raw in mailbox.read("INBOX", envelopes)]
    assert [(one.subject, (one.text or "").strip()) for one in read] == [(f"no. {n}", f"I am {n}.") for n in range(4)]


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
    assert (post.facts.own(stored.content), stored.flags - {"\\Recent"}) == (DRAFT, {"\\Draft", "\\Seen"})
    assert stored.received == NOON
    assert appended == (Appended(before.uidvalidity, uid) if post.facts.tells_uid else Appended(None, None))
    assert before.uidnext == uid


def test_a_draft_lands_in_the_folder_that_was_looked_into_last(post: Post, mailbox: Mailbox, drafts: str) -> None:
    for number in range(2):
        assert len(mailbox.threads(drafts, Window())) == number
        mailbox.append_draft(drafts, DRAFT, NOON)
    assert len(post.stored(drafts)) == 2


def test_the_sent_folder_is_found(mailbox: Mailbox, sent: str) -> None:
    assert mailbox.sent() == sent


def test_the_junk_folder_is_found_once_there_is_one(post: Post, mailbox: Mailbox) -> None:
    junk = post.facts.named("Junk")
    before = mailbox.junk()
    if before is None:  # Cyrus has one from the beginning
        post.make(junk)
        mailbox.close()
    opened = post.open()
    assert (before or junk, opened.junk()) == (junk, junk)
    opened.close()


REPLY = (
    b"From: me@example.test\r\nSubject: Re: I want to connect\r\nMessage-ID:\r\n <reply@example.test>\r\n"
    b"in-reply-to: <1@lva1.prod.linkedin.com>\r\nReferences: <0@x.example>\r\n\t<1@lva1.prod.linkedin.com>\r\n"
    b"\r\nHi\r\n"
)
NAMELESS = b"Subject: none of its own\r\nX-Message-ID: <no@x.example>\r\n\r\nMessage-ID: <body@x.example>\r\n"


def test_a_thread_names_a_mail_and_those_before_it(post: Post, mailbox: Mailbox, sent: str) -> None:
    uids = [post.deliver(content, NOON, sent) for content in (REPLY, NAMELESS)]
    invitation = "<1@lva1.prod.linkedin.com>"
    assert mailbox.threads(sent, Window()) == (
        Thread(uids[0], "<reply@example.test>", invitation, ("<0@x.example>", invitation)),
        Thread(uids[1], "", "", ()),
    )
    before = post.stored(sent)
    mailbox.threads(sent, Window())
    assert post.stored(sent) == before


def test_a_thread_names_what_it_forwards(post: Post, mailbox: Mailbox, sent: str) -> None:
    post.deliver(b"X-Forwarded-Message-ID:\r\n <1@lva1.prod.linkedin.com>\r\n" + REPLY, NOON, sent)
    (thread,) = mailbox.threads(sent, Window())
    assert thread.forwarded == {"<1@lva1.prod.linkedin.com>"}
    assert thread.replied_to == {"<0@x.example>"}


def test_threads_of_a_window_alone(post: Post, mailbox: Mailbox, drafts: str) -> None:
    post.deliver(ABOUT, NOON - timedelta(days=9), drafts)
    second, third = post.deliver(ABOUT, NOON, drafts), post.deliver(NAMELESS, NOON, drafts)

    def found(**window: Any) -> list[int]:
        return [thread.uid for thread in mailbox.threads(drafts, Window(**window))]

    assert found(since=date(2026, 11, 18)) == found(from_uid=second) == [second, third]
    assert found(since=date(2026, 11, 18), from_uid=third) == [third]
    before = mailbox.traffic
    assert found(from_uid=third + 1) == []
    assert mailbox.traffic.since(before).round_trips <= 2


def test_threads_are_read_anew_each_time(post: Post, mailbox: Mailbox, drafts: str) -> None:
    first = post.deliver(ABOUT, NOON, drafts)
    assert [thread.uid for thread in mailbox.threads(drafts, Window())] == [first]
    second = post.deliver(NAMELESS, NOON, drafts)
    post.remove(drafts, first)
    assert [thread.uid for thread in mailbox.threads(drafts, Window())] == [second]


def test_many_threads_take_three_round_trips(post: Post, mailbox: Mailbox, drafts: str) -> None:
    uids = [post.deliver(REPLY, NOON, drafts) for _ in range(30)]
    mailbox.threads(drafts, Window())  # what a connection asks only once is not counted
    before = mailbox.traffic
    assert [thread.uid for thread in mailbox.threads(drafts, Window(since=date(2026, 11, 18)))] == uids
    assert mailbox.traffic.since(before).round_trips <= (3 if post.facts.cuts_each else 3 + len(uids))


LETTER = (
    b"From: me@example.test\r\nTo: %s\r\nSubject: Lunch\r\nMessage-ID: <%d@example.test>\r\n"
    b"\r\nTo: anna@example.test\r\n"
)


def _lunches(post: Post, sent: str, *to: bytes) -> list[int]:
    return [post.deliver(LETTER % (one, number), NOON, sent) for number, one in enumerate(to)]


def test_mail_to_an_address_is_found_and_to_no_longer_one(post: Post, mailbox: Mailbox, sent: str) -> None:
    to = (b"anna@example.test", b"johanna@example.test", b'Nell <n@x.test>,\r\n "Anna, B." <Anna@Example.test>')
    first, _, third = _lunches(post, sent, *to)
    _lunches(post, sent, b"nell@example.test", b"anna@example.test.evil.test")
    reply = post.deliver(REPLY.replace(b"\r\nSubject", b"\r\nTo: anna@example.test\r\nSubject"), NOON, sent)
    found = mailbox.sent_to(sent, "anna@example.test")
    assert [thread.uid for thread in found] == [first, third, reply]
    assert (found[0].message_id, found[0].answered) == ("<0@example.test>", frozenset())
    assert found[2].answered == {"<0@x.example>", "<1@lva1.prod.linkedin.com>"}
    assert mailbox.sent_to(sent, "nobody@example.test") == ()


def test_asking_for_mail_to_an_address_is_cheap_and_leaves_no_trace(post: Post, mailbox: Mailbox, sent: str) -> None:
    uids = _lunches(post, sent, *[b"anna@example.test"] * (MOST_SENT + 3))
    mailbox.sent_to(sent, "nobody@example.test")  # what a connection asks only once is not counted
    stored, before = post.stored(sent), mailbox.traffic
    assert [thread.uid for thread in mailbox.sent_to(sent, "anna@example.test")] == uids[-MOST_SENT:]
    assert mailbox.traffic.since(before).round_trips <= (3 if post.facts.cuts_each else 3 + MOST_SENT)
    assert post.stored(sent) == stored


WILD = ["", "a", 'x"@example.test', "a b@x.test", "a@x.test\r\nA1 LOGOUT", "ä@x.test", "{9}@x.test", "*@x.test"]


@pytest.mark.parametrize("address", WILD)
def test_what_is_no_plain_address_finds_nothing_and_harms_nothing(
    post: Post, mailbox: Mailbox, sent: str, address: str
) -> None:
    (uid,) = _lunches(post, sent, b"anna@example.test")
    assert mailbox.sent_to(sent, address) == ()
    assert [thread.uid for thread in mailbox.sent_to(sent, "anna@example.test")] == [uid]


def test_what_was_marked_as_deleted_says_so(post: Post, mailbox: Mailbox, drafts: str) -> None:
    kept, deleted = post.deliver(REPLY, NOON, drafts), post.deliver(REPLY, NOON, drafts)
    post.mark(drafts, deleted, "\\Deleted")
    found = mailbox.threads(drafts, Window())
    assert [(one.uid, one.is_deleted) for one in found] == [(kept, False), (deleted, True)]


@pytest.mark.parametrize("name", ["Bücher & Mehr", "下書き", "a b", "Über~peter"])
def test_folders_may_have_any_name(post: Post, mailbox: Mailbox, name: str) -> None:
    folder = post.facts.named(name)
    post.make(folder)
    assert mailbox.look(folder).uidvalidity > 0
    mailbox.append_draft(folder, DRAFT, NOON)
    assert len(post.stored(folder)) == 1


def test_facts_name_the_folders(post: Post, mailbox: Mailbox, drafts: str) -> None:
    facts = mailbox.facts()
    assert {"INBOX", drafts} <= set(facts.folders)
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
