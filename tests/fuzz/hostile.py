"""Mails built to hurt: each is named for what it attacks, and none is larger than what a mailbox takes.

The bait for regular expressions is made from the patterns themselves: every pattern of the domain is taken apart, and
whatever it repeats is written out in long runs, where a reader of invitations would meet it.
"""

import ast
import base64
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined] # the only way to take a pattern apart
from re import _parser as sre_parser  # type: ignore[attr-defined] # same
from types import ModuleType
from typing import Any

import watcher.domain
from watcher.domain.tables import courtesies, signals, via

Mail = Callable[[], bytes]

KEY = "email_m2m_invite_single_01"
ACCEPT = (
    f"https://www.linkedin.com/comm/mynetwork/invite-accept/invitationId/7300000000000000042/sharedKey/A/?trk=eml-{KEY}"
)
INVITER = f"https://www.linkedin.com/comm/in/tilda-moreau?trk=eml-{KEY}-invitation~card-0-inviter~name"
LINKEDIN = {
    "Authentication-Results": "mx.example.test; dkim=pass header.d=linkedin.com; dmarc=pass header.from=linkedin.com",
    "From": "Tilda Moreau <invitations@linkedin.com>",
    "To": "Robin Ashdown <me@example.test>",
    "Subject": "I want to connect",
    "Date": "Mon, 09 Nov 2026 08:12:00 +0000",
    "Message-ID": "<1.101.1795000000000@lva1-app1001.prod.linkedin.com>",
    "X-LinkedIn-Template": KEY,
}
RUN = 16_000
LINE = 3_900
LINES = 60


