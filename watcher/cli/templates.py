"""`watcher templates list|check|preview`: what answers there are, whether they work, and how one reads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click
from rich.table import Table
from rich.text import Text

from watcher import review, trial, wiring
from watcher.cli import screen
from watcher.cli.ending import DONE, WRONG
from watcher.cli.options import as_json, print_json
from watcher.domain import message, reading, reply
from watcher.domain.kinds import RouteBy
from watcher.domain.reading import Trust
from watcher.domain.values import Invitation, Reading
from watcher.errors import GiveUp


@click.group()
def templates() -> None:
    """List, check and preview the reply templates."""


@templates.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List every template and where it comes from."""
    table = Table("template", "from")
    for entry in wiring.own_templates().listing():
        if as_json:
            print_json(asdict(entry))
        table.add_row(Text(f"{entry.language}/{entry.name}"), Text(entry.origin))
    if not as_json:
        screen.out().print(table)


@templates.command()
@as_json
def check(*, as_json: bool) -> int:
    """Try every template on every sample invitation."""
    found = tuple(trial.findings(wiring.own_templates(), wiring.sample_invitations(), wiring.person()))
    for finding in found:
        if as_json:
            print_json(asdict(finding))
        elif finding.problem:
            screen.out().print(Text(f"✗ {finding.language}/{finding.name}: {finding.problem}", style="red"))
    broken = sum(1 for finding in found if finding.problem)
    if not as_json:
        screen.out().print(f"{len(found)} templates, {broken} with a problem.")
    return WRONG if broken else DONE


@templates.command()
@click.argument("name", metavar="LANGUAGE/NAME")
@click.option("--for", "subject", metavar="ID|FILE", help="An invitation of the ledger, or a saved mail.")
def preview(*, name: str, subject: str | None) -> None:
    """Print the finished message that a template makes, as it would stand in Drafts."""
    language, slash, template = name.partition("/")
    if not slash:
        raise click.UsageError(f"{name!r} is no template: write LANGUAGE/NAME, such as en/generic")
    screen.out().print(screen.draft_panel(_finished(_subject(subject), language, template)))


def _subject(subject: str | None) -> Reading:
    if subject is None:
        return wiring.sample_invitations()[0]
    if subject.isdigit():
        with wiring.open_house() as house:
            return review.find(house.ledger, int(subject)).reading
    mail = next(wiring.read_saved(subject), None)
    if mail is None:
        raise GiveUp(f"{subject}: no mail in it")
    return reading.read(message.parse(mail.content), Trust())


def _finished(about: Reading, language: str, template: str) -> bytes:
    invitation, route = about.found, about.route
    if not isinstance(invitation, Invitation) or route is None:
        raise GiveUp(f"this mail is no invitation but {about.kind}")
    shelf, me = wiring.own_templates(), wiring.person()
    values = reply.template_values(about, invitation, me, language)
    text = shelf.render(language, template, values)
    paste = shelf.render(language, reply.PASTE, values) if route.by is RouteBy.LINKEDIN else ""
    body = reply.body_for(route, text, paste)
    written = reply.compose(
        about, invitation, me=me, body=body, message_id="<preview@example.test>", template=template, language=language,
        now=datetime.now().astimezone(),
    )  # fmt: skip
    return written.content
