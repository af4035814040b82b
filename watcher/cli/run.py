"""`watcher run`: stays and watches until it is told to stop."""

from __future__ import annotations

import signal
from datetime import timedelta
from threading import Event
from types import FrameType

import click
import structlog

from watcher import wiring
from watcher.cli.log import configure
from watcher.cycle import PassReport
from watcher.errors import Show


@click.command()
def run() -> None:
    """Stay and watch: a pass at once, then one every WATCHER_POLL_EVERY. Ends cleanly on SIGTERM and Ctrl-C."""
    with wiring.open_house() as house:
        configure(house.settings.log, house.settings.log_level)
        if house.second is not None and house.second.model.host:
            told = "notes go to another machine, with names replaced (WATCHER_LLM_URL)"
            structlog.get_logger().warning(told, host=house.second.model.host)
        service = house.service(_Log(house.account.name))
        _stop_on_signals(service.stop)
        service.run()


def _stop_on_signals(stop: Event) -> None:
    def told(number: int, _frame: FrameType | None) -> None:
        structlog.get_logger().info("stopping", signal=signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)


class _Log:
    """Tells the log what the service does; no personal data above debug."""

    def __init__(self, account: str) -> None:
        self._log = structlog.get_logger().bind(account=account)

    def passed(self, report: PassReport) -> None:
        """A pass ended: at `info` when it found something, else at `debug`."""
        summary = report.summary
        say = self._log.info if report.outcomes else self._log.debug
        skipped = sum(summary.skipped.values())
        say("pass", looked_at=summary.looked_at, drafted=summary.drafted, held=summary.held, skipped=skipped)
        if report.unheard:
            self._log.warning("no second opinion of the language model", problem=report.unheard)
        for outcome in report.outcomes:
            number = outcome.record.id if outcome.record else None
            self._log.info("invitation", id=number, state=str(outcome.state))

    def failed(self, problem: str, again_in: timedelta) -> None:
        """A pass failed for now."""
        self._log.warning("pass failed", problem=problem, again_in_seconds=round(again_in.total_seconds(), 1))

    def gave_up(self, problem: Show) -> None:
        """The person has to change something."""
        self._log.error("stopped: something has to be changed first", problem=str(problem))
