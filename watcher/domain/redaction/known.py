"""What the tables know to be LinkedIn's: single words, whole lines, and the words of default sentences."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from watcher.domain.kind import close_to_linkedin
from watcher.domain.kinds import Kind
from watcher.domain.layout import visible
from watcher.domain.notes import find_default, plain, sentences
from watcher.domain.tables import chrome, courtesies, signals

MAX_LINES = 4000
MAX_KNOWN_LINE = 1000

_PADDING = chr(0x34F)
_COLONS = (",", ":", "，", "、", "：")


@cache
def vocabulary() -> frozenset[str]:
    """Every word of LinkedIn's that the tables hold."""
    tables = (chrome().lines, chrome().footers)
    texts = [text for table in tables for text in table.exact]
    texts += [line.text for table in tables for lines in table.by_end.values() for line in lines]
    return frozenset(word.casefold() for text in texts for word in words_of(re.sub(r"\{\w+\}", " ", text)))


@cache
def word_pattern() -> re.Pattern[str]:
    """A run of letters, digits and their marks; invisible padding is no mark."""
    marks = (chr(code) for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(f"(?:[^\\W_]|[{''.join(mark for mark in marks if mark != _PADDING)}])+")


def words_of(text: str) -> list[str]:
    """The words of a text in their order."""
    return word_pattern().findall(text)


def is_linkedin(word: str) -> bool:
    """Whether a word is LinkedIn's name, also misspelt as imitations do."""
    return len(word) <= len("linkedins") and close_to_linkedin(word.lower())


@dataclass(frozen=True, slots=True)
class Sense:
    """What the tables say of a line."""

    languages: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    kinds: frozenset[frozenset[Kind]] = frozenset()
    is_greeting: bool = False
    courtesies: int = 0

    def __bool__(self) -> bool:
        return any(self.languages) or bool(self.kinds) or self.is_greeting or bool(self.courtesies)


def sense(text: str, names: frozenset[str], *, is_subject: bool) -> Sense:
    """Ask the tables about a line of a mail that speaks of these names."""
    text = visible(text)
    table = signals()
    patterns = table.subjects if is_subject else (*table.footers, *table.phrases)
    first = text.split()[0].strip(",:") if text else ""
    return Sense(
        (chrome().lines.languages(text), chrome().footers.languages(text)),
        frozenset(entry.kinds for entry in patterns if entry.pattern.search(text)),
        is_greeting=first in chrome().greetings and text.endswith(_COLONS),
        courtesies=sum(_is_courtesy(sentence, names) for sentence in sentences(text[:200])),
    )


def _is_courtesy(sentence: str, names: frozenset[str]) -> bool:
    words = " ".join(word for word in plain(sentence).split() if word not in names)
    return any(pattern.fullmatch(words) for pattern in courtesies())


def default_words(texts: Sequence[str]) -> dict[int, frozenset[int]]:
    """By line, where the words of LinkedIn's default sentences begin; a text part may wrap one over three lines."""
    found: dict[int, set[int]] = defaultdict(set)
    plainly = [text.replace("\n", " ") for text in texts[:MAX_LINES]]
    for first in range(len(plainly)):
        near = takewhile(visible, plainly[first : first + 3])
        joined = "\n".join(near)[:MAX_KNOWN_LINE]
        for start in _default_starts(joined):
            before = joined[:start]
            found[first + before.count("\n")].add(start - (before.rfind("\n") + 1))
    return {index: frozenset(starts) for index, starts in found.items()}


def _default_starts(joined: str) -> Iterator[int]:
    found = find_default(joined)
    if found is None:
        return
    at = joined.replace("\n", " ").find(found.words.replace("\n", " "))
    known = set(plain(found.known.text.replace("'", " ").replace("’", " ")).split())
    for word in word_pattern().finditer(joined, max(at, 0), at + len(found.words) if at >= 0 else 0):
        if plain(word.group()) in known:
            yield word.start()
