"""Checks of the way to the mail server: its name, its port, its TLS. The first that fails ends them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta

from watcher.doctor.checks import Check, Health, attention, good, troubles
from watcher.errors import WatcherError
from watcher.ports import Protection, Road

SOON = timedelta(days=14)
"""Certificates that are renewed by themselves are renewed 30 days before they end (Let's Encrypt)."""

_HOST = "check WATCHER_IMAP_HOST for a slip, and whether this machine is online"
_PORT = (
    "check WATCHER_IMAP_HOST and WATCHER_IMAP_PORT (993 with tls, 143 with starttls), that the server runs, "
    "and that no firewall is between"
)
_GREETING = (
    "it took the connection and then said nothing that helps: check that WATCHER_IMAP_SECURITY fits the port "
    "(tls for 993, starttls for 143), and the server itself"
)


def steps(road: Road | None, now: datetime) -> Generator[Check, None, bool]:
    """Each step; returns whether one of them blocks the way."""
    if road is None:
        return False
    for what, step, remedy in (
        ("host", lambda: _host(road), _HOST),
        ("port", lambda: _port(road), _PORT),
        ("TLS", lambda: _protected(road.protection(), now), _GREETING),
    ):
        is_bad = False
        for check in _tried(what, step, remedy):
            is_bad = is_bad or check.health is Health.BAD
            yield check
        if is_bad:
            return True
    return False


def _tried(what: str, step: Callable[[], Check], remedy: str) -> Iterator[Check]:
    try:
        yield step()
    except WatcherError as error:
        yield from troubles(what, error, remedy)


def _host(road: Road) -> Check:
    found = road.addresses()
    more = f" and {len(found) - 2} more" if len(found) > 2 else ""
    return good("host", f"known, at {', '.join(found[:2])}{more}")


def _port(road: Road) -> Check:
    road.reach()
    return good("port", f"{road.place} takes connections")


def _protected(protection: Protection | None, now: datetime) -> Check:
    if protection is None:
        return good("TLS", "none: plain text, on this machine only")
    days = (protection.ends - now).days
    found = f"{protection.version}, certificate of {protection.issuer} until {protection.ends:%F} ({days} days)"
    if protection.ends - now < SOON:
        remedy = "whoever runs the server has to renew it in time: after that no pass goes through"
        return attention("TLS", found, remedy)
    return good("TLS", found)
