"""The main job on every server: mail comes in, `watcher once` runs as a process of its own, drafts stand there once."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from faults.proxy import Fault, Kind, Proxy
from servers.loopback import Listening
from servers.posts import ImapPost
from shell.program import Home
from twins.mailbox import StoredMail

from watcher.samples import sample_mails

VERBS = {"CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "SEARCH", "FETCH", "APPEND", "NOOP", "LOGOUT"}
UNPEEKED = re.compile(rb"(?i)(?:BODY\[|RFC822(?!\.SIZE))")
OWN = b"From: me@example.test\r\nSubject: Half a letter\r\nMessage-ID: <own@example.test>\r\n\r\nDear \r\n"
DRAFTED = 9  # of 20 samples; one is held, one is the same person as another


def _seen(post: ImapPost, folder: str) -> dict[int, StoredMail]:
    return {
        uid: StoredMail(post.facts.own(mail.content), mail.received, mail.flags - {"\\Recent"})
        for uid, mail in post.stored(post.facts.named(folder)).items()
    }


def _filled(server: Listening, post: ImapPost) -> dict[int, StoredMail]:
    server.receive((mail.content for mail in sample_mails()), datetime.now(UTC))
    return _seen(post, "INBOX")


def _verbs(wire: Proxy) -> set[str]:
    return {line.upper().removeprefix(b"UID ").split()[0].decode() for line in wire.commands}


def test_each_invitation_gets_one_draft_and_no_mail_is_touched(
    server: Listening, post: ImapPost, home: Home, wire: Proxy
) -> None:
    inbox = _filled(server, post)
    first = home.run("once", "--json")
    assert first.code == 0, first.err
    *found, summary = first.lines
    told = (summary["looked_at"], summary["invitations"], summary["drafted"], summary["held"])
    assert told == (19, 11, DRAFTED, 1)
    assert {"EXAMINE", "APPEND"} <= _verbs(wire) <= VERBS
    assert [line for line in wire.commands if b"FETCH" in line and UNPEEKED.search(line)] == []

    drafts = _seen(post, "Drafts")
    assert {mail.flags for mail in drafts.values()} == {frozenset({"\\Draft", "\\Seen"})}
    named = {str(message_from_bytes(mail.content, policy=default)["Message-ID"]): uid for uid, mail in drafts.items()}
    assert {one["draft"]["message_id"] for one in found if one["draft"]} == named.keys()
    assert len(named) == len(drafts) == DRAFTED

    again = home.run("once", "--json")
    assert (again.code, again.lines[-1]["drafted"], len(again.lines)) == (0, 0, 1), again.err
    assert _seen(post, "Drafts") == drafts
    assert _seen(post, "INBOX") == inbox
    assert _verbs(wire) <= VERBS


def _answered(post: ImapPost) -> list[str]:
    """What the drafts answer, each as often as there is a draft."""
    mails = (message_from_bytes(mail.content, policy=default) for mail in _seen(post, "Drafts").values())
    return sorted(str(mail["In-Reply-To"]) for mail in mails if mail["In-Reply-To"])


def test_an_answer_that_is_lost_makes_no_second_draft(
    server: Listening, post: ImapPost, home: Home, wire: Proxy
) -> None:
    own = post.deliver(OWN, datetime.now(UTC), post.facts.named("Drafts"))
    inbox, before = _filled(server, post), _seen(post, "Drafts")
    wire.fault = Fault(Kind.LOSE_ANSWER, "APPEND", nth=2)
    broken = home.run("once", "--json")
    assert (broken.code, wire.struck) == (3, 1), broken.err
    assert len(_answered(post)) == 2
    mended = home.run("once", "--json")
    assert (mended.code, mended.lines[-1]["drafted"]) == (0, DRAFTED - 1), mended.err
    assert len(_answered(post)) == len(set(_answered(post))) == DRAFTED
    assert _seen(post, "Drafts")[own] == before[own]
    assert _seen(post, "INBOX") == inbox


def test_nor_does_one_that_is_lost_in_a_folder_nobody_ever_wrote_to(
    server: Listening, post: ImapPost, home: Home, wire: Proxy
) -> None:
    server.receive([sample_mails()[0].content], datetime.now(UTC))
    wire.fault = Fault(Kind.LOSE_ANSWER, "APPEND")
    assert home.run("once", "--json").code == 3
    mended = home.run("once", "--json")
    # Where the folder has got another UIDVALIDITY by then, nothing is proven: the person is asked to look.
    assert mended.code in ({0} if post.facts.keeps_validity else {0, 1}), mended.err
    assert [one["state"] for one in mended.lines[:-1]] == [{0: "drafted", 1: "uncertain"}[mended.code]]
    assert home.run("once", "--json").lines[-1]["drafted"] == 0
    assert len(_answered(post)) == 1


def test_what_arrives_between_two_passes_is_found(server: Listening, home: Home) -> None:
    early, late = (mail.content for mail in sample_mails()[:2])
    counts = []
    for content in (early, late):
        server.receive([content], datetime.now(UTC))
        counts.append(home.run("once", "--json").lines[-1]["drafted"])
    assert counts == [1, 1]
