"""`watcher run`: stays and watches until it is told to stop."""

from __future__ import annotations

import signal
from types import FrameType

import click
import structlog

from watcher import wiring
from watcher.cli import web
from watcher.cli.log import Log, configure, trouble
from watcher.service import Service


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
        _obey(service)
        with web.beside(houses, attendance.measures.routes), attendance.attending():
            service.run()


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
