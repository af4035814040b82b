"""`watcher once`: one pass over the mailbox, then the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from watcher.cli import screen, shapes
from watcher.cli.each import each_house
from watcher.cli.ending import ATTENTION, DONE
from watcher.cli.options import account, as_json, print_json
from watcher.cycle import PassReport, Wish, run_pass
from watcher.domain.lifecycle import State
from watcher.person import pausing
from watcher.ports import Pause
from watcher.wiring import House


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing, remember nothing.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look at mail received since (YYYY-MM-DD)."
)
@click.option("--anyway", is_flag=True, help="Do it although `watcher pause` was said.")
@account
@as_json
def once(*, dry_run: bool, since: datetime | None, anyway: bool, account: str | None, as_json: bool) -> int:
    """Look over the mailbox once; over each of them, where there are several."""
    wish = Wish(dry_run=dry_run, since=since.date() if since else None)

    def one(house: House) -> int:
        pause = None if anyway or dry_run else house.ledger.paused(house.account.name, house.clock.now())
        return _pass(house, wish, as_json=as_json) if pause is None else _left_off(house, pause, as_json=as_json)

    return each_house(account, one)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing, remember nothing.")
@account
@as_json
def rejudge(*, dry_run: bool, account: str | None, as_json: bool) -> int:
    """Take all held mail through again, as once a mail server's authserv-id is pinned."""
    return each_house(account, lambda house: _pass(house, Wish(dry_run=dry_run, held=True), as_json=as_json))


def _left_off(house: House, pause: Pause, *, as_json: bool) -> int:
    """A pause is no failure: a timer that runs this goes on unmoved."""
    if as_json:
        print_json(shapes.of_pause(house.account.name, pause))
    words = "Nothing was looked at: `watcher resume` ends it, --anyway looks all the same."
    screen.err().print(f"{house.account.name} is {pausing.told(pause)}. {words}", markup=False)
    return DONE


def _pass(house: House, wish: Wish, *, as_json: bool) -> int:
    with _progress() as progress:
        report = run_pass(house.account, house.ports(), replace(wish, progress=progress))
    if as_json:
        shapes.print_pass(report, print_json)
    else:
        print_report(report, dry_run=wish.dry_run)
    return _ending(report)


class _progress:  # noqa: N801 - reads as the word it is in a with statement
    """A bar on standard error while a long pass reads; nothing where that is no terminal."""

    def __init__(self) -> None:
        columns = TextColumn("reading invitations"), BarColumn(), MofNCompleteColumn()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> Self:
        if self._bar.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar.live.is_started:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)


def print_report(report: PassReport, *, dry_run: bool) -> None:
    """The invitations, and the whole in a line."""
    out, summary = screen.out(), report.summary
    if report.outcomes:
        out.print(screen.outcomes_table(report.outcomes, "Invitations" if not dry_run else "Invitations (dry run)"))
    skipped = sum(summary.skipped.values())
    would = sum(outcome.state is State.INTENDED for outcome in report.outcomes)
    drafted = f"{would} would be drafted" if dry_run else f"{summary.drafted} drafted"
    out.print(
        f"{summary.looked_at} mails from or about LinkedIn, {summary.invitations} invitations: "
        f"{drafted}, {summary.held} held for you, {skipped} skipped."
    )
    if report.noticed:
        became = Counter(str(record.state) for record in report.noticed)
        out.print(f"Earlier drafts: {', '.join(f'{times} {state}' for state, times in became.items())}.")
    _hint(report, dry_run=dry_run)


def _hint(report: PassReport, *, dry_run: bool) -> None:
    err = screen.err()
    if report.unheard:
        err.print(f"No second opinion of the language model: {report.unheard}.", style="dim")
    if dry_run:
        err.print("This was a dry run: nothing was drafted and nothing remembered.", style="dim")
    elif report.summary.held:
        err.print("Held ones wait for you: `watcher drafts --state held`, then `watcher draft ID`.", style="dim")
    elif report.summary.drafted:
        err.print("Read the drafts in your mail program; send, change or delete them there.", style="dim")


def _ending(report: PassReport) -> int:
    troubled = [outcome for outcome in report.outcomes if outcome.state in {State.UNCERTAIN, State.QUARANTINED}]
    for outcome in troubled:
        number = outcome.record.id if outcome.record else "?"
        screen.err().print(f"no. {number} is {outcome.state}: {outcome.reason}", style="red")
        if outcome.record:
            screen.print_choice(outcome.record)
    return ATTENTION if troubled else DONE
