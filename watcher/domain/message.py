"""Raw bytes become one frozen Message, within limits, and never raise.

Whatever a mail claims is bounded before it is looked at: sizes, the number of headers and parts, nesting. What had to
be cut or guessed is said in `problems`. Real mail breaks Python's `email` in about two of a hundred fuzzed messages
(parsing and header decoding both), so both are done here and nowhere else: the one guarded, the other without it.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from codecs import lookup
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as EmailMessage
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from inspect import signature
from itertools import groupby, islice

from watcher.domain.raw import RawMessage, RawPart

MAX_MESSAGE = 1 << 20
MAX_HEADER_BLOCK = 64 << 10
MAX_HEADER = 16 << 10
MAX_ADDRESSES = 4 << 10
MAX_PARTS = 50
MAX_TEXT = 256 << 10

# The library reads parameters in a time that grows with the square of their length, and looks at every line once for
# every level it stands in; each part takes some two kilobytes of memory.
MAX_PART_HEADER = 2 << 10
MAX_MULTIPARTS = 20
MAX_BOUNDARIES = 5000

# Codecs of Python's that are no charsets of mail; and the one that mail names where it means Windows-1252.
_NOT_MEANT = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "iso8859-1"})
_WINDOWS_1252 = {octet: bytes([octet]).decode("cp1252", "ignore") or chr(octet) for octet in range(0x80, 0xA0)}

Headers = tuple[tuple[str, str], ...]

# Since CVE-2023-27043 Python gives up a whole header for one bare bracket in a name. What is taken apart wrongly has
# more senders than one, which is told here; so every Python reads alike.
_CAN_BE_LENIENT = "strict" in signature(getaddresses).parameters
_PARSE_ADDRESSES = partial(getaddresses, strict=False) if _CAN_BE_LENIENT else getaddresses

# Controls, half surrogate pairs, and the two separators that end a line: all of Unicode's Cc, Cs, Zl and Zp.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


# RFC 2047 §2, and what real mail makes of it: blanks, question marks and raw letters within.
_WORD = re.compile(r"=\?([^?\s]*)\?([bq])\?(.*?)\?=", re.IGNORECASE)
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s*{_WORD.pattern})*", re.IGNORECASE)

_MULTIPART = re.compile(rb"[\r\n]content-type[ \t]*:\s*multipart/", re.IGNORECASE)
_BOUNDARY = re.compile(rb"[\r\n]--")


class _Bounded(Compat32):
    """How the library reads a mail's structure: with the beginning of each header."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of one header."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_PART_HEADER]


class _Alone(_Bounded):
    """And no mail within the mail."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of one header."""
        name, value = super().header_source_parse(sourcelines)
        is_mail = name.lower() == "content-type" and value.strip().lower().startswith("message/")
        return name, "application/octet-stream" if is_mail else value


BOUNDED = _Bounded()
_ALONE = _Alone()


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header; `address` in lower case, `name` decoded."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the last @."""
        return self.address.rpartition("@")[2]

    @property
    def local(self) -> str:
        """What stands before the last @."""
        return self.address.rpartition("@")[0]


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, decoded: header names in lower case and in the mail's order, texts with LF line ends.

    `in_reply_to`: the last that its field names, since in old mail an address may stand before it (RFC 5322 §4.5.4).
    """

    headers: Headers
    senders: tuple[Address, ...]
    subject: str
    message_id: str | None
    references: tuple[str, ...]
    in_reply_to: str | None
    date: datetime | None
    text: str | None
    html: str | None
    problems: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of one header, topmost first."""
        return tuple(value for known, value in self.headers if known == name)

    def first(self, name: str) -> str | None:
        """The topmost value of one header."""
        return next(iter(self.all(name)), None)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of one address header."""
        return _addresses(self.first(name) or "")

    def message_ids(self, name: str) -> tuple[str, ...]:
        """The Message-IDs of one header, in its order; and whatever else stands in angle brackets there."""
        return _message_ids(self.first(name) or "")


def parse(content: bytes) -> Message:
    """Read a whole mail from its bytes."""
    return assemble(split(content))


def split(content: bytes) -> RawMessage:
    """Find the header block and the text parts of a whole mail; attachments and attached mails are left alone."""
    bounded = content[:MAX_MESSAGE]
    header, body = _halves(bounded)
    try:
        mail = message_from_bytes(_few_parts(_fields_alone(header) + body), policy=_ALONE)
        parts = tuple(_text_parts(mail))
    except Exception:  # noqa: BLE001 - the parser raises anything on hostile mail; the header is still read
        parts = ()
    return RawMessage(header, parts, len(content))


def assemble(raw: RawMessage) -> Message:
    """Decode a header block and text parts, from a file or from a FETCH alike."""
    headers = _headers(raw.header)
    values = dict(reversed(headers))
    return Message(
        headers=headers,
        senders=_senders(", ".join(value for name, value in headers if name == "from")),
        subject=decode_words(values.get("subject", "")),
        message_id=_message_id(values.get("message-id", "")),
        references=_message_ids(values.get("references", "")),
        in_reply_to=next(reversed(_message_ids(values.get("in-reply-to", ""))), None),
        date=_date(values.get("date", "")),
        text=_body(raw.parts, "text/plain"),
        html=_body(raw.parts, "text/html"),
        problems=_problems(raw, headers),
    )


def taken_in(mail: Message) -> datetime | None:
    """When the mailbox's own server took a mail in, by its own clock: the end of the topmost Received line."""
    received = mail.first("received")
    return _date(received.rpartition(";")[2].strip()) if received else None


