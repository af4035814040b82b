"""`watcher explain`: what the program thinks of saved mail. Needs no mailbox and no settings, and is offline."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from watcher import wiring
from watcher.cli import screen, shapes
from watcher.cli.options import as_json, print_json
from watcher.domain import language, message, reading, verdict
from watcher.domain.judging.scoring import Meaning
from watcher.domain.kinds import Kind
from watcher.domain.notes import find_default
from watcher.domain.reading import Trust
from watcher.domain.redaction import redact
from watcher.domain.values import Invitation, Inviter, Reading
from watcher.errors import Problem, Show
from watcher.ports import Signatures


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--trusted-authserv", metavar="ID", help="The authserv-id of your mail server (or WATCHER_TRUSTED_AUTHSERV)."
)
@click.option("--notes", is_flag=True, help="The files hold JSON lines with a note each: judge the notes alone.")
@click.option("--dns", is_flag=True, help="Check LinkedIn's signatures, with the keys that DNS tells.")
@click.option(
    "--redact", "for_report", is_flag=True, help="Print the mail without names, addresses and tokens, to report it."
)
@as_json
def explain(  # noqa: PLR0913 - an argument an option
    *, paths: tuple[str, ...], trusted_authserv: str | None, notes: bool, dns: bool, for_report: bool, as_json: bool
) -> None:
    """Say what each mail is, and why.

    PATH is an .eml file, a folder of them, an mbox, a Maildir, or - for one message on standard input.
    """
    _refuse_missing(paths)
    if notes:
        _explain_notes(paths)
        return
    if for_report:
        _redact(paths)
        return
    trust = Trust(trusted_authserv or wiring.trusted_authserv(), meaning=wiring.meaning())
    signatures = wiring.signatures() if dns else None
    readings = ((mail.source, _read(mail.content, trust, signatures)) for mail in _mails(paths))
    if as_json:
        for source, read in readings:
            print_json(shapes.of_reading(read, source))
    else:
        _print_table(readings)


def _refuse_missing(paths: Iterable[str]) -> None:
    """Raises Show before anything is printed, with every path that leads nowhere."""
    missing = [path for path in paths if path != "-" and not os.path.exists(path)]  # noqa: PTH110 - Path.exists raises where a folder is closed to us
    if missing:
        remedy = "name an .eml file, an mbox, a folder, or -"
        raise Show(*(Problem(path, "there is no such file or folder", remedy) for path in missing))


def _read(content: bytes, trust: Trust, signatures: Signatures | None) -> Reading:
    mail = message.parse(content)
    read = reading.read(mail, trust)
    if signatures is None or not reading.may_be_proven(mail, read):
        return read
    return reading.read(mail, trust, signatures.verify(content, datetime.now(UTC)))


def _redact(paths: tuple[str, ...]) -> None:
    mails = list(islice(_mails(paths), 2))
    if len(mails) != 1:
        raise click.UsageError("--redact takes one mail at a time")
    click.echo(redact(mails[0].content), nl=False)


def _mails(paths: Iterable[str]) -> Iterator[wiring.SavedMail]:
    for path in paths:
        mails = wiring.read_saved(path)
        first = next(mails, None)
        if first is None:
            click.echo(f"{path}: no mail in it (an .eml file, an mbox, a Maildir?)", err=True)
        else:
            yield first
            yield from mails


def _print_table(readings: Iterable[tuple[str, Reading]]) -> None:
    table = Table(show_lines=True, expand=True)
    for title, ratio in (("mail", 3), ("kind", 2), ("who", 2), ("why", 5)):
        table.add_column(title, ratio=ratio)
    for source, read in readings:
        kind = Text(str(read.kind), style="bold" if read.verdict else "default").append(
            f"\ngenuine: {read.authentic}", style="dim"
        )
        why = screen.why(read)
        for problem in read.problems:
            why.append(f"\n! {screen.plain(problem)}", style="red")
        table.add_row(Text(screen.plain(source)), kind, Text(screen.name_of(read)), why)
    screen.out().print(table)


def _explain_notes(paths: Iterable[str]) -> None:
    meaning = wiring.meaning()
    for path in paths:
        for mail in wiring.read_saved(path):
            for number, line in enumerate(mail.content.decode("utf-8", "replace").splitlines(), start=1):
                if line.strip():
                    print_json(_judged(_note(line, f"{mail.source} line {number}"), meaning))


def _note(line: str, where: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise Show(Problem(where, f"is no JSON: {error.msg}", 'write one object a line: {"note": "…"}')) from error
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str | None) for name in ("note", "lang")):
        raise Show(Problem(where, "holds no note", 'write one object a line: {"note": "…"}'))
    return entry


def _judged(entry: dict[str, Any], meaning: Meaning | None) -> shapes.Shape:
    note = entry.get("note") or None
    invitation = Invitation(
        kind=Kind.INVITATION,
        inviter=Inviter(str(entry.get("inviter") or ""), ""),
        note=note,
        note_raw=note,
        language=entry.get("lang") or _language(note),
        invitation_id=None,
    )
    return shapes.of_note(entry.get("id"), invitation.language, verdict.judge(invitation, meaning))


def _language(note: str | None) -> str | None:
    default = find_default(note) if note else None
    if default:
        return default.known.language
    return language.of_words(note) if note else None
