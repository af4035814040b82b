"""The note as a model is shown it: names, companies, addresses, numbers and links are placeholders.

What can be known is taken out: the names of inviter and recipient in any case, with accents or without, with the
endings of languages that bend names; their companies; whatever has the form of an address, a telephone number or a
link. Other people whom the note names cannot be told from other words and stay. Places in what is shown lead back to
the note, so that evidence is in the note's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from watcher.domain import names
from watcher.domain.opinion.grounds import Span
from watcher.domain.redaction.addresses import MAIL
from watcher.domain.redaction.urls import URL

PLACEHOLDER = re.compile(r"\[(?:Sender|Recipient|Company|Address|Number|Link)\]")

_BENT = frozenset("be bg bs cs el et fi hr hu kk lt lv mk pl ro ru sk sl sr tr uk".split())
"""Languages that put endings to names."""

_PARTICLES = frozenset(
    "al and ap bin da das de del della den der di do dos du e el la las le lo los of san st ten ter und van vom von y"
    " zu zum".split()
)
_SHORT_WORDS = frozenset(
    "am an as at be by do en es et go he if in is it me my no of on or so to un up us we ja zu so".split()
)
"""Words that a name of two letters may look like where it is written in small letters."""

_COMPANY_FORMS = frozenset(
    "ab ag and as bv co company corp corporation gmbh group holding inc kg limited llc ltd nv oy plc sa sarl se spa srl"
    " the und y".split()
)

_TOP = (
    "com|org|net|io|ai|co|dev|app|me|info|biz|eu|de|at|ch|fr|es|it|nl|be|pl|cz|uk|us|ca|br|ru|ua|se|no|dk|fi|jp|cn|in"
)
_PATH = r"/[^\s<>\"']*"
_SITE = (
    r"(?<![\w@.])(?:www\.[^\s<>\"']+"
    rf"|(?:[\w-]+\.)+(?:{_TOP})(?![\w.-]*@)(?:{_PATH}|(?![\w-]))"
    rf"|[\w-]+(?:\.[\w-]+)+{_PATH})"
)
_HANDLE = r"(?<![\w@])@[\w.-]{2,60}"
_DATE = r"\d{1,4}[./ -]\d{1,2}[./ -]\d{2,4}(?!\d)|(?:1[89]|20)\d\d\s?[-–/]\s?(?:1[89]|20)?\d\d(?!\d)"
_LONG = r"\d(?:[\s().\-/]{0,2}\d){8}"
_NUMBER = rf"(?<![\w+./-])(?!{_DATE})(?=[+(0]|{_LONG})[+(]{{0,2}}\d(?:[\s().\-/]{{0,2}}\d){{6,18}}(?!\w)"
_KNOWN_FORMS = (("Link", URL), ("Address", MAIL), ("Link", _SITE), ("Address", _HANDLE), ("Number", _NUMBER))

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_HONORIFIC = r"(?=\s?(?:先生|女士|小姐|太太|总|總|老师|老師|经理|經理|博士|教授|さん|さま|様|君|氏|씨|님))"
_PREFIX = r"(?:[ובהלכמש]{1,2}|و?ال|[ولبفك])?"


class Hidden(NamedTuple):
    """Whom and what the note may name: full names, and companies."""

    sender: str
    recipient: str
    companies: tuple[str, ...]


class _Piece(NamedTuple):
    """A placeholder: its place in what is shown and the place of what it stands for."""

    shown: Span
    original: Span


@dataclass(frozen=True, slots=True)
class Shown:
    """A note with placeholders, and the way back."""

    text: str
    note: str
    pieces: tuple[_Piece, ...]

    def original(self, span: Span) -> str:
        """The note's own words where `span` lies in what is shown; a placeholder counts whole."""
        return self.note[self._back(span[0], 0) : self._back(span[1], 1)]

    def _back(self, place: int, side: int) -> int:
        """A place in the note. Inside a placeholder: its beginning (`side` 0) or its end (1)."""
        moved = 0
        for piece in self.pieces:
            if place < piece.shown[0] + side:
                break
            if place < piece.shown[1]:
                return piece.original[side]
            moved = piece.original[1] - piece.shown[1]
        return place + moved