def decode_words(value: str) -> str:
    """Decode the encoded words of RFC 2047 in a header value; what cannot be decoded stays as it stands."""
    # The library's decode_header makes \u0141 of a raw letter beside or within an encoded word.
    return one_line(_WORDS.sub(_decoded_words, value))


def one_line(value: str) -> str:
    """Without controls and with single blanks: an encoded line break in a name must not start a header."""
    return " ".join(_CONTROLS.sub(" ", value).split())


def _halves(content: bytes) -> tuple[bytes, bytes]:
    """The header block, and the rest from the empty line on; a mail that was cut before it has no text."""
    end = re.search(rb"(?:\A|\r?\n)\r?\n", content[: MAX_HEADER_BLOCK * 4])
    return (content[: end.start()], content[end.start() :]) if end else (content[: MAX_HEADER_BLOCK * 4], b"")


def _fields_alone(header: bytes) -> bytes:
    # The library takes the first line that is no field for the text's beginning, and all headers below it for text.
    lines = re.split(rb"(?<=\n)", header)
    return b"".join(line for line in lines if re.match(rb"[ \t]|[^\s:]+[ \t]*:", line))


def _few_parts(content: bytes) -> bytes:
    """The beginning of a mail, up to more levels or parts than real mail has."""
    plain = content.lower()
    limits = ((b"multipart/", _MULTIPART, MAX_MULTIPARTS), (b"--", _BOUNDARY, MAX_BOUNDARIES))
    marks = ((mark.finditer(content), most) for word, mark, most in limits if plain.count(word) > most)
    cuts = (next(islice(found, most, None), None) for found, most in marks)
    return content[: min((cut.start() for cut in cuts if cut), default=len(content))]


def _headers(block: bytes) -> Headers:
    text = _whole_letters(block).replace(b"\r\n", b"\n").replace(b"\x00", b"")
    unfolded = re.sub(rb"\n[ \t]+", b" ", text)
    # Field by field: one octet of Latin-1 in a server's comment must not garble the names beside it.
    return tuple(_fields(map(_utf8_or_windows, unfolded.split(b"\n"))))


def _whole_letters(block: bytes) -> bytes:
    """What is read of a header block; where it was cut, by us or by a FETCH, without the letter that was cut."""
    bounded = block[:MAX_HEADER_BLOCK]
    return bounded if len(bounded) < MAX_HEADER_BLOCK else re.sub(rb"[\xc0-\xff][\x80-\xbf]{0,3}\Z", b"", bounded)


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name and " " not in name:
            yield name.lower(), one_line(_kept(name.lower(), value))


def _kept(name: str, value: str) -> str:
    # The last of the References is the parent (RFC 5322 §3.6.4), so what is too much is the oldest.
    return value[-MAX_HEADER:] if name == "references" else value[:MAX_HEADER]


def _decoded_words(run: re.Match[str]) -> str:
    """The text of encoded words that follow each other; a letter may begin in one and end in the next."""
    words = groupby(_WORD.findall(run.group()), key=lambda word: word[0].lower())
    try:
        return "".join(decode_bytes(b"".join(_octets(*word) for _, *word in same), charset) for charset, same in words)
    except binascii.Error:
        return run.group()


