# ruff: noqa: INP001 - a script beside the texts, no package
"""Draws docs/demo.svg from what `watcher demo` really prints: `python docs/make_picture.py`.

The output is cut to a few rows, so that the picture stays small; no line of it is written by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("demo.svg")
COMMAND = "watcher demo"
WIDTH = 92
SHOWN = ("Caspian Doyle", "Tilda Moreau", "Leocadia Finch")
"""Whose rows are kept: a default sentence, own words, and one that is held."""


def drawn(printed: str) -> str:
    """The picture of these lines; the same lines give the same picture."""
    screen = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    screen.print(Text(f"$ {COMMAND}", style="bold"))
    for line in kept(printed):
        screen.print(Text.from_ansi(line), soft_wrap=True)
    # Without the web font of rich's own format: looking at the picture fetches nothing.
    plain = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = screen.export_svg(title=COMMAND, code_format=plain, unique_id="demo")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def kept(printed: str) -> Iterator[str]:
    """The opening, the rows of `SHOWN`, the draft's frame, and the closing line."""
    table, _, rest = printed.partition("Other mail, left alone")
    _, _, draft = rest.partition("╭")
    rows = re.split(r"^.*├.*\n", table, flags=re.MULTILINE)
    head, first = re.split(r"(?<=┩)", rows[0], maxsplit=1)
    last = next(line for line in table.splitlines() if "└" in line)
    chosen = [row.strip("\n") for row in (first, *rows[1:]) if any(name in row for name in SHOWN)]
    rule = next(line for line in table.splitlines() if "├" in line)
    yield from head.splitlines()
    for number, row in enumerate(chosen):
        yield from [rule] * bool(number)
        yield from (line for line in row.splitlines() if "└" not in line)
    yield last
    yield from (_painted(draft)).splitlines()


def _painted(draft: str) -> str:
    """The draft's frame begins with a colour, which stands before its first corner."""
    return f"\x1b[32m╭{draft}"


def demo_output() -> str:
    """What the command prints in a terminal with colours."""
    environment = os.environ | {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "watcher", *COMMAND.split()[1:]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - a fixed command


if __name__ == "__main__":
    PICTURE.write_text(drawn(demo_output()), "utf-8")
