"""What is LinkedIn's own around the inviter's words: known lines, its sentence about the inviter, greeting, sign-off.

A line is LinkedIn's by its place first, and by its words where they are known: a new wording costs no reader anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.domain.layout import Line
from watcher.domain.links import Link, accept_links
from watcher.domain.names import compared, first_name
from watcher.domain.tables import chrome

RULE = re.compile(r"[-=_.*\s]{3,}")
_MARKS = re.compile(r"[.,;:!?()\"“”„«»…。，、！？،؟]")
_LEADING_RULE = re.compile(r"^-{4,}")
_SIGN_OFF = re.compile(r"^[-–—]\s*(.{1,60})$")
_QUOTES = ("“”", "„“", "«»", "»«", '""', "‘’", "「」")
_GREETING_ENDS = (",", ":", "،", "，", "、", "：")
_CALLING_ENDS = (".", "!", "。", "！")
_OPENING_WORDS = 5
_SENTENCE_WORDS = 8
_ANYBODY = "Anna Berg"


@dataclass(frozen=True, slots=True)
class Told:
    """What the mail tells outside of its words: the inviter's name, the recipient's, and the sentences that LinkedIn
    sets in the subject and the preheader.
    """

    name: str | None
    me: str = ""
    sentences: tuple[str, ...] = ()


def is_chrome(text: str) -> bool:
    """Whether a line is one of LinkedIn's own."""
    return bool(RULE.fullmatch(text)) or text in chrome().lines


def is_footer(text: str) -> bool:
    """Whether a line begins what stands below the words: legal notes, who the mail is for, unsubscribing."""
    return text in {"--", "------"} or text in chrome().footers


def recognised_languages(lines: Iterable[Line]) -> tuple[str, ...]:
    """Languages of LinkedIn's own lines, most frequent first."""
    table = chrome()
    known = (table.lines.languages(line.text) | table.footers.languages(line.text) for line in lines if line.text)
    counted = Counter(language for languages in known for language in languages if language != "und")
    return tuple(sorted(counted, key=lambda language: (-counted[language], language)))


def is_of_cards(lines: Iterable[Line]) -> bool:
    """Whether the mail is of the years of cards, from 2017 on, in which LinkedIn writes no greeting."""
    return any("/mynetwork/invite-accept/" in one.path for one in accept_links(links_of(lines)))


def is_linkedins(line: Line) -> bool:
    """Whether LinkedIn put a link there: not its bare address, nor one that people pass on in their words."""
    return any(link.is_linkedin and link.path.strip("/") and not link.is_shared for link in line.links)


def is_named(text: str, name: str | None) -> bool:
    """Whether a line is this name and nothing else."""
    return name is not None and compared(text.removeprefix("From ")) == compared(name)


def at_spot(line: Line, spot: str) -> bool:
    """Whether a line stands at a place of LinkedIn's layout that its links or marks name."""
    return any(spot in known for known in line.spots)


def below_header(lines: Sequence[Line]) -> int:
    """Where the words begin, under the links to LinkedIn's own pages and the recipient's."""
    return 1 + max((index for index, line in enumerate(lines) if at_spot(line, "-header-")), default=-1)


def links_of(region: Iterable[Line]) -> tuple[Link, ...]:
    """Every link of some lines, in order."""
    return tuple(link for line in region for link in line.links)


def without_frame(texts: Iterable[str], name: str | None) -> tuple[str, ...]:
    """Without LinkedIn's own lines."""
    kept = (_LEADING_RULE.sub("", text) for text in texts)
    return tuple("" if _is_frame(text, name) else text for text in kept)


def without_frame_of_cards(texts: Sequence[str], told: Told) -> tuple[str, ...]:
    """Without LinkedIn's own lines, of which no greeting is one in cards, whatever the letters' were."""
    return tuple(
        text if _is_greeting(text, told.me, alone=True) else kept
        for text, kept in zip(texts, without_frame(texts, told.name), strict=True)
    )


def _is_frame(text: str, name: str | None) -> bool:
    return is_chrome(text) or _speaks_of(text, name) or _is_chrome_about(text, name)


def _is_chrome_about(text: str, name: str | None) -> bool:
    """Whether a line is LinkedIn's once the inviter has a plain name: theirs may hold quotes, commas, job titles."""
    return bool(name) and (name or "") in text and is_chrome(text.replace(name or "", _ANYBODY))


def _speaks_of(text: str, name: str | None) -> bool:
    """A line that names the inviter and LinkedIn in the third person is LinkedIn's, in whatever language."""
    return bool(name) and text.startswith(name or "") and "linkedin" in text.lower()


def without_opening(texts: Sequence[str], told: Told, *, by_place: bool = False) -> tuple[str, ...] | None:
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


def without_greeting(texts: Sequence[str], told: Told, *, more: bool = False) -> tuple[str, ...]:
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


def without_sign_off(note: str | None, name: str | None) -> str | None:
    """Without the last line where it is the inviter's name, as LinkedIn signs letters."""
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


def joined(texts: Iterable[str]) -> str | None:
    """A note of these lines, with one blank line at most between paragraphs; None where none is left."""
    note = re.sub(r"\n{3,}", "\n\n", "\n".join(texts)).strip()
    return note or None


def unquoted(note: str | None) -> str | None:
    """Without the quotation marks that LinkedIn puts around a note."""
    if note and len(note) > 2 and any(note[0] == pair[0] and note[-1] == pair[1] for pair in _QUOTES):
        return note[1:-1].strip() or None
    return note
