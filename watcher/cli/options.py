"""Options that several commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON lines and nothing else.")

account = click.option(
    "--account", metavar="NAME", help="The mailbox of NAME.env, where there are several (WATCHER_ACCOUNTS)."
)


def print_json(shape: Mapping[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    line = json.dumps(shape, ensure_ascii=False)
    click.echo(line if _can_be_written(line) else json.dumps(shape))


def _can_be_written(line: str) -> bool:
    """Whether standard output's encoding has every character; half a surrogate pair has a place in none."""
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
