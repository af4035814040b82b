"""The words that a reader sees, line by line: those of a known line stay, all others become x.

A line that the tables know has to be known by them afterwards as well, so that the sample reads as the mail does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from watcher.domain.kinds import Kind
from watcher.domain.redaction.addresses import MAIL, Addresses
from watcher.domain.redaction.inventions import Inventions, masked
from watcher.domain.redaction.known import (
    MAX_KNOWN_LINE,
    MAX_LINES,
    Sense,
    default_words,
    is_linkedin,
    sense,
    vocabulary,
    word_pattern,
)
from watcher.domain.redaction.urls import URL, Links

MAX_CHECKS = 4000
"""How often the tables are asked about one mail; lines beyond are taken out whole."""

MAX_LABEL_WORDS = 6
"""A longer text in a link may be somebody's note, all of which leads to LinkedIn."""

_LINKS = re.compile(rf"(?P<url>{URL})|(?P<mail>{MAIL})")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")

Change = tuple[int, str]
"""Where a word begins, and the word of the same length that comes there."""


@dataclass(slots=True)
class Lines:
    """The lines of one mail, and how often the tables were asked about them."""

    kind: Kind
    names: frozenset[str]
    addresses: Addresses
    links: Links
    inventions: Inventions
    checks: int = field(default=0, init=False)

    def text(self, text: str) -> str:
        """A text part, line by line."""
        lines = text.split("\n")
        return "\n".join(self.each([(line, False) for line in lines[:MAX_LINES]]))

    def each(self, lines: Sequence[tuple[str, bool]]) -> Iterator[str]:
        """Lines in reading order; of each, whether all of it is the label of a button."""
        defaults = default_words([text for text, _ in lines])
        for index, (text, is_label) in enumerate(lines):
            yield self.line(text, defaults.get(index, frozenset()), is_own=is_label and _is_short(text))

    def line(
        self, text: str, default: frozenset[int] = frozenset(), *, is_own: bool = False, is_subject: bool = False
    ) -> str:
        """One line. Words of a default sentence (`default`: where they begin) stay, and of those in LinkedIn's lines
        (`is_own`, or known as a whole) the ones that the tables hold.
        """
        linked = _LINKS.sub(self._linked, text)
        before = self._ask(text, is_subject=is_subject)
        changes = self._changes(text, default, is_own=is_own or is_subject or any(before.languages))
        shown = _applied(linked, changes)
        if not before or self._ask(shown, is_subject=is_subject) == before:
            return shown
        return self._least(linked, changes, before, is_subject=is_subject)

    def _linked(self, found: re.Match[str]) -> str:
        return self.links.url(found.group()) if found.lastgroup == "url" else self.addresses.mail(found.group())

    def _least(self, text: str, changes: Sequence[Change], before: Sense, *, is_subject: bool) -> str:
        """Change every word that the tables do not need to know the line."""
        for change in changes:
            shown = _applied(text, [change])
            if self._ask(shown, is_subject=is_subject) == before:
                text = shown
        return text

    def _changes(self, text: str, default: frozenset[int], *, is_own: bool) -> list[Change]:
        linked = _covered(text, _LINKS)
        closed = _covered(text, _BRACKETS)
        known = vocabulary() if is_own and self.kind not in {Kind.UNRELATED, Kind.MESSAGE} else frozenset()
        found = []
        for word in word_pattern().finditer(text):
            start, shown = word.start(), word.group()
            stays = start in default or (shown.casefold() in known and not closed[start])
            if not linked[start] and (new := self._new(shown, stays=stays)) != shown:
                found.append((start, new))
        return found

    def _new(self, word: str, *, stays: bool) -> str:
        if word.casefold() in self.names:
            return self.inventions.word(word)
        return word if stays or is_linkedin(word) else masked(word)

    def _ask(self, text: str, *, is_subject: bool) -> Sense:
        if self.kind is Kind.UNRELATED or len(text) > MAX_KNOWN_LINE or self.checks >= MAX_CHECKS:
            return Sense()
        self.checks += 1
        made = self.inventions.made
        invented = (made[name] for name in self.names & made.keys())
        return sense(text, self.names.union(invented), is_subject=is_subject)


def _is_short(label: str) -> bool:
    return len(label.split()) <= MAX_LABEL_WORDS


def _covered(text: str, pattern: re.Pattern[str]) -> bytearray:
    """For each place of a text, whether the pattern covers it."""
    covered = bytearray(len(text))
    for found in pattern.finditer(text):
        covered[found.start() : found.end()] = b"\1" * len(found.group())
    return covered


def _applied(text: str, changes: Iterable[Change]) -> str:
    pieces, at = [], 0
    for start, new in changes:
        pieces += [text[at:start], new]
        at = start + len(new)
    return "".join([*pieces, text[at:]])
