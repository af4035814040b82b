"""`watcher doctor`: checks everything a pass needs, one line a check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.table import Table
from rich.text import Text

from watcher import wiring
from watcher.cli import screen
from watcher.cli.ending import DONE, WRONG
from watcher.cli.options import as_json, print_json
from watcher.doctor import Check, Health, good

_MARKS = {Health.GOOD: ("✓", "green"), Health.ATTENTION: ("!", "yellow"), Health.BAD: ("✗", "red")}


@click.command()
@as_json
def doctor(*, as_json: bool) -> int:
    """Check settings, login, folders, ledger, templates and authenticity, and say what to do."""
    with wiring.open_house() as house:
        checks = [good("settings", f"complete, for {house.account.name}"), *house.doctor().checks()]
    if as_json:
        for check in checks:
            print_json(asdict(check) | {"health": str(check.health)})
    else:
        _print(checks)
    return WRONG if any(check.health is Health.BAD for check in checks) else DONE


def _print(checks: Sequence[Check]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        mark, style = _MARKS[check.health]
        found = Text(check.found)
        if check.remedy:
            found.append(f"\n→ {check.remedy}", style="bold")
        table.add_row(Text(mark, style=style), Text(check.what), found)
    screen.out().print(table)
