"""Serves the page in a thread of its own, on a socket that is bound before anything else begins."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import uvicorn
from starlette.routing import Route
from starlette.types import ASGIApp

from watcher.errors import Problem, Show
from watcher.web.application import application
from watcher.web.desk import Desk
from watcher.web.errands import Errands
from watcher.web.link import Link

SETTING = "WATCHER_WEB"

GRACE = timedelta(seconds=3)
"""How long a command under way may go on after the order to stop, before its connection is cut."""

LAST_WORDS = timedelta(seconds=2)
"""How long the end waits for commands whose connection was cut."""


@contextmanager
def serving(desk: Desk, link: Link, more: Sequence[Route] = ()) -> Iterator[None]:
    """Serve the page meanwhile. Raises Show where its port is taken; ends within a few seconds.

    `more` are plain answers for machines, beside the page.
    """
    errands = Errands()
    with _bound(link.host, link.port) as bound:
        app = application(desk, link, errands, more)
        server = uvicorn.Server(_config(app))
        thread = Thread(target=server.run, args=([bound],), name="page", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            errands.wait(GRACE)
            desk.cut()
            errands.wait(LAST_WORDS)
            thread.join(GRACE.total_seconds())


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # an address holds the token once
        server_header=False,
        proxy_headers=False,  # nobody stands before it whose word on the client counts
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
        limit_concurrency=100,
        h11_max_incomplete_event_size=32 << 10,
    )


def _bound(host: str, port: int) -> socket.socket:
    try:
        return _listening(host, port)
    except OSError as error:
        what = f"{host}:{port} is taken by another program" if error.errno == errno.EADDRINUSE else str(error)
        remedy = "end that program, or write another port, such as 127.0.0.1:8766, or off"
        raise Show(Problem(SETTING, what, remedy)) from error


def _listening(host: str, port: int) -> socket.socket:
    """With `IPPROTO_TCP` named: asyncio turns Nagle's delay of 40 ms off only where a socket says itself that it speaks
    TCP, which those of `socket.create_server` do not (cpython, `asyncio.base_events._set_nodelay`).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound
