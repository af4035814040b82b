"""Keys asked of the machine's own DNS resolver: by UDP, by TCP where the answer is too long, and remembered.

An answer is kept as long as its zone allows, a day at most; that there is none for minutes; a failure for moments, so
that a dead resolver costs a pass one wait a key and not one a mail.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from watcher.errors import TryAgain
from watcher.ports import Clock

LONGEST = timedelta(days=1)
ABSENT = timedelta(minutes=5)
FAILED = timedelta(seconds=30)
MAX_REMEMBERED = 256
TIME_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class _Remembered:
    """An answer; `records` is None where DNS failed."""

    records: tuple[bytes, ...] | None
    since: datetime
    lasts: timedelta

    def holds(self, now: datetime) -> bool:
        # A clock that was put back must not keep an answer for ever.
        return self.since <= now < self.since + self.lasts


@dataclass(frozen=True, slots=True)
class Server:
    """A DNS server to ask in place of the machine's own resolver."""

    address: str
    port: int = 53


class DnsResolver:
    """Implements `ports.DnsKeys`."""

    def __init__(self, clock: Clock, *, servers: Sequence[Server] = (), time_limit: float = TIME_LIMIT) -> None:
        self._clock = clock
        self._servers = servers
        self._time_limit = time_limit
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = Lock()

    def txt(self, name: str) -> tuple[bytes, ...]:
        """The TXT records of an absolute name. Raises TryAgain where DNS gives no answer."""
        key = name.rstrip(".").lower()
        answer = self._known(key)
        if answer is None:
            answer = self._asked(key)
            self._remember(key, answer)
        if answer.records is None:
            raise TryAgain("DNS does not answer")
        return answer.records

    def _known(self, key: str) -> _Remembered | None:
        now = self._clock.now()
        with self._lock:
            found = self._remembered.get(key)
        return found if found and found.holds(now) else None

    def _remember(self, key: str, answer: _Remembered) -> None:
        with self._lock:
            self._remembered[key] = answer
            self._remembered.move_to_end(key)
            while len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)

    def _asked(self, key: str) -> _Remembered:
        now = self._clock.now()
        try:
            resolver = resolver_of(self._servers, self._time_limit)
            answer = resolver.resolve(dns.name.from_text(key + "."), "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return _Remembered((), now, ABSENT)
        except (dns.exception.DNSException, OSError):
            return _Remembered(None, now, FAILED)
        records = tuple(b"".join(record.strings) for record in answer)
        lasts = timedelta(seconds=answer.chaining_result.minimum_ttl)
        return _Remembered(records, now, min(lasts, LONGEST))


def resolver_of(servers: Sequence[Server], time_limit: float) -> dns.resolver.Resolver:
    """Asks these servers, or the machine's own; made anew for each question, so that a change of network is noticed."""
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(one.address, one.port) for one in servers]
    resolver.lifetime = time_limit
    return resolver
