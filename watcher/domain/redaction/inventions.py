"""What stands in place of a word: an invention of the same shape, or x for x.

An invention is made from its number alone, so that nothing can be guessed back from it, and it is no word of
LinkedIn's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from watcher.domain.redaction.known import vocabulary

RUN = r"(?:%[0-9A-Fa-f]{2}|[^\W_])+"
"""Letters and digits, also such as a link writes with percent signs."""

_RUNS = re.compile(RUN)
_UNIT = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "


@dataclass(slots=True)
class Inventions:
    """What became of each word of one mail, in order of first appearance."""

    made: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    number: int = 0

    def shape(self, text: str) -> str:
        """Every run of letters and digits replaced by an invented one."""
        return _RUNS.sub(lambda run: self.word(run.group()), text)

    def word(self, word: str) -> str:
        """The invention for a word, in the word's case."""
        key = word.casefold()
        known = self.made.get(key) or self._invent(key)
        if len(known) != len(word):  # a letter whose small form is longer, as ß and İ
            return masked(word)
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, known, strict=True))

    def _invent(self, key: str) -> str:
        """The next invention that is no known word and none of the originals; a short word has few."""
        for _ in range(40):
            self.number += 1
            new = _shaped(key, self.number)
            if new != key and new not in self.used and new not in self.made and new not in vocabulary():
                break
        self.used.add(new)
        self.made[key] = new
        return new


def masked(words: str) -> str:
    """Letter by letter x or X, each digit 0."""
    return "".join(map(_mask, words))


def _mask(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "N":
        return "0"
    if category[0] not in "LM":
        return char
    return "X" if category in {"Lu", "Lt"} else "x"


def _shaped(original: str, number: int) -> str:
    units = enumerate(_UNIT.findall(original))
    return "".join(_unit(unit, index, number) for index, unit in units)


def _unit(unit: str, index: int, number: int) -> str:
    if len(unit) == 3:
        return unit if chr(int(unit[1:], 16)) in _PUNCTUATION else "%78"
    step = number // 10 ** (index % 4) + index
    if unit.isdigit():
        return str(step % 10)
    if not unit.isalpha():
        return unit
    letters = _alphabets().get(_script(unit), "x")
    # Consonant and vowel in turn, so that an invented name can be spoken.
    pool = ("aeiou", "bcdfgklmnprstvz")[index % 2 == 0] if letters[0] in "aA" else letters
    letter = pool[step % len(pool)]
    return letter.upper() if letters[0] == "A" else letter


@cache
def _alphabets() -> Mapping[tuple[str, str], str]:
    """Letters to invent with, by script and category: `LATIN`, `Ll` → a to z."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for char in map(chr, range(0x41, 0x10000)):
        letters = found[_script(char)]
        if char.isalpha() and len(letters) < 26:
            letters.append(char)
    return {script: "".join(letters) for script, letters in found.items() if letters}


def _script(char: str) -> tuple[str, str]:
    return unicodedata.name(char, "").partition(" ")[0], unicodedata.category(char)
