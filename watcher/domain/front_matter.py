"""What a template's file says before its text: a subject, and when a variant is used.

A block may stand at the very beginning, between two lines of three dashes, one `name: value` a line:

    ---
    subject: A question about your invitation
    when headline: recruit*, talent acquisition
    when weekday: saturday, sunday
    ---

Read line by line and not as YAML, so that a value needs no quotes and every mistake has its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from watcher.domain.kinds import VerdictKind

FENCE = "---"
LONGEST = 30
"""Lines from the first fence to the second."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_ENTRY = re.compile(r"(when\s+)?([A-Za-z]+)\s*:\s*(.*)", re.IGNORECASE)
_LINE_END = re.compile("\r\n|\r|\n")
"""As Jinja counts lines."""


class Asks(StrEnum):
    """What a condition looks at."""

    LANGUAGE = "language"  # the invitation's own
    HEADLINE = "headline"
    COMPANY = "company"
    WEEKDAY = "weekday"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Condition:
    """One `when` line: it holds where any of its words does."""

    asks: Asks
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in a block: its line in the file, what is wrong, and what to do."""

    line: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Matter:
    """A file taken apart. `text` keeps the file's lines: an empty one stands for each line of the block.

    `subject` is "" where the block names none; else it stands in line `subject_line` of the file.
    """

    text: str
    subject: str = ""
    subject_line: int = 0
    when: tuple[Condition, ...] = ()
    when_line: int = 0
    flaws: tuple[Flaw, ...] = ()


def parse(source: str) -> Matter:
    """Take a template's file apart. Never raises: what is wrong stands in `flaws`, all of it."""
    if not source.startswith(FENCE):
        return Matter(source)
    lines = _LINE_END.split(source)
    if lines[0].rstrip() != FENCE:
        return Matter(source)
    end = next((number for number, line in enumerate(lines[1:LONGEST], 1) if line.rstrip() == FENCE), None)
    if end is None:
        flaw = Flaw(1, "the block that begins here has no end", f"close it by a line {FENCE} before your text")
        return Matter("\n".join(["", *lines[1:]]), flaws=(flaw,))
    return _matter(lines[1:end], "\n" * (end + 1) + "\n".join(lines[end + 1 :]))


def _matter(block: Sequence[str], text: str) -> Matter:
    read = [_read(number, line) for number, line in enumerate(block, 2) if line.strip() and line.strip()[0] != "#"]
    entries = [one for one in read if isinstance(one, _Entry)]
    flaws = [one for one in read if isinstance(one, Flaw)] + list(_repeated(entries))
    when = [one for one in entries if one.condition]
    subject = next((one for one in entries if not one.condition), _Entry(0, "", ""))
    return Matter(
        text,
        subject.value,
        subject.line,
        tuple(one.condition for one in when if one.condition),
        when[0].line if when else 0,
        tuple(sorted(flaws, key=lambda flaw: flaw.line)),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    name: str
    value: str
    condition: Condition | None = None


def _read(number: int, line: str) -> _Entry | Flaw:
    found = _ENTRY.fullmatch(line.strip())
    if found is None:
        return Flaw(number, f"{line.strip()[:60]!r} is no `name: value`", "write `subject: …` or `when headline: …`")
    when, name, value = bool(found[1]), found[2].lower(), found[3]
    if not value:
        return Flaw(number, f"`{name}` has no value", "write one behind the colon, or take the line out")
    if not when:
        return _plain(number, name, value)
    if name not in set(Asks):
        return Flaw(number, f"`when {name}` is not known", f"a condition asks for {_listed([*Asks])}")
    return _conditional(number, Asks(name), value)


def _plain(number: int, name: str, value: str) -> _Entry | Flaw:
    if name == "subject":
        return _Entry(number, name, value)
    remedy = f"write `when {name}: {value[:60]}`" if name in set(Asks) else "there are `subject` and `when …`"
    return Flaw(number, f"`{name}` is not known", remedy)


def _conditional(number: int, asks: Asks, value: str) -> _Entry | Flaw:
    words = tuple(dict.fromkeys(word.strip().casefold() for word in value.split(",") if word.strip()))
    if not words:
        return Flaw(number, f"`when {asks}` names nothing", "write words with commas between")
    if asks is Asks.WEEKDAY:
        words = tuple(_day(word) for word in words)
    allowed = _ALLOWED.get(asks)
    wrong = [word for word in words if (allowed is not None and word not in allowed) or not word.strip("*")]
    if wrong:
        known = f"write any of {_listed(allowed)}" if allowed else "write a word, or its beginning and a *"
        return Flaw(number, f"`when {asks}` does not know {wrong[0]!r}", known)
    return _Entry(number, f"when {asks}", value, Condition(asks, words))


_ALLOWED: dict[Asks, Sequence[str]] = {Asks.WEEKDAY: DAYS, Asks.VERDICT: [str(kind) for kind in VerdictKind]}


def _day(word: str) -> str:
    """`sat` and `saturday` are the same."""
    return next((day for day in DAYS if len(word) >= 3 and day.startswith(word)), word)


def _repeated(entries: Sequence[_Entry]) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for one in entries:
        if one.name in first:
            yield Flaw(one.line, f"`{one.name}` stands in line {first[one.name]} already", "make one line of the two")
        first.setdefault(one.name, one.line)


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
