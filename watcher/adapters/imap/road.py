"""Implements `ports.Road`: the way to a mail server up to its door. No name and no password is said on it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from watcher.adapters.imap.connection import Server, opened, told
from watcher.ports import Protection


@dataclass(frozen=True, slots=True)
class ImapRoad:
    """The way to this server."""

    server: Server

    @property
    def place(self) -> str:
        """Host and port, in words."""
        return f"{self.server.host}, port {self.server.port}"

    def addresses(self) -> tuple[str, ...]:
        """Where DNS says that the host is."""
        with told(self.server):
            found = socket.getaddrinfo(self.server.host, self.server.port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    def reach(self) -> None:
        """Connect to the port."""
        with told(self.server):
            socket.create_connection((self.server.host, self.server.port), self.server.timeout).close()

    def protection(self) -> Protection | None:
        """Have the server greet, and the connection protected; None where it is plain text."""
        client = opened(self.server)
        try:
            certificate = client.certificate
            return _protection(client.tls_version or "TLS", certificate) if certificate else None
        finally:
            client.cut()


def _protection(version: str, certificate: dict[str, object]) -> Protection:
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), tz=UTC)
    return Protection(version, ends, _name(certificate.get("issuer")))


def _name(issuer: object) -> str:
    """The organisation, else the common name, out of the pairs that `getpeercert` gives."""
    pairs = dict(pair for relative in issuer for pair in relative) if isinstance(issuer, tuple) else {}
    return str(pairs.get("organizationName") or pairs.get("commonName") or "an authority without a name")
