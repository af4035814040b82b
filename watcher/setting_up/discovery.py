"""Finds the mail server of an address: a table of providers, else what the domain itself says in DNS.

Nothing else is asked: no autoconfig page, no guessed host. DNS without DNSSEC may be forged on the way, so a server
whose name lies outside the domain of the address is only ever proposed: `must_confirm` says that the person has to see
its name and agree before a password goes there (RFC 6186 §6, RFC 8314 §5.1). Within the domain the certificate, which
is checked against the name, proves enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from watcher.domain.providers import MailProvider, Protection, provider_of, without_imap
from watcher.errors import Problem, Show
from watcher.ports import MailDns

_SERVICES = (("_imaps._tcp", Protection.TLS), ("_imap._tcp", Protection.STARTTLS))
"""Implicit TLS first (RFC 8314 §3.3). Without TLS nothing is ever proposed, so `_imap` stands for STARTTLS."""

_OF_NAMES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


class Source(StrEnum):
    """Who says so."""

    TABLE = "table"
    SRV = "SRV"


@dataclass(frozen=True, slots=True)
class Found:
    """One server that may be the right one. `provider` is known for those of the table: how to sign in, and a hint."""

    host: str
    port: int
    security: Protection
    source: Source
    must_confirm: bool
    provider: MailProvider | None = None


def discover(address: str, dns: MailDns) -> tuple[Found, ...]:
    """Servers for an address, the best one first; none where nobody says. Asks DNS only where the table knows nothing.

    Raises Show where it is no address or its provider has no IMAP, and TryAgain where DNS gives no answer: then the
    host has to be typed.
    """
    domain = _domain(address)
    if name := without_imap().get(domain):
        remedy = "forward your mail to a mailbox that has IMAP, and name that one"
        raise Show(Problem("WATCHER_IMAP_USER", f"{name} has no IMAP, so no other program can read it", remedy))
    known = provider_of(domain)
    if known is not None:
        return (_of(known, Source.TABLE, must_confirm=False),)
    return tuple(_by_srv(domain, dns))


def _domain(address: str) -> str:
    name, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    if not name or "." not in ascii_domain or not set(ascii_domain) <= _OF_NAMES:
        raise Show(Problem("WATCHER_IMAP_USER", f"{address!r} is no e-mail address", "write it as name@example.org"))
    return ascii_domain


def _by_srv(domain: str, dns: MailDns) -> Iterator[Found]:
    """By priority, then weight: the weights share load among many clients, and one person's setting shares nothing."""
    for service, security in _SERVICES:
        offered = [one for one in dns.srv(f"{service}.{domain}") if one.target and one.port]
        for one in sorted(offered, key=lambda one: (one.priority, -one.weight)):
            host = one.target.lower()
            yield Found(host, one.port, security, Source.SRV, must_confirm=not _is_within(host, domain))


def _is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _of(provider: MailProvider, source: Source, *, must_confirm: bool) -> Found:
    return Found(provider.host, provider.port, provider.security, source, must_confirm, provider)
