"""`watcher pause` and `watcher resume`: no passes for a while, and go on."""

from __future__ import annotations

from datetime import timedelta

import click

from watcher import wiring
from watcher.cli import screen
from watcher.cli.each import each_house
from watcher.cli.ending import DONE
from watcher.cli.options import account
from watcher.person import pausing
from watcher.wiring import House


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """A number and a unit, as in the settings."""
        try:
            return wiring.duration(str(value))
        except ValueError as error:
            self.fail(f"{value!r} {error}: write a number and a unit, such as '3 days' or '90 minutes'", param, ctx)


@click.command()
@click.option("--for", "lasting", type=_Duration(), metavar="TIME", help="For so long, such as '3 days'.")
@account
def pause(*, lasting: timedelta | None, account: str | None) -> int:
    """Begin no pass until `watcher resume`, or for a time; `watcher run` may stay as it is.

    Mail that comes meanwhile is looked at afterwards. What you ask for by a command, as `watcher draft ID`, is done.
    """

    def one(house: House) -> int:
        wanted = pausing.begun(house.clock.now(), lasting)
        house.ledger.pause(house.account.name, wanted)
        end = "" if wanted.until else ": `watcher resume` does"
        screen.err().print(f"{house.account.name} is {pausing.told(wanted)}{end}.", markup=False)
        return DONE

    return each_house(account, one)


@click.command()
@account
def resume(*, account: str | None) -> int:
    """Go on after `watcher pause`: what came meanwhile is looked at in the next pass."""

    def one(house: House) -> int:
        was_paused = house.ledger.resume(house.account.name)
        told = "goes on: `watcher run` begins with its next pass" if was_paused else "was not paused"
        screen.err().print(f"{house.account.name} {told}.", markup=False)
        return DONE

    return each_house(account, one)
