"""Compile and render one template in Jinja's immutable sandbox; undefined names are errors.

The sandbox keeps a template from reaching anything, not from wasting time and memory: that is for `limits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from traceback import walk_tb
from types import FrameType

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from watcher.adapters.rendering.limits import LONGEST

MOST_SAID = 500
"""Characters of Jinja's own words on a fault."""


class Kind(StrEnum):
    """What stopped a render: a mistake in the template, or a limit."""

    MISTAKE = "mistake"
    LENGTH = "length"
    DEPTH = "depth"
    MEMORY = "memory"
    TIME = "time"
    CLOCK = "clock"
    DEATH = "death"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no text: `said` are Jinja's words for a mistake; `line` is None where nobody knows it."""

    kind: Kind
    said: str = ""
    line: int | None = None


class _TooLong(Exception):  # noqa: N818 - it never leaves this file
    pass


def render(source: str, values: Mapping[str, object]) -> str | Fault:
    """The text as the template makes it. Never raises what a template can cause, but for `limits.OutOfTime`."""
    try:
        return "".join(_bounded(_compiled(source).generate(values)))
    except Exception as error:  # noqa: BLE001 - a template may raise whatever Python can
        return fault_of(error)


def fault_of(error: Exception) -> Fault:
    """What an error means for the template that raised it."""
    return Fault(_kind(error), _said(error), line_of(error))


def line_of(error: BaseException) -> int | None:
    """The line of the template at which `error` was raised."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    lines = [_template_line(frame, line) for frame, line in walk_tb(error.__traceback__)]
    return next((line for line in reversed(lines) if line), None)


def _environment() -> Environment:
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # lipsum, cycler, joiner, namespace and dict serve no letter.
    made.globals = {"range": made.globals["range"]}
    return made


_JINJA = _environment()


def environment() -> Environment:
    """Jinja as templates meet it here."""
    return _JINJA


@lru_cache(maxsize=32)  # compiling takes a hundred times as long as rendering
def _compiled(source: str) -> Template:
    return _JINJA.from_string(source)


def _bounded(chunks: Iterator[str]) -> Iterator[str]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > LONGEST:
            raise _TooLong
        yield chunk


def _kind(error: Exception) -> Kind:
    known = {_TooLong: Kind.LENGTH, RecursionError: Kind.DEPTH, MemoryError: Kind.MEMORY}
    return next((kind for kinds, kind in known.items() if isinstance(error, kinds)), Kind.MISTAKE)


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return "a template may open no file"  # not even to load a codec
    try:
        # A SyntaxError of Python's tells the line of the code that Jinja made.
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        return said[:MOST_SAID]
    except Exception:  # noqa: BLE001 - what a template raised may not even be told
        return type(error).__name__


def _template_line(frame: FrameType, line: int) -> int | None:
    template = frame.f_globals.get("__jinja_template__")
    if isinstance(template, Template):
        return template.get_corresponding_lineno(line)
    # Where Jinja saw the error, it has rewritten the trace so that the template's own lines stand in it.
    return line if frame.f_code.co_filename == "<template>" else None
