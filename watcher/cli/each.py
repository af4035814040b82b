"""The same for every mailbox: one that fails is told of, and keeps none of the others from its turn."""

from __future__ import annotations

from collections.abc import Callable

import click

from watcher import wiring
from watcher.cli.ending import AGAIN, ATTENTION, DONE, WRONG, ended_by
from watcher.errors import WatcherError
from watcher.wiring import House

_BY_WEIGHT = (WRONG, AGAIN, ATTENTION, DONE)


def each_house(name: str | None, do: Callable[[House], int]) -> int:
    """Do it for all mailboxes, or the one of that name; the gravest exit code. Raises for one alone."""
    with wiring.open_houses(name) as houses:
        if houses.is_alone:
            (house,) = houses.by_name.values()
            return do(house)
        codes = {told(name, problem) for name, problem in houses.problems.items()}
        codes |= {_tried(name, house, do) for name, house in houses.by_name.items()}
    return next(code for code in _BY_WEIGHT if code in codes)


def _tried(name: str, house: House, do: Callable[[House], int]) -> int:
    click.echo(f"— {name} —", err=True)
    try:
        return do(house)
    except WatcherError as error:
        return ended_by(error)
    finally:
        house.close()


def told(name: str, error: WatcherError) -> int:
    """Say what is wrong with one mailbox; the exit code."""
    click.echo(f"— {name} —", err=True)
    return ended_by(error)
