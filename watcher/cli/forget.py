"""`watcher forget`: erases what is kept of a person, or of all that is old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import click
from rich.text import Text

from watcher import wiring
from watcher.cli import screen
from watcher.cli.each import told
from watcher.cli.ending import DONE
from watcher.cli.options import account, as_json, print_json
from watcher.person import forgetting
from watcher.person.forgetting import Traces
from watcher.ports import Ledger
from watcher.wiring import Houses

_MOST_SHOWN = 20
_A_CENTURY = 36_525


@click.command()
@click.argument("person", required=False)
@click.option(
    "--older-than", "days", type=click.IntRange(0, _A_CENTURY), metavar="DAYS", help="All received before so long."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@account
@as_json
def forget(*, person: str | None, days: int | None, yes: bool, account: str | None, as_json: bool) -> int:
    """Erase what is kept of PERSON: a name, an address, or the address of a LinkedIn profile.

    Counts stay, and a keyed hash by which the same mail is known again: it gets no second draft. What lies in your
    mailbox is yours, and stays there.
    """
    if (person is None) is (days is None):
        raise click.UsageError("name one person, or say --older-than DAYS")
    if as_json and not yes:
        raise click.UsageError("--json asks nothing: say --yes as well")
    with wiring.open_houses(account) as houses:
        found = [(ledger, _found(person, days, ledger, houses, account)) for ledger in houses.ledgers()]
        if not as_json:
            _show([traces for _, traces in found])
        if any(_has_any(traces) for _, traces in found) and not (yes or _is_meant()):
            click.echo("Nothing was changed.", err=True)
            return DONE
        for ledger, traces in found:
            try:
                forgetting.forget(traces, _secret(houses, ledger), ledger, houses.shared.clock)
            finally:
                ledger.wipe()  # what was erased until something failed is not to be left in the file
    _tell([traces for _, traces in found], as_json=as_json)
    # What those mailboxes keep may lie elsewhere, and was not searched.
    return max((told(name, problem) for name, problem in houses.problems.items()), default=DONE)


def _found(person: str | None, days: int | None, ledger: Ledger, houses: Houses, account: str | None) -> Traces:
    """In one ledger: of the mailbox that is named, else of every one that was ever watched with it."""
    accounts = {house.account.name for house in houses.by_name.values() if house.ledger is ledger}
    if account is None:
        accounts |= {row.account for row in ledger.listing()}
    if person is not None:
        return forgetting.of_person(person, ledger, accounts)
    return forgetting.older_than(houses.shared.clock.now() - timedelta(days=days or 0), ledger, accounts)


def _secret(houses: Houses, ledger: Ledger) -> bytes:
    """The key file lies beside the ledger: all mailboxes of one have the same."""
    return next(house.account.voice.secret for house in houses.by_name.values() if house.ledger is ledger)


def _has_any(traces: Traces) -> bool:
    return bool(traces.rows or traces.known)


def _is_meant() -> bool:
    return click.confirm("Erase this? It cannot be taken back", err=True)


def _show(found: Iterable[Traces]) -> None:
    """What is to be erased, and what this does not reach."""
    console = screen.err()
    for traces in found:
        if traces.rows:
            console.print(screen.records_table(traces.rows[:_MOST_SHOWN]))
        if (more := len(traces.rows) - _MOST_SHOWN) > 0:
            console.print(f"… and {more:,} more.")
        for name, people in traces.known.items():
            for person in people:
                console.print(Text(f"{name}: that you know {screen.plain(person)}"))
        for row in traces.left:
            console.print(f"no. {row.id} is left: its draft is on its way. Try again after the next pass.")
        if lying := traces.in_drafts:
            numbers = ", ".join(f"no. {row.id}" for row in lying[:_MOST_SHOWN])
            console.print(
                f"Drafts may lie in your mailbox ({numbers}), and stay there: `watcher discard ID` before this removes"
                " one that you have not changed."
            )


def _tell(found: Iterable[Traces], *, as_json: bool) -> None:
    rows = [row for traces in found for row in traces.rows]
    people = sum(len(those) for traces in found for those in traces.known.values())
    if as_json:
        for row in rows:
            print_json({"id": row.id, "account": row.account})
        print_json({"forgotten": len(rows), "acquaintances": people})
    elif rows or people:
        click.echo(f"Erased from the ledger: invitations {len(rows):,}, people you said to know {people:,}.", err=True)
    else:
        click.echo("Nothing is kept that fits.", err=True)
