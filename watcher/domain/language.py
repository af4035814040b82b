"""Which language: a note's own words, or LinkedIn's mail around them. Codes are BCP 47, lower case.

The detector's model takes over 100 MB while it loads, so it is loaded only for a note that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.75
"""Below this probability the detector's answer is not used."""

FEWEST_LETTERS = 12

FEWEST_DIFFERENT = 4
"""Letters that differ: the detector would be sure of a language in any text of three."""

_MASKED = re.compile(r"\b([a-z])\1+\b", re.IGNORECASE)
"""A word that stands in place of another; the detector is sure that `Xxxx xx xxx` is Danish."""

INTERFACE_LANGUAGES = (
    "ar bn cs da de el en es fa fi fr he hi hu id it ja ko mr ms nl no pa pl pt ro ru sv te th tl tr uk vi zh".split()
)
"""The languages LinkedIn is used in: the detector chooses among these alone."""


def of_words(text: str) -> str | None:
    """The language of free text, None where it cannot be told or most of the text is masked."""
    told = _MASKED.sub("", text)
    letters = _letters(told)
    if len(letters) < max(FEWEST_LETTERS, len(_letters(text)) / 2) or len(set(letters)) < FEWEST_DIFFERENT:
        return None
    language, probability = _identifier().classify(told[:2000])
    return _code(language) if probability >= SURE else None


def is_masked(text: str) -> bool:
    """Whether most of the text was replaced by words like `Xxxx`, as in a redacted sample."""
    return len(_letters(_MASKED.sub("", text))) * 2 < len(_letters(text))


def of_mail(declared: str | None, by_chrome: Sequence[str]) -> str | None:
    """The language of LinkedIn's own lines, else what the HTML declares."""
    return next(iter(by_chrome), None) or (_code(declared) if declared else None)


def choose(wanted: str | None, answered: Sequence[str]) -> str:
    """The language to answer in: the wanted one where the person answers in it, else the person's first."""
    same = (code for code in answered if wanted and _base(code) == _base(wanted))
    return next(same, answered[0])


def _letters(text: str) -> list[str]:
    return [char for char in text.casefold() if char.isalpha()]


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415 - loaded only when a note needs it, see above

    identifier = LanguageIdentifier.from_pickled_model("data/model.plzma", norm_probs=True)
    identifier.set_languages([*INTERFACE_LANGUAGES, "nb"])
    return identifier


def _code(tag: str) -> str:
    code = tag.strip().lower().replace("_", "-")
    return {"nb": "no", "nn": "no", "in": "id", "iw": "he"}.get(_base(code), code)


def _base(code: str) -> str:
    return code.lower().partition("-")[0]
