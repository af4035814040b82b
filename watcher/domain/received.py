"""What a `Received` line proves: only what the server that wrote it saw itself, never the peer's word for itself.

RFC 5321 §4.4: `from EHLO-name (TCP-info) by …`. The peer chooses the name, the server writes the TCP-info, and every
server has a place of its own for it. A line is understood only where the whole of its from-clause has a known shape and
holds no second address: whatever a peer calls itself, the most it reaches is a line that is not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

_WORD = r"[^\s()]++"
_ADDRESS = r"(?:ipv6:)?(?P<address>[0-9a-f.:]++)(?:%\w++)?"
_LITERAL = rf"\[{_ADDRESS}\](?::\d++)?"
_HELO = rf"helo={_WORD}(?: ident={_WORD})?"

# Where the address stands that the server saw.
_SHAPES = tuple(map(re.compile, (
    # Postfix, sendmail, Gmail, Cyrus, Dovecot's LMTP; Exim where the peer gave its real name. The name before the
    # address is one that the server looked up.
    rf"{_WORD} \((?:(?!helo |ehlo )(?P<name>[a-z0-9._\-]++) )?{_LITERAL}\)",
    # Exchange and Microsoft 365; qmail where the peer gave its real name.
    rf"{_WORD} \({_ADDRESS}\)",
    # qmail. What it looked up stands first, where others put the peer's own word: it is not used.
    rf"{_WORD} \((?:helo|ehlo) {_WORD}\) \(\[?{_ADDRESS}\]?\)",
    # Exim with a name that it looked up, and without.
    rf"{_WORD} \({_LITERAL} {_HELO}\)",
    rf"{_LITERAL} \((?:port=\d++ )?{_HELO}\)",
)))  # fmt: skip

# What servers write behind it: how the line was encrypted, who signed in.
_REMARKS = re.compile(r"(?: \((?:[^()]++|\([^()]*+\))*+\))*+")

_ANY_ADDRESS = re.compile(r"(?:ipv6:)?([0-9a-f.:]++)")

# Whoever owns an address names it as they like. Postfix and sendmail look whether the name leads back to it, so does
# Gmail, which is known by the dot behind the name; others write what they were told (Haraka).
_CONFIRMS = re.compile(r"\S+ \((?:postfix|8\.\d+\.\d+/)")
_NOT_CONFIRMED = "may be forged"


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received line.

    `by` is the machine that wrote it, empty where that is open. `local` is a line that names no peer at all. `address`
    is the peer's as the server saw it, None where the line is not understood; `name` is the one that the server looked
    up for it and confirmed, without a dot at its end, empty where it did not.
    """

    by: str
    local: bool = False
    address: IPv4Address | IPv6Address | None = None
    name: str = ""


def parse_received(value: str) -> Hop:
    """Read one header value, on one line with single blanks. Never raises; no unknown shape is guessed at."""
    line = value.lower()
    before, *behind = re.split(r"(?:^| )by ", line)
    # Of two "by" the peer may have written one, and then it is open which of them ends the clause.
    written = behind[0] if len(behind) == 1 else ""
    by = re.split(r"[^a-z0-9.\-:]", written, maxsplit=1)[0]
    if not re.search(r"\bfrom\b", line):
        return Hop(by, local=True)
    seen = _seen(before.removeprefix("from ")) if by and before.startswith("from ") else None
    if seen is None:
        return Hop(by)
    address, name = seen
    confirmed = name.endswith(".") or _CONFIRMS.match(written)
    return Hop(by, address=address, name=name.rstrip(".") if confirmed else "")


def _seen(peer: str) -> tuple[IPv4Address | IPv6Address, str] | None:
    """Address and name that a from-clause gives as seen; None where that is open."""
    shaped = next((found for shape in _SHAPES if (found := shape.match(peer))), None)
    if shaped is None or not _REMARKS.fullmatch(peer, shaped.end()) or _NOT_CONFIRMED in peer:
        return None
    address = _address(shaped["address"])
    # Once in the place for it, and at most in the peer's own name before: not again in what only looks like a remark.
    if address is None or _addresses(peer) != {address} or _addresses(peer[shaped.end() :]):
        return None
    return address, shaped.groupdict().get("name") or ""


def _addresses(peer: str) -> set[IPv4Address | IPv6Address]:
    """Every address in the clause, wherever it stands."""
    return {address for word in _ANY_ADDRESS.findall(peer) if (address := _address(word))}


def _address(word: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(word)
    except ValueError:
        return None
