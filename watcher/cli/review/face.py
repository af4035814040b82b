"""How one invitation looks in a terminal: values in, lines out.

No line has a border at its right end, which a note in Hebrew or Arabic would push about, and nothing is told by colour
alone. All that came with a mail goes through `screen.plain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from watcher.cli.screen import STYLES, plain
from watcher.domain.kinds import VerdictKind
from watcher.domain.marking import Piece
from watcher.ports import Move
from watcher.web.views import Draft, Row, Whole

_INDENT = (0, 0, 0, 2)
_TOO_LONG_A_HEAD = 100

NOT_SAVED = "Not saved, and not in Drafts:"
"""Stands in the place of a draft's facts, above words that are none."""

HELP = (
    ("j  k", "the next, the one before (also → ←)"),
    ("space  ↓ ↑", "read on, and back"),
    ("e", "edit the draft in $VISUAL or $EDITOR"),
    ("d", "draft an answer: to what is held, uncertain or gone"),
    ("r", "redraft with another template or language"),
    ("x", "remove the draft; leave what is held or uncertain"),
    ("g  p", "correct the verdict: it is generic, it is personalised"),
    ("i", "I know this person; once more: I do not"),
    ("c", "copy the text for LinkedIn"),
    ("o", "open the place on LinkedIn"),
    ("m", "mark it as pasted on LinkedIn"),
    ("u", "take back what you did last"),
    ("h", "what happened to it so far"),
    ("q", "quit"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the walk this is; `account` is "" where there is one alone."""

    number: int
    total: int
    account: str = ""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Words that did not reach Drafts, measured as a draft; `is_beside` where another draft came while they wrote."""

    words: str
    measured: Draft
    is_beside: bool


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys with what they do: no line ends between the two."""

    offered: Mapping[str, str]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[Text]:
        line = ""
        for key, words in self.offered.items():
            longer = f"{line} · {key} {words}" if line else f"{key} {words}"
            if line and len(longer) > options.max_width:
                yield Text(line, style="dim")
                longer = f"{key} {words}"
            line = longer
        yield Text(line, style="dim")


def top(one: Whole, place: Place) -> list[RenderableType]:
    """Who it is, and where in the walk."""
    row = one.row
    where = f"{place.number:,} of {place.total:,} · no. {row.number} · {row.state_words}"
    account = f" · {plain(place.account)}" if place.account else ""
    lines = [Text(where + account, style="dim", no_wrap=True, overflow="ellipsis"), _line(row.name, "bold")]
    lines += [_line(words, "default") for words in (row.headline, row.company) if words]
    facts = f"{row.received.astimezone():%d %B %Y, %H:%M} · {one.authentic}"
    return [*lines, _line(facts, "dim")]


def body(one: Whole, known: str, words: str, unsaved: Unsaved | None) -> list[RenderableType]:
    """What is to be decided, their note and why it is judged so, and the answer; `words` is the draft's text."""
    return [*_decision(one.row), *_note(one, known), *_answer(one, words, unsaved)]


def history(moves: Sequence[Move]) -> list[RenderableType]:
    """What happened to it, the first first."""
    lines = (f"{move.at.astimezone():%Y-%m-%d %H:%M}  {move.end} ({move.by}) {move.reason}" for move in moves)
    return [_section("What happened"), *(Padding(Text(plain(line).rstrip()), _INDENT) for line in lines)]


def help_lines() -> list[RenderableType]:
    """The keys."""
    return [_section("Keys"), *(Text(f"  {key:<12}{words}") for key, words in HELP)]


def question(words: str, choices: Iterable[tuple[str, str]]) -> list[RenderableType]:
    """Choices, each with its key."""
    return [_section(words), *(Text(f"  {key}  {plain(choice)}") for key, choice in choices)]


def foot(told: str, offered: Mapping[str, str]) -> list[RenderableType]:
    """What came of the last key, and the keys that do something here."""
    return [Rule(style="dim", characters="─"), Text(plain(told), style="bold"), _Keys(offered)]


def _decision(row: Row) -> Iterator[RenderableType]:
    if row.decide:
        yield Text()
        yield Text(f"▶ {row.decide}", style="bold")
        if row.reason:
            yield Padding(Text(plain(f"{row.reason[:1].upper()}{row.reason[1:]}.")), _INDENT)


def _note(one: Whole, known: str) -> Iterator[RenderableType]:
    row = one.row
    yield Text()
    yield _section("Their note" + (f" ({row.language})" if row.language else ""))
    if one.pieces:
        yield Padding(_marked(one.pieces), _INDENT)
    else:
        yield Padding(Text("They wrote none." if row.verdict else plain(row.note), style="dim"), _INDENT)
    yield Text()
    if row.verdict:
        verdict = Text(row.verdict, style=STYLES[VerdictKind(row.verdict)])
        verdict.append(f": {row.because}, {one.confidence} % sure", style="default")
        yield Padding(verdict, _INDENT)
    for number, evidence in enumerate(one.evidence, start=1):
        quoted = f"“{plain(evidence.text)}” " if evidence.text else ""
        yield Padding(Text(f"[{number}] {quoted}{plain(evidence.why)}", style="dim"), _INDENT)
    told = row.reason if row.decide else ""  # stands above already
    known_by = [f"someone you know: {known}"] if known else []
    for words in (*(problem for problem in one.problems if problem != told), *known_by):
        yield Padding(Text(f"! {plain(words)}", style="yellow"), _INDENT)


def _marked(pieces: Sequence[Piece]) -> Text:
    """The words that decided are underlined, and have the number of the reason behind them."""
    text = Text()
    for piece in pieces:
        text.append(plain(piece.text), style="underline" if piece.is_marked else "default")
        text.append("".join(f"[{number}]" for number in piece.ends), style="dim")
    return text


def _answer(one: Whole, words: str, unsaved: Unsaved | None) -> Iterator[RenderableType]:
    yield Text()
    yield _section("Your answer")
    if one.draft is None:
        reason = f": {one.row.reason}" if one.row.reason and not one.row.decide else ""
        yield Padding(Text(plain(f"None so far; {one.row.state_words}{reason}."), style="dim"), _INDENT)
        return
    if unsaved:
        yield from _worded(Text(NOT_SAVED, style="bold"), unsaved.words, unsaved.measured, one.place)
        if not unsaved.is_beside:
            return
        yield Text()
        yield _section("A draft that came meanwhile")
    yield from _worded(Text(plain(_facts(one.draft, one.row)), style="dim"), words, one.draft, one.place)


def _worded(facts: Text, words: str, draft: Draft, place: str) -> Iterator[RenderableType]:
    """An answer between what it is and how long it is; `place` is "" where it goes by mail."""
    yield Padding(facts, _INDENT)
    yield Text()
    yield Padding(Text(plain(words).rstrip()), _INDENT)
    yield Text()
    room = f": {draft.fits}" if place else ""
    yield Padding(Text(f"{draft.length:,} characters{room}", style="dim"), _INDENT)
    if place:
        yield Padding(Text(f"To paste on LinkedIn: {place}", style="dim"), _INDENT)


def _facts(draft: Draft, row: Row) -> str:
    there = f"in {draft.folder}" if draft.is_in_place else f"{row.state_words}; this is what the program had put"
    template = "your own words" if draft.is_own else f"template {draft.template}"
    return f"{there} · {template} · {draft.language}" + (f" · to {draft.to}" if draft.to else "")


def _section(title: str) -> RenderableType:
    return Rule(Text(plain(title)), align="left", style="dim", characters="─")


def _line(words: str, style: str) -> Text:
    """One line of the head: a headline is cut, that the note may have the room."""
    shown = " ".join(plain(words).split())
    return Text(shown[:_TOO_LONG_A_HEAD], style=style, no_wrap=True, overflow="ellipsis")