def _octets(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(octets, header=True)
    return base64.b64decode(octets + b"=" * (-len(octets) % 4))


def _addresses(value: str) -> tuple[Address, ...]:
    # Bounded first: getaddresses needs seconds for a To header of some hundred kilobytes.
    try:
        pairs = _PARSE_ADDRESSES([value[:MAX_ADDRESSES]])
    except Exception:  # noqa: BLE001 - `To: (c):` is an IndexError inside the standard library
        return ()
    return tuple(Address(decode_words(name), one_line(address).lower()) for name, address in pairs if address)


def _senders(value: str) -> tuple[Address, ...]:
    """Who a mail is from. A name with a bare comma or bracket falls into pieces: what holds no @ is no sender."""
    found = _addresses(value)
    real = tuple(one for one in found if "@" in one.address)
    if len(real) != 1 or len(found) == 1:
        return real or found
    name = decode_words(value[:MAX_ADDRESSES].rpartition("<")[0]).strip('" ')
    return (Address(name or real[0].name, real[0].address),)


def _message_ids(value: str) -> tuple[str, ...]:
    return tuple(re.findall(r"<[^<>\s]{1,900}>", value))


def _message_id(value: str) -> str | None:
    return next(iter(_message_ids(value)), None)


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _text_parts(mail: EmailMessage) -> Iterator[RawPart]:
    for part in islice(_leaves(mail), MAX_PARTS):
        if is_text(part):
            yield _raw_part(part)


def _leaves(mail: EmailMessage) -> Iterator[EmailMessage]:
    """What has no parts of its own. An attached mail counts as one: its words are not this mail's."""
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in mail.get_payload():
            if isinstance(part, EmailMessage):
                yield from _leaves(part)
    else:
        yield mail


def is_text(part: EmailMessage) -> bool:
    """Whether a part holds words of the mail itself."""
    return part.get_content_type() in {"text/plain", "text/html"} and not _is_attached(part)


def _is_attached(part: EmailMessage) -> bool:
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _raw_part(part: EmailMessage) -> RawPart:
    # The library undoes the transfer encoding here, so none is left to name.
    body = part.get_payload(decode=True)
    charset = str(part.get_content_charset() or "")
    return RawPart(part.get_content_type(), charset, "8bit", body if isinstance(body, bytes) else b"")


def _body(parts: tuple[RawPart, ...], content_type: str) -> str | None:
    bodies = [_decoded(part) for part in parts if part.content_type == content_type]
    return "\n".join(bodies) if bodies else None


def _decoded(part: RawPart) -> str:
    octets = _transfer_decoded(part.encoding.lower(), part.body[: MAX_TEXT * 2])[:MAX_TEXT]
    text = decode_bytes(octets, part.charset or "ascii")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _transfer_decoded(encoding: str, body: bytes) -> bytes:
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding == "base64":
        return _base64(body)
    return body


def _base64(body: bytes) -> bytes:
    # A FETCH may have cut the part: decode the whole quartets that are there.
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    whole = letters[: len(letters) // 4 * 4]
    rest = letters[len(whole) :]
    try:
        return base64.b64decode(whole) + (base64.b64decode(rest + b"=" * (4 - len(rest))) if len(rest) > 1 else b"")
    except binascii.Error:
        return b""


def decode_bytes(octets: bytes, charset: str) -> str:
    """Text of a declared charset. Mail lies about it: what reads as UTF-8 is UTF-8, the rest falls back.

    ISO-8859-1 and US-ASCII are read as Windows-1252, as the WHATWG's Encoding Standard has it (§4.2, names and labels).
    A language may stand behind the charset of an encoded word (RFC 2231 §5): `iso-8859-2*pl`.
    """
    named = charset.partition("*")[0]
    for candidate in (named, "utf-8", "cp1252") if _is_wide(named) else ("utf-8", named, "cp1252"):
        try:
            if lookup(candidate).name not in _NOT_MEANT:
                return _without_surrogates(octets.decode(candidate))
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return octets.decode("latin-1").translate(_WINDOWS_1252)


def _without_surrogates(text: str) -> str:
    # UTF-7 can spell half a surrogate pair, which no file, terminal or draft can hold.
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_wide(charset: str) -> bool:
    # Charsets in which ASCII octets do not mean ASCII letters.
    return charset.lower().startswith(("utf-16", "utf-32", "utf-7", "iso-2022", "hz"))


def _utf8_or_windows(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return decode_bytes(octets, "")


def _problems(raw: RawMessage, headers: Headers) -> tuple[str, ...]:
    found = []
    if raw.size > MAX_MESSAGE:
        found.append(f"the mail has {raw.size:,} octets: only its beginning was read")
    if len(raw.header) > MAX_HEADER_BLOCK:
        found.append(f"the mail has {len(raw.header):,} octets of headers: only their beginning was read")
    if sum(name == "from" for name, _ in headers) > 1:
        found.append("the mail has more than one From header")
    if not any(part.body.strip() for part in raw.parts):
        found.append("the mail shows no text")
    return tuple(found)
