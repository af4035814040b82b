"""Promise: any bytes become a Message, within limits, without raising, and from a file as from a FETCH the same one."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_mail import CORPUS, a_letter, a_mail

from watcher.domain import message
from watcher.domain.raw import RawMessage, RawPart

LINES = st.sampled_from(
    [
        b"From: Tilda <t@example.test>",
        b"To: (c):",
        b"Subject: =?UTF-8?B?//8=?=",
        b"Subject: =?nowhere?Q?a?=",
        b"Date: Mon, 99 Foo 2026 99:99:99 +9999",
        b"Date: Mon, 1 Jan 0001 00:00:00 +2359",
        b"Message-ID: <>",
        b"Content-Type: text/html; charset=utf-7",
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: multipart/mixed; boundary*0*=utf-8''%ff",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: inline; filename*=utf-16''%ff%fe",
        b"--x",
        b"--x--",
        b"",
        b"begin 644 \xff",
        b" folded\x00",
    ]
)
MAIL_LIKE = st.lists(LINES | st.binary(max_size=60), max_size=25).map(b"\r\n".join)


def fetched(content: bytes) -> RawMessage:
    """The same mail as a server's FETCH hands it out: a header block, and parts still in their encoding."""
    header = content.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in content else content.partition(b"\n\n")[0]
    mail = message_from_bytes(content, policy=policy.compat32)
    leaves = (part for part in mail.walk() if part.get_content_type() in {"text/plain", "text/html"})
    return RawMessage(header + b"\r\n\r\n", tuple(_travelled(part) for part in leaves), len(content))


def _travelled(part: "Message[str, str]") -> RawPart:
    encoding = str(part.get("Content-Transfer-Encoding", "7bit"))
    body = part.as_bytes().partition(b"\n\n")[2]
    return RawPart(part.get_content_type(), str(part.get_content_charset() or ""), encoding, body)


@given(st.binary(max_size=2000) | MAIL_LIKE)
def test_any_bytes_become_a_message_that_can_be_written_down(content: bytes) -> None:
    parsed = message.parse(content)
    names = [one.name + one.address for one in (*parsed.senders, *parsed.addresses("to"))]
    values = [value for _, value in parsed.headers]
    shown = "".join([*values, *names, parsed.subject, parsed.text or "", parsed.html or ""])
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not any(char in line for line in [parsed.subject, *names] for char in "\r\n\0")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_file_and_a_fetch_of_real_mail_give_the_same(path: Path) -> None:
    content = path.read_bytes()
    assert message.assemble(fetched(content)) == message.parse(content)


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii"])
def test_a_file_and_a_fetch_give_the_same_in_every_encoding(encoding: str, charset: str) -> None:
    words = "Grüße = 50 % \n.\nFrom here" if charset != "us-ascii" and encoding != "7bit" else "Plain = words\n.\n"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["Subject"] = "Tilda <t@example.test>", "Grüße"
    mail.set_content(words, charset=charset, cte=encoding)
    mail.add_alternative(f"<p>{words}</p>", subtype="html", charset=charset, cte=encoding)
    content = mail.as_bytes()
    parsed = message.parse(content)
    assert message.assemble(fetched(content)) == parsed
    assert (parsed.text or "").strip() == words.strip()
    assert parsed.subject == "Grüße"


