"""Reads the inviter's card: name, headline, and the words that are the inviter's own.

Two layouts are known. The letter (2009–2016, and every text part): a greeting, the note, a sign-off, name and headline,
then the line that accepts. The card (2018 on, HTML): each piece stands at a spot that its link names. In both, the
note is what is left when LinkedIn's own lines are taken away; what stands below the card is never read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.domain.layout import Line
from watcher.domain.links import Link, accept_links
from watcher.domain.names import compared, first_name
from watcher.domain.notes import find_default
from watcher.domain.tables import chrome

_RULE = re.compile(r"[-=_.*\s]{3,}")
_LEADING_RULE = re.compile(r"^-{4,}")
_SIGN_OFF = re.compile(r"^[-–—]\s*(.{1,60})$")
_ONLY_LINK = re.compile(r"^\S*https?://\S+$")
_QUOTES = ("“”", "„“", "«»", "»«", '""', "‘’", "「」")
_GREETING_ENDS = (",", ":", "،", "，", "、", "：")
_PLACE_WORDS = 7
_OPENING_WORDS = 5


@dataclass(frozen=True, slots=True)
class Card:
    """What the card shows. `note` keeps the inviter's line breaks; `languages` are those of the lines recognised."""

    name: str | None
    headline: str | None
    note: str | None
    note_raw: str | None
    links: tuple[Link, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the lines around the inviter's words gave away, and the lines that are left."""

    left: tuple[str, ...]
    name: str | None
    headline: str | None


def letter(lines: Sequence[Line], name: str | None, me: str = "", *, again: bool = False) -> Card:
    """Read the letter layout; `name` is the inviter's, where the From header told it, `me` the recipient's.

    A mail that reminds of an invitation, and so comes `again`, shows the words under its links.
    """
    region, below = _region(lines, name)
    languages = recognised_languages(lines)
    known = name or _first_name_line(region)
    piece = _without_card([line.text for line in region], known)
    own = _without_frame(_without_greeting(piece.left, known, me), known)
    raw = _joined(own) or _default_below(below) or (_words_below(below, known) if again else None)
    links = _links((*region, *(line for line in below if _leads_to(line, known))))
    return Card(known, piece.headline, _unquoted(_without_sign_off(raw, known)), raw, links, languages)


def has_spots(lines: Sequence[Line]) -> bool:
    """Whether this is the card layout: the inviter's name at its spot, and not above or below the card."""
    return any(_at_spot(line, "inviter~name") for line in _card_region(lines))


def card(lines: Sequence[Line], fallback_name: str | None, me: str = "") -> Card:
    """Read the card layout. A greeting below the name is the inviter's own."""
    region = _card_region(lines)
    at = next(index for index, line in enumerate(region) if _at_spot(line, "inviter~name"))
    name = region[at].text or fallback_name
    before = [line.text for line in region[:at] if not _is_linkedins(line)]
    after = [line.text for line in region[at + 1 :] if not _is_linkedins(line)]
    headline, rest = _headline(_without_frame(after, name))
    above = _without_frame(_without_greeting(before, name, me, more=any(rest)), name)
    raw = _joined((*above, *rest))
    note = _unquoted(_without_sign_off(raw, name))
    return Card(name, headline, note, raw, _links(region), recognised_languages(lines))


def is_chrome(text: str) -> bool:
    """Whether a line is one of LinkedIn's own."""
    return bool(_RULE.fullmatch(text)) or text in chrome().lines


# ------------------------------------------------------------------------------------------------------ the letter


def _region(lines: Sequence[Line], name: str | None) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines above the first one that acts, and those between it and the footer; the name may be a link."""
    start = _below_header(lines)
    end = next((index for index in range(start, len(lines)) if _is_footer(lines[index].text)), len(lines))
    acts = (index for index in range(start, end) if _acts(lines, index) and not _names(lines[index].text, name))
    first = next(acts, end)
    return tuple(lines[start:first]), tuple(lines[first:end])


def _below_header(lines: Sequence[Line]) -> int:
    """Where the words begin, under the links to LinkedIn's own pages and the recipient's."""
    return 1 + max((index for index, line in enumerate(lines) if _at_spot(line, "-header-")), default=-1)


def _is_footer(text: str) -> bool:
    return text in {"--", "------"} or text in chrome().footers


def _acts(lines: Sequence[Line], index: int) -> bool:
    """A line with a link of LinkedIn's and words, or the label of a bare link below it."""
    here = lines[index]
    if not here.text:
        return False
    following = lines[index + 1] if index + 1 < len(lines) else Line("")
    label = bool(_ONLY_LINK.match(following.text)) and _is_linkedins(following)
    return _is_linkedins(here) or label


def _is_linkedins(line: Line) -> bool:
    """Whether LinkedIn put a link there: not its bare address, nor one that people pass on in their words."""
    return any(link.is_linkedin and link.path.strip("/") and not link.is_shared for link in line.links)


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
    named = [index for index, text in enumerate(texts) if _names(text, name)]
    # A single name also signs the note: the one that a headline follows opens the card.
    at = next((index for index in named if any(texts[index + 1 : index + 2])), next(iter(named), None))
    if at is None:
        return _Piece(tuple(texts), name, None)
    end = next((index for index in range(at, len(texts)) if not texts[index]), len(texts))
    below = [text for text in texts[at + 1 : end] if not is_chrome(text)]
    return _Piece((*texts[:at], "", *texts[end:]), name, below[0] if below else None)


def _names(text: str, name: str | None) -> bool:
    return name is not None and compared(text.removeprefix("From ")) == compared(name)


def _default_below(below: Sequence[Line]) -> str | None:
    """The default sentence may stand under the links, where it is believed only word for word."""
    return next((line.text for line in below if not line.links and find_default(line.text)), None)


def _words_below(below: Sequence[Line], name: str | None) -> str | None:
    """The paragraphs under the last link that acts, up to a rule."""
    acts = max((index for index in range(len(below)) if _acts(below, index)), default=-1)
    ends = (index for index, line in enumerate(below) if index > acts and _RULE.fullmatch(line.text))
    words = [line.text for line in below[acts + 1 : next(ends, len(below))] if not _is_linkedins(line)]
    return _joined(_without_frame(words, name))


def _leads_to(line: Line, name: str | None) -> bool:
    """A line below that accepts, or names the inviter (`View X's profile`); others may show people one may know."""
    named = name is not None and re.search(rf"\b{re.escape(name)}\b", line.text) is not None
    return named or bool(accept_links(line.links))


# -------------------------------------------------------------------------------------------------------- the card


def _card_region(lines: Sequence[Line]) -> tuple[Line, ...]:
    start = _below_header(lines)
    below = (index for index in range(start, len(lines)) if _ends_card(lines[index]))
    return tuple(lines[start : next(below, len(lines))])


def _ends_card(line: Line) -> bool:
    return _is_footer(line.text) or any(_at_spot(line, spot) for spot in ("-pymk-", "upsell", "footer"))


def _at_spot(line: Line, spot: str) -> bool:
    return any(spot in known for known in line.spots)


def _headline(texts: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The first line under the name, unless it reads like a sentence; a short line after it is the place."""
    full = [index for index, text in enumerate(texts) if text]
    if not full or _reads_like_note(texts[full[0]]):
        return None, tuple(texts)
    place = 1 if len(full) > 1 and _looks_like_place(texts[full[1]]) else 0
    return texts[full[0]], tuple(texts[full[place] + 1 :])


def _reads_like_note(text: str) -> bool:
    return text[:1] in '“„«"' or bool(re.search(r"[.!?]$", text) and len(text.split()) > 3)


def _looks_like_place(text: str) -> bool:
    return len(text.split()) <= _PLACE_WORDS and not re.search(r"[.!?:]$", text) and text[:1] not in '“„«"'


# ------------------------------------------------------------------------------------------------------------- both


# ------------------------------------------------------------------------------------------------------------- both


def _without_frame(texts: Iterable[str], name: str | None) -> tuple[str, ...]:
    """Without LinkedIn's own lines."""
    kept = (_LEADING_RULE.sub("", text) for text in texts)
    return tuple("" if _is_frame(text, name) else text for text in kept)


def _is_frame(text: str, name: str | None) -> bool:
    return is_chrome(text) or _speaks_of(text, name)


def _without_greeting(texts: Sequence[str], name: str | None, me: str, *, more: bool = False) -> tuple[str, ...]:
    """Without the one greeting of LinkedIn's, which opens the words; `more` of the inviter's own may follow below."""
    for index, text in enumerate(texts):
        bare = _LEADING_RULE.sub("", text)
        framed = not bare or _is_frame(bare, name)
        last = not (more or any(texts[index + 1 :]))
        if _is_greeting(text, me, alone=framed or last):
            return (*texts[:index], "", *texts[index + 1 :])
        if not framed:
            break
    return tuple(texts)


def _speaks_of(text: str, name: str | None) -> bool:
    """A line that names the inviter and LinkedIn in the third person is LinkedIn's, in whatever language."""
    return bool(name) and text.startswith(name or "") and "linkedin" in text.lower()


def _is_greeting(text: str, me: str, *, alone: bool) -> bool:
    """`Hi Neil,` is LinkedIn's wherever it opens, and so is the recipient's name; `Friends,` where words follow it."""
    words = text.split()
    if not words or not text.endswith(_GREETING_ENDS) or len(words) > _OPENING_WORDS:
        return False
    known = words[0].strip(",:،") in chrome().greetings or text.startswith(tuple(filter(None, (me, *me.split()))))
    return known or (len(words) <= 3 and not alone)


def _without_sign_off(note: str | None, name: str | None) -> str | None:
    lines = (note or "").split("\n")
    last = _SIGN_OFF.match(lines[-1]) or (lines[-1] if _is_first_of(lines[-1], name) else None)
    if isinstance(last, re.Match) and not _is_first_of(last.group(1), name):
        last = None
    kept = lines[:-1] if last else lines
    return "\n".join(kept).strip() or None


def _is_first_of(text: str, name: str | None) -> bool:
    """Whether a line holds nothing but a part of the inviter's name."""
    own, full = compared(text), compared(name or "")
    return bool(own) and (f" {own} " in f" {full} " or own == compared(first_name(name or "")))


def _joined(texts: Iterable[str]) -> str | None:
    note = re.sub(r"\n{3,}", "\n\n", "\n".join(texts)).strip()
    return note or None


def _unquoted(note: str | None) -> str | None:
    if note and len(note) > 2 and any(note[0] == pair[0] and note[-1] == pair[1] for pair in _QUOTES):
        return note[1:-1].strip() or None
    return note


def _links(region: Iterable[Line]) -> tuple[Link, ...]:
    return tuple(link for line in region for link in line.links)


def recognised_languages(lines: Iterable[Line]) -> tuple[str, ...]:
    """Languages of LinkedIn's own lines, most frequent first."""
    table = chrome()
    known = (table.lines.languages(line.text) | table.footers.languages(line.text) for line in lines if line.text)
    counted = Counter(language for languages in known for language in languages if language != "und")
    return tuple(sorted(counted, key=lambda language: (-counted[language], language)))


def accepts(lines: Iterable[Line]) -> bool:
    """Whether the lines hold a link that accepts an invitation."""
    return bool(accept_links(link for line in lines for link in line.links))
