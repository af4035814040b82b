"""What people see in a terminal: tables and drafts.

Mail's text is shown as text: never as markup, and never as a command to the terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from email import message_from_bytes
from email.policy import default
from textwrap import shorten

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.domain.phrases import BECAUSE
from watcher.domain.values import Invitation, Reading
from watcher.ports import Record
from watcher.steps.acting import Outcome

STYLES = {
    VerdictKind.GENERIC: "yellow",
    VerdictKind.PERSONALISED: "green",
    VerdictKind.UNSURE: "cyan",
}


# Controls but tab and line end (ESC begins a command to the terminal, so does CSI), and what turns the writing around.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Words that came with a mail, with a mark in the place of each character that is none."""
    return _COMMANDS.sub("\ufffd", text.replace("\r\n", "\n"))


def out() -> Console:
    """Standard output."""
    return Console(file=sys.stdout, highlight=False)


def err() -> Console:
    """Standard error: progress, hints and problems."""
    return Console(stderr=True, highlight=False)


def name_of(reading: Reading) -> str:
    """Who a mail is from, as a person would say it."""
    name = reading.found.inviter.name if isinstance(reading.found, Invitation) else reading.source.sender
    return plain(name) or "nobody named"


def why(reading: Reading) -> Text:
    """The verdict and the words that decided it; for other mail, why it is none."""
    if not isinstance(reading.found, Invitation) or reading.verdict is None:
        return Text(plain(reading.found.reason) if not isinstance(reading.found, Invitation) else "", style="dim")
    verdict = reading.verdict
    text = Text(f"{verdict.kind}", style=STYLES[verdict.kind])
    text.append(f": {BECAUSE[verdict.because]}", style="default")
    for evidence in verdict.evidence[:2]:
        if evidence.text:
            text.append(f"\n“{shorten(plain(evidence.text), 160, placeholder=' …')}”", style="italic")
        text.append(f"\n  {plain(evidence.why)}", style="dim")
    return text


def outcomes_table(outcomes: Iterable[Outcome], title: str) -> Table:
    """One row an invitation: who, the verdict and its words, what became of it."""
    table = Table(title=title, title_justify="left", show_lines=True, expand=True)
    table.add_column("who", ratio=2, overflow="fold")
    table.add_column("verdict and what decided", ratio=4)
    table.add_column("what became of it", ratio=3)
    for outcome in outcomes:
        table.add_row(_who(outcome.reading), why(outcome.reading), _became(outcome))
    return table


def others_table(readings: Iterable[Reading], title: str) -> Table:
    """One row a mail that is no invitation: what it is, and why."""
    table = Table(title=title, title_justify="left", expand=True)
    for name, ratio in (("from", 3), ("subject", 4), ("what it is", 2)):
        table.add_column(name, ratio=ratio, no_wrap=True, overflow="ellipsis")
    for reading in readings:
        table.add_row(Text(name_of(reading)), Text(plain(reading.source.subject)), Text(str(reading.kind)))
    return table


def records_table(records: Sequence[Record]) -> Table:
    """One row an invitation of the ledger; with its mailbox, where there are several."""
    several = len({record.account for record in records}) > 1
    table = Table("no.", "received", "who", "verdict", "state", "why", *(["mailbox"] if several else []), expand=True)
    for record in records:
        verdict = record.reading.verdict
        shown = Text(str(verdict.kind), style=STYLES[verdict.kind]) if verdict else Text("—")
        when, who = f"{record.received.astimezone():%Y-%m-%d %H:%M}", name_of(record.reading)
        style = "red" if record.state in NEEDS_PERSON else "default"
        table.add_row(
            Text(str(record.id)),
            Text(when),
            Text(who),
            shown,
            Text(str(record.state), style),
            Text(plain(record.reason)),
            *([Text(plain(record.account))] if several else []),
        )
    return table


def print_record(record: Record) -> None:
    """One invitation, whole."""
    console, reading = out(), record.reading
    console.print(_who(reading))
    console.print(Text(f"no. {record.id} · {record.state}" + (f" · {plain(record.reason)}" if record.reason else "")))
    console.print(why(reading))
    if isinstance(reading.found, Invitation) and reading.found.note:
        console.print(Panel(Text(plain(reading.found.note)), title="their note", title_align="left"))
    if record.draft:
        console.print(draft_panel(record.draft.intent.content))
    for problem in reading.problems:
        console.print(Text(f"! {plain(problem)}", style="yellow"))
    for move in record.history:
        step = f"{move.at.astimezone():%Y-%m-%d %H:%M:%S}  {move.start or 'new'} → {move.end} ({move.by}) {move.reason}"
        console.print(Text(plain(step).rstrip(), style="dim"))


def print_choice(record: Record) -> None:
    """What a person can do about an uncertain draft."""
    if record.state is State.UNCERTAIN:
        number = record.id
        err().print(
            f"no. {number}: make it: `watcher draft {number}` · leave it: `watcher discard {number}`", style="dim"
        )


def draft_panel(content: bytes) -> Panel:
    """A finished draft as a mail program would show it."""
    mail = message_from_bytes(content, policy=default)
    head = "\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "In-Reply-To") if mail[name])
    body = mail.get_body(("plain",))
    words = plain(body.get_content()).rstrip() if body else ""
    text = Text(plain(head), style="dim").append(f"\n\n{words}", style="default")
    return Panel(text, title="a draft", title_align="left", border_style="green")


def _who(reading: Reading) -> Text:
    text = Text(name_of(reading), style="bold")
    headline = reading.found.inviter.headline if isinstance(reading.found, Invitation) else None
    return text.append(f"\n{plain(headline[:80])}", style="dim") if headline else text


def _became(outcome: Outcome) -> Text:
    style = "red" if outcome.state in NEEDS_PERSON else "green" if outcome.state is State.DRAFTED else "default"
    text = Text(str(outcome.state), style=style)
    draft = outcome.record.draft if outcome.record else None
    if draft and outcome.state is State.DRAFTED:
        route = outcome.reading.route
        way = f"to {plain(route.to)}" if route and route.to else "to paste on LinkedIn"
        text.append(f"\n{draft.intent.template} · {draft.intent.language} · {way}", style="dim")
    elif outcome.reason:
        text.append(f"\n{plain(outcome.reason)}", style="dim")
    return text
