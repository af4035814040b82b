"""How LinkedIn's words are written down in the tables, and how they are found again in mail.

A pattern is literal text with wildcards: `{name}` is a name, `{Name}` one written with capitals, `{n}` a number and `*`
any text. Mail and pattern are compared without regard to case, kinds of blank and apostrophe, marks of direction, and
the colon or address that a text part puts behind a label. There are thousands of patterns, so a line meets only the
few that begin or end as it does, and a pattern is compiled when it is first needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape

# Bounded and without nested repeats: a line of a mail must not be able to cost time.
_IN_LINE: Mapping[str, str] = {
    "{name}": "(?P<name>.{1,80}?)",
    "{Name}": "(?P<Name>.{1,80}?)",
    "{n}": r"\d[\d.,' ]{0,9}\+?",
    "*": ".*",
}
_IN_TEXT: Mapping[str, str] = {"{name}": ".{1,80}?", "{n}": r"\d[\d.,' ]{0,9}\+?", "*": ".{0,80}?"}
_WILDCARD = re.compile(r"(\{name\}|\{Name\}|\{n\}|\*)")

# Marks of direction, joiners and soft hyphens; the vowel points of Arabic and Hebrew, which some writers set.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u061c\u0640\u064b-\u0652\u0670"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
_ALIKE = str.maketrans("’‘ʼ`׳״־،؟ţşŢŞ", "'''''\"-,?țșȚȘ")
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_BLANK_AT_CJK = re.compile(f" (?=[{_CJK}])|(?<=[{_CJK}]) ")
_UNSPACED = re.compile(f"[{_CJK}\u0e00-\u0e7f]")
_AFTER_LABEL = " :»›.。।"

_KEY = 3
_NAME_WORDS = 6
_LOWER_NAME_WORDS = 3
_NO_NAME = re.compile(r'[!?;:"@]|[^\W\d_]{5,}\.\s|https?:')
_PARTICLES = frozenset(
    "af al and ben bin binti da dal de del della den der di do dos du e el et i ibn la las le los och of og san st ten"
    " ter tot und van ve vom von y zu zum zur".split()
)


@lru_cache(maxsize=8)
def smooth(text: str) -> str:
    """Text without what the eye does not see; its case is kept. A mail's whole text is asked for several times."""
    plain = unescape(text) if "&" in text else text
    if plain.isascii():
        return " ".join(plain.replace("`", "'").split())
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", plain)).translate(_ALIKE)
    return _BLANK_AT_CJK.sub("", " ".join(plain.split()))


@lru_cache(maxsize=512)
def _label(text: str) -> str:
    """A line without the address that stands behind its words, and without its last marks."""
    words, _, last = " ".join(text.split()).rpartition(" ")
    shown = words if words and last.startswith(("http://", "https://")) else text
    return smooth(shown).rstrip(_AFTER_LABEL)


@dataclass(frozen=True, slots=True)
class NotNames:
    """Words of one language that stand where a name could, but are none: `I`, `we`; `my …`, `the …`."""

    alone: frozenset[str] = frozenset()
    first: tuple[str, ...] = ()

    @classmethod
    def of(cls, alone: Iterable[str], first: Iterable[str]) -> NotNames:
        """Compare them as lines are; a word of a script without blanks is no word of its own."""
        words = (smooth(word).casefold() for word in first)
        begins = tuple(word if _UNSPACED.match(word) else f"{word} " for word in words)
        return cls(frozenset(smooth(word).casefold() for word in alone), begins)

    def hold(self, name: str) -> bool:
        """Whether this is no name."""
        words = name.casefold()
        return words in self.alone or f"{words} ".startswith(self.first)


@dataclass(frozen=True, slots=True)
class ChromeLine:
    """A line of LinkedIn's own; `exact_case` where it is written in capitals, to tell it from people's words."""

    language: str
    text: str
    exact_case: bool = False

    def fits(self, label: str, not_names: NotNames) -> bool:
        """Whether a line, already smooth and without its end, is this one."""
        match = _line_pattern(self.text, self.exact_case).fullmatch(label)
        return match is not None and all(
            _is_name(name, capital=group == "Name") and not not_names.hold(name)
            for group, name in match.groupdict().items()
        )


@dataclass(frozen=True, slots=True, eq=False)
class LineTable:
    """LinkedIn's lines, found by their words: `"Accept: https://…" in table`."""

    exact: Mapping[str, frozenset[str]]
    by_end: Mapping[str, tuple[ChromeLine, ...]]
    not_names: Mapping[str, NotNames]

    @classmethod
    def of(cls, lines: Iterable[ChromeLine], not_names: Mapping[str, NotNames]) -> LineTable:
        """Index lines: whole where they have no wildcard, else by how they begin or end."""
        exact: dict[str, set[str]] = defaultdict(set)
        by_end: dict[str, list[ChromeLine]] = defaultdict(list)
        for line in lines:
            if line.exact_case or _WILDCARD.search(line.text):
                by_end[_end_of(line.text)].append(line)
            else:
                exact[_label(line.text).casefold()].add(line.language)
        return cls({text: frozenset(known) for text, known in exact.items()}, _frozen(by_end), not_names)

    def languages(self, text: str) -> frozenset[str]:
        """The languages in which a line is LinkedIn's own; none where it is not."""
        return _languages(self, text)

    def look_up(self, text: str) -> frozenset[str]:
        """The same, not from memory."""
        label = _label(text)
        words = label.casefold()
        found = self._whole(words)
        return found.union(line.language for line in self._candidates(words) if self._fits(line, label))

    def __contains__(self, text: str) -> bool:
        return bool(self.languages(text))

    def _fits(self, line: ChromeLine, label: str) -> bool:
        return line.fits(label, self.not_names.get(line.language, NotNames()))

    def _whole(self, words: str) -> frozenset[str]:
        """One line known word by word, or several labels in a row: `Unsubscribe | Help`."""
        parts = [self.exact.get(part.rstrip(_AFTER_LABEL)) for part in re.split(r" [|·] ", words)]
        known = [part for part in parts if part]
        return frozenset().union(*known) if len(known) == len(parts) else frozenset()

    def _candidates(self, words: str) -> Iterator[ChromeLine]:
        for end in ("^" + words[:_KEY], "$" + words[-_KEY:]):
            yield from self.by_end.get(end, ())
        yield from (line for line in self.by_end.get("", ()) if _needle(line.text)[0] in words)


