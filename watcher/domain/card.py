"""Reads the inviter's card: name, headline, and the words that are the inviter's own.

Two layouts are known. The letter (2009–2016, and every text part): a greeting, the note, a sign-off, name and headline,
then the line that accepts. The card (2018 on, HTML): each piece stands at a spot that its link names. In both, the
note is what is left when LinkedIn's own lines are taken away; what stands below the card is never read. A line is
LinkedIn's by its place first, and by its words where they are known: a new wording costs no reader anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from watcher.domain.layout import Line
from watcher.domain.links import Link, accept_links
from watcher.domain.names import compared, first_name
from watcher.domain.notes import find_default
from watcher.domain.tables import chrome

_RULE = re.compile(r"[-=_.*\s]{3,}")
_MARKS = re.compile(r"[.,;:!?()\"“”„«»…。，、！？،؟]")
_LEADING_RULE = re.compile(r"^-{4,}")
_SIGN_OFF = re.compile(r"^[-–—]\s*(.{1,60})$")
_PROFILE = re.compile(r"^/(?:comm/)?in/")
_ONLY_LINK = re.compile(r"^\S*https?://\S+$")
_QUOTES = ("“”", "„“", "«»", "»«", '""', "‘’", "「」")
_GREETING_ENDS = (",", ":", "،", "，", "、", "：")
_CALLING_ENDS = (".", "!", "。", "！")
_ENDS_SENTENCE = re.compile(r"[.!?:。！？।]$")
_PLACE_WORDS = 7
_OPENING_WORDS = 5
_SENTENCE_WORDS = 8
_ANYBODY = "Anna Berg"


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
class Told:
    """What the mail tells outside of its words: the inviter's name, the recipient's, and the sentences that LinkedIn
    sets in the subject and the preheader.
    """

    name: str | None
    me: str = ""
    sentences: tuple[str, ...] = ()


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
    opened = _without_opening(piece.above, told, by_place=True) if is_of_cards(lines) else None
    if opened is None:
        above = _without_greeting(piece.above, told, more=any(piece.below))
        raw = _joined(_without_frame((*above, *piece.below), told.name))
        note = _without_sign_off(raw, told.name)
    else:
        raw = note = _joined(_without_frame_of_cards((*opened, *piece.below), told))
    if raw is None:
        raw = note = _default_below(below) or _words_below(below, told)
    links = _links((*region, *(line for line in below if _leads_to(line, told.name))))
    return Card(told.name, piece.headline, _unquoted(note), raw, links, recognised_languages(lines))


def is_of_cards(lines: Iterable[Line]) -> bool:
    """Whether the mail is of the years of cards, from 2017 on, in which LinkedIn writes no greeting."""
    return any("/mynetwork/invite-accept/" in one.path for one in accept_links(_links(lines)))


def has_card(lines: Sequence[Line], name: str | None) -> bool:
    """Whether this is the card layout: the inviter's name stands, linked, in its place."""
    return _name_at(_card_region(lines, name), name) is not None


def card(lines: Sequence[Line], told: Told) -> Card:
    """Read the card layout. A greeting is the inviter's own, and so is a sign-off."""
    region = _card_region(lines, told.name)
    at = _name_at(region, told.name) or 0
    told = replace(told, name=region[at].text or told.name)
    before = [line.text for line in region[:at] if not _is_linkedins(line)]
    after = [line for line in region[at + 1 :] if not _is_linkedins(line)]
    headline, rest = _headline(after, region[at].cell, told)
    raw = _joined(_without_frame_of_cards((*(_without_opening(before, told) or before), *rest), told))
    return Card(told.name, headline, _unquoted(raw), raw, _links(region), recognised_languages(lines))


def is_chrome(text: str) -> bool:
    """Whether a line is one of LinkedIn's own."""
    return bool(_RULE.fullmatch(text)) or text in chrome().lines


# ------------------------------------------------------------------------------------------------------ the letter


