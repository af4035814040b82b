"""`watcher drafts` and what a person decides about one of its rows: `show`, `draft`, `redraft`, `discard`, `judge`."""

from __future__ import annotations

import click
from rich.text import Text

from watcher import correcting, review, wiring
from watcher.cli import screen, shapes
from watcher.cli.options import as_json, print_json
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.ports import Record


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
        for record in records:
            screen.print_choice(record)
    else:
        screen.err().print("Nothing here yet: `watcher once` looks over the mailbox.")


@click.command()
@click.argument("number", type=int, metavar="ID")
@as_json
def show(*, number: int, as_json: bool) -> None:
    """Show one invitation: the note, the verdict, the draft, and its history."""
    with wiring.open_house() as house:
        _tell(review.find(house.ledger, number), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@as_json
def draft(*, number: int, as_json: bool) -> None:
    """Draft the answer to an invitation that was held, skipped or thrown away, or whose draft is uncertain."""
    with wiring.open_house() as house:
        _tell(review.draft(number, house.account, house.ports()), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--template", metavar="NAME", help="The template to use, as `watcher templates list` names it.")
@as_json
def redraft(*, number: int, template: str | None, as_json: bool) -> None:
    """Put a new draft in the place of one that you have not changed, or have thrown away."""
    with wiring.open_house() as house:
        _tell(review.redraft(number, house.account, house.ports(), house.removal(), template), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@as_json
def discard(*, number: int, as_json: bool) -> None:
    """Remove a draft that you have not changed; leave one that is uncertain as it is."""
    with wiring.open_house() as house:
        _tell(review.discard(number, house.account, house.ports(), house.removal()), as_json=as_json)


@click.command()
@click.argument("number", type=int, metavar="ID")
@click.argument("verdict", type=click.Choice([str(VerdictKind.GENERIC), str(VerdictKind.PERSONALISED)]))
@as_json
def judge(*, number: int, verdict: str, as_json: bool) -> None:
    """Correct a verdict: the same words are judged so from now on.

    The draft is replaced by one that fits, unless you have changed or sent it.
    """
    with wiring.open_house() as house:
        judged = correcting.judge(number, VerdictKind(verdict), house.account, house.ports(), house.removal())
    if as_json:
        print_json({**shapes.of_record(judged.record), "told": judged.told})
    else:
        _tell(judged.record, as_json=False)
        screen.err().print(Text(f"no. {number}: {screen.plain(judged.told)}."))


def _tell(record: Record, *, as_json: bool) -> None:
    if as_json:
        print_json(shapes.of_record(record))
    else:
        screen.print_record(record)
        screen.print_choice(record)


for command in (show, draft, redraft, discard, judge):
    drafts.add_command(command)
