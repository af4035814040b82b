"""An invitation, its verdict and a rendered text become the bytes of a draft.

The draft opens in mail programs as an editable reply in the invitation's thread: `In-Reply-To` and `References`
name it, the subject is kept with one `Re: `. No header tells of this program. Where an answer by mail reaches nobody
there is no `To`, and a marked block says so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, AddressHeader, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from watcher.domain.kinds import Because, RouteBy, VerdictKind
from watcher.domain.message import one_line
from watcher.domain.values import Draft, Invitation, Person, Reading, Route, Verdict
from watcher.errors import GiveUp

PASTE = "paste-on-linkedin"
"""The template that ends a draft which is not to be mailed."""

KNOWN = "known"
"""The template for people one knows. A language may lack it: they are then skipped."""

MAX_REFERENCES = 20
MAX_NAME = 200
MAX_SUBJECT = 500  # the library needs seconds to write a long one as encoded words
MAX_ADDRESS = 254
MAX_LINE = 76  # of an encoded word in a header, and of quoted-printable text (RFC 2045 §6.7)
_RE = re.compile(r"^(?:\s*(?:re|aw|sv|vs|antw|odp|rif|res|ynt|回复|回覆)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE)


class _HeaderClasses(HeaderRegistry):
    """The class of each header a draft has, made once: the library makes it anew each time, which takes longest."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


class _Policy(EmailPolicy):
    """How a draft is written: what may hold encoded words is folded, and a Message-ID stays whole.

    An encoded word has at most 75 characters, its line 76 (RFC 2047 §2). The library's own folding loses blanks
    between words, and the quotes of a long name, whose pieces then are recipients; it encodes long Message-IDs.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header as it stands on the wire."""
        is_short = value.isascii() and len(f"{name}: {value}") <= MAX_LINE
        if is_short or name not in {"From", "To", "Subject"}:
            return super().fold_binary(name, value)
        folded = _header(name, value).encode(splitchars=" ", linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


_POLICY = _Policy(linesep="\r\n", header_factory=_HeaderClasses(), max_line_length=MAX_LINE)

# Lines of 998 octets are the limit of RFC 5322 §2.1.1, for the headers that are not folded.
_WIRE = _POLICY.clone(max_line_length=998)


def template_name(verdict: Verdict) -> str:
    """Which reply template answers this verdict."""
    if verdict.kind is VerdictKind.GENERIC and verdict.because is Because.BOILERPLATE:
        return "boilerplate"
    return {
        VerdictKind.GENERIC: "generic",
        VerdictKind.PERSONALISED: "personalised",
        VerdictKind.UNSURE: "unsure",
    }[verdict.kind]


def template_values(reading: Reading, invitation: Invitation, me: Person, language: str) -> Mapping[str, object]:
    """What a template may name; documented in docs/templates.md."""
    assert reading.verdict is not None, "an invitation is always judged"
    assert reading.route is not None, "an invitation always has a route"
    return {
        "inviter": {**asdict(invitation.inviter), "greeting": invitation.inviter.greeting},
        "note": invitation.note,
        "verdict": str(reading.verdict.kind),
        "because": str(reading.verdict.because),
        "language": language,
        "subject": reading.source.subject,
        "url": reading.route.url,
        "me": {**asdict(me), "first_name": me.first_name},
    }


def subject_for(subject: str, inviter_name: str) -> str:
    """The invitation's subject with exactly one `Re: `."""
    bare = _RE.sub("", _words(subject))
    return _cut(f"Re: {bare or f'LinkedIn: {inviter_name}'}")


def _cut(subject: str) -> str:
    """A subject as it may stand in a header."""
    return _words(subject)[:MAX_SUBJECT].rstrip()


def body_for(route: Route, text: str, paste_block: str) -> str:
    """What the draft says; the marked block ends it where it is not to be mailed."""
    return text if route.by is RouteBy.EMAIL else f"{text.rstrip()}\n\n{paste_block}"


def compose(  # noqa: PLR0913 - a draft is made of just these
    reading: Reading, invitation: Invitation, *, me: Person, body: str, message_id: str, template: str, language: str,
    now: datetime, subject: str = "",
) -> Draft:  # fmt: skip
    """Build the draft; `subject` is the template's own, where it has one.

    Raises GiveUp where an address of the mail cannot stand in a header.
    """
    mail = EmailMessage(policy=_POLICY)
    _address(mail, "From", me.name, me.address)
    if reading.route and reading.route.by is RouteBy.EMAIL and reading.route.to:
        _address(mail, "To", invitation.inviter.name, reading.route.to)
    mail["Subject"] = _cut(subject) or subject_for(reading.source.subject, invitation.inviter.name)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    _thread(mail, reading)
    return _written(mail, body, template, language)


def to_oneself(me: Person, subject: str, body: str, *, message_id: str, now: datetime) -> Draft:
    """A draft from a person to the same person, which answers nothing. Raises GiveUp as `compose` does."""
    mail = EmailMessage(policy=_POLICY)
    _address(mail, "From", me.name, me.address)
    _address(mail, "To", me.name, me.address)
    mail["Subject"] = _cut(subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    return _written(mail, body, "", "en")


def _written(mail: EmailMessage, body: str, template: str, language: str) -> Draft:
    mail.set_content(body, charset="utf-8", cte="quoted-printable")
    content = mail.as_bytes(policy=_WIRE)
    return Draft(content, str(mail["Message-ID"]), hashlib.sha256(content).hexdigest(), template, language)


def _words(text: str) -> str:
    """Text as it may stand in a header: the library would decode an encoded word in it, line breaks and all."""
    return one_line(text).replace("=?", "= ?")


def _header(name: str, value: str) -> Header:
    """What a From, To or Subject says, to be folded at its blanks."""
    header = Header(header_name=name, maxlinelen=MAX_LINE)
    who = value.addresses[0] if isinstance(value, AddressHeader) else None
    words = who.display_name if who else str(value)
    if _folds_at_blanks(words):
        header.append(str(value))
        return header
    header.append(words, "utf-8")
    if who:
        header.append(f"<{who.addr_spec}>")
    return header


def _folds_at_blanks(words: str) -> bool:
    # Before a word as long as a line the library would leave the header's own line empty.
    return words.isascii() and all(len(word) <= MAX_LINE - len("Subject: ") for word in words.split())


def _address(mail: EmailMessage, header: str, name: str, address: str) -> None:
    refused = GiveUp(f"{address[:MAX_ADDRESS]!r} cannot stand in the {header} of a draft")
    if len(address) > MAX_ADDRESS or "=?" in address or not address.isascii():
        raise refused
    try:
        mail[header] = Address(display_name=_words(name)[:MAX_NAME], addr_spec=address)
    except Exception as error:  # the parser raises IndexError and AttributeError too
        raise refused from error


def _thread(mail: EmailMessage, reading: Reading) -> None:
    """RFC 5322 §3.6.4: References is the parent's References and the parent's Message-ID."""
    parent = reading.source.message_id
    if parent is None or not _is_plain(parent):
        return
    mail["In-Reply-To"] = parent
    references = [*filter(_is_plain, reading.source.references[-MAX_REFERENCES:]), parent]
    mail["References"] = " ".join(dict.fromkeys(references))


def _is_plain(message_id: str) -> bool:
    return message_id.isascii() and message_id.isprintable() and "=?" not in message_id
