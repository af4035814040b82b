"""The process in which a person's own templates are rendered: reads a frame, renders, writes a frame, to the end.

It is started as a fresh interpreter with an empty environment and one descriptor, a socket to the program on standard
input. It ends when the other side does, however that came about.
"""

from __future__ import annotations

# The filters of Jinja that import something when they are first used find it here.
import html  # noqa: F401
import os
import pprint  # noqa: F401
import textwrap  # noqa: F401
import unicodedata  # noqa: F401
from collections.abc import Mapping
from typing import Any

import jinja2.debug  # noqa: F401

from watcher.adapters.rendering.frames import framed, unframed
from watcher.adapters.rendering.limits import Budget, OutOfTime, shut_in
from watcher.adapters.rendering.sandbox import Fault, Kind, line_of, render

_CHANNEL = 0
_MOST_ASKED = 64 << 20  # the program asks, and is trusted


def main() -> None:
    """Serve until the program is gone."""
    render("{{ 'x' }}", {})  # loads the codecs that Jinja reads a template with
    shut_in(_CHANNEL)
    _send({"ready": True})
    while True:
        try:
            asked = unframed(_take, _MOST_ASKED)
        except (EOFError, ConnectionError):
            return
        _send(_answer(asked))


def _answer(asked: Any) -> Mapping[str, object]:  # noqa: ANN401 - JSON of the program's own
    outcome = _rendered(asked["source"], asked["values"])
    if isinstance(outcome, Fault):
        return {"kind": outcome.kind, "said": outcome.said, "line": outcome.line}
    return {"text": outcome}


def _rendered(source: str, values: Mapping[str, object]) -> str | Fault:
    try:
        with Budget(_CHANNEL):
            return render(source, values)
    except OutOfTime as spent:
        return Fault(Kind.TIME, line=line_of(spent))


def _send(told: Mapping[str, object]) -> None:
    rest = memoryview(framed(told))
    while rest:
        rest = rest[os.write(_CHANNEL, rest) :]


def _take(count: int) -> bytes:
    taken = bytearray()
    while len(taken) < count:
        part = os.read(_CHANNEL, min(count - len(taken), 1 << 16))
        if not part:
            raise EOFError
        taken += part
    return bytes(taken)
