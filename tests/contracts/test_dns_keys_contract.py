"""Keys in DNS: found, not there, or no answer now; one suite for memory and for the resolver with a server of its own.

The server speaks DNS on 127.0.0.1, by UDP and by TCP; nothing else is asked.
"""

import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from twins.dns_keys import KeysInMemory

from watcher.adapters.dns_keys import MAX_REMEMBERED, DnsResolver, Server
from watcher.errors import TryAgain
from watcher.ports import DnsKeys

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
WEEK = 7 * 24 * 3600

ZONE: dict[str, tuple[bytes, ...]] = {
    "one.keys.test": (b"v=DKIM1; p=AAAA",),
    "two.keys.test": (b"v=spf1 -all", b"v=DKIM1; p=BBBB"),
    "parts.keys.test": (b"p=" + b"C" * 400,),
    "long.keys.test": (b"p=" + b"D" * 3000,),
    "octets.keys.test": (bytes(range(256)),),
}
FAILING = frozenset({"silent.keys.test", "servfail.keys.test", "refused.keys.test", "garbage.keys.test"})
ALIASES = {"alias.keys.test": "one.keys.test"}


@dataclass
class Zone:
    """What the server knows and what it was asked; `ttl` in seconds."""

    ttl: int = 300
    broken: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    by_tcp: Counter[str] = field(default_factory=Counter)

    def answer(self, wire: bytes, *, is_tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        (self.by_tcp if is_tcp else self.asked)[name] += 1
        if name == "silent.keys.test" or self.broken:
            return None
        return b"\xff" * 8 if name == "garbage.keys.test" else self._answer(query, name, is_tcp=is_tcp)

    def _answer(self, query: dns.message.Message, name: str, *, is_tcp: bool) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        codes = {"servfail.keys.test": dns.rcode.SERVFAIL, "refused.keys.test": dns.rcode.REFUSED}
        known = ZONE.get(ALIASES.get(name, name))
        if name in ALIASES:
            response.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", "CNAME", ALIASES[name] + "."))
        if known:
            texts = [_quoted(text) for text in known]
            response.answer.append(dns.rrset.from_text(ALIASES.get(name, name) + ".", self.ttl, "IN", "TXT", *texts))
        elif name != "address.keys.test":
            response.set_rcode(codes.get(name, dns.rcode.NXDOMAIN))
        wire = response.to_wire(max_size=65535)
        if is_tcp or len(wire) <= 512:
            return wire
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


def _quoted(text: bytes) -> str:
    pieces = [text[start : start + 200] for start in range(0, len(text), 200)]
    return " ".join('"' + "".join(f"\\{octet:03}" for octet in piece) + '"' for piece in pieces)


class _Udp(socketserver.DatagramRequestHandler):
    def handle(self) -> None:
        answer = self.server.zone.answer(self.rfile.read(), is_tcp=False)  # type: ignore[attr-defined]  # set below
        if answer is not None:
            self.wfile.write(answer)


class _Tcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        length = int.from_bytes(self.rfile.read(2))
        answer = self.server.zone.answer(self.rfile.read(length), is_tcp=True)  # type: ignore[attr-defined]  # set below
        if answer is not None:
            self.wfile.write(len(answer).to_bytes(2) + answer)


@contextmanager
def served(zone: Zone) -> Iterator[Server]:
    tcp, udp = _bound()
    for server in (tcp, udp):
        server.zone = zone  # type: ignore[union-attr]  # where the handlers find it
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Server("127.0.0.1", int(tcp.server_address[1]))
    for server in (tcp, udp):
        server.shutdown()
        server.server_close()


def _bound() -> tuple[socketserver.ThreadingTCPServer, socketserver.ThreadingUDPServer]:
    """A TCP and a UDP server on one port; the next port where UDP's is taken."""
    while True:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Tcp)
        try:
            return tcp, socketserver.ThreadingUDPServer(("127.0.0.1", tcp.server_address[1]), _Udp)
        except OSError:
            tcp.server_close()


@dataclass
class MovableClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def zone() -> Zone:
    return Zone()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def resolver(zone: Zone, clock: MovableClock) -> Iterator[DnsResolver]:
    with served(zone) as server:
        yield DnsResolver(clock, servers=[server], time_limit=2)


@pytest.fixture(params=["memory", "resolver"])
def keys(request: pytest.FixtureRequest) -> DnsKeys:
    if request.param == "memory":
        known = ZONE | {alias: ZONE[name] for alias, name in ALIASES.items()}
        return KeysInMemory(known, FAILING)
    found: DnsKeys = request.getfixturevalue("resolver")
    return found


