"""What was left in a template for somebody to fill in: `[Name]`, `{name}`, `<company>`, XXX, TODO and their like.

Jinja's own marks are cut out first, so what stands between them is no leftover; who means such words to be read
writes them as a text of Jinja's: `{{ "[sic]" }}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# None has another beginning within: so one that never ends is not looked through again from each.
_JINJA = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL)

_LEFTOVER = re.compile(
    r"\[(?!\d)[^\W\d_][^\[\]\n]{0,40}\]"  # [Name]
    r"|\{(?!\d)[^\W\d_][^{}\n]{0,40}\}"  # {name}
    r"|<(?![^<>\n]*[@:/.])[^\W\d_][^<>\n]{0,40}>"  # <company>, but no <https://…> and no <me@example.test>
    r"|%[A-Za-z][A-Za-z_]+%|\$\{[^{}\n]{1,40}\}|\$[A-Za-z_]{2,}"  # %NAME%, ${name}, $name
    r"|\b(?:[Xx]{3,}|TODO|FIXME|TBD|TBC|LOREM IPSUM|[Ll]orem ipsum)\b|_{4,}"
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Words that nobody filled in, and the line they stand in, counted from 1."""

    line: int
    words: str


def find(text: str) -> Iterator[Leftover]:
    """All of them, in a template's text as Jinja gets it."""
    bare = _JINJA.sub(lambda mark: " " + "\n" * mark[0].count("\n"), text)
    for number, line in enumerate(re.split("\r\n|\r|\n", bare), 1):
        yield from (Leftover(number, found[0]) for found in _LEFTOVER.finditer(line))