def mail(body: str | bytes, content_type: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """LinkedIn's headers, some changed (`x_y` for `X-Y`), over a body."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {name: value for name, value in LINKEDIN.items() if name.lower() not in {key.lower() for key in changed}}
    head = "".join(f"{name}: {value}\r\n" for name, value in (changed | known).items())
    octets = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return f"{head}Content-Type: {content_type}\r\n\r\n".encode("utf-8", "surrogatepass") + octets


def letter(words: str) -> bytes:
    """A text part with these words where the inviter's stand."""
    return mail(f"Hi Robin,\n{words}\n\nTilda Moreau\nPlanner\n\nAccept: {ACCEPT}\n")


def card(words: str, above: str = "") -> bytes:
    """An HTML part, likewise."""
    name = f'<h3><a href="{INVITER}">Tilda Moreau</a></h3><div>Planner</div>'
    markup = f'<html><body>{above}{name}<div>{words}</div><p><a href="{ACCEPT}">Accept</a></p></body></html>'
    return mail(markup, "text/html; charset=utf-8")


def levels(depth: int) -> str:
    """Parts in parts, each with a boundary of its own."""
    return "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(1, depth))


def _nested_parts(depth: int) -> bytes:
    return mail(f"--b0\r\n{levels(depth)}\r\nwords", "multipart/mixed; boundary=b0")


def _parts(count: int, head: str = "Content-Type: text/html", body: str = "<p>words</p>") -> bytes:
    return mail(f"--b\r\n{head}\r\n\r\n{body}\r\n" * count + "--b--", "multipart/mixed; boundary=b")


def _entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return mail(f'<!DOCTYPE a [<!ENTITY a0 "ha">{levels}]><p>&a11;</p>', "text/html")


def _base64(body: bytes, content_type: str) -> bytes:
    return mail(base64.b64encode(body), f"{content_type}\r\nContent-Transfer-Encoding: base64")


HOSTILE: dict[str, Mail] = {
    "empty": lambda: b"",
    "one NUL": lambda: b"\0",
    "a megabyte of NULs": lambda: b"\0" * (1 << 20),
    "a megabyte of line ends": lambda: mail("\n" * (1 << 20)),
    "a megabyte of lone CR": lambda: mail("\r" * (1 << 20)),
    "headers of line ends": lambda: b"\n \r" * (1 << 18),
    "headers of colons": lambda: b":" * (1 << 20),
    "headers without an end": lambda: b"X: y\r\n" * 200_000,
    "folding without an end": lambda: b"Subject: a\r\n" + b" a\r\n" * 250_000,
    "To of 223 KiB": lambda: mail("words", To="a@example.test, " * (223 * 64)),
    "From of 60 KiB": lambda: mail("words", From="Tilda <t@linkedin.com>, " * 2_500),
    "2,500 From": lambda: b"From: a <a@linkedin.com>\r\n" * 2_500 + letter("words"),
    "brackets in From": lambda: mail("words", From="(" * 16_000),
    "nested comments in From": lambda: mail("words", From="(" * 2_000 + ")" * 2_000 + " <invitations@linkedin.com>"),
    "quotes in From": lambda: mail("words", From='"\\' * 8_000),
    "routes in From": lambda: mail("words", From="<" + "@a.test," * 2_000 + ":t@linkedin.com>"),
    "dots in From": lambda: mail("words", From="a." * 8_000 + "@linkedin.com"),
    "encoded words": lambda: mail("words", Subject="=?UTF-8?Q?=C3=BC?= " * 3_000),
    "encoded words in From": lambda: mail("words", From="=?UTF-8?B?w7w=?= " * 900 + "<invitations@linkedin.com>"),
    "encoded words cut short": lambda: mail("words", Subject="=?UTF-8?Q?" * 6_000),
    "encoded words that question": lambda: mail("words", Subject="=?" + "?" * 16_000),
    "encoded words without charset": lambda: mail("words", Subject="=??Q??= =?\0?B?=?= =?utf-16?B?2AA=?="),
    "References of 60 KiB": lambda: mail("words", References="<a@example.test> " * 3_600, Message_ID="<" * 16_000),
    "a date of digits": lambda: mail("words", Date="9" * 16_000),
    "results of brackets": lambda: mail("words", Authentication_Results="mx.example.test; " + "(" * 16_000),
    "results of quotes": lambda: mail("words", Authentication_Results="mx.example.test; " + '"\\' * 8_000),
    "results of pairs": lambda: mail("words", Authentication_Results="mx.example.test; " + "a=b " * 4_000),
    "results of letters": lambda: mail("words", Authentication_Results="mx.example.test; " + "a" * 16_000),
    "results of nested comments": lambda: mail(
        "x", Authentication_Results="mx.example.test; " + "(" * 8000 + ")" * 8000
    ),
    "2,000 results": lambda: b"Authentication-Results: mx.example.test; dkim=pass (a)\r\n" * 1_100 + letter("words"),
    "received of blanks": lambda: b"Received: from" + b"\t" * 16_000 + b"by\r\n" + letter("words"),
    "a boundary of 16 KiB": lambda: mail(
        "--" + "b" * 16_000 + "\r\n\r\nx", "multipart/mixed; boundary=" + "b" * 16_000
    ),
    "parameters": lambda: mail("words", "text/plain" + "; a=b" * 10_000),
    "continued parameters": lambda: mail("words", "text/plain" + "".join(f"; a*{n}*=b" for n in range(5_000))),
    "quoted parameters": lambda: mail("words", 'text/plain; a="' + '\\"' * 20_000),
    "semicolons in quotes": lambda: mail("words", 'text/plain; a="' + ";" * 30_000),
    "a file name of semicolons": lambda: mail(
        "words", 'text/plain\r\nContent-Disposition: x; filename="' + ";" * 30_000
    ),
    "3,000 nested parts": lambda: _nested_parts(3_000),
    "400 nested parts": lambda: _nested_parts(400),
    "20,000 parts": lambda: _parts(20_000),
    "50 parts of 20 KiB": lambda: _parts(50, body="<p>words</p>" * 1_600),
    "10,000 attached mails": lambda: _parts(10_000, "Content-Type: message/rfc822", "Subject: a\r\n\r\nb"),
    "parts with bad headers": lambda: _parts(
        3_000, "Content-Type: text/plain; charset*0*=utf-16''%ff\r\n: x\r\nno colon"
    ),
    "boundaries that begin alike": lambda: mail("--b" * 300_000, "multipart/mixed; boundary=b"),
    "nested attached mails": lambda: mail("Content-Type: message/rfc822\r\n\r\n" * 3_000, "message/rfc822"),
    "a megabyte of delivery status": lambda: mail("a:\n\n" * 260_000, "message/delivery-status"),
    "a digest of 200,000": lambda: mail("--b\n\n" * 200_000, "multipart/digest; boundary=b"),
    "delivery status": lambda: mail("a: b\r\n\r\n" * 60_000, "message/delivery-status"),
    "a line of a megabyte": lambda: mail("a" * (1 << 20)),
    "a line of a megabyte in words": lambda: letter("ab " * 340_000),
    "a note of a megabyte": lambda: letter("I would like to connect with you. " * 30_000),
    "250,000 lines": lambda: letter("a\n\n" * 120_000),
    "2,000 lines of 500": lambda: letter(("word " * 25 + "\n") * 2_000),
    "default sentences": lambda: letter("I'd like to add you to my professional network on LinkedIn.\n" * 4_000),
    "accept lines": lambda: letter(f"Accept: {ACCEPT}\n" * 3_000),
    "links in a line": lambda: letter("http://a.test " * 20_000),
    "links that begin alike": lambda: letter("http://http://" * 20_000),
    "links of marks": lambda: letter("http://" + ".,;)>" * 5_000),
    "a link of parameters": lambda: letter("http://www.linkedin.com/?" + "a=b&" * 2_000),
    "a link of percent signs": lambda: letter("http://www.linkedin.com/" + "%" * 3_900),
    "a link with brackets": lambda: letter("http://[" + "[" * 3_900),
    "a link with a wide host": lambda: letter("http://\u2100\u2101\ufe16/ http://a\u3002b/ http://[::1]]/"),
    "10,000 links": lambda: card("", f'<a href="{ACCEPT}">a</a>' * 10_000),
    "10,000 links in lines": lambda: card("", f'<p><a href="{INVITER}">Tilda</a></p>' * 10_000),
    "a link of a megabyte": lambda: card("", f'<a href="https://www.linkedin.com/{"a" * 1_000_000}">a</a>'),
    "a link of entities": lambda: card("", f'<a href="https://www.linkedin.com/?{"&amp;amp;" * 50_000}">a</a>'),
    "a style of a megabyte": lambda: card("", f'<p style="{"display:" + " " * 900_000}">a</p>'),
    "styles": lambda: card("", '<p style="font-size:0.0.0.0.0.0.0">a</p>' * 20_000),
    "a font size of points": lambda: card("", f'<p style="font-size:0{"." * 100_000}">a</p>'),
    "10,000 nested div": lambda: card("", "<div>" * 10_000 + "words" + "</div>" * 10_000),
    "100,000 nested b": lambda: card("", "<b>" * 100_000 + "words"),
    "390 nested div": lambda: card("", "<div>" * 390 + "words"),
    "tables in tables": lambda: card("", "<table><tr><td>" * 5_000),
    "tags without an end": lambda: card("", "<a " * 200_000),
    "closing tags": lambda: card("", "</p>" * 200_000),
    "attributes": lambda: card("", f"<a {' '.join(f'a{n}=b' for n in range(50_000))}>x</a>"),
    "comments": lambda: card("", "<!--" * 200_000),
    "instructions": lambda: card("", "<?xml " * 100_000),
    "blanks before xml": lambda: mail(" " * 500_000 + "<?xml", "text/html"),
    "breaks": lambda: card("", "<br>" * 200_000),
    "nested forms and lists": lambda: card("", "<form><select><option><ul><li>" * 10_000),
    "entities": lambda: card("&#0;&#xd800;&#x110000;&nbsp;&unknown;" * 20_000),
    "an entity bomb": _entity_bomb,
    "preheader padding": lambda: card("", '<div style="display:none">' + "\u034f \u00ad\u200b" * 80_000 + "</div>"),
    "bidi and zero width": lambda: letter("\u202e\u2066\u200b\u200f\ufeffdetcennoc" * 3_000),
    "bidi in the name": lambda: mail("x", From="\u202eTilda\u200b \u2066Moreau <invitations@linkedin.com>"),
    "half surrogates": lambda: letter("\ud800\udfff" * 5_000),
    "half surrogates in headers": lambda: mail("x", Subject="\ud800", From="\udc80 <invitations@linkedin.com>"),
    "half surrogates by utf-7": lambda: mail(b"Hi\n\n+2AA- +3AA-", "text/plain; charset=utf-7"),
    "combining marks": lambda: letter("a" + "\u0301\u0323" * 100_000),
    "letters that grow": lambda: letter("\ufdfa" * 80_000),
    "letters that grow in the name": lambda: mail("x", From="\ufdfa" * 1_300 + " <invitations@linkedin.com>"),
    "a name of 4,000 words": lambda: mail(
        f"Tilda\nPlanner\n\nAccept: {ACCEPT}\n", From="T " * 1_900 + "<invitations@linkedin.com>"
    ),
    "a name in the note": lambda: letter("Tilda " * 40_000 + "."),
    "utf-16 without a mark": lambda: mail("Hi Robin".encode("utf-16-le") * 9_000, "text/plain; charset=utf-16"),
    "a charset that is a codec": lambda: mail(b"eJwDAAAAAAE=", "text/plain; charset=zlib"),
    "punycode": lambda: mail("a-" + "b" * 200_000, "text/plain; charset=punycode"),
    "idna": lambda: mail("a." * 200_000 + "\ufeff", "text/plain; charset=idna"),
    "idna with marks": lambda: mail(("xn--" + "a" * 50 + ".").encode() * 5_000 + b"\xff", "text/plain; charset=idna"),
    "punycode beyond utf-8": lambda: mail(
        b"\xff" + b"a" * 1_000 + b"-" + b"z9" * 100_000, "text/plain; charset=punycode"
    ),
    "unicode_escape": lambda: mail(b"\xff\\N{DIGIT ONE}\\ud800" * 9_000, "text/plain; charset=unicode_escape"),
    "hz": lambda: mail(b"~{" * 200_000, "text/plain; charset=hz"),
    "iso-2022-kr": lambda: mail(b"\x1b$)C\x0e" * 90_000, "text/plain; charset=iso-2022-kr"),
    "a charset with NUL": lambda: mail("words", "text/plain; charset=utf-8\0x"),
    "a charset of 60 KiB": lambda: mail(b"\xff", "text/plain; charset=" + "x" * 60_000),
    "a charset of parts": lambda: mail(b"\xff", "text/plain; charset*=utf-16''%ff%fe; charset=\"\ud800\""),
    "base64 garbage": lambda: mail("=A=B\n" * 150_000, "text/plain\r\nContent-Transfer-Encoding: base64"),
    "base64 without padding": lambda: mail("A" * 100_001, "text/plain\r\nContent-Transfer-Encoding: base64"),
    "base64 of html": lambda: _base64(b"<div>" * 90_000, "text/html"),
    "quoted-printable garbage": lambda: mail(
        "=" * 500_000, "text/plain\r\nContent-Transfer-Encoding: quoted-printable"
    ),
    "uuencode garbage": lambda: mail(
        "begin 666 a\n" + "M" * 500_000, "text/plain\r\nContent-Transfer-Encoding: x-uuencode"
    ),
    "uuencode lines": lambda: mail(
        "begin 666 a\n" + "M\n" * 250_000, "text/plain\r\nContent-Transfer-Encoding: x-uuencode"
    ),
    "an unknown encoding": lambda: mail("words", "text/plain\r\nContent-Transfer-Encoding: \0"),
    "Re: without an end": lambda: mail(
        f"T\nP\n\nAccept: {ACCEPT}\n", Subject="re" + " " * 8_000 + "[1]" + " :re" * 2_000
    ),
    "blanks in the subject": lambda: mail(f"T\nP\n\nAccept: {ACCEPT}\n", Subject="re\u00a0" + "\u2003" * 15_000 + "x"),
}


_CATEGORIES = {
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


@cache
def bait() -> tuple[str, ...]:
    """Long runs of what each pattern of the domain repeats."""
    return tuple(sorted({run for pattern in patterns() for run in runs(pattern)}))


def baited(words: str) -> dict[str, Mail]:
    """The same words wherever a pattern may meet them."""
    line = words[:LINE].replace("\r", " ").replace("\n", " ")
    header = line.encode("ascii", "ignore").decode()
    return {
        "subject": lambda: mail("x", Subject=words[:RUN].replace("\n", " ")),
        "sender": lambda: mail(f"T\nP\n\nAccept: {ACCEPT}\n", From=f"{header} <invitations@linkedin.com>"),
        "results": lambda: mail("x", Authentication_Results=f"mx.example.test; {words[:RUN]}".replace("\n", " ")),
        "received": lambda: b"Received: " + header.encode() + b"\r\n" + letter(""),
        "ids": lambda: mail("x", Message_ID=header, References=header, Feedback_ID=header, X_LinkedIn_Template=header),
        "note": lambda: letter(words),
        "lines": lambda: letter(f"{line}\n" * LINES),
        "card": lambda: card(words.replace("<", "&lt;"), f'<div style="display:none">{words[:RUN]}</div>'),
        "link": lambda: card("", f'<a href="https://www.linkedin.com/{line}?trk={line}" style="{line}">{line}</a>'),
    }


def patterns() -> Iterator[str]:
    """Every regular expression of the domain: its modules' own, those written in calls, and the tables'."""
    for path in sorted(Path(watcher.domain.__file__).parent.glob("*.py")):
        module = import_module(f"watcher.domain.{path.stem}") if path.stem != "__init__" else watcher.domain
        yield from _of_module(module)
        yield from _of_calls(path.read_text("utf-8"))
    yield via().pattern
    yield from (pattern.pattern for pattern in courtesies())
    tables = [entry.pattern for entry in (*signals().templates, *signals().classes)]
    yield from (pattern.pattern for pattern in tables if isinstance(pattern, re.Pattern))


def _of_module(module: ModuleType) -> Iterator[str]:
    found = (value.pattern for value in vars(module).values() if isinstance(value, re.Pattern))
    return (pattern if isinstance(pattern, str) else pattern.decode("latin-1") for pattern in found)


def _of_calls(source: str) -> Iterator[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args)
    for call in calls:
        first = call.args[0]
        if ast.unparse(call.func).startswith("re.") and isinstance(first, ast.Constant):
            yield first.value.decode("latin-1") if isinstance(first.value, bytes) else str(first.value)


def runs(pattern: str) -> Iterator[str]:
    """What the pattern matches up to each repeat, then that repeat over and over, then what it cannot end with."""
    before = ""
    for op, value in sre_parser.parse(pattern):
        if op in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            piece = _example(value[2]) or "a"
            run = piece * (RUN // len(piece))
            yield from (
                run,
                before + run,
                (before + run)[:RUN] + "\u2603",
                (before + piece) * (RUN // len(before + piece)),
            )
        before += _example([(op, value)])


def _example(parsed: Any) -> str:
    return "".join(_one(op, value) for op, value in parsed)


def _one(op: Any, value: Any) -> str:
    """Some text that one node of a pattern matches."""
    examples: dict[Any, Callable[[], str]] = {
        sre.LITERAL: lambda: chr(value),
        sre.NOT_LITERAL: lambda: "a" if value != ord("a") else "b",
        sre.ANY: lambda: "a",
        sre.IN: lambda: _member(value),
        sre.BRANCH: lambda: _example(value[1][0]),
        sre.SUBPATTERN: lambda: _example(value[3]),
        sre.MAX_REPEAT: lambda: _example(value[2]) * max(1, value[0]),
        sre.MIN_REPEAT: lambda: _example(value[2]) * max(1, value[0]),
    }
    return examples.get(op, str)()


def _member(choices: Any) -> str:
    """A character of a set; blanks, digits and letters are tried before those that the set names."""
    named = [chr(value if op is sre.LITERAL else value[0]) for op, value in choices if op in {sre.LITERAL, sre.RANGE}]
    negated = choices[0][0] is sre.NEGATE
    fitting = (char for char in [*"a1 .-\u2603", *named] if _holds(choices, char) is not negated)
    return next(fitting, "a")


def _holds(choices: Any, char: str) -> bool:
    return any(
        (op is sre.LITERAL and value == ord(char))
        or (op is sre.RANGE and value[0] <= ord(char) <= value[1])
        or (op is sre.CATEGORY and re.match(_CATEGORIES[value], char) is not None)
        for op, value in choices
    )