# -------------------------------------------------------------------------------------------------- every adapter


@pytest.mark.parametrize("name", ZONE)
def test_records_come_whole(keys: DnsKeys, name: str) -> None:
    assert sorted(keys.txt(name + ".")) == sorted(ZONE[name])


def test_an_alias_is_followed(keys: DnsKeys) -> None:
    assert keys.txt("alias.keys.test.") == ZONE["one.keys.test"]


@pytest.mark.parametrize("name", ["one.keys.test", "ONE.Keys.Test."])
def test_neither_case_nor_the_last_dot_matters(keys: DnsKeys, name: str) -> None:
    assert keys.txt(name) == ZONE["one.keys.test"]


@pytest.mark.parametrize("name", ["gone.keys.test.", "address.keys.test."])
def test_what_dns_says_is_not_there_has_no_records(keys: DnsKeys, name: str) -> None:
    assert keys.txt(name) == ()


@pytest.mark.parametrize("name", sorted(FAILING))
def test_no_answer_means_try_again(keys: DnsKeys, name: str) -> None:
    for _ in range(2):
        with pytest.raises(TryAgain):
            keys.txt(name + ".")


# --------------------------------------------------------------------------------------------- the resolver alone


def test_an_answer_too_long_for_udp_comes_by_tcp(resolver: DnsResolver, zone: Zone) -> None:
    resolver.txt("long.keys.test.")
    resolver.txt("one.keys.test.")
    assert zone.by_tcp == {"long.keys.test": 1}


def test_no_server_at_all_means_try_again(clock: MovableClock) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    with pytest.raises(TryAgain):
        DnsResolver(clock, servers=[Server("127.0.0.1", free)], time_limit=0.5).txt("one.keys.test.")


@pytest.mark.parametrize(
    ("name", "ttl", "kept", "over"),
    [
        ("one.keys.test", 300, 299, 300),
        ("one.keys.test", WEEK, 24 * 3600 - 1, 24 * 3600),
        ("alias.keys.test", 300, 299, 300),
        ("gone.keys.test", 300, 299, 300),
        ("gone.keys.test", WEEK, 299, 300),
    ],
)
def test_an_answer_is_kept_as_long_as_it_may_be(
    resolver: DnsResolver, zone: Zone, clock: MovableClock, name: str, ttl: int, kept: int, over: int
) -> None:
    zone.ttl = ttl
    answers = []
    for seconds, questions in ((0, 1), (kept, 1), (over, 2)):
        clock.at = NOW + timedelta(seconds=seconds)
        answers.append(resolver.txt(name))
        assert zone.asked[name] == questions
    assert answers[0] == answers[1] == answers[2]


def test_an_answer_that_may_not_be_kept_is_not(resolver: DnsResolver, zone: Zone) -> None:
    zone.ttl = 0
    for _ in range(3):
        resolver.txt("one.keys.test")
    assert zone.asked["one.keys.test"] == 3


def test_a_failure_is_kept_for_moments_only(resolver: DnsResolver, zone: Zone, clock: MovableClock) -> None:
    for _ in range(3):
        with pytest.raises(TryAgain):
            resolver.txt("servfail.keys.test")
    assert zone.asked["servfail.keys.test"] == 1
    clock.at = NOW + timedelta(seconds=30)
    with pytest.raises(TryAgain):
        resolver.txt("servfail.keys.test")
    assert zone.asked["servfail.keys.test"] == 2


def test_an_answer_comes_once_the_server_is_back(resolver: DnsResolver, zone: Zone, clock: MovableClock) -> None:
    zone.broken = True
    with pytest.raises(TryAgain):
        resolver.txt("one.keys.test")
    zone.broken = False
    clock.at = NOW + timedelta(seconds=30)
    assert resolver.txt("one.keys.test") == ZONE["one.keys.test"]


def test_a_clock_that_was_put_back_keeps_nothing(resolver: DnsResolver, zone: Zone, clock: MovableClock) -> None:
    resolver.txt("one.keys.test")
    clock.at = NOW - timedelta(days=400)
    resolver.txt("one.keys.test")
    assert zone.asked["one.keys.test"] == 2


def test_no_more_is_remembered_than_the_limit(resolver: DnsResolver, zone: Zone) -> None:
    resolver.txt("one.keys.test")
    for number in range(MAX_REMEMBERED):
        resolver.txt(f"n{number}.keys.test")
    resolver.txt(f"n{MAX_REMEMBERED - 1}.keys.test")
    resolver.txt("one.keys.test")
    assert (zone.asked["one.keys.test"], zone.asked[f"n{MAX_REMEMBERED - 1}.keys.test"]) == (2, 1)
