"""`watcher review`: walks through what waits, one invitation a screen. What is done is done by the page's own deeds."""

from __future__ import annotations

import sys

import click

from watcher import wiring
from watcher.cli import screen, shapes
from watcher.cli.options import account, as_json, print_json
from watcher.cli.review.session import Session
from watcher.cli.review.terminal import Terminal
from watcher.domain.phrases import DECIDE
from watcher.errors import Problem, Show
from watcher.person import reviewing
from watcher.person.reviewing import Walk
from watcher.review import find
from watcher.wiring import Houses


@click.command()
@click.argument("number", type=int, metavar="[ID]", required=False)
@account
@as_json
def review(*, number: int | None, account: str | None, as_json: bool) -> None:
    """Walk through what waits for you, one invitation a screen: what is held or uncertain, then untouched drafts.

    With ID the walk begins there. Press ? for the keys.
    """
    with wiring.open_houses(account) as houses:
        _refuse_several_ledgers(houses)
        desk = houses.desk()
        address = next(iter(houses.by_name.values())).account.name if account else None
        rows = reviewing.waiting(desk.ledger, address)
        if as_json:
            for row in rows:
                print_json({**shapes.of_record(row), "decide": DECIDE.get(row.state)})
            return
        walk = Walk(tuple(row.id for row in rows))
        if number is not None:
            walk = walk.led_to(find(desk.ledger, number).id)
        if not walk.numbers:
            screen.err().print("Nothing waits for you: `watcher drafts` lists everything.")
            return
        _refuse_no_terminal()
        Session(desk, Terminal(), walk).run()


def _refuse_several_ledgers(houses: Houses) -> None:
    if len(houses.ledgers()) > 1:
        what = "these mailboxes have ledgers of their own"
        raise Show(Problem("--account", what, f"name one of {', '.join(houses.by_name)}"))


def _refuse_no_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("this needs a terminal: scripts say --json, and then `watcher drafts` and its commands")