@pytest.mark.parametrize(
    ("charset", "octets", "words"),
    [
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("cp1252"), "Grüße"),
        ("iso-8859-1", "“Grüße”".encode(), "“Grüße”"),
        ("utf-8", "Grüße “du”".encode("cp1252"), "Grüße “du”"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", b"it\x92s", "it’s"),
        ("ISO_8859-1", b"\x93du\x94 \x81", "“du” \x81"),
        ("latin1", b"caf\xe9", "café"),
        ("us-ascii", b"it\x92s \x8d", "it’s \x8d"),
        ("iso-8859-2*pl", b"\xa3ukasz", "Łukasz"),
        ("hex", b"\xff\xfe", "ÿþ"),
        ("unicode-escape", b"\\u0041\xff", "\\u0041ÿ"),
        ("a\x00b", b"plain", "plain"),
        ("", b"\x81\x8d", "\x81\x8d"),
        ("utf-16-le", "Grüße".encode("utf-16-le"), "Grüße"),
        ("iso-2022-jp", "山田".encode("iso-2022-jp"), "山田"),
        ("utf-7", b"a+2AA-b", "a?b"),
    ],
)
def test_a_charset_that_lies_costs_no_letters(charset: str, octets: bytes, words: str) -> None:
    assert message.decode_bytes(octets, charset) == words


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "utf-7", "unicode_escape", "idna", "punycode", "utf-16"]))
def test_what_is_decoded_can_be_encoded(octets: bytes, charset: str) -> None:
    message.decode_bytes(octets, charset).encode("utf-8")


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("plain", "plain"),
        ("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?= =?UTF-8?B?IGR1?=", "Grüße du"),
        ("=?UTF-8?B?broke?=", "=?UTF-8?B?broke?="),
        ("Łukasz =?utf-8?q?Nowak?=", "Łukasz Nowak"),
        ("=?utf-8?q?Nowak?= Łukasz Ã¼", "Nowak Łukasz Ã¼"),
        ("=?utf-8?q?Łukasz_Żak?=", "Łukasz Żak"),
        ("=?utf-8?b?xYF1a2FzxQ==?= =?UTF-8?q?=BA_Nowak?=", "Łukasź Nowak"),
        ("=?iso-8859-2*pl?q?=A3ukasz?= Ż", "Łukasz Ż"),
        ("a=?utf-8?q?b?==?utf-8?q?c?= d", "abc d"),
        ("Ł =?UTF-8?B?broke?= =", "Ł =?UTF-8?B?broke?= ="),
        ("=?UTF-8?Q?a=0D=0ABcc:_x@example.test?=", "a Bcc: x@example.test"),
        ("=?UTF-8?Q?a=00b=E2=80=A8c?=", "a b c"),
        ("=?x-unknown?Q?caf=E9?=", "café"),
        ("folded\r\n  twice\r\n\t over", "folded twice over"),
        ("nul\x00 and \x1b[31mcolour", "nul and [31mcolour"),
    ],
)
def test_subjects_are_decoded_to_one_line(header: str, subject: str) -> None:
    assert message.parse(f"Subject: {header}\r\n\r\n".encode()).subject == subject


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        ("Tilda <T@Example.TEST>", [("Tilda", "t@example.test")]),
        ('"Moreau, Tilda" <t@example.test>', [("Moreau, Tilda", "t@example.test")]),
        ("=?UTF-8?Q?T=0D=0ABcc=3Ax?= <t@example.test>", [("T Bcc:x", "t@example.test")]),
        ("Łukasz =?utf-8?q?Nowak?= <t@example.test>", [("Łukasz Nowak", "t@example.test")]),
        ("(c):", []),
        ("", []),
        ("<>", []),
        ("(" * 4000, []),
    ],
)
def test_addresses_are_read_or_left_out(header: str, addresses: list[tuple[str, str]]) -> None:
    parsed = message.parse(f"To: {header}\r\nFrom: {header}\r\n\r\n".encode())
    assert [(one.name, one.address) for one in parsed.addresses("to")] == addresses
    assert [(one.name, one.address) for one in parsed.senders] == addresses


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Mon, 99 Foo 2026 99:99:99 +9999", "Fri, 31 Dec 9999 23:00:00 -2300", "Mon, 1 Jan 99999999 0:0"],
)
def test_a_date_that_is_none_is_none(date: str) -> None:
    assert message.parse(f"Date: {date}\r\n\r\n".encode()).date is None


def test_three_thousand_nested_parts_leave_the_headers() -> None:
    level = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    nested = b"".join(level % (depth, depth) for depth in range(3000))
    parsed = message.parse(b"From: Tilda <t@example.test>\r\n" + nested + b"\r\nwords")
    assert parsed.senders[0].address == "t@example.test"
    assert parsed.html is None