@lru_cache(maxsize=512)
def _languages(table: LineTable, text: str) -> frozenset[str]:
    # A mail's lines are asked for again and again: for the card, the footer, the language.
    return table.look_up(text)


@dataclass(frozen=True, slots=True)
class Wording:
    """Words looked for anywhere in a text, and longer ones of another meaning that hold them.

    `You receive invitation mail` says nothing of an invitation where it goes on `that was accepted`.
    """

    text: str
    longer: tuple[str, ...] = ()

    def stands_in(self, words: str) -> bool:
        """Whether it stands in a text, already smooth and case folded."""
        needle, pattern = _needle(self.text)
        if needle not in words:
            return False
        for other in self.longer:
            words = words.replace(_needle(other)[0], " ")
        return needle in words and (pattern is None or bool(_compiled(pattern).search(words)))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Wordings of one meaning; `^` and `$` tie one to the beginning and end of the text.

    `by_word`: with what each is looked for, by a word that a text must hold, "" where it may hold any.
    """

    by_word: Mapping[str, tuple[tuple[str, Wording], ...]]

    @classmethod
    def of(cls, wordings: Iterable[Wording]) -> Phrases:
        """Index wordings by their longest word that stands between two others."""
        found: dict[str, list[tuple[str, Wording]]] = defaultdict(list)
        for wording in wordings:
            needle = _needle(wording.text)[0]
            found[max(needle.split(" ")[1:-1], key=len, default="")].append((needle, wording))
        return cls({word: tuple(known) for word, known in found.items()})

    def search(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        words, each = _folded(text)
        likely = (entry for word in self.by_word.keys() & each for entry in self.by_word[word])
        return any(wording.stands_in(words) for needle, wording in likely if needle in words)


@lru_cache(maxsize=8)
def _folded(text: str) -> tuple[str, frozenset[str]]:
    """A text as it is compared, and its words."""
    words = smooth(text).casefold()
    return words, frozenset(["", *words.split(" ")])


def held_by(text: str, others: Iterable[str]) -> tuple[str, ...]:
    """Which other wordings hold this one and more."""
    needle = _needle(text)[0]
    return tuple(other for other in others if needle in _needle(other)[0] != needle)


@cache
def _needle(wording: str) -> tuple[str, str | None]:
    """The longest literal piece, which is looked for first, and a pattern where there is more to it."""
    text = smooth(wording).casefold().strip("* ").removeprefix("{name}").removesuffix("{name}").strip(" ,*")
    literal = text.removeprefix("^").removesuffix("$")
    pieces = _WILDCARD.split(literal)
    needle = max((piece for piece in pieces if piece not in _IN_TEXT), key=len)
    if literal == text and len(pieces) == 1:
        return needle, None
    body = "".join(_IN_TEXT.get(piece, re.escape(piece)) for piece in pieces)
    return needle, ("^" if text.startswith("^") else "") + body + ("$" if text.endswith("$") else "")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _line_pattern(text: str, exact_case: bool) -> re.Pattern[str]:
    pieces = _WILDCARD.split(_label(text))
    pattern = "".join(_IN_LINE.get(piece, re.escape(piece)) for piece in pieces)
    return re.compile(pattern, re.NOFLAG if exact_case else re.IGNORECASE)


def _end_of(text: str) -> str:
    """Under what a line with wildcards is looked up: its beginning, its end, or "" where neither is known."""
    pieces = _WILDCARD.split(_label(text).casefold().replace("{name}", "*"))
    first, last = pieces[0], pieces[-1]
    if len(first) >= _KEY:
        return "^" + first[:_KEY]
    return "$" + last[-_KEY:] if len(last) >= _KEY else ""


def _frozen(by_end: Mapping[str, list[ChromeLine]]) -> Mapping[str, tuple[ChromeLine, ...]]:
    return {end: tuple(lines) for end, lines in by_end.items()}


def _is_name(text: str, *, capital: bool) -> bool:
    """Whether words may be a name, so that `My manager is waiting for your response` stays a person's sentence."""
    words = re.sub(r"\([^()]*\)", "", text).split()
    if not 0 < len(words) <= _NAME_WORDS or _NO_NAME.search(text):
        return False
    small = [word for word in words if _starts_small(word)]
    if not [word for word in small if word.lower().strip(".,") not in _PARTICLES]:
        return len(small) < len(words)
    return not capital and len(small) == len(words) <= _LOWER_NAME_WORDS


def _starts_small(word: str) -> bool:
    letter = next((char for char in word if char.isalpha()), "")
    return letter.islower()
