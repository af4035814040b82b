"""`watcher web` serves the review page alone; `watcher open` opens it, whoever serves it."""

from __future__ import annotations

import secrets
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click
import structlog

from watcher import wiring
from watcher.errors import Problem, Show
from watcher.ports import Door
from watcher.web.link import Link
from watcher.web.proof import who_is_at
from watcher.web.tickets import ticket

if TYPE_CHECKING:
    from starlette.routing import Route  # slow to load

_HOST = "127.0.0.1"


@click.command()
def web() -> None:
    """Serve the review page on this machine, and print the link that opens it. Ends with Ctrl-C."""
    stop = Event()
    _stop_on_signals(stop)
    with wiring.open_houses() as houses, served(houses) as link:
        click.echo(link.url)
        click.echo(
            "This link opens the review page, on this machine alone. Keep it to yourself. Ctrl-C ends it.", err=True
        )
        stop.wait()


@contextmanager
def served(houses: wiring.Houses, more: Sequence[Route] = ()) -> Iterator[Link]:
    """The page of these houses, meanwhile. Raises Show where it is off, served already, or its port is taken."""
    from watcher.web.serving import serving  # noqa: PLC0415 - slow to load, and no other command needs it

    link = _link(houses)
    _refuse_served(link)
    with serving(houses.desk(), link, more):
        yield link


@contextmanager
def shown(house: wiring.House) -> Iterator[Link]:
    """The page of one house, at a port that is free, with a token that lies nowhere."""
    from watcher.web.serving import serving  # noqa: PLC0415 - as above

    with socket.create_server((_HOST, 0)) as found:
        port = found.getsockname()[1]
    link = Link(_HOST, port, secrets.token_urlsafe(32))
    with serving(house.desk(), link):
        yield link


@contextmanager
def beside(houses: wiring.Houses, more: Sequence[Route]) -> Iterator[None]:
    """The page while the mailboxes are watched: where it cannot be served the log says so, and the watch goes on."""
    with ExitStack() as meanwhile:
        try:
            link = meanwhile.enter_context(served(houses, more)) if houses.settings.web else None
        except Show as problem:
            structlog.get_logger().error("the review page is not served", problem=str(problem))
        else:
            _tell(link)
        yield


def _tell(link: Link | None) -> None:
    """The link opens the page for whoever reads it: it stands in no log."""
    if link is None:
        return
    if sys.stderr.isatty():
        click.echo(f"Review page: {link.url}", err=True)
    else:
        structlog.get_logger().info("review page: run `watcher open`", place=link.place)


@click.command(name="open")
@click.option("--print", "only_print", is_flag=True, help="Print the link instead of opening it.")
def open_page(*, only_print: bool) -> None:
    """Open the review page that `watcher run` or `watcher web` serves."""
    with wiring.open_houses() as houses:
        link = _link(houses)
        _refuse_stranger(link)
        address = ticket(link, secrets.token_urlsafe(16), houses.shared.clock.now())
    if only_print or not webbrowser.open(address):
        click.echo(link.url)
        return
    click.echo(f"opened {link.place}", err=True)


def _link(houses: wiring.Houses) -> Link:
    link = houses.page_link()
    if link is None:
        raise Show(
            Problem("WATCHER_WEB", "is off, so there is no page", "take the setting out, or write 127.0.0.1:8765")
        )
    return link


def _refuse_served(link: Link) -> None:
    """Who takes the port may be one's own `watcher run`, which is not to be ended."""
    if _who_is_at(link) is Door.OURSELVES:
        raise Show(Problem("WATCHER_WEB", f"the page is served already, at {link.place}", "`watcher open` opens it"))


def _refuse_stranger(link: Link) -> None:
    """The browser brings the ticket to whoever listens there."""
    match _who_is_at(link):
        case Door.NOBODY:
            what, remedy = f"nobody serves the page at {link.place}", "start `watcher run`, or `watcher web`"
        case Door.ANOTHER:
            what = f"{link.place} is taken by another program, which was handed nothing"
            remedy = (
                "end it, or write another port, such as 127.0.0.1:8766; a `watcher run` older than this: restart it"
            )
        case Door.OURSELVES:
            return
    raise Show(Problem("WATCHER_WEB", what, remedy))


def _who_is_at(link: Link) -> Door:
    return who_is_at(link, secrets.token_urlsafe(16))


def _stop_on_signals(stop: Event) -> None:
    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
