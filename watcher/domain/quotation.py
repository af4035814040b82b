"""The invitation quoted below an answer, and the signature below both: plain text of fixed lines.

What is quoted are the inviter's words, or the subject where there are none, and who they are. LinkedIn's own links
are keys to the person's account and never go back to anybody; those to a profile or a company stay, without what
stands behind `?`. The signature comes last, for what stands below its line is cut off by whoever answers
(RFC 3676 §4.3).
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from watcher.domain.message import one_line
from watcher.domain.values import Invitation, Person, Source

SEPARATOR = "-- "
"""The line above a signature (RFC 3676 §4.3)."""

WIDTH = 74
"""Characters of a quoted line: with its mark and one more it stays below 78 (RFC 5322 §2.1.1)."""

LONGEST = 8_000
"""Characters of a note that are quoted; LinkedIn's own limit for one is far lower."""

_DATE = "%Y-%m-%d"
_LINE = "{date}, {name}:"

_LINKEDINS = re.compile(
    r"(?:\b[a-z]+://|(?<![\w.-]))(?:[\w-]{1,63}\.){0,4}(?:linkedin\.com|lnkd\.in|licdn\.com)(?::\d+)?([/?#][^\s<>\"']*)?",
    re.IGNORECASE,
)
_SHARED = re.compile(r"[^?#]*linkedin\.com/(?:in|company|school|groups|posts)/[^?#]+", re.IGNORECASE)

# Reversed writing, zero-width space and BOM, as in what templates get.
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


def quoted(invitation: Invitation, source: Source, language: str, zone_of: datetime) -> str:
    """The line that introduces it and the invitation behind `> `; `zone_of` has the time zone for its date."""
    inviter = invitation.inviter
    said = invitation.note if invitation.note and invitation.note.strip() else source.subject
    who = [line for line in (inviter.name, inviter.headline) if line]
    lines = [*_wrapped(said), "", *(each for line in who for each in _wrapped(line))]
    day = (source.date or zone_of).astimezone(zone_of.tzinfo)
    return "\n".join([_introduction(language, _plain(inviter.name), day), *(f"> {line}".rstrip() for line in lines)])


def below(text: str, quotation: str, me: Person) -> str:
    """An answer as it is mailed: its text, the quoted invitation if there is one, and the signature at the end.

    A text that does not end with the signature of the settings is signed as its template wants, and stays so.
    """
    text, signature = _unsigned(text.rstrip("\n"), me)
    return "\n\n".join(part for part in (text, quotation, signature) if part) + "\n"


def _unsigned(text: str, me: Person) -> tuple[str, str]:
    """The text signed by the name alone, and the signature under its line; "" where the text has another end."""
    signature = me.signature.strip("\n")
    if not signature.strip() or not f"\n{text}".endswith(f"\n{signature}"):
        return text, ""
    rest = text.removesuffix(signature).rstrip("\n")
    bare = rest.removesuffix(SEPARATOR).removesuffix(SEPARATOR.rstrip())
    body = bare.rstrip("\n") if bare != rest else f"{rest}\n{me.name}"
    return body, f"{SEPARATOR}\n{signature}"


def _introduction(language: str, name: str, day: datetime) -> str:
    words = _attributions().get(language.partition("-")[0], {})
    return words.get("line", _LINE).format(date=day.strftime(words.get("date", _DATE)), name=name)


@cache
def _attributions() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("watcher.domain.data").joinpath("attributions.toml").read_text("utf-8"))


def _wrapped(text: str) -> Iterator[str]:
    for line in text[:LONGEST].splitlines():
        yield from textwrap.wrap(_plain(line), WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


def _plain(line: str) -> str:
    return " ".join(_LINKEDINS.sub(_kept, _TRICKS.sub("", one_line(line))).split())


def _kept(link: re.Match[str]) -> str:
    """A profile without its tracking, and LinkedIn's mere name; nothing of any other link."""
    if link[1] in {None, "/"}:
        return link[0]
    shared = _SHARED.match(link[0])
    return shared[0] if shared else ""
