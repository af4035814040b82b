"""The documents as data: fenced blocks, the commands in them with the output shown, tables, code spans and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
_FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, what stands beside it, its text, and the line of the document it begins at."""

    language: str
    title: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """One command as the document shows it; `output` is None where none is shown."""

    command: str
    output: tuple[str, ...] | None
    code: int
    line: int


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def blocks(text: str) -> tuple[Block, ...]:
    return tuple(
        Block(found[1], found[2].strip(), found[3], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    )


def prose(text: str) -> str:
    """The document without its blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> Iterator[str]:
    """Every piece of code within a sentence."""
    for found in re.finditer(r"`([^`]+)`", prose(text)):
        yield " ".join(found[1].split())


def links(text: str) -> Iterator[str]:
    """Where the document points to, but for other places of the web."""
    for found in re.finditer(r"\]\(([^)\s]+)\)", prose(text)):
        if not found[1].startswith(("http://", "https://")):
            yield found[1]


def anchors(text: str) -> frozenset[str]:
    """What a heading is called in a link."""
    headings = re.findall(r"^#+ +(.+)$", prose(text), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def table(text: str, first_head: str) -> tuple[tuple[str, ...], ...]:
    """The rows of the table whose first head is this."""
    head, rows = rf"^\| {re.escape(first_head)} \|.*\n\|[-| ]+\n", r"((?:^\|.*\n)+)"
    found = re.search(head + rows, text, re.MULTILINE)
    assert found, f"there is no table of {first_head!r}"
    return tuple(tuple(cell.strip() for cell in row.strip("|").split("|")) for row in found[1].splitlines())


def steps(block: Block) -> Iterator[Step]:
    """The commands of an `sh` or `console` block."""
    if block.language == "sh":
        for offset, typed in enumerate(block.text.splitlines(), start=1):
            yield Step(typed.partition(" #")[0].strip(), None, 0, block.line + offset)
        return
    groups = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not groups[0], f"line {block.line}: a console block begins with a command"
    line = block.line + 1
    for number, group in enumerate(groups[1:], start=1):
        command, *shown = group.splitlines()
        following = groups[number + 1].splitlines() if number + 1 < len(groups) else []
        code = int(following[1]) if following[:1] == ["echo $?"] else 0
        if command != "echo $?":
            yield Step(command, tuple(shown), code, line)
        line += 1 + len(shown)


def is_shown(shown: tuple[str, ...], printed: str) -> bool:
    """Whether this is what was printed: `…` stands for anything, blanks count as one."""
    wanted = "".join(r"(?:.*\n)*?" if line.strip() == "…" else _line(line) + r"\n" for line in shown)
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    return re.fullmatch(wanted, "".join(f"{line}\n" for line in lines if line)) is not None


def _line(shown: str) -> str:
    return ".*".join(map(re.escape, " ".join(shown.split()).split("…")))
