"""Reads the card layout (2018 on, HTML): each piece stands at a spot that its link names.

The note is what is left when LinkedIn's own lines are taken away; what stands below the card is never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from watcher.domain.frame import (
    Told,
    at_spot,
    below_header,
    is_footer,
    is_linkedins,
    is_named,
    is_of_cards,
    joined,
    links_of,
    recognised_languages,
    unquoted,
    without_frame_of_cards,
    without_opening,
)
from watcher.domain.layout import Line
from watcher.domain.links import Link, accept_links
from watcher.domain.notes import find_default
from watcher.domain.tables import chrome

_PROFILE = re.compile(r"^/(?:comm/)?in/")
_ENDS_SENTENCE = re.compile(r"[.!?:。！？।]$")
_PLACE_WORDS = 7


@dataclass(frozen=True, slots=True)
class Card:
    """What the card shows. `note` keeps the inviter's line breaks; `languages` are those of the lines recognised."""

    name: str | None
    headline: str | None
    note: str | None
    note_raw: str | None
    links: tuple[Link, ...]
    languages: tuple[str, ...]


def has_card(lines: Sequence[Line], name: str | None) -> bool:
    """Whether this is the card layout: the inviter's name stands, linked, in its place."""
    return _name_at(_card_region(lines, name), name) is not None


def card(lines: Sequence[Line], told: Told) -> Card:
    """Read the card layout. A greeting is the inviter's own, and so is a sign-off."""
    region = _card_region(lines, told.name)
    at = _name_at(region, told.name) or 0
    told = replace(told, name=region[at].text or told.name)
    before = [line.text for line in region[:at] if not is_linkedins(line)]
    after = [line for line in region[at + 1 :] if not is_linkedins(line)]
    headline, rest = _headline(after, region[at].cell, told)
    raw = joined(without_frame_of_cards((*(without_opening(before, told) or before), *rest), told))
    return Card(told.name, headline, unquoted(raw), raw, links_of(region), recognised_languages(lines))


def _card_region(lines: Sequence[Line], name: str | None) -> tuple[Line, ...]:
    """The lines of the card. What is linked below it has a heading, in whatever words."""
    start = below_header(lines)
    spot = next((index for index in range(start, len(lines)) if _ends_card(lines[index])), len(lines))
    end = _somebody_else(lines[:spot], name) or spot
    above = [index for index in range(start, end) if lines[index].text or lines[index].links]
    if above and any(line.links for line in lines[end : end + 1]) and not is_linkedins(lines[above[-1]]):
        end = above[-1]
    return tuple(lines[start:end])


def _ends_card(line: Line) -> bool:
    return is_footer(line.text) or any(at_spot(line, spot) for spot in ("pymk-", "upsell", "footer"))


def _somebody_else(lines: Sequence[Line], name: str | None) -> int | None:
    """Where, below the accept button, a profile is shown that is not among those above it; spots tell that better."""
    accepts_at = next((index for index, line in enumerate(lines) if accept_links(line.links)), 0)
    shown = {path for line in lines[:accepts_at] if _shows_somebody(line) for path in _paths(line)}
    if not shown or any(one.spot for one in links_of(lines)):
        return None
    others = (index for index in range(accepts_at, len(lines)) if _shows_somebody(lines[index]))
    return next((at for at in others if not shown & _paths(lines[at]) and not is_named(lines[at].text, name)), None)


def _paths(line: Line) -> set[str]:
    return {one.path for one in line.links}


def _shows_somebody(line: Line) -> bool:
    return is_linkedins(line) and any(_PROFILE.search(one.path) for one in line.links)


def _name_at(region: Sequence[Line], name: str | None) -> int | None:
    """Where the inviter's name stands: at its spot, or linked to the profile where links name no spots."""
    for index, line in enumerate(region):
        if line.text and any(at_spot(line, spot) for spot in ("inviter~name", "prof~name")):
            return index
    if not is_of_cards(region):
        return None
    linked = (index for index, line in enumerate(region) if is_named(line.text, name) and _shows_somebody(line))
    return next(linked, None)


def _headline(lines: Sequence[Line], name_cell: int, told: Told) -> tuple[str | None, tuple[str, ...]]:
    """The first line under the name, unless it reads like a sentence; a short line after it is the place.

    Where the headline shares the table cell of the name, the place does too; what has a cell of its own is the note.
    """
    texts = without_frame_of_cards([line.text for line in lines], told)
    full = [index for index, text in enumerate(texts) if text]
    if not full or _reads_like_note(texts[full[0]]):
        return None, texts
    together = 0 < name_cell == lines[full[0]].cell
    apart = len(full) > 1 and together and lines[full[1]].cell != name_cell
    place = 1 if len(full) > 1 and not apart and _looks_like_place(texts[full[1]]) else 0
    return texts[full[0]], texts[full[place] + 1 :]


def _reads_like_note(text: str) -> bool:
    return text[:1] in '“„«"' or bool(_ENDS_SENTENCE.search(text) and len(text.split()) > 3)


def _looks_like_place(text: str) -> bool:
    words = text.split()
    if len(words) > _PLACE_WORDS or _ENDS_SENTENCE.search(text) or text[:1] in '“„«"' or find_default(text):
        return False
    return any(map(str.isalpha, text)) and words[0].strip(",") not in chrome().greetings
