"""Writes tests/corpus/generated: invented mail in every language LinkedIn is used in, and how each is to be read.

    python tests/corpus/generate.py            writes the mails and expected.jsonl
    python tests/corpus/generate.py --check    says what differs from them, and ends with 1 where something does

The same mails come out every time: each draws from its own name. LinkedIn's words are taken from the program's tables,
people and what they write from invented.toml. What is expected is what was put in; no reader is asked.
"""

import base64
import json
import quopri
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).parent
FOLDER = HERE / "generated"
DATA = files("watcher.domain.data")
AUTHSERV = "mx.example.test"
ALIKE = {"no": ["no", "da"], "da": ["da", "no"], "id": ["id", "ms"], "ms": ["ms", "id"], "hi": ["hi", "mr"]}
UNSPACED = {"ja", "ko", "zh-cn", "zh-tw"}
RIGHT_TO_LEFT = {"ar", "fa", "he"}

Expected = dict[str, Any]
Form = tuple[str, str]  # the subtype of a text part, and its text


# ---------------------------------------------------------------------------------------------- what people write


@dataclass(frozen=True)
class Person:
    """An invented person; `first` is how one greets them, "" where that is open."""

    name: str
    first: str
    job: str
    place: str

    @property
    def called(self) -> str:
        """What LinkedIn signs their notes with."""
        return self.first or self.name


@dataclass(frozen=True)
class Tongue:
    """One language: LinkedIn's words by the part they play, and the words of invented people."""

    code: str
    said: Mapping[str, str]
    own: Mapping[str, Any]
    defaults: tuple[str, ...]

    def says(self, part: str, name: str = "", number: int = 2) -> str:
        """A line of LinkedIn's, filled in; `*` becomes the name too."""
        pattern = self.said[part].replace("{name}", name).replace("{Name}", name).replace("{n}", str(number))
        return pattern.replace("*", name if part == "intended" else "").strip()

    def __getitem__(self, name: str) -> str:
        return str(self.own[name])

    def person(self, index: int) -> Person:
        """One of the people of this language."""
        name, first = self.own["people"][index % 3]
        return Person(name, first, self.own["jobs"][index % 3], self["place"])

    @property
    def me(self) -> Person:
        """Whose mailbox it is."""
        return Person(self["me"], self["me"] if self.code in UNSPACED else self["me"].split()[0], "", self["place"])

    @property
    def greeting(self) -> str:
        """What LinkedIn opens a letter with."""
        called = self.me.called
        if self.code in UNSPACED:
            return {"ja": f"{called}さん、", "ko": f"{called}님,"}.get(self.code, f"{called}，您好：")
        word = self.said["greeting"]
        mark = "،" if self.code in {"ar", "fa"} else ","
        return f"{word} {called}{mark}"


@cache
def tongues() -> tuple[Tongue, ...]:
    """Every language."""
    own = tomllib.loads((HERE / "invented.toml").read_text("utf-8"))
    notes = tomllib.loads(DATA.joinpath("default_notes.toml").read_text("utf-8"))["note"]
    return tuple(
        Tongue(code, _said(code, words), words, tuple(one["text"] for one in notes if one["language"] == code))
        for code, words in own.items()
    )


def tongue(code: str) -> Tongue:
    """One language."""
    return next(one for one in tongues() if one.code == code)


def _said(code: str, own: Mapping[str, Any]) -> Mapping[str, str]:
    """Which of the table's words play which part: the first of their sort."""
    table = tomllib.loads(DATA.joinpath("chrome", f"{code}.toml").read_text("utf-8"))
    plain = list(_patterns(table, "line", ()))
    counted = [at for at, text in enumerate(plain) if "{n}" in text]
    bare = [text for text in plain[: counted[0]] if not set(text) & set("{*")]
    named = [text for text in plain if "{name}" in text and "{n}" not in text]
    asked = list(_patterns(table, "line", ("invitation", "reminder")))
    last = [text for text in _patterns(table, "footer", ()) if not set(text) & set("{*")]
    found = {
        "accept": bare[0], "view": bare[-1], "accept_of": named[0], "view_of": named[-1], "mutual": plain[counted[0]],
        "pymk": plain[counted[-1] + 1] if counted[-1] + 1 < len(plain) else "", "asks": asked[0],
        "waits": next(text for text in asked if "LinkedIn" not in text and "领英" not in text),
        "request": next(iter(_patterns(table, "line", ("invitation",))), asked[0]),
        "accepted": next(_patterns(table, "phrase", ("accepted",))),
        "intended": next(text for text in _patterns(table, "footer", ()) if "*" in text and "LinkedIn" not in text),
        "unsubscribe": last[-2], "help": last[-1], "greeting": table["greeting"][0]["words"][0],
        "via": table["via"][0]["patterns"][0],
    }  # fmt: skip
    for kind in ("invitation", "reminder", "accepted", "digest", "message"):
        found[f"subject {kind}"] = next(text for text in _patterns(table, "subject", (kind,)) if text[0] != "^")
    for kinds in (("invitation", "reminder"), ("accepted",), ("message",), ("other",)):
        found[f"footer {kinds[0]}"] = next(_patterns(table, "footer", kinds))
    return {**found, **own.get("labels", {})}


def _patterns(table: Mapping[str, Any], name: str, kinds: tuple[str, ...]) -> Iterator[str]:
    for entry in table[name]:
        if tuple(entry.get("kinds", ())) == kinds:
            yield from entry["patterns"]


# ------------------------------------------------------------------------------------------------ how it is sent


