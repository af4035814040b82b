"""Reads the data files of `watcher.domain.data` once and compiles their patterns.

The tables hold LinkedIn's own words, so whoever wants to teach the program a new mail edits a table, not code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from watcher.domain.kinds import Kind

# Bounded and without nested repeats: a line of a mail must not be able to cost time.
_WILDCARDS: Mapping[str, str] = {"{name}": ".{1,120}?", "{n}": r"\d{1,7}", "*": ".*"}


@dataclass(frozen=True, slots=True)
class DefaultNote:
    """A sentence LinkedIn writes in the inviter's name; `seen` in real mail, or only reported or translated."""

    language: str
    text: str
    seen: bool


@dataclass(frozen=True, slots=True)
class ChromeLine:
    """A line of LinkedIn's own."""

    language: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class KindPattern:
    """A pattern and the kinds of mail it speaks for."""

    pattern: re.Pattern[str]
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Signals:
    """All that tells kinds apart: weights by signal, patterns by where they are looked for."""

    weights: Mapping[str, int]
    templates: tuple[KindPattern, ...]
    classes: tuple[KindPattern, ...]
    subjects: tuple[KindPattern, ...]
    footers: tuple[KindPattern, ...]
    phrases: tuple[KindPattern, ...]
    senders: Mapping[str, frozenset[Kind]]


@dataclass(frozen=True, slots=True)
class Chrome:
    """LinkedIn's own lines: anywhere, those that begin the footer, and the words of its greetings."""

    lines: tuple[ChromeLine, ...]
    footers: tuple[ChromeLine, ...]
    greetings: tuple[str, ...]


@cache
def default_notes() -> tuple[DefaultNote, ...]:
    """Every default sentence known."""
    return tuple(
        DefaultNote(entry["language"], entry["text"], entry["seen"]) for entry in _table("default_notes")["note"]
    )


@cache
def chrome() -> Chrome:
    """Every line known to be LinkedIn's own."""
    table = _table("chrome")
    greetings = tuple(word for entry in table["greeting"] for word in entry["words"])
    return Chrome(_lines(table["line"]), _lines(table["footer"]), greetings)


@cache
def courtesies() -> tuple[re.Pattern[str], ...]:
    """Greetings, wishes and sign-offs; matched against lower-case words without marks."""
    texts = [text for entry in _table("courtesies")["courtesy"] for text in entry["patterns"]]
    return tuple(re.compile(text.replace("{who}", r"(?:[^\W\d]+ ?){0,3}")) for text in texts)


@cache
def signals() -> Signals:
    """The table by which kinds of mail are told apart."""
    table = _table("signals")
    return Signals(
        weights=table["weights"],
        templates=_kind_patterns(table["template"]),
        classes=_kind_patterns(table["class"]),
        subjects=_kind_patterns(table["subject"]),
        footers=_kind_patterns(table["footer"]),
        phrases=_kind_patterns(table["phrase"]),
        senders={local: _kinds(entry) for entry in table["sender"] for local in entry["locals"]},
    )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("watcher.domain.data").joinpath(f"{name}.toml").read_text("utf-8"))


def _lines(entries: Iterable[Mapping[str, Any]]) -> tuple[ChromeLine, ...]:
    return tuple(ChromeLine(entry["language"], _line(text)) for entry in entries for text in entry["patterns"])


def _line(text: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{name\}|\{n\}|\*)", text)
    return re.compile("".join(_WILDCARDS.get(piece, re.escape(piece)) for piece in pieces) + ":?", re.IGNORECASE)


def _kind_patterns(entries: Iterable[Mapping[str, Any]]) -> tuple[KindPattern, ...]:
    return tuple(
        KindPattern(re.compile(text, re.IGNORECASE), _kinds(entry))
        for entry in entries
        for text in entry.get("patterns", [entry.get("pattern")])
    )


def _kinds(entry: Mapping[str, Any]) -> frozenset[Kind]:
    return frozenset(Kind(kind) for kind in entry["kinds"])
