"""`watcher report` counts what came of the invitations; `watcher drift` shows mail of LinkedIn's that has changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click
from rich.table import Table
from rich.text import Text

from watcher import wiring
from watcher.cli import screen
from watcher.cli.options import account, as_json, print_json
from watcher.domain.corrections import Correction
from watcher.errors import GiveUp
from watcher.person.report import Report
from watcher.person.report import report as counted
from watcher.ports import Drift, Record


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only those received since (YYYY-MM-DD)."
)
@account
@as_json
def report(*, since: datetime | None, account: str | None, as_json: bool) -> None:
    """Count the invitations by verdict and state, your corrections, and what became of drafts."""
    rows: list[Record] = []
    drifts: list[Drift] = []
    corrections: list[Correction] = []
    with wiring.open_houses(account) as houses:
        for name, ledger in [(house.account.name, house.ledger) for house in houses.by_name.values()]:
            rows += [row for row in ledger.listing() if row.account == name]
            drifts += ledger.drifts(name)
            corrections += ledger.corrections(name)
    found = counted(rows, drifts, corrections, since.date() if since else None)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)


def _print(found: Report) -> None:
    table = Table("", "how many")
    table.add_row("invitations", str(found.invitations))
    for was, became in found.corrections.items():
        for kind, count in became.items():
            table.add_row(Text(f"you corrected: {was} to {kind}"), str(count))
    for title in ("verdicts", "states", "drafts"):
        for name, count in getattr(found, title).items():
            table.add_row(Text(f"{title}: {name}"), str(count))
    for title in ("templates", "languages"):
        for name, became in getattr(found, title).items():
            table.add_row(Text(f"{title}: {name}"), ", ".join(f"{count} {what}" for what, count in became.items()))
    table.add_row("genuine mail not understood", str(found.drifts))
    screen.out().print(table)


@click.command()
@click.argument("number", type=int, required=False, metavar="[N]")
@account
@as_json
def drift(*, number: int | None, account: str | None, as_json: bool) -> None:
    """List genuine mail that no rule understood; with N, print the sample of that one to report it.

    A sample holds no names, addresses and tokens.
    """
    with wiring.open_house(account) as house:
        drifts = house.ledger.drifts(house.account.name)
    if number is None:
        _list(drifts, as_json=as_json)
    elif 1 <= number <= len(drifts):
        click.echo(drifts[number - 1].sample.decode("utf-8", "replace"), nl=False)
    else:
        raise GiveUp(f"there is no sample {number}: `watcher drift` lists them")


def _list(drifts: tuple[Drift, ...], *, as_json: bool) -> None:
    for number, one in enumerate(drifts, start=1):
        if as_json:
            print_json({"number": number, "at": one.at.isoformat(timespec="seconds"), "why": one.why})
        else:
            screen.out().print(Text(f"{number}  {one.at.astimezone():%Y-%m-%d %H:%M}  {one.why}"))
    if not drifts:
        screen.err().print("Nothing: every genuine invitation was understood.")
