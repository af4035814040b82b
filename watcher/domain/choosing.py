"""Which variant of a template answers an invitation: `generic`, or `generic.short`, or `generic.firm`.

1. Of the variants whose `when` lines all hold, the one with most of them; of two with as many, the first by name.
2. Else the variant that the person named for all answers, where it has no `when` line.
3. Else the template itself.

Pure: the invitation, its verdict, and the time at which it is handled, in the person's own time zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from watcher.domain.front_matter import DAYS, Asks, Condition
from watcher.domain.values import Invitation, Verdict


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant by its whole name, and what its file asks for."""

    name: str
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is answered and when; `at` is in the person's time zone."""

    invitation: Invitation
    verdict: Verdict
    at: datetime


def base_of(name: str) -> str:
    """The template that a name is a variant of: `generic` for `generic.firm` and for itself."""
    return name.partition(".")[0]


def chosen(base: str, variants: Iterable[Variant], occasion: Occasion, preferred: str = "") -> str:
    """The name of the template to use; `preferred` is the variant the person wants where no `when` decides."""
    mine = [one for one in variants if base_of(one.name) == base and one.name != base]
    fitting = [one for one in mine if one.when and all(holds(condition, occasion) for condition in one.when)]
    if fitting:
        return min(fitting, key=lambda one: (-len(one.when), one.name)).name
    wanted = f"{base}.{preferred}"
    return wanted if any(one.name == wanted and not one.when for one in mine) else base


def holds(condition: Condition, occasion: Occasion) -> bool:
    """Whether any of its words is true of the occasion; what a mail does not show is never true."""
    invitation = occasion.invitation
    match condition.asks:
        case Asks.WEEKDAY:
            return DAYS[occasion.at.weekday()] in condition.words
        case Asks.VERDICT:
            return str(occasion.verdict.kind) in condition.words
        case Asks.LANGUAGE:
            return _is_of(invitation.language or "", condition.words)
        case Asks.HEADLINE:
            return _names(invitation.inviter.headline or "", condition.words)
        case Asks.COMPANY:
            return _names(invitation.inviter.company or "", condition.words)


def _is_of(language: str, wanted: Iterable[str]) -> bool:
    """`pt` stands for every kind of it, `pt-br` for that one."""
    code = language.casefold()
    return any(code == word or code.startswith(f"{word}-") for word in wanted)


def _names(text: str, words: Iterable[str]) -> bool:
    folded = _folded(text)
    return any(_pattern(word).search(folded) for word in words)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=256)
def _pattern(word: str) -> re.Pattern[str]:
    """Whole words, in scripts that set words apart; `recruit*` is the beginning of one."""
    stem = _folded(word.rstrip("*"))
    before = r"(?<!\w)" if _stands_apart(stem[:1]) else ""
    after = "" if word.endswith("*") or not _stands_apart(stem[-1:]) else r"(?!\w)"
    return re.compile(f"{before}{re.escape(stem)}{after}")


def _stands_apart(letter: str) -> bool:
    """Scripts with capitals put blanks between words; Arabic joins its articles, Chinese and Thai have no blanks."""
    return letter.isdigit() or letter.upper() != letter.lower()
