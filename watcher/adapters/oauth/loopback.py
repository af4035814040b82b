"""The page on loopback to which the provider sends the browser back: one answer is taken, the right one, and it closes.

A browser opens connections that it never uses, and asks for an icon; any page on the web may send it here. So each
connection has a thread and little time, and all that does not carry our `state` is turned away and changes nothing.
Nothing that was sent is shown.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>invitation-watcher</title>'
    "<style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}}</style>"
    "<h1>{title}</h1><p>{words}</p>"
)
_ARRIVED = _PAGE.format(
    title="Your answer has arrived",
    words="You may close this page. The terminal in which you ran <b>watcher login</b> says how it went on.",
)
_STRANGE = _PAGE.format(
    title="Not what was waited for",
    words="This page takes one answer, the one that <b>watcher login</b> asked for just now.",
)
_SECONDS = 5.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Redirected:
    """What the provider sent back: a code, or what went wrong by its name."""

    code: str = field(default="", repr=False)
    error: str = ""


@dataclass(slots=True)
class Page:
    """The page while it is open."""

    host: str
    state: str = field(repr=False)
    port: int = 0
    answer: Redirected | None = None
    has_come: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        """Where the browser is to be sent back to."""
        return f"http://{self.host}:{self.port}/"

    def wait(self, within: timedelta) -> Redirected | None:
        """The answer that carries our `state`; None where none came in time."""
        self.has_come.wait(within.total_seconds())
        return self.answer

    def take(self, query: str) -> bool:
        """Whether this was the answer; only the first one counts."""
        told = parse_qs(query)
        if self.has_come.is_set() or not _same(told.get("state", [""])[0], self.state):
            return False
        error = "".join(char for char in told.get("error", [""])[0][:_LONGEST] if char.isprintable())
        self.answer = Redirected(told.get("code", [""])[0], error)
        self.has_come.set()
        return True


def _same(state: str, expected: str) -> bool:
    return hmac.compare_digest(state.encode("utf-8", "replace"), expected.encode())


@contextmanager
def listening(host: str, state: str) -> Iterator[Page]:
    """A page at a port of its own on 127.0.0.1, called `host` there; closed at the end."""
    page = Page(host, state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(page))
    server.daemon_threads = True
    server.block_on_close = False  # a connection that the browser keeps open for nothing must not hold the end up
    page.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.05,), name="sign-in", daemon=True)
    thread.start()
    try:
        yield page
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_SECONDS)


def _handler(page: Page) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS
        server_version, sys_version = "watcher", ""

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            is_ours = address.path == "/" and self._is_meant() and page.take(address.query)
            self._say(HTTPStatus.OK if is_ours else HTTPStatus.NOT_FOUND, _ARRIVED if is_ours else _STRANGE)

        def _is_meant(self) -> bool:
            """Whether the browser means us, and not a name that somebody points here (DNS rebinding)."""
            return self.headers.get("Host") == f"{page.host}:{page.port}"

        def _say(self, status: HTTPStatus, words: str) -> None:
            content = words.encode()
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: the line of the request holds the code."""

    return Handler
