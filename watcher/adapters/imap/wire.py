"""The wire below imapclient: counted, bounded in time and memory, without Nagle's delay.

Nagle's algorithm costs about 44 ms a command with most servers, so TCP_NODELAY is set. What a server may say to one
command is bounded (see `bounds`). One mail's own oddities must not end the connection, or it would stop the queue for
ever: a line about one mail that is too long is cut short, and that mail is then left out.
"""

from __future__ import annotations

import imaplib
import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from watcher.adapters.imap.bounds import (
    DEEPEST,
    LARGEST_ANSWER,
    LARGEST_LITERAL,
    LITERAL_FOLLOWS,
    LONGEST_LINE,
    LONGEST_OF_ONE_MAIL,
    MOST_IN_LINES,
    Allowance,
    BoundedSocket,
    depth,
    is_uid,
    start_of_one_mail,
)
from watcher.adapters.imap.password import InTurn, Way, literals, plain_words, quoted
from watcher.ports import Traffic


@dataclass(frozen=True, slots=True)
class Said:
    """How the server answered a sign-in: OK, NO or BAD (RFC 3501 §7.1), and in which words."""

    kind: str
    words: str


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
    allowance: Allowance
    handing_over: Callable[[], None] | None = None
    _wire: BoundedSocket | None = None
    _reader: io.BufferedReader
    _literal_next = False
    heard_of_search = False

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc] # of the class it is mixed into
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _stay_in_touch(made)
        return made

    def _log(self, line: str) -> None:
        """Nothing: the last lines would be kept for debugging, the one with the password among them."""

    def send(self, data: Any) -> None:  # noqa: ANN401 - as imaplib declares it
        if self._literal_next and self.handing_over is not None:
            self.handing_over()
        self._literal_next = data.endswith(b"}\r\n")
        self.heard_of_search = False
        self.meter.sent(len(data))
        self.sock.settimeout(self.allowance.seconds)
        super().send(data)
        self.allowance.begin()

    def read(self, size: int) -> bytes:
        if size > LARGEST_LITERAL:
            raise self.abort(f"the server announces {size:,} octets at once: that is refused")
        self.meter.waits()
        return self._came(self._from_socket().read(size))

    def readline(self) -> bytes:
        self.meter.waits()
        line = self._came(self._from_socket().readline(LONGEST_OF_ONE_MAIL))
        if len(line) == LONGEST_OF_ONE_MAIL and not line.endswith(b"\n"):
            line = self._long(line)
        elif depth(line) > DEEPEST:
            line = self._shortened(line, line)
        if not line.startswith((b"+", b"*")):
            self._literal_next = False  # the answer to the whole command: it was refused before its literal
        self.heard_of_search = self.heard_of_search or line[:8].upper() == b"* SEARCH"
        self.allowance.in_lines += len(line)
        if self.allowance.in_lines > MOST_IN_LINES:
            raise self._endless()
        return line

    def _long(self, beginning: bytes) -> bytes:
        """A long line: cut short where it is about one mail, else whole up to a limit."""
        is_kept = start_of_one_mail(beginning) is None
        pieces, octets = [beginning], len(beginning)
        while not pieces[-1].endswith(b"\n"):
            pieces.append(self._came(self._from_socket().readline(64 << 10)))
            octets += len(pieces[-1])
            if not pieces[-1] or (is_kept and octets > LONGEST_LINE):
                raise self._endless()
            pieces = pieces if is_kept else pieces[-2:]
        return b"".join(pieces) if is_kept else self._shortened(beginning, b"".join(pieces))

    def _shortened(self, beginning: bytes, line: bytes) -> bytes:
        """A line about one mail that says nothing of it, but announces the literal that follows."""
        start, literal = start_of_one_mail(beginning), LITERAL_FOLLOWS.search(line)
        if start is None:
            raise self._endless()
        return start + (b"X " + literal.group() if literal else b")\r\n")

    def _endless(self) -> imaplib.IMAP4.abort:
        return self.abort("the server does not come to an end")

    def _from_socket(self) -> io.BufferedReader:
        if self._wire is None or self._wire.made is not self.sock:  # STARTTLS puts another in its place
            self._wire = BoundedSocket(self.sock, self.allowance)
            self._reader = io.BufferedReader(self._wire)
        return self._reader

    def _came(self, octets: bytes) -> bytes:
        if self._wire is not None:
            self._wire.handed_out += len(octets)
        self.meter.bytes_in += len(octets)
        if self.allowance.octets > LARGEST_ANSWER:
            raise self._endless()
        return octets

    def arrived(self, *, waits: bool) -> bytes:
        """The octets that came next, past imaplib's lines; b"" where the other end closed.

        What the reader holds already comes first. Raises BlockingIOError and ssl.SSLWantReadError where nothing came
        and none is waited for, else TimeoutError.
        """
        held = self._from_socket().peek() if self._holds() else b""
        if held:
            return self._came(self._reader.read(len(held)))
        self.sock.settimeout(self.allowance.patience() if waits else 0)
        octets = self.sock.recv(64 << 10)
        self.meter.bytes_in += len(octets)
        return octets

    def _holds(self) -> bool:
        """Whether the reader took more off the socket than it was asked for: `peek` would else wait for more."""
        return self._wire is not None and self._wire.received > self._wire.handed_out

    def converse(self, mechanism: str, process: Callable[[bytes], bytes]) -> Said:
        """AUTHENTICATE: imaplib's own knows no initial response (SASL-IR, RFC 4959)."""
        words = [process(b"").decode("ascii")] if "SASL-IR" in self.capabilities else []
        return self.sign_in("AUTHENTICATE", mechanism, *words, process=process)

    def sign_in(self, command: str, *words: str, process: Callable[[bytes], bytes] | None = None) -> Said:
        """LOGIN or AUTHENTICATE. `process`, a bound method, is asked for each line that the server asks for.

        imaplib's own make one error of NO, of BAD and of what is wrong with the client: only NO is a refusal.
        """
        self.literal = process  # type: ignore[assignment] # imaplib knows a bound method from octets
        tag = self._command(command, *words)
        self._check_bye()
        kind, told = self._get_tagged_response(tag)
        if kind == "OK":
            self.state = "AUTH"
        return Said(kind, told[-1].decode("utf-8", "replace"))

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:  # noqa: ANN401 - as imaplib declares it
        """Nothing that was said in plain text is believed. Raises abort where something stood behind the OK."""
        plain = self._wire
        answer = super().starttls(ssl_context)
        if plain is not None and plain.received != plain.handed_out:
            raise self.abort("somebody put words into STARTTLS: the line to the server is not safe")
        self.untagged_responses.clear()
        return answer


