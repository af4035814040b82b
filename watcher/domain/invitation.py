"""A Message becomes an Invitation or a NotInvitation, with what contradicts the reading said in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from watcher.domain import card, frame, language, letter, links, names
from watcher.domain.card import Card
from watcher.domain.kind import sort
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.layout import Line, Page, page, text_lines
from watcher.domain.message import Message
from watcher.domain.notes import find_default
from watcher.domain.tables import company_words
from watcher.domain.values import Invitation, Inviter, NotInvitation

NOBODY_NAMED = "looks like an invitation, but nobody is named in it"

_FEW_LETTERS = 40
_WAITS = re.compile(r"^[^,]{1,80}, (.{3,220}?)(?: from .{1,80})? is waiting for your response$")


@dataclass(frozen=True, slots=True)
class Found:
    """What a mail was read as, and what speaks against the reading."""

    value: Invitation | NotInvitation
    problems: tuple[str, ...] = ()


def read(message: Message, authentic: Authentic) -> Found:
    """Read one mail."""
    shown = page(message.html) if message.html else Page((), "", None)
    written = text_lines(message.text) if message.text else ()
    kind = sort(message, (*written, *shown.lines), authentic)
    if kind.kind not in {Kind.INVITATION, Kind.REMINDER}:
        spoken = _other_language(kind.kind, (*written, *shown.lines), shown)
        return Found(NotInvitation(kind.kind, kind.reason, spoken), kind.problems)
    one, disagreement = _card(message, written, shown)
    if not one.name:
        return Found(NotInvitation(Kind.OTHER, NOBODY_NAMED), kind.problems)
    return Found(_invitation(kind.kind, one, (*written, *shown.lines), shown), (*kind.problems, *disagreement))


def _invitation(kind: Kind, one: Card, lines: tuple[Line, ...], shown: Page) -> Invitation:
    everything = tuple(link for line in lines for link in line.links)
    ids = links.invitation_ids(one.links) or links.invitation_ids(everything)
    return Invitation(
        kind=kind,
        inviter=_inviter(one, shown, _mail_language(shown, lines)),
        note=one.note,
        note_raw=one.note_raw,
        language=_language(one, shown, lines),
        invitation_id=next(iter(ids), None),
    )


def _card(message: Message, written: tuple[Line, ...], shown: Page) -> tuple[Card, tuple[str, ...]]:
    """The text part tells the words, the HTML card the rest; what only one of them shows counts."""
    told = _told(message, (*written, *shown.lines), shown.preheader)
    from_html = _html_card(shown, told)
    from_text = letter.letter(written, told) if any(line.text for line in written) else None
    if from_text is None or from_html is None:
        return _only(from_text, from_html, told.name), ()
    note = from_html if _shows_more(from_html, from_text, shown.lines) else from_text
    merged = replace(
        from_html,
        name=from_html.name or from_text.name,
        headline=_longer(from_text.headline, from_html.headline),
        note=note.note,
        note_raw=note.note_raw,
        links=from_html.links + from_text.links,
        languages=from_text.languages or from_html.languages,
    )
    return merged, tuple(_disagreement(from_text, note if note is from_html else from_html))


def _told(message: Message, lines: tuple[Line, ...], preheader: str) -> frame.Told:
    me = next((one.name for one in message.addresses("to")), "")
    sentences = tuple(filter(None, (message.subject, preheader)))
    return frame.Told(_from_name(message, lines), me, sentences)


def _shows_more(html: Card, text: Card, lines: tuple[Line, ...]) -> bool:
    """Whether the HTML alone has a note, or that of the text with a greeting or sign-off, which in cards is typed."""
    if not (text.note and html.note):
        return bool(html.note)
    whole, piece = names.compared(html.note), names.compared(text.note)
    return frame.is_of_cards(lines) and piece != whole and piece in whole


def _only(from_text: Card | None, from_html: Card | None, name: str | None) -> Card:
    return from_text or from_html or Card(name, None, None, None, (), ())


def _html_card(shown: Page, told: frame.Told) -> Card | None:
    if not shown.lines:
        return None
    read_layout = card.card if card.has_card(shown.lines, told.name) else letter.letter
    return read_layout(shown.lines, told)


def _disagreement(text: Card, html: Card) -> list[str]:
    # Since October 2011 the HTML may drop the default sentence: silence contradicts nothing.
    if text.note and html.note and names.compared(text.note) != names.compared(html.note):
        return ["the text and the HTML of this mail show different notes; the text's is taken"]
    return []


def _longer(first: str | None, second: str | None) -> str | None:
    whole = [text for text in (first, second) if text]
    return max(whole, key=lambda text: (not text.endswith("…"), len(text)), default=None)


def _from_name(message: Message, lines: tuple[Line, ...]) -> str | None:
    name = names.without_via(message.senders[0].name) if message.senders else ""
    if not name or name.lower() in {"linkedin", "linkedin invitations"}:
        return None
    return _named_alone(name, lines) if "linkedin" in name.lower() else name


def _named_alone(name: str, lines: tuple[Line, ...]) -> str:
    """`Anna Berg via LinkedIn` in words not known: the mail shows the name on a line of its own as well."""
    begins = {line.text for line in lines if line.text and name.startswith(f"{line.text} ")}
    return max(begins, key=len, default=name)


def _inviter(one: Card, shown: Page, spoken: str | None) -> Inviter:
    name = names.shown(one.name or "")
    headline = _whole_headline(one.headline, shown.preheader)
    return Inviter(
        name=name,
        first_name=names.first_name(name, spoken),
        headline=headline,
        company=_company(headline, spoken) if headline else None,
        profile_url=links.profile_url(one.links),
    )


def _company(headline: str, spoken: str | None) -> str | None:
    found = _at_company(spoken).search(headline)
    return found.group(1).strip(" .") if found else None


@cache
def _at_company(spoken: str | None) -> re.Pattern[str]:
    """What stands between job and company, in the language of the mail, and the company."""
    words = "|".join(map(re.escape, company_words(spoken)))
    return re.compile(rf"\s(?:{words})\s+([^|•·,–]{{2,80}})", re.IGNORECASE)


def _whole_headline(headline: str | None, preheader: str) -> str | None:
    """LinkedIn cuts a long headline with an ellipsis; its preheader may hold all of it."""
    told = _WAITS.match(preheader)
    if told and (headline is None or headline.endswith("…")):
        return told.group(1)
    return headline


def _language(one: Card, shown: Page, lines: tuple[Line, ...]) -> str | None:
    """The note's own language; a default sentence tells it by itself, also with a greeting around it."""
    default = find_default(one.note) if one.note else None
    if default and len(default.rest) < _FEW_LETTERS:
        return default.known.language
    own = language.of_words(default.rest if default else one.note) if one.note else None
    return own or _mail_language(shown, lines)


def _mail_language(shown: Page, lines: tuple[Line, ...]) -> str | None:
    return language.of_mail(shown.language, frame.recognised_languages(lines))


def _other_language(kind: Kind, lines: tuple[Line, ...], shown: Page) -> str | None:
    """Of a message the person's words count, of other mail LinkedIn's; what people write elsewhere is not read."""
    if kind is Kind.UNRELATED:
        return None
    words = "\n".join(line.text for line in lines)[:2000]
    own = language.of_words(words) if kind is Kind.MESSAGE else None
    return own or _mail_language(shown, lines) or language.of_words(words)