@dataclass
class Mail:
    """A mail being written: each draws its numbers from its own name."""

    name: str
    tongue: Tongue
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"invitation-watcher {self.name}")
        self.at = datetime(2010, 3, 1, tzinfo=UTC)

    def era(self, first: int, last: int) -> "Mail":
        """Set when it was sent."""
        days = (last - first + 1) * 365 - 1
        day = self.random.randrange(days)
        self.at = datetime(first, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=self.random.randrange(86400))
        return self

    def digits(self, count: int) -> str:
        """A number."""
        return str(self.random.randrange(1, 10)) + "".join(str(self.random.randrange(10)) for _ in range(count - 1))

    def token(self, count: int) -> str:
        """Letters as they stand in links."""
        return "".join(self.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789", k=count))

    def machine_id(self) -> str:
        """A Message-ID of LinkedIn's machines of that year."""
        number, run = self.digits(9), self.digits(6)
        moment = int(self.at.timestamp() * 1000) + self.random.randrange(1000)
        if self.at.year < 2015:
            return f"<{number}.{run}.{moment}.JavaMail.app@ela4-app{self.digits(4)}.prod>"
        java = "JavaMail.app@" if self.at.year < 2022 else "@"
        host = f"lva1-app{self.digits(5)}.prod.linkedin.com"
        return f"<{number}.{run}.{moment}.{java}{host}>".replace(".@", "@")


def words(text: str, charset: str = "utf-8", way: str = "q") -> str:
    """A header's text as encoded words, folded; plain where it is ASCII."""
    if text.isascii():
        return text
    pieces, piece = [], ""
    for char in text:
        if piece and len(_word(piece + char, charset, way)) > 70:
            pieces.append(piece)
            piece = ""
        piece += char
    return "\n ".join(_word(one, charset, way) for one in [*pieces, piece])


def _word(text: str, charset: str, way: str) -> str:
    octets = text.encode(charset)
    if way == "b":
        return f"=?{charset}?b?{base64.b64encode(octets).decode()}?="
    shown = "".join(chr(o) if chr(o).isalnum() and o < 128 else "_" if o == 32 else f"={o:02X}" for o in octets)
    return f"=?{charset}?q?{shown}?="


def mailbox(name: str, address: str, charset: str = "utf-8", way: str = "q") -> str:
    """An address header."""
    if not name:
        return f"<{address}>"
    shown = words(name, charset, way)
    plain = shown == name and all(char.isalnum() or char in " -_" for char in name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{shown} <{address}>" if plain or shown != name else f'"{escaped}" <{address}>'


def body(text: str, charset: str, encoding: str) -> bytes:
    """A text part's octets, in its transfer encoding."""
    octets = text.encode(charset)
    if encoding == "quoted-printable":
        return quopri.encodestring(octets)
    return base64.encodebytes(octets) if encoding == "base64" else octets


def part(form: Form, charset: str, encoding: str) -> bytes:
    """A text part with its headers."""
    kind, text = form
    head = f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + body(text, charset, encoding)


def packed(headers: Iterable[tuple[str, str]], forms: list[Form], mail: Mail, charset: str = "utf-8") -> bytes:
    """The whole mail. Which encoding and which line ends: as its name draws."""
    charset = charset if all(_fits(text, charset) for _, text in forms) else "utf-8"
    encoding = _encoding(mail, charset, "".join(text for _, text in forms))
    head = "".join(f"{name}: {value}\n" for name, value in headers) + "MIME-Version: 1.0\n"
    if len(forms) == 1:
        content = head.encode() + part(forms[0], charset, encoding)
    else:
        cut = f"----=_Part_{mail.digits(6)}_{mail.digits(9)}"
        opening = f'Content-Type: multipart/alternative; \n\tboundary="{cut}"\n\n'
        parts = b"".join(f"--{cut}\n".encode() + part(form, charset, encoding) + b"\n" for form in forms)
        content = (head + opening).encode() + parts + f"--{cut}--\n".encode()
    return content.replace(b"\n", b"\r\n") if mail.random.random() < 0.3 else content


def _encoding(mail: Mail, charset: str, text: str) -> str:
    # Three letters for an octet would make mail in most scripts large: it goes in base64 or as it is.
    foreign = sum(ord(char) > 127 for char in text) > len(text) / 8
    ways = ["base64", "8bit"] if foreign else ["quoted-printable", "quoted-printable", "8bit"]
    way = mail.random.choice(ways)
    return "7bit" if text.isascii() and way == "8bit" else way if charset != "iso-2022-jp" else "base64"


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


# ----------------------------------------------------------------------------------------- LinkedIn's own headers

PASSED = f"{AUTHSERV}; dkim=pass header.i=@linkedin.com header.s=d2048-202308-00; dmarc=pass header.from=linkedin.com"
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.77)\n smtp.mailfrom=bounce.linkedin.com; dkim=pass (signature was verified)"
    "\n header.d=linkedin.com;dmarc=pass action=none\n header.from=linkedin.com;compauth=pass reason=100"
)
RESULTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "one": ((PASSED,), "pass"),
    "each signature by itself": (
        (f"{AUTHSERV}; dkim=pass header.i=@mailb.linkedin.com", f" {AUTHSERV}; dkim=pass header.i=@linkedin.com"),
        "pass",
    ),
    "semicolon at its end": (
        (f"{AUTHSERV}; dkim=pass header.i=@linkedin.com header.s=d2048-00; spf=pass; dmarc=pass(p=REJECT);",),
        "pass",
    ),
    "no server named": ((MICROSOFT,), "unknown"),
    "none": ((), "unknown"),
}
RECEIVED = "from mailb-cd.linkedin.com (mailb-cd.linkedin.com [192.0.2.77])\n by mx.example.test with ESMTPS id 4f2c7d;"


def delivered(mail: Mail, results: str) -> list[tuple[str, str]]:
    """What the mailbox's server wrote above a mail."""
    shown, _ = RESULTS[results]
    if not shown:
        return []
    back = ("Return-Path", f"<s-{mail.token(20)}@bounce.linkedin.com>")
    hop = ("Received", f"{RECEIVED} {format_datetime(mail.at)}")
    return [back, *(("Authentication-Results", value) for value in shown), hop]


