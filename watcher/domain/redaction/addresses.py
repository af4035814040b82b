"""Where people can be reached: mail addresses, hosts and IP addresses become others of the same shape.

LinkedIn's service addresses stay, and so do hosts that belong to nobody in the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from watcher.domain.genuine import at_linkedin
from watcher.domain.kind import close_to_linkedin
from watcher.domain.redaction.inventions import RUN, Inventions
from watcher.domain.redaction.people import People, is_personal
from watcher.domain.tables import signals

MAIL = r"(?<![^\s<>@\"'(),;:\[\]=])[^\s<>@\"'(),;:\[\]=]{1,400}@[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}"
IP = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w.:])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,45}(?![\w:])"
HOST = r"[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}\.[A-Za-z]{2,24}(?![\w@-])"

_RUNS = re.compile(RUN)
_LOCAL_RUNS = re.compile(rf"(?!(?:JavaMail|app)\b)\b{RUN}")
_SERVICE_LOCAL = re.compile(r"[a-z]+(?:-[a-z]+)*")
_SERVICE_WORDS = re.compile(r"invit|no-?reply|hit-reply")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one mail."""

    people: People
    inventions: Inventions

    def mail(self, address: str) -> str:
        """An address or a message id; LinkedIn's service addresses stay."""
        local, _, domain = address.rpartition("@")
        if at_linkedin(domain.lower()) and _is_service(local):
            return address
        shown = _LOCAL_RUNS.sub(lambda run: self.inventions.word(run.group()), local)
        return f"{shown}@{self._domain(domain) if is_personal(domain.lower()) else domain}"

    def host(self, host: str) -> str:
        """A host name; one that belongs to an address of the people in this mail is replaced."""
        if not close_to_linkedin(host.lower()):
            host = _RUNS.sub(lambda run: self._unless_named(run.group()), host)
        below = "." + host.lower()
        own = next((domain for domain in self.people.domains if below.endswith("." + domain)), "")
        if not own:
            return host
        above = host[: len(host) - len(own)]
        return above + self._domain(host[len(above) :]) if "." in own else self.inventions.shape(host)

    def ip(self, address: str) -> str:
        """An IP address; private ones tell of nobody, and where a mail came in is told by them."""
        try:
            known = ip_address(address)
        except ValueError:
            return self.inventions.shape(address)
        if known.is_private:
            return address
        return _public(address) if isinstance(known, IPv4Address) else _behind_network(address)

    def _unless_named(self, label: str) -> str:
        return self.inventions.word(label) if label.casefold() in self.people.names else label

    def _domain(self, domain: str) -> str:
        """Another domain under the same top."""
        names, _, top = domain.rpartition(".")
        return f"{self.inventions.shape(names)}.{top}" if names else self.inventions.shape(domain)


def _is_service(local: str) -> bool:
    known = local.lower() in signals().senders or bool(_SERVICE_WORDS.search(local.lower()))
    return known and bool(_SERVICE_LOCAL.fullmatch(local))


def _public(address: str) -> str:
    first, *rest = address.split(".")
    return ".".join(["177"[-len(first) :], *("132"[: len(octet)] for octet in rest)])


def _behind_network(address: str) -> str:
    head = ":".join(address.split(":")[:2])
    return head + re.sub(r"[0-9A-Fa-f]", "1", address[len(head) :])
