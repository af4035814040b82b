"""`watcher settings`: every setting with what it means, ready to be filled in."""

from __future__ import annotations

import click

from watcher import wiring


@click.command()
def settings() -> None:
    """Print every setting with its meaning: `watcher settings > .env` is where to begin."""
    click.echo(wiring.example_settings(), nl=False)
