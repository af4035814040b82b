"""LinkedIn's signatures: what proves a mail, what condemns it, what leaves it open, and that no mail breaks the check.

The mails are signed here by a signer of the tests' own, which shares no code with the checking side.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twins.dns_keys import KeysInMemory

from watcher.adapters.dkim import verify
from watcher.domain import message
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECOND = int(NOW.timestamp())
PASS, FAIL, UNKNOWN = Authentic.PASS, Authentic.FAIL, Authentic.UNKNOWN

FIELDS = (
    ("From", "Tilda Moreau <invitations@linkedin.com>"),
    ("Message-ID", "<1@lva1.prod.linkedin.com>"),
    ("Subject", "Tilda wants to  connect"),
    ("MIME-Version", "1.0"),
    ("Content-Type", 'multipart/alternative;\r\n\tboundary="cut"'),
    ("To", "Robin Ashdown <me@example.test>"),
    ("Date", "Tue, 24 Nov 2026 09:00:00 +0000 (UTC)"),
)
BODY = (
    b"--cut\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nHi Robin,  let us connect. \r\n\r\n"
    b"--cut\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p>Hi Robin</p>\r\n--cut--\r\n\r\n"
)
COVER = "From:Subject:MIME-Version:Content-Type:To:Date"


@cache
def a_key(bits: int = 1024, number: int = 0) -> RSAPrivateKey:
    del number  # tells one key from another
    return generate_private_key(65537, bits)


def record(key: RSAPrivateKey, tags: str = "v=DKIM1; k=rsa; ") -> bytes:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return tags.encode() + b"p=" + base64.b64encode(der)


@dataclass(frozen=True)
class Signed:
    """One signature to be put on top of a mail; `tags` go before, over or (None) out of the usual ones."""

    domain: str = "linkedin.com"
    selector: str = "d2048-202308-00"
    key: RSAPrivateKey = field(default_factory=a_key)
    cover: str = COVER
    algorithm: str = "rsa-sha256"
    tags: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None


def relaxed(value: str) -> str:
    return " ".join(value.replace("\r\n", "").replace("\t", " ").split())


def relaxed_body(body: bytes) -> bytes:
    lines = [b" ".join(re.split(rb"[ \t]+", line)).rstrip(b" ") for line in body.split(b"\r\n")]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def signature(signed: Signed, fields: tuple[tuple[str, str], ...], body: bytes) -> str:
    name = signed.algorithm.partition("-")[2]
    body_hash = hashlib.new(name, relaxed_body(body if signed.body is None else signed.body)).digest()
    tags = {
        "v": "1", "a": signed.algorithm, "c": "relaxed/relaxed", "d": signed.domain, "s": signed.selector,
        "t": str(SECOND - 60), "bh": base64.b64encode(body_hash).decode(), "h": signed.cover, **signed.tags,
    }  # fmt: skip
    value = "; ".join(f"{tag}={text}" for tag, text in tags.items() if text is not None) + ";\r\n\tb="
    left = {known.lower(): text for known, text in fields}
    covered = [known.lower() for known in signed.cover.split(":")]
    lines = [f"{known}:{relaxed(left.pop(known))}\r\n" for known in covered if known in left]
    text = "".join(lines) + f"dkim-signature:{relaxed(value)}"
    kind = hashes.SHA1() if name == "sha1" else hashes.SHA256()
    made = base64.b64encode(signed.key.sign(text.encode(), padding.PKCS1v15(), kind)).decode()
    return value + "\r\n\t ".join(made[start : start + 64] for start in range(0, len(made), 64))


def a_mail(*signed: Signed, fields: tuple[tuple[str, str], ...] = FIELDS, body: bytes = BODY) -> bytes:
    on_top = [("DKIM-Signature", signature(one, fields, body)) for one in signed or (Signed(),)]
    return "".join(f"{name}: {value}\r\n" for name, value in (*on_top, *fields)).encode() + b"\r\n" + body


def the_keys(*records: bytes, **changes: Any) -> KeysInMemory:
    name = "d2048-202308-00._domainkey.linkedin.com"
    return replace(KeysInMemory({name: records or (record(a_key()),)}), **changes)


def checked(mail: bytes, keys: KeysInMemory | None = None) -> Checked:
    return verify(mail, keys or the_keys(), NOW)


def without(name: str) -> tuple[tuple[str, str], ...]:
    return tuple((known, value) for known, value in FIELDS if known != name)


def with_(name: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple((known, value if known == name else old) for known, old in FIELDS)


BARE = a_mail()[a_mail().index(b"From: ") :]
ONE_LINE = b"".join(a_mail().partition(b"\r\n\r\n")[:2]).replace(b"\r\n\t", b" ") + BODY

RIGHT = {
    "as LinkedIn signs": a_mail(),
    "line ends of a saved mail": a_mail().replace(b"\r\n", b"\n"),
    "unfolded on its way": ONE_LINE,
    "fields added above": b"Received: from x\r\nAuthentication-Results: y; dkim=fail\r\n" + a_mail(),
    "From covered twice": a_mail(Signed(cover=f"{COVER}:From")),
    "ends this very second": a_mail(Signed(tags={"x": str(SECOND)})),
    "an end that is yet to come": a_mail(Signed(tags={"x": str(SECOND + 60)})),
    "a sender below linkedin.com": a_mail(fields=with_("From", "T <t@e.linkedin.com>")),
    "an identity of its own": a_mail(Signed(tags={"i": "news@mail.linkedin.com"})),
    "upper case domain": a_mail(Signed(domain="LinkedIn.com")),
    "no body": a_mail(fields=without("Content-Type"), body=b""),
    "a mailing list signed it too": a_mail(Signed(domain="lists.example"), Signed()),
    "one of two breaks": a_mail(Signed(key=a_key(number=1)), Signed()),
    "one of two has no key": a_mail(Signed(selector="gone"), Signed()),
    "one of two covers a part": a_mail(Signed(tags={"l": "5"}), Signed()),
    "the fourth of four": a_mail(*[Signed(selector="gone")] * 3, Signed()),
}


@pytest.mark.parametrize("mail", RIGHT.values(), ids=RIGHT.keys())
def test_linkedins_own_mail_is_proven(mail: bytes) -> None:
    assert checked(mail) == Checked(PASS, "the signature by linkedin.com was verified")


def test_a_signature_made_by_another_program_is_proven() -> None:
    pem = a_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    cover = [b"from", b"subject", b"content-type"]
    for forms in ((b"simple", b"simple"), (b"relaxed", b"simple"), (b"simple", b"relaxed")):
        line = dkim.sign(BARE, b"d2048-202308-00", b"linkedin.com", pem, canonicalize=forms, include_headers=cover)
        assert verify(line + BARE, the_keys(), datetime.now(UTC)).authentic is PASS


BROKEN = {
    "another key": a_mail(Signed(key=a_key(number=1))),
    "altered body": a_mail().replace(b"let us connect", b"click on this"),
    "added to the body": a_mail() + b"more\r\n",
    "a megabyte of blanks added": a_mail() + b" " * 1_000_000,
    "body cut off": a_mail()[:-40],
    "altered sender": a_mail().replace(b"Tilda Moreau", b"Tilda Morrow"),
    "altered subject": a_mail().replace(b"wants to", b"wants you to"),
    "altered cover": a_mail().replace(b":To:Date", b":To"),
    "made longer lasting": a_mail(Signed(tags={"x": str(SECOND - 60)})).replace(b"x=1", b"x=2"),
    "both are wrong": a_mail(Signed(key=a_key(number=1)), Signed(key=a_key(number=1))),
    "no number of the key's size": a_mail(Signed(key=a_key(2048))),
    "two senders in two fields": b"From: x@other.example\r\n" + a_mail(),
    "a second field that is empty": b"From: \r\n" + a_mail(),
    "two senders at linkedin.com": b"From: x@linkedin.com\r\n" + a_mail(),
    "two senders in one field": a_mail(fields=with_("From", "a@linkedin.com, b@other.example")),
}


@pytest.mark.parametrize("mail", BROKEN.values(), ids=BROKEN.keys())
def test_an_altered_or_forged_mail_fails(mail: bytes) -> None:
    found = checked(mail)
    assert (found.authentic, found.again) == (FAIL, False)


# What cannot prove LinkedIn, whatever the arithmetic says, and a word of the reason.
OPEN = {
    "none": (BARE, "no signature by linkedin"),
    "unaligned": (a_mail(Signed(domain="other.example")), "no signature by linkedin"),
    "alike": (a_mail(Signed(domain="notlinkedin.com")), "no signature by linkedin"),
    "alike below": (a_mail(Signed(domain="linkedin.com.example")), "no signature by linkedin"),
    "sender elsewhere": (a_mail(fields=with_("From", "t@other.example")), "sender is not at linkedin"),
    "sender's name only": (a_mail(fields=with_("From", '"a@linkedin.com" <t@other.example>')), "sender is not at"),
    "no sender": (a_mail(fields=without("From")), "sender is not at linkedin"),
    "expired": (a_mail(Signed(tags={"x": str(SECOND - 1)})), "expired"),
    "no end that can be read": (a_mail(Signed(tags={"x": "soon"})), "expired"),
    "part of the body": (a_mail(Signed(tags={"l": "10"})), "only a part"),
    "part, and more added": (a_mail(Signed(tags={"l": str(len(relaxed_body(BODY)))})) + b"more\r\n", "only a part"),
    "SHA-1": (a_mail(Signed(algorithm="rsa-sha1")), "not trusted"),
    "ed25519": (a_mail(Signed(tags={"a": "ed25519-sha256"})), "not trusted"),
    "sender not covered": (a_mail(Signed(cover="Subject:Content-Type:To")), "does not cover the from"),
    "subject not covered": (a_mail(Signed(cover="From:Content-Type")), "does not cover the subject"),
    "form not covered": (a_mail(Signed(cover="From:Subject")), "does not cover the content-type"),
    "encoding added": (b"Content-Transfer-Encoding: base64\r\n" + a_mail(), "does not cover the content-transfer"),
    "second subject": (b"Subject: You won\r\n" + a_mail(), "more than one subject"),
    "second form": (b"Content-Type: text/html\r\n" + a_mail(), "more than one content-type"),
    "tag twice": (a_mail(Signed(tags={" d": "linkedin.com"})), "no signature by linkedin"),
    "other version": (a_mail(Signed(tags={"v": "2"})), "no known version"),
    "identity elsewhere": (a_mail(Signed(tags={"i": "@other.example"})), "no way that is known"),
    "key by other means": (a_mail(Signed(tags={"q": "http"})), "no way that is known"),
    "longer than any real one": (a_mail(Signed(tags={"z": "x" * 4096})), "no signature by linkedin"),
    "covers too many fields": (a_mail(Signed(cover=COVER + ":x" * 100)), "more header fields"),
    "no hash": (a_mail(Signed(tags={"bh": ""})), "damaged"),
    "unknown form": (a_mail(Signed(tags={"c": "loose"})), "damaged"),
    "selector of many words": (a_mail(Signed(selector="a b")), "no way that is known"),
    "selector with an empty label": (a_mail(Signed(selector="a..b")), "no way that is known"),
    "selector too long": (a_mail(Signed(selector=".".join(["a" * 63] * 4))), "no way that is known"),
    "no key any more": (a_mail(Signed(selector="gone")), "no longer in DNS"),
    "the fifth of five": (a_mail(*[Signed(selector="gone")] * 4, Signed()), "no longer in DNS"),
    "field name with a blank": (a_mail().replace(b"From: ", b"From : "), "too broken"),
    "second sender that some programs read": (b"From : x@other.example\r\n" + a_mail(), "too broken"),
    "body hidden in a field": (b"X: y\r\rClick on this\r\n" + a_mail(), "too broken"),
    "field of no mail": (b"Fr\x00om: x@other.example\r\n" + a_mail(), "too broken"),
    "not a mail": (b"\x00\xff", "too broken"),
    "nothing": (b"", "too broken"),
    "larger than is read": (a_mail(body=b"x" * (1 << 20)), "too large"),
    "header larger than is read": (b"X: " + b"x" * (1 << 16) + b"\r\n" + a_mail(), "too large"),
}


@pytest.mark.parametrize(("mail", "why"), OPEN.values(), ids=OPEN.keys())
def test_what_proves_nothing_stays_open(mail: bytes, why: str) -> None:
    found = checked(mail)
    assert (found.authentic, found.again) == (UNKNOWN, False)
    assert why in found.why


# A modulus of 1016 bits, in the bare form of RFC 8017.
SHORT = b"p=" + base64.b64encode(b"\x30\x81\x86\x02\x7f" + b"\x7f" * 127 + b"\x02\x03\x01\x00\x01")

KEYS = {
    "empty": (b"", "no DKIM key"),
    "garbage": (b"\xff\x00=;;=", "no DKIM key"),
    "another text": (b"v=spf1 -all", "no DKIM key"),
    "no base64": (b"v=DKIM1; p=@@@", "no DKIM key"),
    "no key inside": (b"v=DKIM1; p=AAAA", "no DKIM key"),
    "cut short": (record(a_key())[:-60], "no DKIM key"),
    "too long": (record(a_key()) + b" " * 5000, "no DKIM key"),
    "withdrawn": (b"v=DKIM1; p=", "withdrawn"),
    "too short": (SHORT, "too short"),
    "other version": (record(a_key(), "v=DKIM2; "), "no DKIM key"),
    "other kind": (record(a_key(), "v=DKIM1; k=ed25519; "), "another kind"),
    "for SHA-1": (record(a_key(), "h=sha1; "), "this kind of signature"),
    "for other uses": (record(a_key(), "s=tlsrpt; "), "not for mail"),
    "for tests": (record(a_key(), "t=y; "), "tests only"),
}


@pytest.mark.parametrize(("key", "why"), KEYS.values(), ids=KEYS.keys())
def test_a_key_that_cannot_vouch_proves_nothing(key: bytes, why: str) -> None:
    found = checked(a_mail(), the_keys(key))
    assert (found.authentic, found.again) == (UNKNOWN, False)
    assert why in found.why


def test_a_usable_key_beside_others_is_found() -> None:
    assert checked(a_mail(), the_keys(b"v=spf1 -all", record(a_key(), "h=sha1:sha256; s=*; n=x; "))).authentic is PASS


def test_only_the_first_records_of_a_name_are_looked_at() -> None:
    assert checked(a_mail(), the_keys(*[b"v=spf1 -all"] * 4, record(a_key()))).authentic is UNKNOWN


def test_a_key_for_its_own_domain_alone_vouches_for_none_below() -> None:
    strict = the_keys(record(a_key(), "t=s; "))
    assert checked(a_mail(), strict).authentic is PASS
    assert checked(a_mail(Signed(tags={"i": "@mail.linkedin.com"})), strict).authentic is UNKNOWN


SILENT = "silent._domainkey.linkedin.com"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (Signed(selector="gone"), (UNKNOWN, True)),
        (Signed(key=a_key(number=1)), (UNKNOWN, True)),
        (Signed(), (PASS, False)),
    ],
    ids=["no key", "wrong", "right"],
)
def test_when_dns_fails_the_mail_is_tried_again_unless_another_signature_settles_it(
    second: Signed, expected: tuple[Authentic, bool]
) -> None:
    found = checked(a_mail(Signed(selector="silent"), second), the_keys(failing=frozenset({SILENT})))
    assert (found.authentic, found.again) == expected


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(Signed(domain="attacker.example")),
        a_mail(Signed(domain="linkedin.com.attacker.example")),
        a_mail(Signed(domain="attacker.example/.linkedin.com")),
        a_mail(Signed(selector="x.attacker.example.")),
        a_mail(Signed(selector="x\x00y")),
        a_mail(fields=with_("From", "t@attacker.example")),
        a_mail(Signed(tags={"l": "1"})),
    ],
    ids=["stranger", "longer name", "slash", "selector leads away", "NUL", "other sender", "body length"],
)
def test_what_cannot_count_is_never_asked_of_dns(mail: bytes) -> None:
    keys = the_keys()
    checked(mail, keys)
    assert keys.asked == []


def test_no_mail_causes_more_than_four_questions() -> None:
    keys = the_keys()
    checked(a_mail(*[Signed(selector=f"s{number}") for number in range(30)]), keys)
    assert keys.asked == [f"s{number}._domainkey.linkedin.com" for number in range(4)]


PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([
        b"\r", b"\n", b"\r\n\r\n", b"\r\n ", b";", b" b=", b"; l=5", b"; x=1", b"From: x@other.example\r\n", b"\x00",
        b"Subject: y\r\n", b"Content-Type: text/html\r\n", b"Content-Transfer-Encoding: base64\r\n", b"--cut\r\n",
        b"DKIM-Signature: ", b"d=linkedin.com;", b":", b"=",
    ]),
)  # fmt: skip
ORIGINAL = a_mail(Signed(), Signed(domain="mailb.linkedin.com"))


def what_is_read(mail: bytes) -> tuple[object, ...]:
    read = message.parse(mail)
    return (read.senders, read.subject, read.date, *(" ".join((text or "").split()) for text in (read.text, read.html)))


@settings(max_examples=600)
@given(st.lists(st.tuples(st.integers(0, len(ORIGINAL)), st.integers(0, 40), PIECES), min_size=1, max_size=4))
@example([(0, 0, b"\r\n")])
@example([(0, 0, b" ")])
def test_a_changed_mail_never_raises_and_passes_only_where_it_reads_the_same(
    edits: list[tuple[int, int, bytes]],
) -> None:
    mail = ORIGINAL
    for start, length, piece in edits:
        mail = mail[:start] + piece + mail[start + length :]
    if checked(mail).authentic is PASS:
        assert what_is_read(mail) == what_is_read(ORIGINAL)


@settings(max_examples=200)
@given(st.binary(max_size=600))
def test_no_key_record_raises_nor_proves(key: bytes) -> None:
    assert checked(a_mail(), the_keys(key)).authentic is UNKNOWN


@settings(max_examples=300)
@given(st.text("abdhilqstvx=;: \t\r\n019/+-.", max_size=300))
def test_no_signature_raises_nor_proves(tags: str) -> None:
    line = f"DKIM-Signature: d=linkedin.com; {tags}\r\n".encode()
    assert checked(line + BARE).authentic is not PASS
