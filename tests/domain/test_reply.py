"""Promise: a draft is a plain reply in the invitation's thread, whole on the wire; no mail can put a header in it."""

import quopri
import re
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from builders import ME, NOW, a_reading, an_invitation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher.domain import message, reply
from watcher.domain.identity import draft_message_id
from watcher.domain.kinds import Because, RouteBy, VerdictKind
from watcher.domain.links import INVITATION_MANAGER
from watcher.domain.message import Address, one_line
from watcher.domain.values import Person, Route, Verdict
from watcher.errors import GiveUp

MID = draft_message_id(b"secret", ME.address, "linkedin:7001", 1, "example.test")
PARENT = "<one@lva1.prod.linkedin.com>"
ALWAYS = ["From", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
THREAD = ["In-Reply-To", "References"]

INJECTED = [
    "a\r\nBcc: evil@example.test",
    "a\nBcc: evil@example.test\n\nbody",
    "=?utf-8?q?=0ABcc:evil@example.test?=",
    "=?utf-8?b?CkJjYzpldmlsQGV4YW1wbGUudGVzdA==?=",
    "==??utf-8?q?=0D=0ABcc:evil@example.test?=",
    "=\x00?utf-8?q?=0ABcc:evil@example.test?=",
    '"\r\nBcc: evil@example.test',
    "a\u2028Bcc: evil@example.test",
    "a\x0bBcc: evil@example.test",
    "<evil@example.test>,",
    "evil@example.test, ",
    "a\x85Bcc: evil@example.test",
    "\ud800",
    "A" * 3000,
    "Ä" * 3000,
    '"' * 900,
    "A B " * 900,
]
PIECES = st.sampled_from(
    [*INJECTED[:13], "=?", "?=", "=0A", "\r", "\n", ":", "Re: ", '"', "\\", "ö", "🚀", "<a@b.test>"]
)
HOSTILE = st.text(max_size=60) | st.lists(PIECES, max_size=6).map("".join)


def composed(
    subject: str = "I want to connect",
    name: str = "Tilda Moreau",
    to: str | None = "tilda@example.test",
    parent: str | None = PARENT,
    references: tuple[str, ...] = (),
    body: str = "Dear Tilda,\n\nwhy?\n",
    me: Person = ME,
) -> bytes:
    invitation = an_invitation(inviter=replace(an_invitation().inviter, name=name))
    source = replace(a_reading().source, subject=subject, message_id=parent, references=references)
    route = Route(RouteBy.EMAIL if to else RouteBy.LINKEDIN, to, INVITATION_MANAGER)
    draft = reply.compose(
        a_reading(found=invitation, source=source, route=route),
        invitation,
        me=me,
        body=body,
        message_id=MID,
        template="generic",
        language="en",
        now=NOW,
    )
    return draft.content


def composed_as(subject: str) -> bytes:
    """With a subject that a template made."""
    return reply.compose(
        a_reading(), an_invitation(), me=ME, body="x", message_id=MID, template="g", language="en", now=NOW,
        subject=subject,
    ).content  # fmt: skip


def read_back(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def assert_whole(content: bytes, headers: list[str]) -> None:
    """Just these headers, no line too long, no end of line but CRLF."""
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    block = content.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in block.split("\r\n") if line[:1] not in {" ", "\t"}]
    assert sorted(names) == sorted(headers)


def test_a_draft_reads_back_as_a_reply_in_the_thread() -> None:
    content = composed(references=("<zero@x.example>",))
    mail = read_back(content)
    assert_whole(content, [*ALWAYS, *THREAD, "To"])
    assert mail["From"] == "Robin Ashdown <me@example.test>"
    assert mail["To"] == "Tilda Moreau <tilda@example.test>"
    assert mail["Subject"] == "Re: I want to connect"
    assert mail["In-Reply-To"] == PARENT
    assert mail["References"] == f"<zero@x.example> {PARENT}"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == MID
    assert mail["Message-ID"].endswith("@example.test>")


def test_a_draft_is_plain_text_quoted_printable_utf_8() -> None:
    mail = read_back(composed(body="Grüße, 50 % = ½ 🚀\n" + "x" * 5000 + "\n"))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail["Content-Transfer-Encoding"] == "quoted-printable"
    assert mail.get_content().replace("\r\n", "\n") == "Grüße, 50 % = ½ 🚀\n" + "x" * 5000 + "\n"
    assert not mail.is_multipart()


def test_what_is_to_be_pasted_has_no_to() -> None:
    assert_whole(composed(to=None), [*ALWAYS, *THREAD])


def test_an_address_is_ignored_where_the_route_is_linkedin() -> None:
    reading = a_reading(route=Route(RouteBy.LINKEDIN, "x@example.test", INVITATION_MANAGER))
    draft = reply.compose(
        reading, an_invitation(), me=ME, body="x", message_id=MID, template="g", language="en", now=NOW
    )
    assert "To" not in read_back(draft.content)


def test_a_mail_without_message_id_starts_a_thread_of_its_own() -> None:
    assert_whole(composed(parent=None), [*ALWAYS, "To"])


@pytest.mark.parametrize(
    ("subject", "replied"),
    [
        ("I want to connect", "Re: I want to connect"),
        ("Re: I want to connect", "Re: I want to connect"),
        ("RE: re: Re : I want to connect", "Re: I want to connect"),
        ("AW: Antw: SV: Hej", "Re: Hej"),
        ("Re[2]: Hi", "Re: Hi"),
        ("Re：你好", "Re: 你好"),
        ("回复：你好", "Re: 你好"),
        ("\x00Re: Hi", "Re: Hi"),
        ("[list] Re: Hi", "Re: [list] Re: Hi"),
        ("Fwd: Hi", "Re: Fwd: Hi"),
        ("Regarding: work", "Re: Regarding: work"),
        ("Reply", "Re: Reply"),
        ("", "Re: LinkedIn: Tilda Moreau"),
        ("Re: ", "Re: LinkedIn: Tilda Moreau"),
        (" \r\n ", "Re: LinkedIn: Tilda Moreau"),
    ],
)
def test_the_subject_is_kept_with_exactly_one_re(subject: str, replied: str) -> None:
    assert reply.subject_for(subject, "Tilda Moreau") == replied
    assert read_back(composed(subject))["Subject"] == replied
    assert reply.subject_for(replied, "Tilda Moreau") == replied


@given(HOSTILE)
def test_replying_again_adds_no_second_re(subject: str) -> None:
    replied = reply.subject_for(subject, "Tilda")
    assert replied.startswith("Re: ")
    assert reply.subject_for(replied, "Tilda") == replied


@pytest.mark.parametrize("words", INJECTED)
def test_known_tricks_put_no_header_into_a_draft(words: str) -> None:
    assert_whole(composed(subject=words), [*ALWAYS, *THREAD, "To"])
    assert_whole(composed(name=words), [*ALWAYS, *THREAD, "To"])
    assert_whole(composed(subject="", name=words), [*ALWAYS, *THREAD, "To"])
    assert_whole(composed(me=replace(ME, name=words)), [*ALWAYS, *THREAD, "To"])


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_name_or_subject_puts_a_header_into_a_draft(subject: str, name: str, my_name: str) -> None:
    content = composed(subject, name, me=replace(ME, name=my_name))
    mail = read_back(content)
    assert_whole(content, [*ALWAYS, *THREAD, "To"])
    assert [one.addr_spec for one in mail["To"].addresses] == ["tilda@example.test"]
    assert [one.addr_spec for one in mail["From"].addresses] == [ME.address]


@pytest.mark.parametrize(
    "to",
    [
        "x",
        "x@",
        "@",
        "@example.test",
        "x@a..b",
        "a b@example.test",
        "a@b@example.test",
        "a,b@example.test",
        "x@example.test\r\nBcc: y@example.test",
        "x@example.test, y@example.test",
        "x@\x00",
        "x@[",
        "jörg@example.test",
        "joerg@höhe.test",
        "=?utf-8?q?=0ABcc:x?=@example.test",
        "a" * 1000 + "@example.test",
    ],
)
def test_what_is_no_address_is_given_up(to: str) -> None:
    with pytest.raises(GiveUp, match="cannot stand in the To"):
        composed(to=to)


@given(HOSTILE.filter(bool), HOSTILE)
def test_any_address_is_written_whole_or_given_up(local: str, domain: str) -> None:
    with suppress(GiveUp):
        content = composed(to=f"{local}@{domain}")
        assert_whole(content, [*ALWAYS, *THREAD, "To"])
        assert len(read_back(content)["To"].addresses) == 1


@pytest.mark.parametrize(
    "name", ["Tilda", "Moreau, Tilda", 'Tilda "T" Moreau', "Jörn Ek", "李 小龍", "T. <x@evil.test>", "@"]
)
def test_names_come_back_as_they_were(name: str) -> None:
    (shown,) = read_back(composed(name=name))["To"].addresses
    assert Address(shown.display_name, shown.addr_spec) == Address(name, "tilda@example.test")


RUSSIAN = "Иван Петрович Сидоров-Кузнецов приглашает вас установить контакт и вступить в группу"
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
WORDS = st.lists(st.text(LETTERS, max_size=90) | st.sampled_from(['"', "a, b", "(c)", "é", RUSSIAN]), max_size=9)
LONG_ADDRESS = f"member-{'0123456789abcdef' * 3}@reply.{'linkedin.' * 12}test"


@pytest.mark.parametrize("to", ["tilda@example.test", LONG_ADDRESS])
@given(WORDS.map(" ".join), WORDS.map(" ".join))
@example(RUSSIAN * 4, RUSSIAN)
@example(f"{', ' * 30}é", "Ek, Tom (PMP), " * 9)
@example("山田太郎 " * 20, "山田太郎 " * 20)
def test_encoded_words_and_their_lines_are_as_short_as_rfc_2047_wants_and_lose_nothing(
    to: str, subject: str, name: str
) -> None:
    content = composed(f"a {subject}", f"{name}x", to=to, me=replace(ME, name=f"{name}y"))
    lines = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max((len(line) for line in lines if b"=?" in line), default=0) <= 76
    assert max(map(len, re.findall(rb"=\?\S+", b"\n".join(lines))), default=0) <= 75
    assert all(line.strip() for line in lines)
    mail = message.parse(content)
    assert mail.subject == reply.subject_for(f"a {subject}", "")
    assert mail.senders == (Address(kept(f"{name}y"), ME.address),)
    assert mail.addresses("to") == (Address(kept(f"{name}x"), to),)


def kept(name: str) -> str:
    return one_line(name).replace("=?", "= ?")[: reply.MAX_NAME].rstrip()


def test_plain_headers_are_folded_at_blanks_and_at_no_comma() -> None:
    head = composed("plain words " * 9, "Dr. Maximiliane von Hohenlohe, MBA", to=LONG_ADDRESS).decode("ascii")
    assert f'To: "Dr. Maximiliane von Hohenlohe, MBA"\r\n <{LONG_ADDRESS}>\r\n' in head
    assert f"Subject: Re: {'plain words ' * 5}".rstrip() + f"\r\n {'plain words ' * 4}".rstrip() + "\r\n" in head


def test_a_long_message_id_is_neither_folded_nor_encoded() -> None:
    parent = f"<{'a' * 880}@x.example>"
    lines = composed(parent=parent).split(b"\r\n")
    assert f"In-Reply-To: {parent}".encode() in lines
    assert f"References: {parent}".encode() in lines


@given(st.text(max_size=400))
def test_any_body_comes_back_as_it_was(body: str) -> None:
    content = composed(body=body)
    assert_whole(content, [*ALWAYS, *THREAD, "To"])
    assert max(map(len, content.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    octets = quopri.decodestring(content.partition(b"\r\n\r\n")[2])
    wanted = body.replace("\r\n", "\n").replace("\r", "\n")
    assert octets.decode("utf-8").replace("\r\n", "\n").rstrip("\n") == wanted.rstrip("\n")


@pytest.mark.parametrize("parent", ["<é@x>", "<a\x01@x>", "<=?utf-8?q?=0ABcc:x?=@x>"])
def test_a_message_id_that_cannot_stand_in_a_header_is_left_out(parent: str) -> None:
    assert_whole(composed(parent=parent), [*ALWAYS, "To"])
    content = composed(references=(parent, "<zero@x.example>"))
    assert read_back(content)["References"] == f"<zero@x.example> {PARENT}"


@settings(max_examples=40)
@given(st.lists(st.text("abc0123456789.-", min_size=1, max_size=880).map("<{}@x>".format), max_size=60))
def test_references_are_cut_to_the_newest_and_never_encoded(references: list[str]) -> None:
    content = composed(references=tuple(references))
    assert_whole(content, [*ALWAYS, *THREAD, "To"])
    shown = read_back(content)["References"].split()
    assert shown == list(dict.fromkeys([*references[-reply.MAX_REFERENCES :], PARENT]))


def test_no_header_tells_of_the_program() -> None:
    head = composed(to=None).partition(b"\r\n\r\n")[0].lower()
    assert [word for word in (b"watcher", b"python", b"x-", b"agent", b"auto-submitted") if word in head] == []


def test_the_marked_block_ends_only_a_draft_that_is_not_to_be_mailed() -> None:
    assert reply.body_for(Route(RouteBy.EMAIL, "x@example.test", "u"), "Hello\n", "PASTE") == "Hello\n"
    assert reply.body_for(Route(RouteBy.LINKEDIN, None, "u"), "Hello\n\n\n", "PASTE\n") == "Hello\n\nPASTE\n"


@pytest.mark.parametrize(
    ("kind", "because", "name"),
    [
        (VerdictKind.GENERIC, Because.NO_NOTE, "generic"),
        (VerdictKind.GENERIC, Because.DEFAULT_NOTE, "generic"),
        (VerdictKind.GENERIC, Because.BOILERPLATE, "boilerplate"),
        (VerdictKind.PERSONALISED, Because.REASON, "personalised"),
        (VerdictKind.UNSURE, Because.UNCLEAR, "unsure"),
        (VerdictKind.UNSURE, Because.BOILERPLATE, "unsure"),
    ],
)
def test_each_verdict_has_its_template(kind: VerdictKind, because: Because, name: str) -> None:
    assert reply.template_name(Verdict(kind, because, (), 0.5)) == name


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("A question, Tilda", "A question, Tilda"),
        ("", "Re: I want to connect"),
        (" \r\n ", "Re: I want to connect"),
        ("Grüße 🚀", "Grüße 🚀"),
        ("x" * 3000, "x" * reply.MAX_SUBJECT),
    ],
)
def test_a_template_may_name_the_subject(subject: str, shown: str) -> None:
    assert read_back(composed_as(subject))["Subject"] == shown


@pytest.mark.parametrize("words", INJECTED)
def test_a_subject_of_a_template_puts_no_header_into_a_draft(words: str) -> None:
    assert_whole(composed_as(words), [*ALWAYS, *THREAD])


@given(HOSTILE)
def test_whatever_a_template_makes_of_a_subject_it_is_one_header(subject: str) -> None:
    assert_whole(composed_as(subject), [*ALWAYS, *THREAD])