def test_a_to_header_of_223_kib_is_cut() -> None:
    to = b"a@example.test, " * (223 * 64)
    parsed = message.parse(b"From: Tilda <t@example.test>\r\nTo: " + to + b"\r\n\r\nwords")
    assert parsed.senders[0].address == "t@example.test"
    assert 0 < len(parsed.addresses("to")) < 1000
    assert len(parsed.first("to") or "") <= message.MAX_HEADER
    assert any("octets of headers" in problem for problem in parsed.problems)


def test_endless_headers_are_cut_and_the_cut_is_told() -> None:
    parsed = message.parse(b"From: Tilda <t@example.test>\r\n" + b"X-Pad: y\r\n" * 100_000 + b"\r\nwords")
    assert sum(len(name) + len(value) for name, value in parsed.headers) <= message.MAX_HEADER_BLOCK
    assert any("octets of headers" in problem for problem in parsed.problems)
    assert any("only its beginning was read" in problem for problem in parsed.problems) is False


def test_a_mail_over_the_limit_is_cut_and_the_cut_is_told() -> None:
    parsed = message.parse(a_mail(text="words\r\n" * 300_000))
    assert len(parsed.text or "") <= message.MAX_TEXT
    assert any("only its beginning was read" in problem for problem in parsed.problems)


def test_more_parts_than_the_limit_are_left_alone() -> None:
    part = b"--x\r\nContent-Type: text/plain\r\n\r\nwords\r\n"
    parsed = message.parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 300 + b"--x--")
    assert (parsed.text or "").count("words") == message.MAX_PARTS


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: message/rfc822\r\n\r\nSubject: inside\r\nContent-Type: text/plain",
        'Content-Type: text/plain; name="a.txt"',
        'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"',
        "Content-Type: text/plain\r\nContent-Disposition: attachment",
        "Content-Type: application/octet-stream",
    ],
)
def test_what_is_attached_is_not_the_mails_own_words(head: str) -> None:
    own = "--x\r\nContent-Type: text/plain\r\n\r\nown words\r\n"
    attached = f"--x\r\n{head}\r\n\r\nattached words\r\n--x--\r\n"
    parsed = message.parse(f"Content-Type: multipart/mixed; boundary=x\r\n\r\n{own}{attached}".encode())
    assert (parsed.text or "").strip() == "own words"


def test_the_topmost_of_two_headers_counts_and_two_from_are_told() -> None:
    parsed = message.parse(b"From: a@example.test\r\nFrom: b@example.test\r\nSubject: one\r\nSubject: two\r\n\r\n")
    assert parsed.subject == "one"
    assert [one.address for one in parsed.senders] == ["a@example.test", "b@example.test"]
    assert "the mail has more than one From header" in parsed.problems


@pytest.mark.parametrize(
    "line", ["no field", ">From somebody", "From x@example.test Mon Nov  9 08:12:00 2026", "Da", "a b: c"]
)
def test_a_line_that_is_no_header_does_not_make_text_of_the_others(line: str) -> None:
    parsed = message.parse(f"Subject: one\r\n{line}\r\nFrom: Tilda <t@example.test>\r\n\r\nwords\r\n".encode())
    assert parsed.subject == "one"
    assert parsed.senders[0].address == "t@example.test"
    assert parsed.text == "words\n"


@pytest.mark.parametrize("octets", [b"Received: from a (caf\xe9) by b", b"X: \xff\xfe", b"X: \xc5"])
def test_a_header_that_is_no_utf_8_garbles_none_of_the_others(octets: bytes) -> None:
    parsed = message.parse(octets + "\r\nSubject: Łukasz\r\nFrom: Żak <z@example.test>\r\n\r\n".encode())
    assert (parsed.subject, parsed.senders[0].name) == ("Łukasz", "Żak")


@pytest.mark.parametrize("subject", ["caf\xe9", "it\x92s", "\xe9"])
def test_raw_letters_of_windows_are_read_in_a_header_too(subject: str) -> None:
    octets = subject.encode("latin-1")
    assert message.parse(b"Subject: " + octets + b"\r\n\r\n").subject == octets.decode("cp1252")


