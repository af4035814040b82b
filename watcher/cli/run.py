"""`watcher run`: stays and watches until it is told to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

import click
import structlog

from watcher import wiring
from watcher.cli import web
from watcher.cli.log import Log, configure, trouble
from watcher.service import Service, Wanted


@click.command()
def run() -> None:
    """Stay and watch: a pass at once, then on the schedule and when the server tells of new mail.

    Ends cleanly on SIGTERM and Ctrl-C; reads settings and mailboxes again on SIGHUP.
    """
    from watcher.wiring.attendance import Attendance  # noqa: PLC0415 - slow to load, and no other command needs it

    with wiring.open_houses() as houses:
        configure(houses.settings.log, houses.settings.log_level)
        for name, house in houses.by_name.items():
            _warn(name, house)
        attendance = Attendance(houses, trouble)
        service = attendance.service(Log())
        service.load = _heeded(houses, service.load)
        _obey(service)
        with web.beside(houses, attendance.measures.routes), attendance.attending():
            service.run()


def _heeded(houses: wiring.Houses, load: Callable[[], Wanted]) -> Callable[[], Wanted]:
    """What settings say of the whole program is heeded whenever they are read, too: the log at once, the page not."""
    page = houses.settings.web

    def loaded() -> Wanted:
        wanted = load()
        settings = _newest(houses).settings
        configure(settings.log, settings.log_level)
        if settings.web != page:
            structlog.get_logger().warning("WATCHER_WEB was changed: it takes effect at the next start")
        return wanted

    return loaded


def _newest(houses: wiring.Houses) -> wiring.House:
    """A mailbox whose new settings cannot be used goes on with old ones, which say nothing of the program any more."""
    return next(house for name, house in houses.by_name.items() if name not in houses.problems)


def _warn(name: str, house: wiring.House) -> None:
    if house.second is not None and house.second.model.host:
        told = "notes go to another machine, with names replaced (WATCHER_LLM_URL)"
        structlog.get_logger().warning(told, account=name, host=house.second.model.host)


def _obey(service: Service) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        service.stop()

    def reload(_number: int, _frame: FrameType | None) -> None:
        service.reload()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP"):  # not every system has it
        signal.signal(signal.SIGHUP, reload)
