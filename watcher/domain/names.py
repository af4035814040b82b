"""Names as people write them into LinkedIn: the first name, and the name one may greet with.

Where the family's name stands first is told by the letters: Chinese, Japanese and Korean; and by the language of the
mail: Hungarian.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile

from watcher.domain.tables import via

_TITLES = frozenset("dr prof professor mr mrs ms miss sir dame ing eng dipl herr frau mag drs phd mba д-р דר".split())
_SHORTENED = frozenset(
    "med rer nat phil iur jur pol oec theol habil hab mgr bc dra engr ir mudr judr phdr ifj özv д د ড ডা डॉ डा ਡਾ డా"
    " ดร".split()
)
"""Titles and their parts only with their full stop: `Dr. med.`, but `Nat` is a name."""

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_HANGUL = r"\uac00-\ud7a3"
_FAMILY_FIRST = re.compile(rf"[{_HAN}{_HANGUL}\u3005-\u3007\u3040-\u30ff]+")
_LONG_FAMILIES = (
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 夏侯 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 宇文 长孙 長孫 端木"
    " 남궁 황보 제갈 선우 독고 사공 서문 동방"
).split()
_UNSPACED = re.compile(rf"[{_HAN}]{{2,3}}|[{_HANGUL}]{{3}}")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_via(display_name: str) -> str:
    """`Anna Berg via LinkedIn` → `Anna Berg`."""
    return via().sub("", " ".join(display_name.split())).strip("\"' ")


def compared(name: str) -> str:
    """A name as it is compared: NFKC, case-folded, single blanks, without what the eye does not see."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(char for char in folded if unicodedata.category(char) != "Cf").split())


def shown(name: str) -> str:
    """A name with single blanks and without marks of writing direction."""
    return " ".join(_DIRECTION.sub("", name).split())


def first_name(name: str, language: str | None = None) -> str:
    """The given name: without titles, emoji and what follows a comma. `language` is the mail's."""
    words = _words(name)
    if not words:
        return ""
    if family_first := _family_first(words):
        return _given(family_first, language)
    if "·" in words[0] and _FAMILY_FIRST.match(words[0]):
        return words[0].partition("·")[0]  # so a foreign name is written, in its own order
    return words[-1] if language == "hu" else words[0]


def greeting(name: str, first: str) -> str:
    """The name to greet with: a name in letters that put the family first stays whole."""
    return " ".join(_family_first(_words(name))) or first


def _family_first(words: list[str]) -> list[str]:
    """The words in letters that put the family first; a name in other letters may follow."""
    return list(takewhile(_FAMILY_FIRST.fullmatch, words))


def _words(name: str) -> list[str]:
    spoken = [word for word in _plain(name.partition(",")[0]).split() if any(map(str.isalpha, word))]
    return [word for word in spoken if not _is_title(word)]


def _given(words: list[str], language: str | None) -> str:
    """Of a name whose family stands first: the last word, or what follows the family's one or two letters."""
    name = words[-1]
    if len(words) > 1:
        return name
    if name.startswith(tuple(_LONG_FAMILIES)) and len(name) > 2:
        return name[2:]
    return name[1:] if language != "ja" and _UNSPACED.fullmatch(name) else name


def _plain(name: str) -> str:
    """Letters, and what may join them; a bracket or a stroke parts words."""
    return "".join(map(_letter, name))


def _letter(char: str) -> str:
    if unicodedata.category(char)[0] in "LMZ" or char in "'’-.·־\u200c":
        return char
    if char == "・":
        return "·"
    return " " if unicodedata.category(char) in {"Ps", "Pe"} or char in "/|" else ""


def _is_title(word: str) -> bool:
    titles = _TITLES | _SHORTENED if word.endswith(".") else _TITLES
    bare = word.lower().strip(".")
    return bare in titles or all(part in titles for part in re.split(r"[.\-]+", word.lower()) if part)