def _stay_in_touch(made: socket.socket) -> None:
    """Have the system notice within two minutes that the other end is gone, though nobody says anything (IDLE)."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):  # not on every system
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class _MeteredPlain(_Metered, IMAP4WithTimeout):  # type: ignore[misc] # imapclient ships no types
    def __init__(self, meter: Meter, host: str, port: int, timeout: float) -> None:
        self.meter, self.allowance = meter, Allowance(timeout)
        IMAP4WithTimeout.__init__(self, host, port, timeout)


class _MeteredTls(_Metered, IMAP4_TLS):  # type: ignore[misc] # imapclient ships no types
    def __init__(self, meter: Meter, host: str, port: int, context: ssl.SSLContext, timeout: float) -> None:
        self.meter, self.allowance = meter, Allowance(timeout)
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

    @property
    def certificate(self) -> dict[str, Any] | None:
        """The server's certificate as `ssl` tells it once it is checked, or None on a plain connection."""
        return self._imap.sock.getpeercert() if isinstance(self._imap.sock, ssl.SSLSocket) else None

    @property
    def offered(self) -> frozenset[str]:
        """The capabilities, in capitals, as they were told before anybody signs in: behind STARTTLS those of there."""
        return frozenset(self._imap.capabilities)

    def enter(self, way: Way, user: str, password: str) -> Said:
        """Log in. Raises imapclient's own errors where the connection is lost."""
        wire: _Metered = self._imap
        if way is Way.PLAIN:
            return wire.converse("PLAIN", InTurn([plain_words(user, password)]).process)
        if way is Way.LITERAL:
            first, rest = literals(user, password)
            return wire.sign_in("LOGIN", first, process=rest.process)
        return wire.sign_in("LOGIN", quoted(user), quoted(password))

    def converse(self, mechanism: str, process: Callable[[bytes], bytes]) -> Said:
        """Log in by AUTHENTICATE; `process`, a bound method, answers each challenge. Raises as `enter`."""
        wire: _Metered = self._imap
        return wire.converse(mechanism, process)

    def search(self, *criteria: Any, **named: Any) -> Any:  # noqa: ANN401 - as imapclient declares it
        """The same; but "done" without a result line, which RFC 3501 §6.4.4 requires, is believed the second time.

        Raises abort where a number is no UID: the ledger would not hold it.
        """
        found = super().search(*criteria, **named)
        found = found if found or self._imap.heard_of_search else super().search(*criteria, **named)
        if not all(map(is_uid, found)):
            raise self._imap.abort("the server names a mail by a number that is no UID")
        return found

    def begin_idle(self) -> bytes:
        """Send IDLE and wait for the server's `+` (RFC 2177); returns the command's tag."""
        self.idle()
        return bytes(self._idle_tag)

    def heard(self, *, waits: bool) -> bytes:
        """The octets that came in IDLE, see `_Metered.arrived`."""
        return bytes(self._imap.arrived(waits=waits))

    def end_idle(self) -> None:
        """Send DONE; the answer to IDLE is read by `heard`."""
        self._imap.tagged_commands.pop(self._idle_tag, None)
        self._imap.send(b"DONE\r\n")

    @contextmanager
    def telling(self, handing_over: Callable[[], None]) -> Iterator[None]:
        """Inside, `handing_over` is called each time before a literal is sent."""
        self._imap.handing_over = handing_over
        try:
            yield
        finally:
            self._imap.handing_over = None

    def cut(self) -> None:
        """Shut the socket from any thread; never raises."""
        try:
            self._imap.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
