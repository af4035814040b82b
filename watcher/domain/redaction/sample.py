"""A whole mail, part by part: parts, header names and boundaries stay in their order, attachments are left out."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as EmailMessage
from email.utils import collapse_rfc2231_value

from watcher.domain import message, reading
from watcher.domain.message import MAX_HEADER_BLOCK, MAX_MESSAGE, MAX_PARTS, MAX_TEXT
from watcher.domain.reading import Trust
from watcher.domain.redaction.addresses import Addresses
from watcher.domain.redaction.headers import Headers
from watcher.domain.redaction.inventions import Inventions
from watcher.domain.redaction.lines import Lines
from watcher.domain.redaction.markup import Markup, without_controls
from watcher.domain.redaction.people import people
from watcher.domain.redaction.urls import Links

MAX_DEPTH = 20

_KEPT_PARAMETERS = frozenset("format delsp report-type type micalg protocol".split())


def redact(content: bytes) -> bytes:
    """The mail as a sample; never raises."""
    lines = "\n".join(_mail_lines(content[:MAX_MESSAGE], _sample(content)))
    octets = lines.encode("utf-8", "replace")
    return octets.replace(b"\n", b"\r\n") if b"\r\n" in content[:MAX_HEADER_BLOCK] else octets


def _sample(content: bytes) -> _Sample:
    mail = message.parse(content)
    read = reading.read(mail, Trust())
    spoken_of = people(mail, read)
    inventions = Inventions()
    addresses = Addresses(spoken_of, inventions)
    links = Links(addresses, inventions)
    lines = Lines(read.kind, spoken_of.names, addresses, links, inventions)
    headers = Headers(spoken_of.names, addresses, links, lines, inventions)
    return _Sample(headers, lines, Markup(lines, links), inventions)


def _mail_lines(content: bytes, sample: _Sample) -> list[str]:
    try:
        return list(sample.part(message_from_bytes(content, policy=message.BOUNDED), 0))
    except Exception:  # noqa: BLE001 - the library raises anything on hostile mail: nothing of it is shown then
        return ["", "[a mail that cannot be read was left out]", ""]


@dataclass(slots=True)
class _Sample:
    """One mail on its way into a sample, and how many of its parts were seen."""

    headers: Headers
    lines: Lines
    markup: Markup
    inventions: Inventions
    parts: int = field(default=0, init=False)

    def part(self, part: EmailMessage, depth: int) -> Iterator[str]:
        """A part: its headers, an empty line, its body."""
        self.parts += 1
        if depth > MAX_DEPTH or self.parts > MAX_PARTS * 2:
            yield "\n[the parts beyond were left out]"
        elif part.get_content_maintype() == "multipart" and part.is_multipart():
            yield from self._multipart(part, depth)
        elif message.is_text(part):
            yield from self._headers(part, {"content-transfer-encoding": "quoted-printable"}, "utf-8")
            yield _quoted_printable(self._words(part))
        else:
            yield from self._headers(part, {"content-transfer-encoding": "7bit"}, None)
            yield f"[an attachment was left out: {len(str(part.get_payload())):,} characters]\n"

    def _multipart(self, part: EmailMessage, depth: int) -> Iterator[str]:
        boundary = self.inventions.shape(_boundary(part))
        yield from self._headers(part, {}, None)
        for inner in part.get_payload():
            if isinstance(inner, EmailMessage):
                yield f"--{boundary}"
                yield from self.part(inner, depth + 1)
        yield f"--{boundary}--\n"

    def _headers(self, part: EmailMessage, set_to: Mapping[str, str], charset: str | None) -> Iterator[str]:
        missing = dict(set_to)
        for name, value in _fields(part):
            known = name.lower()
            missing.pop(known, None)
            if known == "content-type":
                yield f"{name}: {self._content_type(part, charset)}"
            else:
                yield f"{name}: {set_to.get(known) or self.headers.value(known, value)}"
        yield from (f"{name.title()}: {value}" for name, value in missing.items())
        yield ""

    def _content_type(self, part: EmailMessage, charset: str | None) -> str:
        shown = part.get_content_type()
        for name, value in _parameters(part):
            if name == "boundary":
                shown += f';\n\tboundary="{self.inventions.shape(_boundary(part))}"'
            elif name != "charset":
                stays = name in _KEPT_PARAMETERS and value.isalnum()
                shown += f'; {name}="{value if stays else self.inventions.shape(value)}"'
        return shown + (f"; charset={charset}" if charset else "")

    def _words(self, part: EmailMessage) -> str:
        body = part.get_payload(decode=True)
        octets = body if isinstance(body, bytes) else b""
        text = message.decode_bytes(octets[:MAX_TEXT], str(part.get_content_charset() or "ascii"))
        text = without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
        return self.markup.document(text) if part.get_content_type() == "text/html" else self.lines.text(text)


def _fields(part: EmailMessage) -> Iterator[tuple[str, str]]:
    """Name and value of the headers, within the room that a header block has."""
    room = MAX_HEADER_BLOCK
    for name, raw in part.raw_items():
        value = without_controls(_readable(str(raw)).replace("\r\n", "\n"))
        room -= len(value)
        if room >= 0 and re.fullmatch(r"[!-9;-~]{1,76}", name):
            yield name, value


def _readable(value: str) -> str:
    return message.decode_bytes(value.encode("utf-8", "surrogateescape"), "utf-8")


def _parameters(part: EmailMessage) -> list[tuple[str, str]]:
    found = part.get_params(failobj=[])[1:9]
    named = [(name.lower(), _plain_value(value)) for name, value in found]
    return [(name, value) for name, value in named if re.fullmatch(r"[a-z-]{1,20}", name)]


def _plain_value(value: str | tuple[str | None, str | None, str]) -> str:
    text = collapse_rfc2231_value(value)
    return re.sub(r'["\\\n]', "_", text[:200])


def _boundary(part: EmailMessage) -> str:
    return re.sub(r"[^\w'()+,./:=?-]", "_", part.get_boundary() or "cut", flags=re.ASCII)[:70]


def _quoted_printable(text: str) -> str:
    encoded = b2a_qp(text.encode("utf-8", "replace"), istext=True).decode("ascii")
    # Not to be taken for a boundary, nor for the next mail of a mailbox file.
    return re.sub(r"^(?:-(?=-)|F(?=rom ))", lambda found: f"={ord(found.group()):02X}", encoded, flags=re.MULTILINE)
