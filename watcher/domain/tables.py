"""Reads the data files of `watcher.domain.data` once and makes them ready to be looked up.

The tables hold LinkedIn's own words, so whoever wants to teach the program a new mail edits a table, not code. Each
function builds its table `without` one language where asked, to show what the program does in a language it never met.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from watcher.domain.kinds import Kind
from watcher.domain.wording import ChromeLine, LineTable, NotNames, Phrases, Wording, held_by

_WHO: Mapping[str, str] = {"{who}": r"(?: [^\W\d]+){0,3}", "{one}": r"(?: [^\W\d]+)?"}

_UNSPACED = frozenset({"ja", "th", "zh"})
"""Languages that write without blanks between words."""


class Searches(Protocol):
    """Says whether it stands in a text."""

    def search(self, text: str, /) -> object:
        """Something true where it does."""


@dataclass(frozen=True, slots=True)
class DefaultNote:
    """A sentence LinkedIn writes in the inviter's name; `seen` in real mail, or only reported or translated."""

    language: str
    text: str
    seen: bool


@dataclass(frozen=True, slots=True)
class KindPattern:
    """A pattern and the kinds of mail it speaks for."""

    pattern: Searches
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
class AnswerSigns:
    """How people of one language say politely nothing, and how they push."""

    language: str
    nothing: tuple[re.Pattern[str], ...]
    pushy: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Chrome:
    """LinkedIn's own lines: anywhere, those that begin the footer, and the words its greetings begin with."""

    lines: LineTable
    footers: LineTable
    greetings: frozenset[str]


@cache
def languages() -> tuple[str, ...]:
    """Every language that has tables, and `und` for words in no language."""
    return tuple(_words())


@cache
def default_notes(without: str = "") -> tuple[DefaultNote, ...]:
    """Every default sentence known."""
    return tuple(
        DefaultNote(entry["language"], entry["text"], entry["seen"])
        for entry in _table("default_notes.toml")["note"]
        if entry["language"] != without
    )


@cache
def chrome(without: str = "") -> Chrome:
    """Every line known to be LinkedIn's own."""
    greetings = (word for _, entry in _entries("greeting", without) for word in entry["words"])
    return Chrome(
        LineTable.of(_lines("line", without), _not_names()),
        LineTable.of(_lines("footer", without), _not_names()),
        frozenset(words.split()[0] for words in greetings),
    )


@cache
def courtesies(without: str = "") -> tuple[re.Pattern[str], ...]:
    """Greetings, wishes and sign-offs; matched against lower-case words without marks."""
    entries = (entry for entry in _table("courtesies.toml")["courtesy"] if entry["language"] != without)
    return tuple(re.compile(_bare(text)) for entry in entries for text in entry["patterns"])


@cache
def instructions() -> tuple[re.Pattern[str], ...]:
    """Orders to a machine that judges a note; searched in lower-case words without marks."""
    entries = _table("instructions.toml")["instruction"]
    return tuple(_where_words_begin(entry["language"], text) for entry in entries for text in entry["patterns"])


