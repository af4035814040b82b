"""Phrases by which a person would tell a note with a reason from one that fits anybody, in the note's own language.

The tables are in `domain/data/judge_signs.toml`. They are a view of their own, the only one that can be read, and where
they stand in a note they are its evidence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

REASONS: Mapping[str, str] = {
    "met": "where or when you met or talked",
    "together": "what you did together",
    "sent_by": "who told of you, or sent them",
    "work": "a work of yours, or a question about it",
    "thanks": "thanks for something you did",
    "thread": "takes up an earlier talk, order or promise",
}
MASS: Mapping[str, str] = {
    "network": "wants more contacts; fits anybody",
    "praise": "praise that fits anybody",
    "offer": "something for sale, or a claim on your time",
    "job": "a job, as it is offered to many",
    "card": "only what stands on your profile",
    "mutual": "contacts in common, and none of them named",
    "bare": "a wish to connect, and no reason for it",
    "money": "coaching, coins or easy money",
}
SIGNS: Mapping[str, str] = {**REASONS, **MASS}

_ENOUGH = 2
"""A sign that stands there more often than this says no more."""

_PARTED = re.compile(r"[0-9a-zÀ-ʯḀ-ỿͰ-֏א-ۿऀ-৿]")
"""A phrase that begins with one of these begins a word; Chinese, Japanese and Thai write none apart."""


@lru_cache(maxsize=4)
def found(words: str, language: str | None) -> tuple[tuple[str, int, int], ...]:
    """Each sign in a text: its name, and where its phrase begins and ends. Kept, as score and evidence both ask."""
    matches = _pattern(language or "").finditer(_lowered(words))
    return tuple((str(match.lastgroup), match.start(), match.end()) for match in matches)


def counted(words: str, language: str | None) -> tuple[int, ...]:
    """How often each of `SIGNS` stands in a text, up to twice."""
    told = [sign for sign, _, _ in found(words, language)]
    return tuple(min(_ENOUGH, told.count(sign)) for sign in SIGNS)


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    """All phrases of a language; a name of a group is the sign. Matches nothing where there are none."""
    phrases = _table().get(language) or _table().get(language.partition("-")[0], {})
    parted = all(_PARTED.match(phrase) for texts in phrases.values() for phrase in texts)
    begun = re.escape if parted else _begun
    groups = "|".join(f"(?P<{sign}>{'|'.join(map(begun, texts))})" for sign, texts in phrases.items())
    if not groups:
        return re.compile(r"(?!)")
    return re.compile(rf"{_WORD_BEGINS}(?:{groups})" if parted else groups)  # asked once, not at every phrase


_WORD_BEGINS = r"(?<!\w)"


def _begun(phrase: str) -> str:
    return (_WORD_BEGINS if _PARTED.match(phrase) else "") + re.escape(phrase)


@cache
def _table() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("watcher.domain.data").joinpath("judge_signs.toml").read_text("utf-8"))


def _lowered(words: str) -> str:
    """In lower case, letter for letter: İ would become two."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in words).replace("’", "'")
