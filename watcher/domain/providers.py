"""Mail providers by the domain of an address, out of a table: the server, how one signs in, and a hint in words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Protection(StrEnum):
    """How a connection to a server is protected; the values are those of WATCHER_IMAP_SECURITY."""

    TLS = "tls"
    STARTTLS = "starttls"


class Way(StrEnum):
    """How a person signs in. GOOGLE and MICROSOFT are values of WATCHER_OAUTH_PROVIDER too."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    APP_PASSWORD = "app password"  # noqa: S105 - same
    GOOGLE = "google"
    MICROSOFT = "microsoft"


@dataclass(frozen=True, slots=True)
class MailProvider:
    """One row of the table; `ways` has the simplest first, `hint` says what to do in the account's settings."""

    name: str
    domains: frozenset[str]
    host: str
    port: int
    security: Protection
    is_login_the_address: bool
    ways: tuple[Way, ...]
    hint: str
    source: str

    def login(self, address: str) -> str:
        """The name that the server wants from whoever has this address."""
        return address if self.is_login_the_address else address.rpartition("@")[0]


def provider_of(domain: str) -> MailProvider | None:
    """Who serves the addresses of a domain, in small letters."""
    return _by_domain().get(domain)


@cache
def without_imap() -> Mapping[str, str]:
    """Names of providers that have no IMAP, by domain."""
    return {domain: row["name"] for row in _table()["without_imap"] for domain in row["domains"]}


@cache
def all_providers() -> tuple[MailProvider, ...]:
    """Every row, in the order of the table."""
    return tuple(map(_provider, _table()["provider"]))


@cache
def _by_domain() -> Mapping[str, MailProvider]:
    return {domain: row for row in all_providers() for domain in row.domains}


def _provider(row: Mapping[str, Any]) -> MailProvider:
    return MailProvider(
        name=row["name"],
        domains=frozenset(row["domains"]),
        host=row["host"],
        port=row.get("port", 993),
        security=Protection(row.get("security", "tls")),
        is_login_the_address=row.get("login") != "name",
        ways=tuple(map(Way, row["ways"])),
        hint=row["hint"],
        source=row["source"],
    )


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("watcher.domain.data").joinpath("mail_providers.toml").read_text("utf-8"))