@cache
def answers() -> tuple[AnswerSigns, ...]:
    """What people answer who give no reason; searched in lower-case words without marks."""

    def ready(entry: Mapping[str, Any], name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(_where_words_begin(entry["language"], text) for text in entry[name])

    entries = _table("answers.toml")["answer"]
    return tuple(AnswerSigns(entry["language"], ready(entry, "nothing"), ready(entry, "pushy")) for entry in entries)


@cache
def sent_from() -> tuple[re.Pattern[str], ...]:
    """How lines begin that a mail program writes below an answer; matched against lower-case words without marks."""
    return tuple(re.compile(_bare(text)) for text in _table("answers.toml")["sent_from"])


@cache
def instruction_marks() -> tuple[re.Pattern[str], ...]:
    """Marks of such orders; searched in a note as it stands."""
    return tuple(re.compile(text, re.IGNORECASE) for text in _table("instructions.toml")["marks"])


@cache
def via(without: str = "") -> re.Pattern[str]:
    """What LinkedIn puts behind the name of the person in whose name it writes: `via LinkedIn`."""
    forms = {form for _, entry in _entries("via", without) for form in entry["patterns"]}
    either = "|".join(re.escape(form).replace(r"\ ", r"\s*") for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?:\s+|\s*[(（])(?:{either})[)）]?$", re.IGNORECASE)


@cache
def company_words(language: str | None = None) -> tuple[str, ...]:
    """Words that stand between a headline's job and its company: the unmistakable ones and, where a language is
    given, those of that language as well (`en` in Spanish, `w` in Polish), which mean other things elsewhere.
    """
    entries = [entry for known, entry in _entries("company") if entry["anywhere"] or known == language]
    return tuple(sorted({word for entry in entries for word in entry["words"]}, key=lambda word: (-len(word), word)))


@cache
def signals(without: str = "") -> Signals:
    """The table by which kinds of mail are told apart."""
    table = _table("signals.toml")
    return Signals(
        weights=table["weights"],
        templates=_kind_patterns(table["template"]),
        classes=_kind_patterns(table["class"]),
        subjects=_phrases(("subject",), without),
        footers=_phrases(("footer",), without),
        phrases=_phrases(("line", "phrase"), without),
        senders={local: _kinds(entry) for entry in table["sender"] for local in entry["locals"]},
    )


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    """The file of each language, by its code."""
    names = sorted(one.name for one in files("watcher.domain.data").joinpath("chrome").iterdir())
    tables = [_table("chrome", name) for name in names if name.endswith(".toml")]
    return {table["language"]: table for table in tables}


def _entries(name: str, without: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for language, table in _words().items():
        if language != without:
            yield from ((language, entry) for entry in table.get(name, ()))


def _lines(name: str, without: str) -> Iterator[ChromeLine]:
    for language, entry in _entries(name, without):
        yield from (ChromeLine(language, text, entry.get("exact_case", False)) for text in entry["patterns"])


@cache
def _not_names() -> Mapping[str, NotNames]:
    entries = _entries("not_a_name")
    return {language: NotNames.of(entry["alone"], entry.get("first", ())) for language, entry in entries}


def _phrases(names: Iterable[str], without: str) -> tuple[KindPattern, ...]:
    """What is looked for in running text: every wording that speaks for kinds, together by what it speaks for."""
    found: dict[frozenset[Kind], list[Wording]] = defaultdict(list)
    for language, table in _words().items():
        if language != without:
            for kinds, wording in _meanings([entry for name in names for entry in table.get(name, ())]):
                found[kinds].append(wording)
    return tuple(KindPattern(Phrases.of(wordings), kinds) for kinds, wordings in found.items())


def _meanings(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[frozenset[Kind], Wording]]:
    """The wordings of one language, each with its kinds and the longer ones that speak for others."""
    told = [(_kinds(entry), text) for entry in entries if "kinds" in entry for text in entry["patterns"]]
    for kinds, text in told:
        others = (other for known, other in told if not known & kinds)
        yield kinds, Wording(text, held_by(text, others))


def _table(*path: str) -> dict[str, Any]:
    return tomllib.loads(files("watcher.domain.data").joinpath(*path).read_text("utf-8"))


def _where_words_begin(language: str, pattern: str) -> re.Pattern[str]:
    return re.compile(_bare(pattern) if language in _UNSPACED else rf"(?<!\w)(?:{_bare(pattern)})")


def _bare(pattern: str) -> str:
    """A pattern as `notes.plain` makes sentences: case folded, one i, without the vowel signs that are no letters."""
    folded = unicodedata.normalize("NFKC", pattern).casefold().replace("ı", "i")
    bare = "".join(char for char in folded if unicodedata.category(char) not in {"Mn", "Mc", "Me", "Cf"})
    for name, meaning in _WHO.items():
        bare = bare.replace(name, meaning)
    return bare


def _kind_patterns(entries: Iterable[Mapping[str, Any]]) -> tuple[KindPattern, ...]:
    return tuple(KindPattern(re.compile(entry["pattern"], re.IGNORECASE), _kinds(entry)) for entry in entries)


def _kinds(entry: Mapping[str, Any]) -> frozenset[Kind]:
    return frozenset(Kind(kind) for kind in entry["kinds"])
