"""The wire below imapclient: counted, bounded, without Nagle's delay.

Nagle's algorithm costs about 44 ms a command with most servers, so TCP_NODELAY is set. A hostile server's huge literal
is refused before it is read; an endless line ends at imaplib's own limit of a million octets.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from watcher.ports import Traffic

LARGEST_LITERAL = 16 << 20


@dataclass(slots=True)
class Meter:
    """Counts what goes over one connection. A round trip is one wait for an answer after something was sent."""

    round_trips: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    asked: bool = False

    def sent(self, octets: int) -> None:
        """Something went out."""
        self.bytes_out += octets
        self.asked = True

    def waits(self) -> None:
        """An answer is waited for."""
        self.round_trips += self.asked
        self.asked = False

    def traffic(self) -> Traffic:
        """The count so far."""
        return Traffic(self.round_trips, self.bytes_in, self.bytes_out)


class _Metered(imaplib.IMAP4):
    """Put before a class of imapclient's that opens the socket."""

    meter: Meter

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc] # of the class it is mixed into
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def send(self, data: Any) -> None:  # noqa: ANN401 - as imaplib declares it
        self.meter.sent(len(data))
        super().send(data)

    def read(self, size: int) -> bytes:
        if size > LARGEST_LITERAL:
            raise self.abort(f"the server announces {size:,} octets at once: that is refused")
        self.meter.waits()
        octets = super().read(size)
        self.meter.bytes_in += len(octets)
        return octets

    def readline(self) -> bytes:
        self.meter.waits()
        line = super().readline()
        self.meter.bytes_in += len(line)
        return line


class _MeteredPlain(_Metered, IMAP4WithTimeout):  # type: ignore[misc] # imapclient ships no types
    def __init__(self, meter: Meter, host: str, port: int, timeout: float) -> None:
        self.meter = meter
        IMAP4WithTimeout.__init__(self, host, port, timeout)


class _MeteredTls(_Metered, IMAP4_TLS):  # type: ignore[misc] # imapclient ships no types
    def __init__(self, meter: Meter, host: str, port: int, context: ssl.SSLContext, timeout: float) -> None:
        self.meter = meter
        IMAP4_TLS.__init__(self, host, port, context, timeout)


class MeteredClient(IMAPClient):  # type: ignore[misc] # imapclient ships no types
    """imapclient over the metered wire. `context` is None for a connection that begins in plain text."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, timeout: float) -> None:
        self.meter = Meter()
        self._seconds = timeout
        super().__init__(host, port, ssl=context is not None, ssl_context=context, timeout=timeout)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's own name
        if self.ssl:
            return _MeteredTls(self.meter, self.host, self.port, self.ssl_context, self._seconds)
        return _MeteredPlain(self.meter, self.host, self.port, self._seconds)

    @property
    def is_preauthenticated(self) -> bool:
        """Whether the server greeted with PREAUTH: somebody in the middle could, to avoid STARTTLS."""
        return bool(self._imap.state != "NONAUTH")

    @property
    def tls_version(self) -> str | None:
        """`TLSv1.3`, or None on a plain connection."""
        return self._imap.sock.version() if isinstance(self._imap.sock, ssl.SSLSocket) else None

    def cut(self) -> None:
        """Shut the socket from any thread; never raises."""
        try:
            self._imap.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