def _region(lines: Sequence[Line], name: str | None) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines above the first one that acts, and those between it and the footer; the name may be a link."""
    start = _below_header(lines)
    end = next((index for index in range(start, len(lines)) if _ends_letter(lines[index])), len(lines))
    acts = (index for index in range(start, end) if _acts(lines, index) and not _names(lines[index].text, name))
    first = next(acts, end)
    return tuple(lines[start:first]), tuple(lines[first:end])


def _below_header(lines: Sequence[Line]) -> int:
    """Where the words begin, under the links to LinkedIn's own pages and the recipient's."""
    return 1 + max((index for index, line in enumerate(lines) if _at_spot(line, "-header-")), default=-1)


def _ends_letter(line: Line) -> bool:
    return _is_footer(line.text) or any(_at_spot(line, spot) for spot in ("pymk-", "email-footer"))


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
        return _Piece(tuple(texts), (), None)
    end = next((index for index in range(at, len(texts)) if not texts[index]), len(texts))
    below = [text for text in texts[at + 1 : end] if not is_chrome(text)]
    return _Piece((*texts[:at], ""), tuple(texts[end:]), below[0] if below else None)


def _names(text: str, name: str | None) -> bool:
    return name is not None and compared(text.removeprefix("From ")) == compared(name)


def _default_below(below: Sequence[Line]) -> str | None:
    """The default sentence may stand under the links, where it is believed only word for word."""
    return next((line.text for line in below if not line.links and find_default(line.text)), None)


def _words_below(below: Sequence[Line], told: Told) -> str | None:
    """The words under the links that act, up to a rule or the next link.

    A line right above a link is no note: it labels what is linked.
    """
    rule = next((index for index, line in enumerate(below) if _RULE.fullmatch(line.text)), len(below))
    acting = (line for index, line in enumerate(below[:rule]) if not _acts(below, index))
    words = list(dropwhile(lambda line: bool(line.links) or not _without_frame_of_cards([line.text], told)[0], acting))
    end = next((index for index, line in enumerate(words) if _is_linkedins(line)), len(words))
    return _joined(_without_frame_of_cards(_without_label(words[:end], words[end:]), told))


def _leads_to(line: Line, name: str | None) -> bool:
    """A line below that accepts, or names the inviter (`View X's profile`); others may show people one may know."""
    named = name is not None and re.search(rf"\b{re.escape(name)}\b", line.text) is not None
    return named or bool(accept_links(line.links))


# -------------------------------------------------------------------------------------------------------- the card


def _card_region(lines: Sequence[Line], name: str | None) -> tuple[Line, ...]:
    """The lines of the card. What is linked below it has a heading, in whatever words."""
    start = _below_header(lines)
    spot = next((index for index in range(start, len(lines)) if _ends_card(lines[index])), len(lines))
    end = _somebody_else(lines[:spot], name) or spot
    above = [index for index in range(start, end) if lines[index].text or lines[index].links]
    if above and any(line.links for line in lines[end : end + 1]) and not _is_linkedins(lines[above[-1]]):
        end = above[-1]
    return tuple(lines[start:end])


def _ends_card(line: Line) -> bool:
    return _is_footer(line.text) or any(_at_spot(line, spot) for spot in ("pymk-", "upsell", "footer"))


def _somebody_else(lines: Sequence[Line], name: str | None) -> int | None:
    """Where, below the accept button, a profile is shown that is not among those above it; spots tell that better."""
    accepts_at = next((index for index, line in enumerate(lines) if accept_links(line.links)), 0)
    shown = {path for line in lines[:accepts_at] if _shows_somebody(line) for path in _paths(line)}
    if not shown or any(one.spot for one in _links(lines)):
        return None
    others = (index for index in range(accepts_at, len(lines)) if _shows_somebody(lines[index]))
    return next((at for at in others if not shown & _paths(lines[at]) and not _names(lines[at].text, name)), None)


def _paths(line: Line) -> set[str]:
    return {one.path for one in line.links}


def _shows_somebody(line: Line) -> bool:
    return _is_linkedins(line) and any(_PROFILE.search(one.path) for one in line.links)


def _name_at(region: Sequence[Line], name: str | None) -> int | None:
    """Where the inviter's name stands: at its spot, or linked to the profile where links name no spots."""
    for index, line in enumerate(region):
        if line.text and any(_at_spot(line, spot) for spot in ("inviter~name", "prof~name")):
            return index
    if not is_of_cards(region):
        return None
    linked = (index for index, line in enumerate(region) if _names(line.text, name) and _shows_somebody(line))
    return next(linked, None)


