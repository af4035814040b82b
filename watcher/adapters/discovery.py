"""Implements `ports.MailDns`: SRV records, asked of the machine's own DNS resolver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.resolver
from dns.rdtypes.IN.SRV import SRV

from watcher.adapters.dns_keys import TIME_LIMIT, Server, resolver_of
from watcher.errors import TryAgain
from watcher.ports import Srv


@dataclass(frozen=True, slots=True)
class DnsMailRecords:
    """Asks `servers`, where some are named; seconds for each question as a whole."""

    servers: Sequence[Server] = ()
    time_limit: float = TIME_LIMIT

    def srv(self, name: str) -> tuple[Srv, ...]:
        """The SRV records of a name. Raises TryAgain."""
        found = (record for record in self._records(name, "SRV") if isinstance(record, SRV))
        return tuple(Srv(one.priority, one.weight, one.port, _text(one.target)) for one in found)

    def _records(self, name: str, kind: str) -> Sequence[object]:
        try:
            asked = dns.name.from_text(f"{name.rstrip('.')}.")
            return list(resolver_of(self.servers, self.time_limit).resolve(asked, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.LabelTooLong, dns.name.NameTooLong):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise TryAgain(f"DNS does not tell who serves {name}") from error


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True) if name != dns.name.root else ""
