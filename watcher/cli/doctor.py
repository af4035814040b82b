"""`watcher doctor`: checks everything a pass needs, one line a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click
from rich.table import Table
from rich.text import Text

from watcher import wiring
from watcher.cli import screen
from watcher.cli.ending import DONE, WRONG
from watcher.cli.options import account, as_json, print_json
from watcher.doctor import Check, Doctor, Health

_MARKS = {
    Health.GOOD: ("✓", "green"),
    Health.ATTENTION: ("!", "yellow"),
    Health.BAD: ("✗", "red"),
    Health.NOT_CHECKED: ("–", "dim"),
}
_WORDS = {
    Health.GOOD: "well",
    Health.ATTENTION: "to look at",
    Health.BAD: "to mend",
    Health.NOT_CHECKED: "not checked",
}


@click.command()
@account
@as_json
def doctor(*, account: str | None, as_json: bool) -> int:
    """Check everything a pass needs, from the settings to the mail server, and say what to do."""
    with wiring.open_doctors(account) as doctors:
        found = [check for one in doctors for check in _of(one, as_json=as_json, is_alone=len(doctors) == 1)]
    if not as_json:
        _sum_up(found)
    return WRONG if any(check.health is Health.BAD for check in found) else DONE


def _of(doctor: Doctor, *, as_json: bool, is_alone: bool) -> Sequence[Check]:
    if as_json:
        return list(_printed(doctor))
    if not is_alone:
        screen.out().print(Text(f"— {doctor.name} —"))
    checks = _watched(doctor)
    screen.out().print(_table(checks))
    return checks


def _printed(doctor: Doctor) -> Iterator[Check]:
    for check in doctor.checks():
        print_json({"account": doctor.name, **asdict(check), "health": str(check.health)})
        yield check


def _watched(doctor: Doctor) -> Sequence[Check]:
    """All checks, with the last one that was done on standard error: a server that hangs takes its time."""
    checks: list[Check] = []
    with screen.err().status("looking at the settings …") as status:
        for check in doctor.checks():
            checks.append(check)
            status.update(Text(f"{check.what} ✓ …" if check.health is Health.GOOD else f"{check.what} …"))
    return checks


def _table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        mark, style = _MARKS[check.health]
        found = Text(screen.plain(check.found))
        if check.remedy:
            found.append(f"\n→ {screen.plain(check.remedy)}", style="bold")
        table.add_row(Text(mark, style=style), Text(check.what), found)
    return table


def _sum_up(checks: Sequence[Check]) -> None:
    counted = Counter(check.health for check in checks)
    told = ", ".join(f"{counted[health]} {words}" for health, words in _WORDS.items() if counted[health])
    screen.out().print(f"\n{len(checks)} checks: {told}.")
