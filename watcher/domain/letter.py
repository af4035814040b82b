"""Reads the letter layout (2009–2016, and every text part): a greeting, the note, a sign-off, name and headline, then
the line that accepts. The note is what is left when LinkedIn's own lines are taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from watcher.domain.card import Card
from watcher.domain.frame import (
    RULE,
    Told,
    at_spot,
    below_header,
    is_chrome,
    is_footer,
    is_linkedins,
    is_named,
    is_of_cards,
    joined,
    links_of,
    recognised_languages,
    unquoted,
    without_frame,
    without_frame_of_cards,
    without_greeting,
    without_opening,
    without_sign_off,
)
from watcher.domain.layout import Line
from watcher.domain.links import accept_links
from watcher.domain.notes import find_default

_ONLY_LINK = re.compile(r"^\S*https?://\S+$")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands above and below the paragraph of name, headline and place."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    headline: str | None


def letter(lines: Sequence[Line], told: Told) -> Card:
    """Read the letter layout: LinkedIn greets, and signs with the inviter's name, unless it opened with a sentence of
    its own about the inviter, as the text part of a card does.
    """
    region, below = _region(lines, told.name)
    told = replace(told, name=told.name or _first_name_line(region))
    piece = _without_card([line.text for line in region], told.name)
    opened = without_opening(piece.above, told, by_place=True) if is_of_cards(lines) else None
    if opened is None:
        above = without_greeting(piece.above, told, more=any(piece.below))
        raw = joined(without_frame((*above, *piece.below), told.name))
        note = without_sign_off(raw, told.name)
    else:
        raw = note = joined(without_frame_of_cards((*opened, *piece.below), told))
    if raw is None:
        raw = note = _default_below(below) or _words_below(below, told)
    links = links_of((*region, *(line for line in below if _leads_to(line, told.name))))
    return Card(told.name, piece.headline, unquoted(note), raw, links, recognised_languages(lines))


def _region(lines: Sequence[Line], name: str | None) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines above the first one that acts, and those between it and the footer; the name may be a link."""
    start = below_header(lines)
    end = next((index for index in range(start, len(lines)) if _ends_letter(lines[index])), len(lines))
    acts = (index for index in range(start, end) if _acts(lines, index) and not is_named(lines[index].text, name))
    first = next(acts, end)
    return tuple(lines[start:first]), tuple(lines[first:end])


def _ends_letter(line: Line) -> bool:
    return is_footer(line.text) or any(at_spot(line, spot) for spot in ("pymk-", "email-footer"))


def _acts(lines: Sequence[Line], index: int) -> bool:
    """A line with a link of LinkedIn's and words, or the label of a bare link below it."""
    here = lines[index]
    if not here.text:
        return False
    following = lines[index + 1] if index + 1 < len(lines) else Line("")
    label = bool(_ONLY_LINK.match(following.text)) and is_linkedins(following)
    return is_linkedins(here) or label


def _first_name_line(region: Sequence[Line]) -> str | None:
    """Where From names nobody: the first line of the last paragraph, as name, headline and place stand there."""
    paragraphs = [part for part in _paragraphs([line.text for line in region]) if not all(map(is_chrome, part))]
    last = [text for text in paragraphs[-1] if not is_chrome(text)] if paragraphs else []
    return last[0] if len(last) > 1 else None


def _paragraphs(texts: Iterable[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for text in texts:
        if text:
            parts[-1].append(text)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _without_card(texts: Sequence[str], name: str | None) -> _Piece:
    """Take out the paragraph of name, headline and place, wherever it stands."""
    named = [index for index, text in enumerate(texts) if is_named(text, name)]
    # A single name also signs the note: the one that a headline follows opens the card.
    at = next((index for index in named if any(texts[index + 1 : index + 2])), next(iter(named), None))
    if at is None:
        return _Piece(tuple(texts), (), None)
    end = next((index for index in range(at, len(texts)) if not texts[index]), len(texts))
    below = [text for text in texts[at + 1 : end] if not is_chrome(text)]
    return _Piece((*texts[:at], ""), tuple(texts[end:]), below[0] if below else None)


def _default_below(below: Sequence[Line]) -> str | None:
    """The default sentence may stand under the links, where it is believed only word for word."""
    return next((line.text for line in below if not line.links and find_default(line.text)), None)


def _words_below(below: Sequence[Line], told: Told) -> str | None:
    """The words under the links that act, up to a rule or the next link.

    A line right above a link is no note: it labels what is linked.
    """
    rule = next((index for index, line in enumerate(below) if RULE.fullmatch(line.text)), len(below))
    acting = (line for index, line in enumerate(below[:rule]) if not _acts(below, index))
    words = list(dropwhile(lambda line: bool(line.links) or not without_frame_of_cards([line.text], told)[0], acting))
    end = next((index for index, line in enumerate(words) if is_linkedins(line)), len(words))
    return joined(without_frame_of_cards(_without_label(words[:end], words[end:]), told))


def _without_label(words: Sequence[Line], following: Sequence[Line]) -> list[str]:
    """Without the last line, where a link stands right below it."""
    linked = any(map(is_linkedins, following[:1])) and any(line.text for line in words[-1:])
    return [line.text for line in (words[:-1] if linked else words)]


def _leads_to(line: Line, name: str | None) -> bool:
    """A line below that accepts, or names the inviter (`View X's profile`); others may show people one may know."""
    named = name is not None and re.search(rf"\b{re.escape(name)}\b", line.text) is not None
    return named or bool(accept_links(line.links))
