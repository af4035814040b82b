"""Names as people write them into LinkedIn, and the first name one may greet with."""

from __future__ import annotations

import re
import unicodedata

_VIA = re.compile(r"\s+(?:via|über|par|vía|tramite|através do)\s+linkedin$", re.IGNORECASE)
_TITLES = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "sir", "dame", "ing", "eng", "dipl", "herr", "frau", "mag",
})  # fmt: skip
_FAMILY_FIRST = ("HANGUL", "HIRAGANA", "KATAKANA", "CJK")


def without_via(display_name: str) -> str:
    """`Anna Berg via LinkedIn` → `Anna Berg`."""
    return _VIA.sub("", " ".join(display_name.split())).strip("\"' ")


def compared(name: str) -> str:
    """A name as it is compared: NFKC, case-folded, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def first_name(name: str) -> str:
    """The name to greet with: without titles, emoji and what follows a comma; a name in CJK letters stays whole."""
    words = [word for word in _plain(name.partition(",")[0]).split() if not _is_title(word)]
    if not words:
        return ""
    return " ".join(words) if all(_is_family_first(word) for word in words) else words[0]


def _plain(name: str) -> str:
    kept = (char for char in name if unicodedata.category(char)[0] in "LMZ" or char in "'’-.·")
    return "".join(kept)


def _is_title(word: str) -> bool:
    parts = [part for part in word.lower().split(".") if part]
    return bool(parts) and all(part in _TITLES for part in parts)


def _is_family_first(word: str) -> bool:
    return unicodedata.name(word[0], "").startswith(_FAMILY_FIRST)