def linkedin(
    mail: Mail, sender: str, subject: str, key: str, results: str = "one", extra: Iterable[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """The headers of LinkedIn's machine."""
    way = mail.random.choice("qb")
    marks = [("X-LinkedIn-Template", key)] if key else []
    return [
        *delivered(mail, results),
        ("Date", format_datetime(mail.at)),
        ("From", sender),
        *extra,
        ("To", mailbox(mail.tongue.me.name, "me@example.test", way=way)),
        ("Message-ID", mail.machine_id()),
        ("Subject", words(subject, way=way)),
        *marks,
    ]


def expected(mail: Mail, kind: str, authentic: str | list[str], **stated: Any) -> Expected:
    """A line of expected.jsonl; what is not stated is null."""
    person = stated.get("person")
    note, absent = stated.get("note"), list(stated.get("absent", ()))
    invitation = kind in {"invitation", "reminder"}
    missing = ["note"] if invitation and note is None else [] if invitation else ["verdict", "note"]
    shown = {
        "name": person.name if person else None,
        "headline": stated.get("headline"),
        "first_name": (person.first or None) if person else None,
    }
    return {
        "file": f"{mail.name}.eml", "kind": kind, "authentic": authentic, "inviter": shown, "note": note,
        "language": stated.get("language"), "verdict": stated.get("verdict"), "because": stated.get("because"),
        "invitation_id": stated.get("number"), "route": stated.get("route") or {"by": None, "to": None},
        "must_be_null": missing + absent, "known_from": "generated", "grade": "A", "made": mail.made,
    }  # fmt: skip


ON_LINKEDIN = {"by": "linkedin", "to": None}


def by_mail(address: str) -> Mapping[str, str]:
    """The route of an answer that reaches the inviter."""
    return {"by": "email", "to": address}


# ---------------------------------------------------------------------------------------------------- the notes


@dataclass(frozen=True)
class Note:
    """What stands in the inviter's name and how it may be judged; None where nothing does."""

    text: str | None
    verdict: str | list[str]
    because: str | list[str]
    is_default: bool = False


NO_NOTE = Note(None, "generic", "no_note")


def default(t: Tongue, index: int = 0) -> Note:
    """LinkedIn's sentence."""
    return Note(t.defaults[index % min(3, len(t.defaults))], "generic", "default_note", is_default=True)


def reason(text: str) -> Note:
    """Own words with a reason."""
    return own_words(text)


def pitch(text: str) -> Note:
    """Own words that give none."""
    return own_words(text)


def own_words(text: str) -> Note:
    """Words of the inviter's own, never taken for LinkedIn's; how well they are judged is measured on tests/notes."""
    return Note(text, ["unsure", "personalised", "generic"], ["unclear", "reason", "boilerplate"])


def courteous(t: Tongue) -> Note:
    """LinkedIn's sentence between a greeting and a closing."""
    text = f"{t['hello']}\n{t.defaults[0]}\n{t['bye']}"
    return Note(text, ["generic", "unsure"], ["default_note", "unclear"], is_default=True)


# ------------------------------------------------------------------------------------------------------ layouts


def line_url(mail: Mail, path: str, key: str, spot: str) -> str:
    """A link of LinkedIn's as it stood from 2015 on."""
    mid, full = mail.token(14), f"eml-{key}-{spot}"
    return f"https://www.linkedin.com/{path}{'&' if '?' in path else '?'}midToken={mid}&trk={quote(full)}"


def letter(opening: Iterable[str], note: str | None, closing: Iterable[str]) -> str:
    """Paragraphs, with a blank line between them."""
    paragraphs = [*opening, *([note] if note else []), *closing]
    return "\n\n".join(paragraphs) + "\n"


def as_html(text: str) -> str:
    """Words in HTML, line for line."""
    return escape(text, quote=False).replace("\n", "<br>\n")


def slug(mail: Mail) -> str:
    """Where a profile is."""
    return f"member-{mail.token(8).lower()}"


def guest(mail: Mail, person: Person, note: Note, form: str) -> tuple[bytes, Expected]:
    """2009–2013, to an address: in the inviter's own name."""
    mail.era(2009, 2013)
    t, number, address = mail.tongue, mail.digits(10), f"{mail.token(7).lower()}@example.org"
    url = f"https://www.linkedin.com/e/{mail.token(12)}/isd/{number}/{mail.token(8)}/"
    opened = [f"{t.me.called},"] if t.code not in UNSPACED and mail.random.random() < 0.5 else []
    sign = f"- {person.called}" if mail.random.random() < 0.6 else f" {person.called}"
    card = f"{person.name}\n{person.job}\n{person.place}"
    accept = t.says("accept_of", person.name)
    foot = f"--\n{t.says('footer invitation')}\nhttps://www.linkedin.com/e/{mail.token(16)}/goo/\n\n"
    foot += f"(c) {mail.at.year} LinkedIn Corporation. 2029 Stierlin Ct, Mountain View, CA 94043, USA.\n"
    forms = [("plain", letter(opened, note.text, [sign, card, f"{accept}:\n{url}", foot]))]
    if form == "both":
        said = "<br>\n<br>\n".join(as_html(text) for text in [*opened, note.text or "", sign, card] if text)
        forms.append(
            ("html", f'<html><body><p>{said}</p>\n<p><a href="{url}">{escape(accept)}</a></p></body></html>\n')
        )
    charset = t["charset"] if mail.random.random() < 0.7 else "utf-8"
    usable = charset if _fits(person.name + t.says("subject invitation"), charset) else "utf-8"
    sender = mailbox(person.name, address, usable, mail.random.choice("qb"))
    marks = [("Sender", "messages-noreply@bounce.linkedin.com"), ("X-LinkedIn-Class", "INVITE-GUEST")]
    headers = linkedin(mail, sender, t.says("subject invitation"), "", "none", marks)
    told = _told(mail, note, person, headline=person.job, number=number, route=by_mail(address))
    return packed(headers, forms, mail, charset), expected(mail, "invitation", "unknown", **told)


def member(mail: Mail, person: Person, note: Note, form: str) -> tuple[bytes, Expected]:
    """2010–2014, to a member; the address `member@linkedin.com` reaches the inviter."""
    mail.era(2010, 2014)
    t, rule = mail.tongue, "-" * 42
    base = f"http://www.linkedin.com/e/{mail.token(24)}/blk/I{mail.digits(10)}_2/{mail.token(20)}/"
    request, accept = t.says("request", person.name), t.says("accept_of", person.name)
    seen = f"{t.says('view_of', person.name)}\nhttp://www.linkedin.com/e/{mail.token(12)}/rsn/{mail.digits(8)}/"
    opening = [f"LinkedIn\n{'-' * 12}\n\n    {request}:\n\n{rule}", t.greeting]
    foot = f"{rule}\n\n(c) {mail.at.year}, LinkedIn Corporation"
    links = [f"{accept}\n{base}EML_comm_afe/", seen, foot]
    forms = [("plain", letter(opening, note.text, [f"- {person.called}", *links]))]
    if form == "both":
        silent = note.is_default and mail.at.year > 2011
        said = [
            t.greeting,
            *([] if silent or not note.text else [note.text]),
            *([] if silent else [f"- {person.called}"]),
        ]
        paragraph = "<br>\n<br>\n".join(map(as_html, said))
        forms.append(("html", _member_html(request, paragraph, f"{base}EML_comm_afe/", t.says("accept"))))
        mail.made += ["the HTML part drops the default sentence"] if silent else []
    sender = mailbox(person.name, "member@linkedin.com", way=mail.random.choice("qb"))
    results = mail.random.choice(["one", "none"])
    headers = linkedin(mail, sender, t.says("subject invitation"), "", results, [("X-LinkedIn-Class", "INVITE-MBR")])
    told = _told(mail, note, person, route=by_mail("member@linkedin.com"), absent=["invitation_id"])
    charset = t["charset"] if mail.random.random() < 0.4 else "utf-8"
    return packed(headers, forms, mail, charset), expected(mail, "invitation", RESULTS[results][1], **told)


def _member_html(request: str, paragraph: str, url: str, accept: str) -> str:
    return (
        f"<html><body><table><tr><td><h1>LinkedIn</h1>\n<p>{escape(request)}:</p>\n<p>{paragraph}</p>\n"
        f'<table><tr><td><a href="{url}">{escape(accept)}</a></td></tr></table></td></tr></table></body></html>\n'
    )


def m2m(mail: Mail, person: Person, note: Note, form: str, kind: str = "invitation") -> tuple[bytes, Expected]:
    """2014–2016: a letter with a button, by `invitations@linkedin.com`."""
    mail.era(2014, 2016)
    t, number = mail.tongue, mail.digits(19)
    key = mail.random.choice(["M2M_Invitation", "email_m2m_invite_single_01"])
    key = key if kind == "invitation" else "second_guest_reminder_01"
    path = f"comm/people/invite-accept?mboxid=I{mail.digits(19)}_500&sharedKey={mail.token(8)}&invitationId={number}"
    urls = (
        line_url(mail, path, key, "hero-0-accept~cta"),
        line_url(mail, f"comm/in/{slug(mail)}", key, "hero-3-prof~cta"),
    )
    text = letter_2016(mail, person, note, urls, kind)
    shown = {"text": [text], "html": [html_2016(mail, person, note, urls, key)]}
    forms = shown["text"] + shown["html"] if form == "both" else shown[form]
    sender = mailbox(person.name, "invitations@linkedin.com", way=mail.random.choice("qb"))
    results = mail.random.choice(["one", "one", "semicolon at its end", "none"])
    headers = linkedin(
        mail, sender, t.says(f"subject {kind}", person.name), mail.random.choice([key, key, ""]), results
    )
    told = _told(mail, note, person, headline=person.job, number=number, route=ON_LINKEDIN)
    if form == "html" and kind == "invitation":
        told["headline"] = [person.job, None]
    return packed(headers, forms, mail), expected(mail, kind, RESULTS[results][1], **told)


def letter_2016(mail: Mail, person: Person, note: Note, urls: tuple[str, str], kind: str = "invitation") -> Form:
    """The text part that mails of 2014 and later share."""
    t = mail.tongue
    who = f"{person.name}\n{person.job}"
    gap = mail.random.choice(["\n", "\n\n"])
    opening = [f"{t.greeting}{gap}{note.text}" if note.text else t.greeting, who]
    if kind == "reminder":
        opening = [t.greeting, t.says("asks", person.name), who]
    links = [f"{t.says('accept')}: {urls[0]}", f"{t.says('view_of', person.name)}: {urls[1]}"]
    below = [note.text] if kind == "reminder" and note.text else []
    me = f"{t.me.name} (Nordkai)"
    foot = [
        f"{t.says('unsubscribe')}: https://www.linkedin.com/e/v2?e={mail.token(12)}&t=lun",
        t.says("footer invitation"),
    ]
    return "plain", letter(
        [], None, [*opening, *links, *below, "." * 37, *foot, t.says("intended", me), _company(mail)]
    )


def _company(mail: Mail) -> str:
    return f"© {mail.at.year} LinkedIn Corporation, 1000 West Maude Avenue, Sunnyvale, CA 94085."


def html_2016(mail: Mail, person: Person, note: Note, urls: tuple[str, str], key: str) -> Form:
    """The HTML part of 2014–2016: the recipient's name in the head, words, card and button."""
    t = mail.tongue
    home, words_ = line_url(mail, "comm/nhome/", key, "header-7-home"), as_html(note.text or "")
    profile = line_url(mail, "comm/profile/view?id=AC", key, "header-15-profile")
    return "html", (
        f'<html><head><title></title></head><body><div style="overflow:hidden;visibility:hidden;height:0">'
        f"{escape(t.greeting)}&nbsp;{words_}</div>\n<table><tr><td>"
        f'<a href="{home}"><img alt=""></a></td>'
        f'<td><a href="{profile}">{escape(t.me.name)}</a></td></tr></table>\n'
        f"<table><tr><td>{escape(t.greeting)}</td></tr><tr><td>{words_}</td></tr></table>\n"
        f'<table><tr><td><a href="{urls[1]}"><img alt=""></a></td></tr><tr><td>{escape(person.name)}</td></tr>\n'
        f"<tr><td>{escape(person.job)}</td></tr><tr><td>{escape(person.place)}</td></tr>\n"
        f'<tr><td><a href="{urls[1]}">{escape(t.says("view"))}</a></td></tr>\n'
        f'<tr><td><a href="{urls[0]}">{escape(t.says("accept"))}</a></td></tr></table>\n'
        f"<p>{escape(t.says('footer invitation'))}</p><p>{escape(t.says('intended', t.me.name))}</p>\n"
        f"<p>{escape(_company(mail))}</p></body></html>\n"
    )


@dataclass(frozen=True)
class Look:
    """How a card of 2018 and later is set."""

    place: str = "after"  # where the note stands: after the headline, before the name, or last, under the buttons' row
    paragraphs: bool = False
    quoted: bool = False
    linked: bool = False  # addresses in the note are links
    marks: str = ""
    headline: str | None = None
    preheader: str | None = None
    note: Note | None = None  # another note than the text part shows


def card(
    mail: Mail, person: Person, note: Note, form: str, kind: str = "invitation", look: Look | None = None
) -> tuple[bytes, Expected]:
    """2018–2025: each piece at a spot that its link names."""
    mail.era(2018, 2025)
    t, number = mail.tongue, mail.digits(19)
    key = {"invitation": "email_m2m_invite_single_01", "reminder": "email_m2m_invite_reminder_02"}[kind]
    path = f"comm/mynetwork/invite-accept/invitationId/{number}/sharedKey/{mail.token(8)}/"
    profile = slug(mail)
    urls = (
        line_url(mail, path, key, "invitation~card-0-accept~invite"),
        line_url(mail, f"comm/in/{profile}", key, "invitation~card-0-view~profile"),
    )
    look = look or Look()
    pieces = {
        "text": letter_2016(mail, person, note, urls),
        "html": card_html(mail, person, look.note or note, urls, key, look),
    }
    forms = list(pieces.values()) if form == "both" else [pieces[form]]
    sender = mailbox(_sender(mail, person), "invitations@linkedin.com", way=mail.random.choice("qb"))
    results = mail.random.choice([*RESULTS, "one", "one", "one"])
    headers = linkedin(
        mail, sender, t.says(f"subject {kind}", person.name), mail.random.choice([key, key, ""]), results
    )
    told = _told(mail, note, person, headline=person.job, number=number, route=ON_LINKEDIN)
    if look.place == "before" and note.text and form == "html":
        # Above the name nothing tells the inviter's greeting from LinkedIn's.
        told["note"] = [note.text, note.text.removeprefix(f"{t['hello']}\n")]
    return packed(headers, forms, mail), expected(mail, kind, RESULTS[results][1], **told)


def _sender(mail: Mail, person: Person) -> str:
    via = f" {mail.tongue.said['via']}"
    return person.name + mail.random.choice(["", "", via])


def card_html(mail: Mail, person: Person, note: Note, urls: tuple[str, str], key: str, look: Look) -> Form:
    """The card, people one may know below it, and the footer."""
    t = mail.tongue
    spot = f"comm/in/{urls[1].split('/in/')[1].split('?')[0]}"
    name = line_url(mail, spot, key, "invitation~card-0-inviter~name")
    picture = line_url(mail, spot, key, "invitation~card-0-inviter~picture")
    shown = note_html(note.text, look) if note.text else ""
    hidden = escape(look.preheader or t.says("waits", person.name)) + "&#847;&nbsp;" * 20
    before, after = (shown, "") if look.place == "before" else ("", shown)
    direction = ' dir="rtl"' if t.code in RIGHT_TO_LEFT else ""
    headline = person.job if look.headline is None else look.headline
    return "html", (
        f'<html lang="{t.code}"{direction}><head><title></title></head><body><div style="display:none">{hidden}</div>\n'
        f"{_head(mail, key)}<table>{before}<tr><td><a href=\"{picture}\"><img alt=''></a></td></tr>\n"
        f'<tr><td><h3><a href="{name}">{look.marks}{escape(person.name)}{look.marks}</a></h3>'
        f"<div>{escape(headline)}</div><div>{escape(person.place)}</div></td></tr>\n{after}"
        f'{_common(mail, key)}<tr><td><a href="{urls[0]}">{escape(t.says("accept"))}</a></td>'
        f'<td><a href="{urls[1]}">{escape(t.says("view"))}</a></td></tr></table>\n'
        f"{known(mail, key)}{foot(mail, 'invitation')}</body></html>\n"
    )


def note_html(text: str, look: Look) -> str:
    """The inviter's words, as a card might show them."""
    text = f"“{text}”" if look.quoted else text
    if look.paragraphs:
        inner = "".join(f"<p>{as_html(one)}</p>" for one in text.split("\n\n"))
    else:
        inner = f"<div>{as_html(text)}</div>"
    inner = re.sub(r"(https://[^\s<]+)", r'<a href="\1">\1</a>', inner) if look.linked else inner
    return f"<tr><td>{inner}</td></tr>\n"


def _head(mail: Mail, key: str) -> str:
    feed = line_url(mail, "comm/feed/", key, "header-0-home_glimmer")
    return f"<table><tr><td><a href=\"{feed}\"><img alt=''></a></td></tr></table>\n"


def _common(mail: Mail, key: str) -> str:
    if mail.random.random() < 0.3:
        return ""
    url = line_url(mail, "comm/search/results/people/", key, "connections_in_common-0-view_connections_text")
    shown = escape(mail.tongue.says("mutual", number=mail.random.randrange(2, 60)))
    return f'<tr><td><a href="{url}">{shown}</a></td></tr>\n'


def known(mail: Mail, key: str) -> str:
    """People one may know, with headlines that are not the inviter's."""
    t = mail.tongue
    others = [t.person(mail.random.randrange(3)), Person("Wanda Quist", "Wanda", "Beekeeper and accountant", "")]
    rows = ""
    for at, other in enumerate(mail.random.sample(others, 2)):
        url = line_url(mail, f"comm/in/other-{mail.token(6).lower()}", key, f"pymk-{at}-name")
        rows += f'<div><a href="{url}">{escape(other.name)}</a></div><div>{escape(other.job)}</div>\n'
        cta = url.replace("-name", "-cta")
        rows += f'<div><a href="{cta}">{escape(t.says("view"))}</a></div>\n'
    return f"<h2>{escape(t.says('pymk'))}</h2>\n{rows}"


def foot(mail: Mail, kind: str) -> str:
    """What stands below everything."""
    t = mail.tongue
    stop = f"https://www.linkedin.com/comm/psettings/email-unsubscribe?midToken={mail.token(14)}"
    return (
        f"<p>{escape(t.says('intended', f'{t.me.name} (Nordkai)'))}</p>\n<p>{escape(t.says(f'footer {kind}'))}</p>\n"
        f'<p><a href="{stop}">{escape(t.says("unsubscribe"))}</a> · <a href="{stop}">{escape(t.says("help"))}</a></p>\n'
        f"<p>{escape(_company(mail))}</p>\n"
    )


def _told(mail: Mail, note: Note, person: Person, **more: Any) -> dict[str, Any]:
    """What an invitation's line states."""
    told = {"note": note.text, "verdict": note.verdict, "because": note.because, "person": person}
    return {**told, "language": language(mail.tongue, note), **more}


def language(t: Tongue, note: Note) -> list[str]:
    """The language of own words is told by the words alone: `zh`, and siblings that are written alike."""
    if note.text is None or (note.is_default and note.text in t.defaults):
        return [t.code]
    return [*ALIKE.get(t.code, [t.code]), *([t.code.partition("-")[0]] if "-" in t.code else [])]


# ------------------------------------------------------------------------------------------ LinkedIn's other mail


def other_html(mail: Mail, key: str, lines: Iterable[str], kind: str) -> Form:
    """A page of LinkedIn's around some lines of HTML."""
    t = mail.tongue
    inner = "\n".join(lines)
    return "html", f'<html lang="{t.code}"><body>{_head(mail, key)}{inner}\n{foot(mail, kind)}</body></html>\n'


def _linkedin_mail(
    mail: Mail, sender: str, subject: str, key: str, form: Form, kind: str,
    extra: Iterable[tuple[str, str]] = (), language: object = None,
) -> tuple[bytes, Expected]:  # fmt: skip
    results = mail.random.choice(["one", "one", "each signature by itself", "semicolon at its end", "none"])
    headers = linkedin(mail, sender, subject, key, results, extra)
    shown = language or [mail.tongue.code]
    return packed(headers, [form], mail), expected(mail, kind, RESULTS[results][1], language=shown)


def accepted(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Somebody accepted."""
    mail.era(2016, 2025)
    t, key = mail.tongue, "email_accept_invite_single_01"
    url = line_url(mail, f"comm/in/{slug(mail)}", key, "accepted-0-profile")
    said = t.says("accepted", person.name)
    said = said if person.name in said else f"{person.name} {said}"
    lines = [f"<p>{escape(said)}</p>", f'<a href="{url}">{escape(person.name)}</a>', f"<p>{escape(person.job)}</p>"]
    subject = t.says("subject accepted", person.name)
    subject = subject if person.name in subject else f"{person.name} {subject}"
    sender = mailbox(_sender(mail, person), "invitations@linkedin.com", way=mail.random.choice("qb"))
    return _linkedin_mail(mail, sender, subject, key, other_html(mail, key, lines, "accepted"), "accepted")


def digest(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Several invitations at once."""
    mail.era(2018, 2025)
    t, key, rows = mail.tongue, "email_m2m_invite_digest_02", []
    for at in range(3):
        one = t.person(at)
        path = f"comm/mynetwork/invite-accept/invitationId/{mail.digits(19)}/sharedKey/{mail.token(8)}/"
        url = line_url(mail, path, key, f"invitation~card-{at}-accept~invite")
        rows.append(f"<p>{escape(one.name)}</p><p>{escape(one.job)}</p>")
        rows.append(f'<p><a href="{url}">{escape(t.says("accept"))}</a></p>')
    mail.made.append(f"three invitations, the first of {person.name}")
    subject = t.says("subject digest", number=3)
    sender = mailbox("LinkedIn", "invitations@linkedin.com")
    return _linkedin_mail(mail, sender, subject, key, other_html(mail, key, rows, "invitation"), "digest")


def message(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A member wrote."""
    mail.era(2016, 2025)
    t, key = mail.tongue, "email_member_message_v2"
    thread = line_url(mail, f"comm/messaging/thread/{mail.token(12)}/", key, "message-0-reply")
    said = f"<p>{escape(t['hello'])}</p><p>{as_html(t['reason'])}</p>"
    lines = [f"<p>{escape(person.name)}</p>", said, f'<a href="{thread}">LinkedIn</a>']
    subject = t.says("subject message", person.name)
    subject = subject if person.name in subject else f"{person.name} {subject}"
    extra = [("Reply-To", mailbox(person.name, f"{mail.token(8)}-{mail.token(4)}@reply.linkedin.com"))]
    sender = mailbox(person.name, "hit-reply@linkedin.com")
    form = other_html(mail, key, lines, "message")
    return _linkedin_mail(mail, sender, subject, key, form, "message", extra, language(t, reason(t["reason"])))


def inmail(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A stranger wrote, and paid for it."""
    mail.era(2019, 2025)
    t, key = mail.tongue, "email_hire_inmail_initial_single_01"
    text = letter([], None, [person.name, t["hello"], t["pitch"] + "\n" + t["reason"], "-" * 40, _company(mail)])
    extra = [("X-LinkedIn-Class", "INMAIL")]
    sender = mailbox(person.name, "inmail-hit-reply@linkedin.com")
    told = language(t, reason(t["reason"]))
    return _linkedin_mail(mail, sender, t["pitch"], key, ("plain", text), "message", extra, told)


def service(
    address: str, key: str, subject: Callable[[Tongue], str]
) -> Callable[[Mail, Person], tuple[bytes, Expected]]:
    """Mail of LinkedIn's that nobody wrote: jobs, people, newsletters, safety."""

    def made(mail: Mail, person: Person) -> tuple[bytes, Expected]:
        mail.era(2018, 2025)
        t = mail.tongue
        link = line_url(mail, "comm/mynetwork/", key, "body-0-cta")
        lines = [f"<p>{escape(person.name)}</p><p>{escape(person.job)}</p>", f'<p><a href="{link}">LinkedIn</a></p>']
        lines += [known(mail, key)] if "pymk" in key else []
        sender = mailbox("LinkedIn", f"{address}@linkedin.com")
        return _linkedin_mail(mail, sender, subject(t), key, other_html(mail, key, lines, "other"), "other")

    return made


def reminder(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The invitation again, in either layout."""
    note = default(mail.tongue, mail.random.randrange(3))
    if mail.random.random() < 0.5:
        return card(mail, person, note, mail.random.choice(["html", "both"]), "reminder")
    return m2m(mail, person, note, "text", "reminder")


# ----------------------------------------------------------------------------------------------- people, forgers


def person_mail(
    mail: Mail, sender: str, subject: str, text: str, extra: Iterable[tuple[str, str]] = ()
) -> tuple[bytes, Expected]:
    """Mail between people: nobody's invitation."""
    mail.era(2012, 2025)
    headers = [
        ("Received", f"from mail.example.org (mail.example.org [198.51.100.7])\n by {AUTHSERV} with ESMTPS id 7a1;"),
        ("Date", format_datetime(mail.at)),
        ("From", sender),
        ("To", mailbox(mail.tongue.me.name, "me@example.test")),
        ("Message-ID", f"<{mail.token(16)}@mail.example.org>"),
        ("Subject", words(subject, way=mail.random.choice("qb"))),
        *extra,
    ]
    return packed(headers, [("plain", text)], mail, mail.tongue["charset"]), expected(mail, "unrelated", "unknown")


def _quoted(mail: Mail, person: Person) -> str:
    """An old invitation, quoted with its link."""
    t = mail.tongue
    url = f"https://www.linkedin.com/e/{mail.token(12)}/isd/{mail.digits(10)}/{mail.token(8)}/"
    lines = [t.greeting, "", t.defaults[0], "", f"- {person.called}", "", t.says("accept_of", person.name), url]
    return "\n".join(f"> {line}" for line in lines) + f"\n> {t.says('footer invitation')}\n"


def reply(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A person answers and keeps the subject."""
    t = mail.tongue
    text = f"{t['reason']}\n\n{t['bye']}\n{person.called}\n\n{_quoted(mail, t.person(1))}"
    extra = [("In-Reply-To", f"<{mail.digits(9)}.{mail.digits(6)}.1300000000000.JavaMail.app@ela4-app1.prod>")]
    return person_mail(mail, mailbox(person.name, "p@example.org"), f"Re: {t.says('subject invitation')}", text, extra)


def forward(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A person passes an invitation on."""
    t = mail.tongue
    text = f"{t['pitch']}\n\n-------- Original --------\nFrom: {t.person(1).name} <invitations@linkedin.com>\n\n"
    text += _quoted(mail, t.person(1)).replace("> ", "")
    return person_mail(mail, mailbox(person.name, "p@example.net"), f"Fwd: {t.says('subject invitation')}", text)


def listed(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A mailing list's copy of what somebody says about an invitation."""
    t = mail.tongue
    extra = [("List-Id", "Cranes <cranes.lists.example.org>"), ("Sender", "cranes-bounces@lists.example.org")]
    subject = f"[cranes] {t.says('subject invitation')}"
    text = f"{_quoted(mail, t.person(2))}\n{t['reason']}\n"
    return person_mail(mail, mailbox(person.name, "p@example.com"), subject, text, extra)


def out_of_office(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A machine answers for an absent person."""
    t = mail.tongue
    extra = [("Auto-Submitted", "auto-replied"), ("In-Reply-To", f"<{mail.token(12)}@example.test>")]
    subject = f"Automatic reply: Re: {t.says('subject invitation')}"
    return person_mail(mail, mailbox(person.name, "p@example.org"), subject, f"{t['bye']}\n{person.called}\n", extra)


def employee(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Somebody who works at LinkedIn writes by hand."""
    t = mail.tongue
    sender = mailbox(person.name, f"{mail.token(6).lower()}@linkedin.com")
    text = f"{t['hello']}\n\n{t['reason']}\n\n{t['bye']}\n{person.called}\n"
    content, line = person_mail(mail, sender, t["pitch"], text)
    return content, line


def network(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Another network's invitation."""
    t = mail.tongue
    url = f"https://www.network.example/invite/{mail.digits(8)}/accept"
    text = f"{t.me.called},\n\n{t['pitch']}\n\n{person.name}\n{person.job}\n\n{t.says('accept')}: {url}\n"
    sender = mailbox(f"{person.name} (Kontaktwerk)", "robot@mail.network.example")
    return person_mail(mail, sender, f"{person.name}: Kontaktwerk", text)


def about(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Somebody's newsletter about LinkedIn."""
    t = mail.tongue
    text = f"{t.says('subject invitation')}\n\n{t['pitch']}\n\n{t.defaults[0]}\n\nhttps://www.linkedin.com/in/someone\n"
    extra = [("List-Unsubscribe", "<https://news.example.com/stop>")]
    return person_mail(mail, mailbox(person.name, "news@example.com"), f"10 × LinkedIn: {t['pitch']}", text, extra)


def calendar(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """An appointment that mentions LinkedIn."""
    content, line = person_mail(
        mail, mailbox(person.name, "p@example.org"), f"{mail.tongue.says('subject invitation')} – LinkedIn Live", "x\n"
    )
    event = f"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:{mail.token(12)}\nSUMMARY:LinkedIn Live\nEND:VEVENT\n"
    head = content.partition(b"MIME-Version")[0].replace(b"\r\n", b"\n")
    shown = "MIME-Version: 1.0\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\n"
    return head + f"{shown}{event}END:VCALENDAR\n".encode(), line


def bounce(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The server gives an answer back that could not be delivered."""
    t = mail.tongue
    content, line = person_mail(
        mail, mailbox("Mail Delivery System", f"MAILER-DAEMON@{AUTHSERV}"), "Undelivered", "x\n"
    )
    head = content.partition(b"MIME-Version")[0].replace(b"\r\n", b"\n").decode()
    answer = f"From: me@example.test\nTo: {mailbox(person.name, 'gone@example.org')}\n"
    answer += f"Subject: {words('Re: ' + t.says('subject invitation'))}\nContent-Type: text/plain; charset=utf-8\n\n"
    answer += f"{t['hello']}\n{_quoted(mail, person)}"
    parts = [
        "Content-Type: text/plain; charset=us-ascii\n\nI could not deliver your message to <gone@example.org>.\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; {AUTHSERV}\n\nAction: failed\nStatus: 5.1.1\n",
        f"Content-Type: message/rfc822\n\n{answer}",
    ]
    kind = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="cut"\n\n'
    return (head + kind + "".join(f"--cut\n{one}\n" for one in parts) + "--cut--\n").encode(), line


def forged(
    mail: Mail, person: Person, sender: str, changes: Callable[[str], str] = str,
    authentic: str | list[str] = "unknown", above: str = "",
) -> tuple[bytes, Expected]:  # fmt: skip
    """An invitation like LinkedIn's, with one thing wrong."""
    mail.era(2018, 2025)
    t, key = mail.tongue, "email_m2m_invite_single_01"
    path = f"comm/mynetwork/invite-accept/invitationId/{mail.digits(19)}/sharedKey/{mail.token(8)}/"
    urls = (
        line_url(mail, path, key, "invitation~card-0-accept~invite"),
        line_url(mail, f"comm/in/{slug(mail)}", key, "invitation~card-0-view~profile"),
    )
    kind, text = card_html(mail, person, default(t), urls, key, Look())
    headers = linkedin(mail, sender, t.says("subject invitation", person.name), key, "none")
    content = packed(headers, [(kind, changes(text))], mail)
    return above.encode() + content, expected(mail, "imitation", authentic)


def domain(host: str) -> Callable[[Mail, Person], tuple[bytes, Expected]]:
    """From a domain made to be mistaken for LinkedIn's."""
    return lambda mail, person: forged(mail, person, mailbox(person.name, f"invitations@{host}"))


def claimed(name: Callable[[Tongue, Person], str]) -> Callable[[Mail, Person], tuple[bytes, Expected]]:
    """From a stranger's address under LinkedIn's name."""
    return lambda mail, person: forged(mail, person, mailbox(name(mail.tongue, person), "a7x@example.net"))


def astray(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """Honest words, and a link that leads elsewhere."""
    link = "https://www.linkedin.com/comm/mynetwork/"
    honest = f'<p><a href="https://login.example.net/in">{link}</a></p></body>'
    sender = mailbox(person.name, "invitations@linkedin.com")
    return forged(mail, person, sender, lambda text: text.replace("</body>", honest))


def button_astray(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The button leads elsewhere."""
    sender = mailbox(person.name, "invitations@linkedin.com")
    place = "https://www.linkedin.com/comm/mynetwork/invite-accept/"
    return forged(mail, person, sender, lambda text: text.replace(place, "https://login.example.net/invite-accept/"))


def two_senders(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A second From above LinkedIn's."""
    sender = mailbox(person.name, "invitations@linkedin.com")
    content, line = forged(mail, person, sender, authentic="fail")
    return b"From: someone <a7x@example.net>\n" + content, line


def results_below(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """What the server says stands above; below it the forger says the contrary."""
    fail = f"Authentication-Results: {AUTHSERV}; dkim=none; dmarc=fail header.from=linkedin.com\n"
    hop = f"Received: from mail.example.net (mail.example.net [203.0.113.9])\n by {AUTHSERV} with ESMTPS id 9c;\n"
    own = f"Authentication-Results: {PASSED}\n"
    sender = mailbox(person.name, "invitations@linkedin.com")
    return forged(mail, person, sender, authentic="fail", above=fail + hop + own)


def encoded_address(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """LinkedIn's address stands in the name, as an encoded word."""
    shown = "=?utf-8?q?LinkedIn_=3Cinvitations=40linkedin.com=3E?="
    return forged(mail, person, f"{shown} <a7x@example.net>")


# --------------------------------------------------------------------------------------------------------- traps

TWO_PARAGRAPHS = (
    "Your talk in Ghent stayed with me.\n\nThree things I would ask you about:\n• the tide tables\n"
    "• who pays for the dredging\n- whether the old lock still works\n\nWould a short call suit you?"
)
CHROME_INSIDE = (
    'I pressed "Accept" on your last invitation, but it had expired.\n'
    "When I click View profile I only see an empty page.\nSo I invite you myself now."
)
WITH_LINKS = (
    "My profile: https://www.linkedin.com/in/tilda-moreau\nSlides of my talk: https://slides.example.org/cranes\n"
    "Would you look at the second page before we meet in Ghent?"
)
NAMES: tuple[tuple[str, str, str], ...] = (
    ("title", "Dr. Ing. Uwe Falk", "Uwe"),
    ("certificates", "Tom Ek, PMP®, CSM", "Tom"),
    ("emoji", "🚀 Ines Calder ☀️", "Ines"),
    ("pronouns", "Jo Winter (they/them)", "Jo"),
    ("single-name", "Madhuri", "Madhuri"),
    ("lower-case", "zahid mirzan", "zahid"),
    ("capitals", "ANNA BERG", "ANNA"),
    ("initials", "A. J. van den Broek", ""),
    ("chinese", "王小明", "小明"),
    ("japanese", "山田 太郎", "太郎"),
    ("korean", "황보 은서", "은서"),
    ("arabic", "محمد علی", "محمد"),
    ("katakana", "マリア・ロペス", "マリア"),
    ("two-blanks", "Carl  Tsui", "Carl"),
    ("apostrophe", "Siobhán O’Rourke-Ní Bhriain", "Siobhán"),
    ("company-as-name", "Nordkai Careers", "Nordkai"),
)


def named(name: str, first: str) -> Callable[[Mail, Person], tuple[bytes, Expected]]:
    """An invitation by somebody whose name is hard to read."""

    def made(mail: Mail, person: Person) -> tuple[bytes, Expected]:
        one = Person(" ".join(name.split()), first, person.job, person.place)
        layout = mail.random.choice([card, card, m2m, guest])
        content, line = layout(mail, one, NO_NOTE if layout is card else default(mail.tongue), "both")
        return content, line

    return made


def noted(note: Note, form: str, look: Look | None = None) -> Callable[[Mail, Person], tuple[bytes, Expected]]:
    """A card whose note is hard to read."""
    return lambda mail, person: card(mail, person, note, form, look=look)


def reminded(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A reminder with the inviter's own words under its links."""
    return m2m(mail, person, reason(mail.tongue["reason"]), "text", "reminder")


def _placeless(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    return card(mail, Person(person.name, person.first, person.job, ""), reason(mail.tongue["reason"]), "html")


def cut_headline(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The card cuts the headline, the preheader holds all of it."""
    job = "Certified Lock Keeper | Tide Tables | Dredging | Old Cranes and New Ones"
    whole = Person(person.name, person.first, job, person.place)
    told = f"{person.first}, {job} from Nordkai is waiting for your response"
    return card(mail, whole, NO_NOTE, "html", look=Look(headline=f"{job[:34]}…", preheader=told))


def cut_but_whole_in_text(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The card cuts the headline, the text part holds all of it."""
    return card(mail, person, NO_NOTE, "both", look=Look(headline=f"{person.job[:8].strip()}…"))


def disagreeing(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """The text shows the default sentence, the HTML another note: the text's is taken, and the person is told."""
    mail.made.append("the text and the HTML show different notes")
    t = mail.tongue
    return card(mail, person, default(t), "both", look=Look(note=pitch(t["pitch"])))


def answerable(mail: Mail, person: Person) -> tuple[bytes, Expected]:
    """A Reply-To that reaches the inviter."""
    content, line = m2m(mail, person, default(mail.tongue), "text")
    address = f"{mail.token(8)}-{mail.token(4)}@reply.linkedin.com".lower()
    head, _, rest = content.partition(b"From: ")
    end = b"\r\n" if b"\r\n" in content else b"\n"
    reply_to = f"Reply-To: {mailbox(person.name, address)}".encode().replace(b"\n", end)
    return head + reply_to + end + b"From: " + rest, {**line, "route": by_mail(address)}


# ---------------------------------------------------------------------------------------------------------- plan

Maker = Callable[[Mail, Person], tuple[bytes, Expected]]

JOBS = service("jobalerts-noreply", "email_job_alert_digest_01", lambda t: t.own["jobs"][0])
PEOPLE = service("messages-noreply", "email_pymk_02", lambda t: t.person(2).name)
NEWS = service("newsletters-noreply", "email_series_follow_newsletter_01", lambda t: t["pitch"])
SAFETY = service("security-noreply", "security_sign_in_alert_01", lambda t: f"LinkedIn: {t['place']}")

ABOUT_INVITATIONS: tuple[Maker, ...] = (reminder, accepted, digest)
OTHERS: tuple[tuple[str, Maker], ...] = (
    ("message", message), ("inmail", inmail), ("jobs", JOBS), ("people", PEOPLE), ("news", NEWS), ("safety", SAFETY),
)  # fmt: skip
NOT_LINKEDINS: tuple[tuple[str, Maker], ...] = (
    ("reply", reply),
    ("imitation-domain", domain("linkedln.example")),
    ("forward", forward),
    ("imitation-via", claimed(lambda t, person: f"{person.name} {t.said['via']}")),
    ("list", listed),
    ("imitation-astray", astray),
    ("out-of-office", out_of_office),
    ("imitation-results", results_below),
    ("employee", employee),
    ("network", network),
    ("imitation-two-senders", two_senders),
    ("about", about),
    ("imitation-host", domain("linkedin.com.example.net")),
    ("calendar", calendar),
    ("bounce", bounce),
    ("imitation-encoded", encoded_address),
)
LETTERS = (("guest", guest), ("member", member), ("m2m", m2m))
EVERY: tuple[tuple[str, Callable[..., tuple[bytes, Expected]]], ...] = (*LETTERS, ("card", card))
CARDS = ("html", "both", "text")
TRAPS: tuple[tuple[str, str, Maker], ...] = (
    *(("en", f"name-{word}", named(name, first)) for word, name, first in NAMES),
    ("de", "name-particle", named("Prof. Dr. med. Eva Freifrau von und zu Lind", "Eva")),
    ("en", "paragraphs-and-bullets", noted(reason(TWO_PARAGRAPHS), "html")),
    ("en", "paragraphs-in-both", noted(reason(TWO_PARAGRAPHS), "both")),
    ("en", "paragraphs-as-html", noted(reason(TWO_PARAGRAPHS), "html", Look(paragraphs=True))),
    ("en", "bullets-in-text", noted(reason(TWO_PARAGRAPHS), "text")),
    ("en", "quotes-buttons", noted(reason(CHROME_INSIDE), "html")),
    ("en", "quotes-buttons-in-both", noted(reason(CHROME_INSIDE), "both")),
    ("en", "links-in-text", noted(reason(WITH_LINKS), "text")),
    ("en", "links-in-html", noted(reason(WITH_LINKS), "html")),
    ("en", "links-that-lead", noted(reason(WITH_LINKS), "html", Look(linked=True))),
    ("en", "links-in-both", noted(reason(WITH_LINKS), "both", Look(linked=True))),
    ("en", "links-guest", lambda mail, person: guest(mail, person, reason(WITH_LINKS), "both")),
    ("en", "links-member", lambda mail, person: member(mail, person, reason(WITH_LINKS), "both")),
    ("en", "no-place", _placeless),
    ("en", "words-under-the-links", reminded),
    ("de", "words-under-the-links", reminded),
    ("ja", "words-under-the-links", reminded),
    ("en", "quoted-note", noted(pitch("Let us talk about growth."), "html", Look(quoted=True))),
    ("en", "note-above-the-name", noted(pitch("Let us talk about growth."), "html", Look(place="before"))),
    ("en", "one-word", noted(pitch("Hello!"), "html")),
    ("en", "short-without-full-stop", noted(pitch("Let us talk about growth"), "html")),
    ("en", "question", noted(reason("Did we study in Graz together?"), "html")),
    ("en", "headline-cut", cut_headline),
    ("fr", "headline-cut", cut_but_whole_in_text),
    ("ru", "headline-cut", cut_but_whole_in_text),
    ("es", "disagreeing", disagreeing),
    ("ja", "disagreeing", disagreeing),
    ("tr", "disagreeing", disagreeing),
    ("pt", "answerable", answerable),
    ("ko", "answerable", answerable),
    ("en", "imitation-button", button_astray),
    ("en", "imitation-name", claimed(lambda _t, _person: "LinkedIn Invitations")),
    ("en", "imitation-address-as-name", claimed(lambda _t, _person: "invitations@linkedin.com")),
    ("hi", "imitation-via", claimed(lambda t, person: f"{person.name} {t.said['via']}")),
    ("hu", "imitation-via", claimed(lambda t, person: f"{person.name} {t.said['via']}")),
    ("ja", "imitation-via", claimed(lambda t, person: f"{person.name} {t.said['via']}")),
    ("th", "imitation-via", claimed(lambda t, person: f"{person.name} {t.said['via']}")),
    ("ar", "marks-of-direction", noted(NO_NOTE, "html", Look(marks="\u200f"))),
    ("he", "marks-of-direction", noted(NO_NOTE, "html", Look(marks="\u200f"))),
    (
        "ru",
        "koi8",
        lambda mail, person: guest(
            Mail(mail.name, _in_koi8(mail.tongue)), person, reason(mail.tongue["reason"]), "both"
        ),
    ),
)


def _in_koi8(t: Tongue) -> Tongue:
    return Tongue(t.code, t.said, {**t.own, "charset": "koi8-r"}, t.defaults)


def planned() -> Iterator[tuple[str, Tongue, Maker]]:
    """Every mail: its name, its language, and who makes it."""
    for at, t in enumerate(tongues()):
        yield from ((f"{t.code}-{name}", t, maker) for name, maker in _of_language(at, t))
    for code, name, maker in TRAPS:
        yield f"{code}-trap-{name}", tongue(code), maker


def _of_language(at: int, t: Tongue) -> Iterator[tuple[str, Maker]]:
    own = reason(t["reason"] if at % 2 else f"{t['hello']}\n{t['reason']}\n{t['bye']}")
    both = reason(f"{t.defaults[0]}\n\n{t['reason']}")
    look = Look(place="before" if at % 5 == 4 else "after", paragraphs=at % 3 == 2, quoted=at % 4 == 3)
    for what, note, layouts, turn in (
        ("default", default(t, at), EVERY, at),
        ("own", pitch(t["pitch"]) if at % 7 == 6 else reason(t["reason"]), LETTERS, at + 1),
        ("default-and-own", both, EVERY, at + 2),
        ("courteous", courteous(t), (("m2m", m2m), ("card", card)), at),
    ):
        name, layout = layouts[turn % len(layouts)]
        form = ("text", "both")[(at // len(layouts)) % 2] if name != "card" else CARDS[at // 4 % 3]
        yield f"{name}-{what}", _by(layout, note, form)
    yield "card-none", _by(card, NO_NOTE, CARDS[at % 3])
    yield "card-own", noted(own, ("html", "both")[at % 2], look)
    yield "m2m-html-own", _by(m2m, reason(t["reason"]), "html")
    about_one = ABOUT_INVITATIONS[at % 3]
    yield about_one.__name__, about_one
    yield OTHERS[at % 6]
    yield NOT_LINKEDINS[at % len(NOT_LINKEDINS)]


def _by(layout: Callable[..., tuple[bytes, Expected]], note: Note, form: str) -> Maker:
    return lambda mail, person: layout(mail, person, note, form)


def generated() -> dict[str, bytes]:
    """Every file, by name."""
    found: dict[str, bytes] = {}
    lines = []
    for at, (name, t, maker) in enumerate(planned()):
        mail = Mail(name, t)
        content, line = maker(mail, t.person(at))
        found[f"{name}.eml"] = content
        lines.append(json.dumps(line, ensure_ascii=False))
    found["expected.jsonl"] = ("\n".join(lines) + "\n").encode()
    return found


def differences() -> list[str]:
    """The files that are not what would be written now."""
    here = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    now = generated()
    return sorted(name for name in here.keys() | now.keys() if here.get(name) != now.get(name))


def write() -> None:
    """Write the folder anew."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, content in generated().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        found_other = differences()
        sys.stderr.write("".join(f"{name} differs\n" for name in found_other))
        sys.exit(1 if found_other else 0)
    write()