def hide(note: str, hidden: Hidden, language: str | None) -> Shown:
    """The note (in Unicode's composed form) as it may be shown to a model."""
    composed = unicodedata.normalize("NFC", note)
    text, pieces, at = "", list[_Piece](), 0
    for found in _pattern(hidden, language).finditer(_folded(composed)):
        if composed[found.start() : found.end()] in _SHORT_WORDS:
            continue
        text += composed[at : found.start()]
        shown = f"[{(found.lastgroup or '').partition('_')[0]}]"
        pieces.append(_Piece((len(text), len(text) + len(shown)), found.span()))
        text, at = text + shown, found.end()
    return Shown(text + composed[at:], composed, tuple(pieces))


def _pattern(hidden: Hidden, language: str | None) -> re.Pattern[str]:
    """What is taken out, the longest first at each place."""
    is_bent = (language or "").partition("-")[0] in _BENT
    companies = sorted({way for name in hidden.companies for way in _company(name)}, key=len, reverse=True)
    groups = [*_KNOWN_FORMS]
    groups += [("Company", company) for company in companies]
    for name, known in (("Sender", hidden.sender), ("Recipient", hidden.recipient)):
        if either := "|".join(_ways(known, is_bent=is_bent)):
            groups.append((name, rf"(?:{either})(?:[\s.'’-]{{1,2}}(?:{either}))*"))
    return re.compile("|".join(f"(?P<{name}_{number}>{form})" for number, (name, form) in enumerate(groups)))


def _ways(name: str, *, is_bent: bool) -> Iterator[str]:
    """How a note may write a name: whole, and each of its words."""
    words = [word for word in re.findall(r"[^\W\d_]+", _folded(name)) if len(word) > 1]
    if len(words) > 1:
        yield _word(r"[\W_]{1,3}".join(words), is_bent=is_bent)
    for word in sorted(set(words) - _PARTICLES, key=len, reverse=True):
        yield _word(word, is_bent=is_bent)
    yield from _family_first(name)


def _word(word: str, *, is_bent: bool) -> str:
    if re.search(rf"[{_UNSPACED}]", word):
        return word
    if is_bent and len(word) > 3:
        stem = re.sub(r"[aeiouyаеиоуыьюяіїйαεηιουωσς]$", "", word)
        return rf"(?<!\w){stem}\w{{0,4}}(?!\w)"
    return rf"(?<!\w){_PREFIX}{word}(?:['’]?s)?(?!\w)"


def _family_first(name: str) -> Iterator[str]:
    """`王小明`: the given name alone, and the family's where a title follows."""
    given = names.first_name(name)
    family = _folded(name).removesuffix(_folded(given)).strip()
    if given and re.fullmatch(rf"[{_UNSPACED}]+", given) and family:
        yield re.escape(family) + _HONORIFIC
        if len(given) > 1:
            yield re.escape(_folded(given))


def _company(name: str) -> Iterator[str]:
    """A company as it is called, with its form of law and without."""
    words = re.findall(r"[^\W_]+", _folded(name))
    short = [word for word in words if word not in _COMPANY_FORMS]
    for called in (words, short):
        if any(len(word) > 1 for word in called):
            joined = r"[\W_]{1,3}".join(called)
            yield joined if re.search(rf"[{_UNSPACED}]", joined) else rf"(?<!\w){joined}(?:['’]?s)?(?!\w)"


def _folded(text: str) -> str:
    """Letter by letter in small letters and without accents: as long as it was."""
    return "".join(map(_base, unicodedata.normalize("NFC", text)))


def _base(char: str) -> str:
    if char in "ıİ":
        return "i"
    parted = unicodedata.normalize("NFKD", char)
    small = (parted[0] if all(map(unicodedata.combining, parted[1:])) else char).casefold()
    return small if len(small) == 1 else char
