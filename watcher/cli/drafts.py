"""`watcher drafts`, `show ID`, `draft ID`: the ledger, and what a person decides about one of its rows."""

from __future__ import annotations

import click

from watcher import review, wiring
from watcher.cli import screen, shapes
from watcher.cli.options import as_json, print_json
from watcher.domain.lifecycle import State


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@as_json
@click.pass_context
def drafts(context: click.Context, *, state: str | None, as_json: bool) -> None:
    """List the invitations and their drafts, newest first."""
    if context.invoked_subcommand is not None:
        return
    with wiring.open_house() as house:
        records = house.ledger.listing(State(state) if state else None)
    if as_json:
        for record in records:
            print_json(shapes.of_record(record))
    elif records:
        screen.out().print(screen.records_table(records))
    else:
        screen.err().print("Nothing here yet: `watcher once` looks over the mailbox.")


@click.command()
@click.argument("number", type=int, metavar="ID")
@as_json
def show(*, number: int, as_json: bool) -> None:
    """Show one invitation: the note, the verdict, the draft, and its history."""
    with wiring.open_house() as house:
        record = review.find(house.ledger, number)
    if as_json:
        print_json(shapes.of_record(record))
    else:
        screen.print_record(record)


@click.command()
@click.argument("number", type=int, metavar="ID")
@as_json
def draft(*, number: int, as_json: bool) -> None:
    """Draft the answer to an invitation that was held."""
    with wiring.open_house() as house:
        record = review.draft(number, house.account, house.ports())
    if as_json:
        print_json(shapes.of_record(record))
    else:
        screen.print_record(record)


drafts.add_command(show)
drafts.add_command(draft)
