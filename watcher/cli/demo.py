"""`watcher demo`: the whole job on an embedded mailbox. Nothing to configure, no network, nothing left behind."""

from __future__ import annotations

import sys

import click

from watcher import wiring
from watcher.cli import screen, shapes, web
from watcher.cli.options import as_json, print_json
from watcher.cycle import PassReport, run_pass
from watcher.domain import message, reading
from watcher.domain.lifecycle import State
from watcher.domain.values import Reading


@click.command()
@click.option("--no-web", is_flag=True, help="Do not offer the review page at the end.")
@as_json
def demo(*, no_web: bool, as_json: bool) -> None:
    """Show the whole job on 20 sample mails: needs no settings and no network, and leaves nothing behind."""
    with wiring.demo_house() as house:
        report = run_pass(house.account, house.ports())
        if as_json:
            shapes.print_pass(report, print_json)
        else:
            _print(report, house)
            if not no_web and sys.stdin.isatty() and sys.stdout.isatty():
                _offer(house)


def _print(report: PassReport, house: wiring.House) -> None:
    out = screen.out()
    out.print("A mail server with 20 sample mails was started inside this process. One pass over it:\n")
    out.print(screen.outcomes_table(report.outcomes, "Invitations"))
    others = [read for read in _readings(house) if read.verdict is None]
    out.print(screen.others_table(others, "Other mail, left alone"))
    drafted = [one.record.draft for one in report.outcomes if one.record and one.state is State.DRAFTED]
    if drafted and drafted[0]:
        out.print(screen.draft_panel(drafted[0].intent.content))
    traffic = report.traffic
    out.print(
        f"{report.summary.drafted} drafts, {report.summary.held} held for you, nothing sent, no mail touched "
        f"({traffic.round_trips} round trips, {traffic.bytes_in:,} bytes read).",
    )
    screen.err().print(
        "Next: `watcher init` sets your own mailbox up, and tries each answer as you give it.", style="dim"
    )


def _offer(house: wiring.House) -> None:
    """The same on the review page, for as long as the person likes: the embedded mailbox takes their commands, too."""
    with web.shown(house) as link:
        click.echo(f"\nThe same on the review page: {link.url}")
        click.pause("Press a key to end the demo.", err=True)


def _readings(house: wiring.House) -> list[Reading]:
    return [reading.read(message.parse(mail.content), house.account.trust) for mail in wiring.sample_mails()]
