"""Whom the person knows: by address or profile for certain, by a full name alone with a doubt that is told.

An address at linkedin.com is nobody's own, and neither is a relay of `WATCHER_ANSWERABLE`. A mail in Sent that answers
one of LinkedIn's proves no acquaintance: it may be the question that this program has drafted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from watcher.domain import links
from watcher.domain.genuine import at_linkedin
from watcher.domain.names import compared
from watcher.domain.threads import Thread
from watcher.domain.values import Evidence, Inviter, Reading
from watcher.errors import GiveUp

ADDRESS = re.compile(r"[a-z0-9.!#$&'+/=?^_`|~-]{1,64}@[a-z0-9.-]{1,255}")
"""An address that may stand in a question to a server; nothing in it can end a word or begin a literal."""

_PROFILE = "https://"
_SITE = re.compile(r"(?:https?://)?(?:[\w-]+\.)?linkedin\.com/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class People:
    """Names as they are compared, addresses and profiles in small letters."""

    names: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()

    def joined(self, others: People) -> People:
        """Both together."""
        return People(self.names | others.names, self.addresses | others.addresses, self.profiles | others.profiles)


def kept_as(person: str) -> str:
    """How a person that somebody names is kept: an address, a profile without tracking, or a name as it is compared.

    Raises GiveUp where it is none of these.
    """
    text = person.strip()
    if _SITE.match(text):
        shown = profile(text)
        if shown is None:
            raise GiveUp(f"{person!r} is no profile: write https://www.linkedin.com/in/NAME")
        return shown
    if "@" in text:
        address = text.lower()
        if not ADDRESS.fullmatch(address) or not _may_be_theirs(address):
            raise GiveUp(f"{person!r} is no address of a person")
        return address
    if not any(map(str.isalpha, text)):
        raise GiveUp(f"{person!r} names nobody: write a name, an address or a LinkedIn profile")
    return compared(text)


def profile(url: str) -> str | None:
    """A LinkedIn profile as it is compared; None where the address of a page shows none."""
    link = links.link(url if url.lower().startswith("http") else f"https://{url}")
    shown = links.profile_url([link]) if link else None
    return shown.lower() if shown else None


def people(kept: Iterable[str]) -> People:
    """Those who were kept by `kept_as`."""
    all_of_them = frozenset(kept)
    profiles = frozenset(one for one in all_of_them if one.startswith(_PROFILE))
    addresses = frozenset(one for one in all_of_them - profiles if "@" in one)
    return People(all_of_them - profiles - addresses, addresses, profiles)


def own_addresses(reading: Reading, relays: Collection[str] = ()) -> tuple[str, ...]:
    """The inviter's own addresses, as far as their mail names any."""
    to = reading.route.to if reading.route else None
    named = dict.fromkeys(address.lower() for address in (to, reading.source.sender) if address)
    others = {relay.lower() for relay in relays}
    return tuple(one for one in named if one not in others and ADDRESS.fullmatch(one) and _may_be_theirs(one))


def _may_be_theirs(address: str) -> bool:
    return not at_linkedin(address.rpartition("@")[2])


def how_known(inviter: Inviter, addresses: Iterable[str], told: People, book: People) -> Evidence | None:
    """How the person knows an inviter: because they said so, else by their address book; None where they do not."""
    for known, where in ((told, "you said that you know"), (book, "your address book has")):
        for address in addresses:
            if address in known.addresses:
                return Evidence(address, f"{where} this address")
        if inviter.profile_url and inviter.profile_url.lower() in known.profiles:
            return Evidence(inviter.profile_url, f"{where} this profile")
    name = compared(inviter.name)
    if name in told.names:
        return Evidence(inviter.name, "you said that you know a person of this name")
    if name in book.names and is_full(name):
        return Evidence(inviter.name, "a person of this name is in your address book")
    return None


def is_full(name: str) -> bool:
    """Whether a name has two words at least: there are too many Annas."""
    return len(name.split()) > 1


def was_written_to(address: str, sent: Iterable[Thread]) -> Evidence | None:
    """How the person knows whom they wrote these mails to; one that answers LinkedIn's mail does not count."""
    if any(not mail.is_deleted and not any(map(_is_linkedins, mail.answered)) for mail in sent):
        return Evidence(address, "you wrote to this address before")
    return None


def _is_linkedins(message_id: str) -> bool:
    """Until about 2012 LinkedIn's Message-IDs ended in the name of a machine: `…JavaMail.app@ela4-bed84.prod`."""
    host = message_id.rpartition("@")[2].rstrip(">").lower()
    return at_linkedin(host) or host.endswith(".prod")
