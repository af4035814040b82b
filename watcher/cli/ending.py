"""How a command ends: exit codes, and the words for each kind of error."""

from __future__ import annotations

import click

from watcher.errors import GiveUp, Show, TryAgain

DONE = 0
ATTENTION = 1
WRONG = 2
AGAIN = 3
INTERRUPTED = 130


def ended_by(error: Exception) -> int:
    """Say what happened and return the exit code."""
    match error:
        case Show():
            _list(error)
            return WRONG
        case TryAgain():
            click.echo(f"failed for now: {error}\nNothing is lost; try again, or leave it to the next pass.", err=True)
            return AGAIN
        case GiveUp():
            click.echo(str(error), err=True)
            return WRONG
        case BrokenPipeError():
            return DONE
        case _:
            return _unforeseen(error)


def _list(shown: Show) -> None:
    count = len(shown.problems)
    click.echo(
        "Something has to be changed first:" if count == 1 else f"{count} things have to be changed first:", err=True
    )
    for problem in shown.problems:
        click.echo(f"  {problem.where}\n    {problem.what}\n    → {problem.remedy}", err=True)


def _unforeseen(error: Exception) -> int:
    kind = type(error).__name__
    click.echo(
        f"an error that was not foreseen ({kind}): run it as `watcher --debug …` to see where, and report it", err=True
    )
    return AGAIN
