"""`watcher status`: how each mailbox stands, without asking its server. Exit code 0 where all is well, 1 where not."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from rich.table import Table
from rich.text import Text

from watcher import wiring
from watcher.cli import screen
from watcher.cli.each import each_house
from watcher.cli.ending import AGAIN, ATTENTION, DONE
from watcher.cli.options import account, as_json, print_json
from watcher.cli.shapes import Shape
from watcher.domain.spans import span
from watcher.errors import TryAgain
from watcher.ports import Failure, Messenger, Notice, PassSummary
from watcher.watching.alarms import remedy, title
from watcher.watching.status import Status

_TRIAL = Notice("A trial of invitation-watcher", "Word to you comes through here. Nothing is wrong.")


@click.command(name="status")
@account
@click.option("--tell", is_flag=True, help="Send a trial notice to where alarms and notices go, instead.")
@as_json
def status_(*, account: str | None, tell: bool, as_json: bool) -> int:
    """Say when each mailbox was last looked over, when it will be, what waits, and what is wrong.

    Asks no mail server. Ends with 1 where something asks for your attention.
    """

    def one(house: wiring.House) -> int:
        if tell:
            return _try(house)
        now = house.clock.now()
        found = house.status(now)
        if as_json:
            print_json(_shape(found))
        else:
            _print(found, now)
        return DONE if found.is_well else ATTENTION

    return each_house(account, one)


def _try(house: wiring.House) -> int:
    """Each way once. Exit code 3 where one of them does not take it."""
    ways = dict.fromkeys(outbox.messenger for outbox in (*house.alarms, *house.notices))
    if not ways:
        screen.err().print("WATCHER_ALARMS and WATCHER_NOTICES are off: nobody would be told.")
        return DONE
    return AGAIN if [way for way in ways if not _takes(way)] else DONE


def _takes(way: Messenger) -> bool:
    try:
        way.tell(_TRIAL)
    except TryAgain as failure:
        screen.out().print(Text(str(failure), style="red"))
        return False
    screen.out().print(Text(f"{way.name}: took it"))
    return True


def _print(found: Status, now: datetime) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("mailbox", Text(found.account))
    table.add_row("last completed pass", Text(_when(found.completed, now)))
    if found.failure:
        table.add_row("failure", Text(_failed(found.failure, now), style="yellow"))
    table.add_row("next pass", Text(_next(found, now)))
    waiting = [f"{count} {state}" for state, count in found.waiting.items() if count]
    table.add_row("waits", Text(", ".join(waiting) or "nothing"))
    for alarm in found.alarms:
        table.add_row(Text("alarm", style="red"), Text(title(alarm.kind), style="red").append(f"\n→ {remedy(alarm)}"))
    screen.out().print(table)


def _when(completed: PassSummary | None, now: datetime) -> str:
    if completed is None:
        return "none yet: `watcher once` makes one, `watcher run` stays"
    found = f"{completed.looked_at} looked at, {completed.drafted} drafted, {completed.held} held"
    return f"{completed.ended.astimezone():%F %T}, {_ago(now - completed.ended)}: {found}"


def _failed(failure: Failure, now: datetime) -> str:
    passes = "the last pass" if failure.times == 1 else f"the last {failure.times} passes"
    return f"{passes} failed, {_ago(now - failure.at)}: {screen.plain(failure.problem)}"


def _next(found: Status, now: datetime) -> str:
    if found.next_pass is None:
        return f"none: {found.why_none}"
    if found.next_pass <= now:
        return "due now"
    return f"within {span(found.next_pass - now)}, at {found.next_pass.astimezone():%T}"


def _ago(time: timedelta) -> str:
    return f"{span(time)} ago"


def _shape(found: Status) -> Shape:
    return {
        "account": found.account,
        "healthy": found.is_well,
        "last_completed": _moment(found.completed.ended if found.completed else None),
        "last_failure": _failure(found.failure),
        "running": found.runs,
        "next_pass": _moment(found.next_pass),
        "why_none": found.why_none,
        "waiting": {str(state): count for state, count in found.waiting.items()},
        "alarms": [
            {"kind": str(one.kind), "count": one.count, "what": title(one.kind), "remedy": remedy(one)}
            for one in found.alarms
        ],
    }


def _failure(failure: Failure | None) -> Shape | None:
    if failure is None:
        return None
    return {"at": _moment(failure.at), "problem": failure.problem, "in_a_row": failure.times}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
