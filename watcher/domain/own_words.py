"""Words of the person's own, in the place of a template's: taken as they are, but for what no mail can hold."""

from __future__ import annotations

import re

from watcher.domain.quotation import SEPARATOR
from watcher.errors import GiveUp

NAME = "own words"
"""Stands in the place of a template's name beside a draft that the person has worded."""

LONGEST = 20_000
"""More characters than this are no answer to an invitation, but a slip."""

# What cannot stand in a mail: controls, and halves of surrogate pairs, which UTF-8 cannot write.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cleaned(text: str) -> str:
    """The words as a draft's body, ending in one newline. Raises GiveUp where there are none, or far too many."""
    lines = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    words = "\n".join(line if line == SEPARATOR else line.rstrip() for line in lines).strip("\n")
    if not words.strip():
        raise GiveUp("there are no words to put into the draft: nothing was changed")
    if len(words) > LONGEST:
        raise GiveUp(f"{len(words):,} characters are more than the {LONGEST:,} of one draft: nothing was changed")
    return words + "\n"