def _at_spot(line: Line, spot: str) -> bool:
    return any(spot in known for known in line.spots)


def _headline(lines: Sequence[Line], name_cell: int, told: Told) -> tuple[str | None, tuple[str, ...]]:
    """The first line under the name, unless it reads like a sentence; a short line after it is the place.

    Where the headline shares the table cell of the name, the place does too; what has a cell of its own is the note.
    """
    texts = _without_frame_of_cards([line.text for line in lines], told)
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


# ------------------------------------------------------------------------------------------------------------- both


def _without_frame(texts: Iterable[str], name: str | None) -> tuple[str, ...]:
    """Without LinkedIn's own lines."""
    kept = (_LEADING_RULE.sub("", text) for text in texts)
    return tuple("" if _is_frame(text, name) else text for text in kept)


def _without_frame_of_cards(texts: Sequence[str], told: Told) -> tuple[str, ...]:
    """Without LinkedIn's own lines, of which no greeting is one in cards, whatever the letters' were."""
    return tuple(
        text if _is_greeting(text, told.me, alone=True) else kept
        for text, kept in zip(texts, _without_frame(texts, told.name), strict=True)
    )


def _is_frame(text: str, name: str | None) -> bool:
    return is_chrome(text) or _speaks_of(text, name) or _is_chrome_about(text, name)


def _is_chrome_about(text: str, name: str | None) -> bool:
    """Whether a line is LinkedIn's once the inviter has a plain name: theirs may hold quotes, commas, job titles."""
    return bool(name) and (name or "") in text and is_chrome(text.replace(name or "", _ANYBODY))


def _without_opening(texts: Sequence[str], told: Told, *, by_place: bool = False) -> tuple[str, ...] | None:
    """Without the sentence about the inviter with which LinkedIn opens; None where it does not. `by_place`: in a text
    part it stands above the name, where the only other words could be the inviter's.
    """
    open_ = [index for index, text in enumerate(texts) if text and not _is_frame(text, told.name)]
    named = [index for index, text in enumerate(texts) if told.name and told.name in text]
    alone = by_place and len(open_) == 1
    at = next((index for index in named if _is_about(texts[index], told, alone=alone)), None)
    return None if at is None else (*texts[:at], "", *texts[at + 1 :])


def _is_about(text: str, told: Told, *, alone: bool) -> bool:
    """Whether a line that names the inviter is LinkedIn's: known words, those of the subject or the preheader, or a few
    words without a mark, where there are no others.
    """
    if _is_frame(text, told.name):
        return True
    others = compared(text).replace(compared(told.name or ""), " ")
    if not 0 < len(others.split()) <= _SENTENCE_WORDS or _MARKS.search(others):
        return False
    return alone or any(compared(text) in compared(sentence) for sentence in told.sentences)


def _without_label(words: Sequence[Line], following: Sequence[Line]) -> list[str]:
    """Without the last line, where a link stands right below it."""
    linked = any(map(_is_linkedins, following[:1])) and any(line.text for line in words[-1:])
    return [line.text for line in (words[:-1] if linked else words)]


def _without_greeting(texts: Sequence[str], told: Told, *, more: bool = False) -> tuple[str, ...]:
    """Without the one greeting of LinkedIn's, which opens the words; `more` of the inviter's own may follow below."""
    for index, text in enumerate(texts):
        bare = _LEADING_RULE.sub("", text)
        framed = not bare or _is_frame(bare, told.name)
        last = not (more or any(texts[index + 1 :]))
        if _is_greeting(text, told.me, alone=framed or last):
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
    if not words or len(words) > _OPENING_WORDS:
        return False
    begins = words[0].strip(",:،") in chrome().greetings
    if begins and text.endswith(_CALLING_ENDS):
        return words[0].endswith(_GREETING_ENDS) or any(name in text for name in me.split())
    known = begins or text.startswith(tuple(filter(None, (me, *me.split()))))
    return text.endswith(_GREETING_ENDS) and (known or (len(words) <= 3 and not alone))


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
