"""How a text is searched: without regard to case, accents and width, so that `muller` finds `Müller`.

Each word that is asked for has to stand somewhere, as it is or inside a longer one: that works in every script, also in
those which write no blanks between words.
"""

from __future__ import annotations

import unicodedata

LONGEST = 4_000
"""So many characters of one invitation are searched; name, headline and company stand first."""

MOST_WORDS = 8
"""More words than this make no search narrower."""


def folded(text: str) -> str:
    """A text as it is searched."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in parted if unicodedata.category(char) not in {"Mn", "Cf", "Cs"})
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def words(asked: str) -> tuple[str, ...]:
    """The words of a question, each once."""
    return tuple(dict.fromkeys(folded(asked).split()))[:MOST_WORDS]


def sought(*pieces: str | None) -> str:
    """What of an invitation is searched."""
    return folded(" ".join(filter(None, pieces)))[:LONGEST]
