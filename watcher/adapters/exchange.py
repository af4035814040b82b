"""One POST over HTTP, bounded in everything: its time as a whole, the size of the answer, where it goes.

A time limit of a socket bounds one wait alone, and an answer that comes drop by drop has many; so the exchange runs in
a thread of its own, and its connection is cut when the time is over or the program is told to stop. No redirect is
followed, no proxy of the environment is used, a certificate is always checked, nothing is unpacked.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

from watcher.errors import TryAgain

MOST = 256 << 10
"""Octets of an answer."""

_TURN = 0.1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a POST goes; `context` is what certificates are checked with, None for a connection without TLS."""

    host: str
    port: int
    path: str
    context: ssl.SSLContext | None


def endpoint(url: str) -> Endpoint:
    """A web address that was checked before; certificates are those this machine trusts."""
    parts = urlsplit(url)
    is_encrypted = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if is_encrypted else 80)
    return Endpoint(parts.hostname or "", port, path, ssl.create_default_context() if is_encrypted else None)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header fields by name in small letters, and the body."""

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """Seconds for which it wants to be left alone, from a number or a date (RFC 9110 §10.2.3)."""
        told = self.fields.get("retry-after", "")
        if told.isascii() and told.isdigit():
            return float(told[:9])
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def post(endpoint: Endpoint, fields: Mapping[str, str], body: bytes, within: float, stop: Callable[[], bool]) -> Answer:
    """Send a body and wait `within` seconds for the whole answer. Raises TryAgain."""
    exchange = _Exchange(endpoint, fields, body, within)
    exchange.start()
    ends = time.monotonic() + within
    while not exchange.done.wait(max(0.0, min(_TURN, ends - time.monotonic()))):
        if stop() or time.monotonic() >= ends:
            exchange.cut()
            raise TryAgain("it was cut off, as the program ends" if stop() else f"no answer within {within:.0f} s")
    if exchange.answer is None:
        raise TryAgain(exchange.problem)
    return exchange.answer


class _TooMuch(Exception):  # noqa: N818 - says what it was
    """The answer is larger than any that counts."""


class _Exchange(Thread):
    """The exchange under way."""

    def __init__(self, endpoint: Endpoint, fields: Mapping[str, str], body: bytes, within: float) -> None:
        super().__init__(name="exchange", daemon=True)
        self._connection = _connection(endpoint, within + _TURN * 2)
        self._socket: socket | None = None
        self._is_cut = False
        self._path, self._fields, self._body = endpoint.path, fields, body
        self.done = Event()
        self.answer: Answer | None = None
        self.problem = ""

    def run(self) -> None:
        """Do it; what came of it stands in `answer`, or in `problem`."""
        try:
            self.answer = self._exchanged()
        except Exception as error:  # noqa: BLE001 - a socket that is cut meanwhile fails in any way
            self.problem = _told(error)
        finally:
            self._connection.close()
            self.done.set()

    def cut(self) -> None:
        """End it: whatever it waits for fails now."""
        self._is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)

    def _exchanged(self) -> Answer:
        self._connection.connect()
        # The connection itself forgets it once the answer began, where that is to be the last one.
        self._socket = self._connection.sock
        if self._is_cut:
            raise TimeoutError
        self._connection.request(
            "POST", self._path, body=self._body, headers=self._fields, preload_content=False, decode_content=False
        )
        response = self._connection.getresponse()
        content = response.read(MOST + 1, decode_content=False)
        if len(content) > MOST:
            raise _TooMuch
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, content)


def _connection(endpoint: Endpoint, within: float) -> HTTPConnection:
    if endpoint.context is None:
        return HTTPConnection(endpoint.host, endpoint.port, timeout=within)
    return HTTPSConnection(endpoint.host, endpoint.port, timeout=within, ssl_context=endpoint.context)


def _told(error: Exception) -> str:
    """What went wrong; the error's own text may hold anything that the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate does not prove who it is"
    if isinstance(error, ssl.SSLError):
        return "no encrypted connection comes about"
    if isinstance(error, _TooMuch):
        return f"its answer is over {MOST >> 10} KB"
    return f"the connection fails ({type(error).__name__})"
