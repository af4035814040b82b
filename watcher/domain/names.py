"""Names as people write them into LinkedIn, and the first name one may greet with."""

from __future__ import annotations

import re
import unicodedata

from watcher.domain.tables import via

_TITLES = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "sir", "dame", "ing", "eng", "dipl", "herr", "frau", "mag",
})  # fmt: skip
_FACULTIES = frozenset("med rer nat phil iur jur pol oec theol habil".split())
"""Parts of a title only with their full stop: `Dr. med.`, but `Nat` is a name."""
_FAMILY_FIRST = ("HANGUL", "HIRAGANA", "KATAKANA", "CJK")


def without_via(display_name: str) -> str:
    """`Anna Berg via LinkedIn` → `Anna Berg`."""
    return via().sub("", " ".join(display_name.split())).strip("\"' ")


def compared(name: str) -> str:
    """A name as it is compared: NFKC, case-folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def first_name(name: str) -> str:
    """The name to greet with: without titles, emoji and what follows a comma; a name in CJK letters stays whole."""
    spoken = [word for word in _plain(name.partition(",")[0]).split() if any(map(str.isalpha, word))]
    words = [word for word in spoken if not _is_title(word)]
    if not words:
        return ""
    return " ".join(words) if all(_is_family_first(word) for word in words) else words[0]


def _plain(name: str) -> str:
    """Letters, and what may join them; a bracket or a stroke parts words."""
    return "".join(map(_letter, name))


def _letter(char: str) -> str:
    if unicodedata.category(char)[0] in "LMZ" or char in "'’-.·":
        return char
    return " " if unicodedata.category(char) in {"Ps", "Pe"} or char in "/|" else ""


def _is_title(word: str) -> bool:
    titles = _TITLES | _FACULTIES if word.endswith(".") else _TITLES
    return all(part in titles for part in re.split(r"[.\-]+", word.lower()) if part)


def _is_family_first(word: str) -> bool:
    return unicodedata.name(word[0], "").startswith(_FAMILY_FIRST)
