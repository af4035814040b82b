"""A fault in words for the person: the variable, the one that was meant, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from watcher.adapters.rendering.limits import CPU_SECONDS, LONGEST, MEMORY, WALL_SECONDS
from watcher.adapters.rendering.sandbox import Fault, Kind
from watcher.domain.message import one_line

_LESS = "make its loops, repetitions and widths smaller"
_LIMITS = {
    Kind.LENGTH: (f"the text grows over {LONGEST:,} characters", "shorten it, or what it quotes"),
    Kind.DEPTH: ("it is nested too deeply, or calls itself without end", "nest less"),
    Kind.MEMORY: (f"it needs more than {MEMORY >> 20} MB of memory", _LESS),
    Kind.TIME: (f"it computes for more than {CPU_SECONDS} seconds", _LESS),
    Kind.CLOCK: (
        f"it is not done after {WALL_SECONDS} seconds",
        f"{_LESS}; if it has none, this machine is too busy",
    ),
    Kind.DEATH: (
        "the process that renders it ended before it was done",
        f"{_LESS}; if it has none, look whether this machine is out of memory",
    ),
}

_LOOKED_AT = 1000
"""Characters of a template's line; the search for an owner takes the square of it."""


def told(fault: Fault, values: Mapping[str, object], source: str) -> tuple[str, str]:
    """What is wrong, and what to do where that is not plain from it."""
    return _LIMITS.get(fault.kind) or (_mistake(fault, values, source), "")


def _mistake(fault: Fault, values: Mapping[str, object], source: str) -> str:
    unknown = re.search(r"has no attribute '(\w+)'|'(\w+)' is undefined", fault.said)
    name = (unknown[1] or unknown[2]) if unknown else ""
    owner = _owner(name, _line(source, fault.line), values)
    what = one_line(fault.said).rstrip(".").replace("'dict object'", repr(owner or "this"))
    return f"{what}{_hint(name, owner, values) if name else ''}"


def _line(source: str, number: int | None) -> str:
    lines = re.split("\r\n|\r|\n", source)[number - 1 : number] if number else []  # as Jinja counts them
    return lines[0][:_LOOKED_AT] if lines else ""


def _owner(name: str, line: str, values: Mapping[str, object]) -> str:
    """What the unknown name was asked of, as the template's line has it: `inviter` in `inviter.frist_name`."""
    found = (owner for owner in re.findall(rf"(\w+)\s*\.\s*{name}\b", line) if owner in values) if name else ()
    return next(iter(found), "")


def _hint(name: str, owner: str, values: Mapping[str, object]) -> str:
    names = {full: full.rpartition(".")[2] for full in _names(values) if full.startswith(f"{owner}." if owner else "")}
    close = extractOne(name, names, scorer=ratio, score_cutoff=60)
    return f" (did you mean {close[2]!r}?)" if close else ""


def _names(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
