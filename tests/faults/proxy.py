"""Between the program and a real server: passes everything on, until a fault strikes at a chosen command.

Every fault strikes a number of times (once, unless told otherwise); afterwards the way is clear, as after a bad night
in a network. A tail that is held is let go by `release`, long after the client has gone.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

LINE = 1 << 26
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")
_FLOOD = 200 << 20  # so much is poured out at most


class Kind(StrEnum):
    """What goes wrong."""

    CUT_BEFORE = "the connection is cut before the command reaches the server"
    LOSE_ANSWER = "the server does it, the answer is lost and the connection cut"
    SILENCE = "the server does it, nothing comes back, the connection stands"
    CUT_AFTER = "the connection is cut once the answer has arrived"
    HOLD_TAIL = "the last octets of a literal are held until `release`"
    RESET_IN_LITERAL = "a reset in the middle of a literal of the answer"
    HALF_OPEN = "the client's octets go nowhere"
    TRICKLE = "the answer comes at one octet a second"
    BYE = "BYE, then the end"
    GARBAGE = "a line that is no IMAP"
    HUGE_LITERAL = "a literal of 3 GiB"
    ENDLESS_LINE = "a line without end"
    ENDLESS_LINES = "answers without end that nobody asked for"
    MANY_WORDS = "as many words as an answer may hold"
    OVERQUOTA = "NO [OVERQUOTA]"
    UNAVAILABLE = "NO [UNAVAILABLE]"
    TOO_MANY = "NO too many simultaneous connections"
    BACK_OFF = "NO with a time to stay away"
    LATE_NO = "NO [OVERQUOTA] when the literal has arrived"


_REFUSALS = {
    Kind.OVERQUOTA: b"NO [OVERQUOTA] Not enough room.",
    Kind.UNAVAILABLE: b"NO [UNAVAILABLE] Temporary failure.",
    Kind.TOO_MANY: b"NO [ALERT] Too many simultaneous connections. (Failure)",
    Kind.BACK_OFF: b"NO Request is throttled. Suggested Backoff Time: 300000 milliseconds",
}
GREETING = "greeting"
"""In the place of a verb: the fault strikes as soon as somebody connects."""

ANY = "any command"


@dataclass
class Fault:
    """`kind` strikes at the `nth` command `verb` (in capitals, without UID) of each connection, `strikes` times.

    `nth` 0 is the next one, whichever that is; `ANY` is whatever command comes next.
    """

    kind: Kind
    verb: str
    nth: int = 1
    strikes: int = 1
    tail: int = 40


@dataclass
class Proxy:
    """Listens at `port`; made by `running`. `commands`: what came in, without tags and literals."""

    upstream: int
    fault: Fault | None = None
    port: int = 0
    struck: int = 0
    connections: int = 0
    commands: list[bytes] = field(default_factory=list)
    _clients: list[asyncio.StreamWriter] = field(default_factory=list)
    _held: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def release(self) -> None:
        """Let the held tails go, and wait until the server has answered them."""

        async def go() -> None:
            for let_go in self._held:
                await let_go()
            self._held.clear()

        asyncio.run_coroutine_threadsafe(go(), self._loop).result(10)

    def hang_up(self) -> None:
        """End every connection now, whatever is said on it."""
        for client in self._clients:
            self._loop.call_soon_threadsafe(client.close)
        self._clients.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._clients.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await _Connection(self, reader, writer).run()

    def strikes(self, verb: str, nth: int) -> Fault | None:
        fault = self.fault
        if fault is None or fault.verb not in {verb, ANY} or fault.nth not in {0, nth} or self.struck >= fault.strikes:
            return None
        self.struck += 1
        return fault


class _Connection:
    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.client, self.to_client = reader, writer
        self.seen: dict[str, int] = {}
        self.answers_end: Kind | None = None
        self.tag = b""
        self.server: asyncio.StreamReader
        self.to_server: asyncio.StreamWriter
        self.pumping: asyncio.Task[None]

    async def run(self) -> None:
        if fault := self.proxy.strikes(GREETING, 1):
            await self._at_greeting(fault)
            return
        self.server, self.to_server = await asyncio.open_connection("127.0.0.1", self.proxy.upstream, limit=LINE)
        self.pumping = asyncio.create_task(self._pump())
        try:
            while line := await self.client.readline():
                await self._command(line)
        finally:
            if self not in self.proxy_held():
                self.to_server.close()
            self.to_client.close()

    def proxy_held(self) -> list[object]:
        return [getattr(held, "__self__", None) for held in self.proxy._held]  # noqa: SLF001 - its own connections

    async def _at_greeting(self, fault: Fault) -> None:
        if fault.kind is Kind.CUT_BEFORE:
            self.to_client.close()
        elif fault.kind in {Kind.HALF_OPEN, Kind.SILENCE}:
            await self._swallow()
        else:
            await self._instead(fault, b"*")

    async def _command(self, line: bytes) -> None:
        self.tag, _, rest = line.partition(b" ")
        self.proxy.commands.append(rest)
        words = rest.upper().split()
        verb = (words[1] if words[:1] == [b"UID"] else words[0]).decode("ascii", "replace") if words else ""
        self.seen[verb] = self.seen.get(verb, 0) + 1
        fault = self.proxy.strikes(verb, self.seen[verb])
        if fault is not None and fault.kind not in _LATER:
            await self._instead(fault, self.tag)
            return
        if fault is not None and fault.kind is not Kind.HOLD_TAIL:
            self.answers_end = fault.kind
        self.to_server.write(line)
        await self._literals(line, fault)

    async def _literals(self, line: bytes, fault: Fault | None) -> None:
        while found := _LITERAL.search(line):
            body = await self.client.readexactly(int(found[1]))
            line = await self.client.readline()
            if fault is not None and fault.kind is Kind.LATE_NO:
                self.pumping.cancel()
                self.to_client.write(self.tag + b" NO [OVERQUOTA] Not enough room.\r\n")
                self.to_server.transport.abort()
                return
            if fault is not None and fault.kind is Kind.HOLD_TAIL:
                await self._hold(body + line, fault.tail)
                return
            self.to_server.write(body + line)

    async def _hold(self, octets: bytes, tail: int) -> None:
        self.to_server.write(octets[:-tail])
        await self.to_server.drain()
        self.held = octets[-tail:]
        self.proxy._held.append(self.let_go)  # noqa: SLF001 - its own connections
        self.to_client.close()

    async def let_go(self) -> None:
        """The tail arrives at last; the server stores the message and answers to nobody."""
        self.to_server.write(self.held)
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.pumping), 1)
        self.to_server.close()

    async def _pump(self) -> None:
        """Answers on their way back; a fault's end comes with the tagged line."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await self.server.readline():
                end, is_tagged = self.answers_end, line.startswith(self.tag + b" ")
                if end in {Kind.LOSE_ANSWER, Kind.SILENCE} and not line.startswith(b"+"):
                    if is_tagged and end is Kind.LOSE_ANSWER:
                        break
                    continue
                if end is Kind.TRICKLE and not line.startswith(b"+"):
                    await self._trickle(line)
                    continue
                self.to_client.write(line)
                if found := _LITERAL.search(line):
                    await self._literal(int(found[1]), end)
                if is_tagged and end is Kind.CUT_AFTER:
                    break
            await self.to_client.drain()
        self.to_client.close()

    async def _literal(self, size: int, end: Kind | None) -> None:
        body = await self.server.readexactly(size)
        if end is Kind.RESET_IN_LITERAL:
            self.to_client.write(body[: size // 2])
            await self.to_client.drain()
            self._reset()
            raise ConnectionResetError
        self.to_client.write(body)

    def _reset(self) -> None:
        made: socket.socket = self.to_client.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.to_client.transport.abort()

    async def _trickle(self, line: bytes) -> None:
        for octet in line:
            self.to_client.write(bytes([octet]))
            await asyncio.sleep(1)

    async def _instead(self, fault: Fault, tag: bytes) -> None:
        """What the client gets where the command does not reach the server."""
        kind = fault.kind
        if kind in _REFUSALS:
            self.to_client.write((b"* BYE" if tag == b"*" else tag) + b" " + _REFUSALS[kind] + b"\r\n")
            if tag == b"*":
                self.to_client.close()
        elif kind is Kind.HALF_OPEN:
            await self._swallow()
        elif kind is Kind.GARBAGE:
            self.to_client.write(b"\x00\xff<html>302 Found</html>\r\n")
        elif kind is Kind.BYE:
            self.to_client.write(b"* BYE Server shutting down.\r\n")
            self.to_client.close()
        elif kind is Kind.CUT_BEFORE:
            self.to_client.close()
        else:
            await self._pour(kind)

    async def _pour(self, kind: Kind) -> None:
        start = {Kind.HUGE_LITERAL: b"* 1 FETCH (UID 1 BODY[1] {3221225472}\r\n", Kind.ENDLESS_LINE: b"* OK "}.get(
            kind, b""
        )
        more = {
            Kind.ENDLESS_LINES: b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n" * 2000,
            Kind.MANY_WORDS: b"* 1 FETCH (UID 1 FLAGS (" + b"ab " * 2600 + b"x))\r\n",
        }.get(kind, b"x" * (64 << 10))
        self.to_client.write(start)
        limit = 4_900_000 if kind is Kind.MANY_WORDS else _FLOOD
        for _ in range(limit // len(more)):
            self.to_client.write(more)
            await self.to_client.drain()
        if kind is Kind.MANY_WORDS:
            self.to_client.write(self.tag + b" OK done\r\n")

    async def _swallow(self) -> None:
        while await self.client.read(1 << 16):
            pass


# Faults that need the server to hear the command.
_LATER = frozenset(
    {
        Kind.LOSE_ANSWER, Kind.SILENCE, Kind.CUT_AFTER, Kind.HOLD_TAIL, Kind.RESET_IN_LITERAL, Kind.TRICKLE,
        Kind.LATE_NO,
    }
)  # fmt: skip


@contextmanager
def running(upstream: int, fault: Fault | None = None) -> Iterator[Proxy]:
    """A proxy before the server at port `upstream`."""
    proxy = Proxy(upstream, fault)
    loop = proxy._loop  # noqa: SLF001 - of this module
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=LINE))
    proxy.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    mine = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
