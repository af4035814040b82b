"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON lines and nothing else.")


def print_json(shape: Mapping[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    click.echo(json.dumps(shape, ensure_ascii=False))