@pytest.mark.parametrize("letter", ["é", "Ł", "山", "🚀"])
@pytest.mark.parametrize("before", range(5))
def test_a_letter_that_the_limit_cuts_garbles_nothing(letter: str, before: int) -> None:
    head = "Subject: Łukasz\r\nX: " + "x" * before
    content = (head + letter * message.MAX_HEADER_BLOCK).encode()[: message.MAX_HEADER_BLOCK + before * 9]
    parsed = message.assemble(RawMessage(content, (), len(content)))
    assert parsed.subject == "Łukasz"
    assert set(parsed.first("x") or "") <= {"x", letter}


def test_references_that_are_too_long_lose_the_oldest() -> None:
    ids = [f"<{number:0500}@x.example>" for number in range(60)]
    found = message.parse(f"References: {' '.join(ids)}\r\n\r\n".encode()).references
    assert len(found) > 20
    assert list(found) == ids[-len(found) :]


@pytest.mark.parametrize(
    ("value", "last", "every"),
    [
        ("<a@x>", "<a@x>", ("<a@x>",)),
        ("<a@x>\r\n <b@x>", "<b@x>", ("<a@x>", "<b@x>")),
        ("Message from Tilda <t@example.test> of Monday <a@x>", "<a@x>", ("<t@example.test>", "<a@x>")),
        ("your mail of Monday", None, ()),
    ],
)
def test_every_mail_that_is_answered_is_named(value: str, last: str | None, every: tuple[str, ...]) -> None:
    parsed = message.parse(f"In-Reply-To: {value}\r\n\r\n".encode())
    assert (parsed.in_reply_to, parsed.message_ids("in-reply-to")) == (last, every)


@pytest.mark.parametrize("content", [b"", b"Subject: one", b"Subject: one\r\nDa", b"Subject: one\r\n"])
def test_a_mail_cut_within_its_headers_has_no_text(content: bytes) -> None:
    assert not message.parse(content).text


def test_a_mail_without_headers_has_text() -> None:
    assert message.parse(b"\r\nwords\r\n\r\nmore\r\n").text == "words\n\nmore\n"


def test_a_lone_carriage_return_starts_no_header() -> None:
    parsed = message.parse(b"Subject: one\rFrom: evil@example.test\r\n\r\n")
    assert parsed.senders == ()
    assert parsed.subject == "one From: evil@example.test"


@pytest.mark.parametrize("cut", range(1, 9))
def test_base64_that_a_fetch_cut_keeps_what_came(cut: int) -> None:
    whole = b"VGhlc2UgYXJlIHdvcmRzLg=="
    part = RawPart("text/plain", "utf-8", "BASE64", whole[:-cut])
    assert "These are words.".startswith(message.assemble(RawMessage(b"", (part,), 9)).text or "nothing")


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200))
def test_words_survive_the_way_through_a_letter(words: str) -> None:
    assert words.strip() in (message.parse(a_mail(text=a_letter(words))).text or "")


@pytest.mark.parametrize(
    ("value", "senders"),
    [
        ("Tom Ek, PMP via LinkedIn <x@linkedin.com>", [("Tom Ek, PMP via LinkedIn", "x@linkedin.com")]),
        ("Tilda [Moreau] <x@linkedin.com>", [("Tilda [Moreau]", "x@linkedin.com")]),
        ('"Ek, Tom" <x@linkedin.com>', [("Ek, Tom", "x@linkedin.com")]),
        ("a@x.example, b@linkedin.com", [("", "a@x.example"), ("", "b@linkedin.com")]),
        ("Tilda", [("", "tilda")]),
    ],
)
def test_a_bare_comma_in_a_name_makes_no_second_sender(value: str, senders: list[tuple[str, str]]) -> None:
    mail = message.parse(f"From: {value}\r\n\r\nx".encode())
    assert [(one.name, one.address) for one in mail.senders] == senders
