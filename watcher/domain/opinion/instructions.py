"""Does a note speak to a machine that judges it? Then no model is shown it.

Orders about how to judge, in many languages; the marks of prompts and of answers; letters that nobody sees, and words
that mix the letters of two scripts. A note that is suspected wrongly loses a second opinion and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from watcher.domain.notes import plain, sentences
from watcher.domain.tables import instruction_marks, instructions

LONGEST_SHOWN = 120

_RUNS = re.compile(r"[^\W\d_]{2,}")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def instruction(note: str) -> str | None:
    """The words of a note that are meant for a machine; None where it speaks to a person."""
    for pattern in instruction_marks():
        if found := pattern.search(note):
            return _shown(note[max(0, found.start() - 20) : found.end() + 60])
    for words in (*sentences(note), note):
        if any(pattern.search(plain(words)) for pattern in instructions()):
            return _shown(words)
    return next((_shown(run) for run in _RUNS.findall(note) if _mixes_scripts(run)), None)


def _mixes_scripts(word: str) -> bool:
    """`pеrsonalised` with a Cyrillic е."""
    return len({script for letter in word if (script := _script(letter))}) > 1


@cache
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")


def _shown(words: str) -> str:
    """Without what nobody sees."""
    seen = "".join(char for char in words if unicodedata.category(char) not in {"Cf", "Cc", "Cn", "Co"} or char == "\n")
    return " ".join(seen.split())[:LONGEST_SHOWN] or "letters that nobody sees"
