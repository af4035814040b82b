"""Did LinkedIn send this? Only what the mailbox's own server wrote counts.

A forger copies every header, so nothing that travelled with the mail is believed. What is believed: the topmost run of
`Authentication-Results` (RFC 8601) with the pinned authserv-id, in a place only the receiving server writes to. Real
headers break strict parsers (Microsoft writes no authserv-id, Yahoo ends with a semicolon): they are read tolerantly.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from watcher.domain.kinds import Authentic
from watcher.domain.message import Message
from watcher.domain.received import Hop, parse_received

LINKEDIN = "linkedin.com"
NO_ID = "-"
MAX_RESULTS = 40
MAX_VALUE = 16 << 10

_TOKEN = re.compile(r'\\.|["()]|[^\\"()]+|\\', re.DOTALL)
_MARKS = re.compile(r'[\s;=()"\\]')
# A name is tried from its beginning alone and whole, or a long word would cost the square of its length.
_PAIR = re.compile(r"(?<![a-z0-9_.\-/])([a-z0-9_.\-/]++)\s*+=\s*+([^\s;]+)")

_MICROSOFT = (".outlook.com", ".office365.com")

# Where Exchange Online's machines hand mail to each other.
_EXCHANGE = tuple(map(ip_network, ("2603:10a6::/32", "2603:10b6::/32", "2603:1096::/32")))

# Addresses that no machine outside a network has (RFC 1918, 4193, 4291, 6598). `is_private` counts others as well.
_INSIDE = tuple(map(ip_network, (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
)))  # fmt: skip

# What may stand between two results of one run without ending it: the same server writes these.
_BETWEEN = frozenset({"received-spf", "x-received", "arc-authentication-results", "arc-seal", "arc-message-signature"})


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result: `dkim`, `pass`, and its properties (`header.i` → `@linkedin.com`), all in lower case."""

    method: str
    value: str
    properties: tuple[tuple[str, str], ...]

    def domain(self, *names: str) -> str:
        """The domain that the first of these properties names."""
        found = next((value for known, value in self.properties if known in names), "")
        return found.rpartition("@")[2].rstrip(".")


@dataclass(frozen=True, slots=True)
class AuthResults:
    """One Authentication-Results header; `authserv_id` is `-` where the server writes none."""

    authserv_id: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether LinkedIn sent it, and in words why."""

    authentic: Authentic
    why: str


def at_linkedin(domain: str) -> bool:
    """Whether a domain is linkedin.com or below it (relaxed alignment, RFC 7489 §3.1)."""
    return domain == LINKEDIN or domain.endswith("." + LINKEDIN)


def judge(message: Message, trusted: str | None) -> Finding:
    """What the pinned server says of this mail. `trusted` is its authserv-id, `-` for one that writes none."""
    if len(message.senders) > 1 or len(message.all("from")) > 1:
        return Finding(Authentic.FAIL, "it names more than one sender")
    if not message.senders or not at_linkedin(message.senders[0].domain):
        return Finding(Authentic.UNKNOWN, "its sender is not at linkedin.com, so no signature can prove LinkedIn")
    if trusted is None:
        return Finding(Authentic.UNKNOWN, "no mail server is trusted yet (WATCHER_TRUSTED_AUTHSERV)")
    above, run = _topmost_run(message, trusted.lower())
    if not run:
        return Finding(Authentic.UNKNOWN, f"it holds no result of the trusted server {trusted!r}")
    worst = _worst(run)
    # Whoever writes a result of their own into a mail does not write that it failed.
    if worst.authentic is Authentic.FAIL or _place_can_be_trusted(above, trusted.lower()):
        return worst
    return Finding(Authentic.UNKNOWN, f"the result under the name of {trusted!r} stands where others can write too")


def parse_results(value: str) -> AuthResults:
    """Read one header value, unfolded. Never raises; what makes no sense is left out."""
    value = value.lower()[:MAX_VALUE]
    bare = _without_comments(value)
    chunks = [chunk.strip() for chunk in (bare or value).split(";")]
    first, rest = (chunks[0], chunks[1:]) if "=" not in chunks[0] else (NO_ID, chunks)
    authserv_id = first.split()[0] if first.split() else NO_ID
    results = (_result(chunk) for chunk in rest[:MAX_RESULTS] if bare)
    return AuthResults(authserv_id, tuple(result for result in results if result is not None))


@dataclass(frozen=True, slots=True)
class Proposal:
    """An authserv-id that a person may pin: on how many of the mails looked at it stands, of how many senders."""

    authserv_id: str
    mails: int
    senders: int


def proposals(messages: Iterable[Message]) -> tuple[Proposal, ...]:
    """The authserv-ids that stand where only the mailbox's own server writes, best first; never trusted by themselves.

    One sender can write what they like into their own mail, but not into that of many others: the id that stands on
    the mail of most senders is the server's. One that a single sender's mail shows is not proposed.
    """
    seen: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        authserv_id = _topmost_by_server(message)
        if authserv_id is not None:
            seen[authserv_id].append(message.senders[0].domain if message.senders else "")
    found = [Proposal(name, len(domains), len(set(domains))) for name, domains in _together(seen).items()]
    return tuple(sorted((one for one in found if one.senders > 1), key=lambda one: (-one.senders, -one.mails)))


def _together(seen: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """Many machines of one domain are named by it."""
    parents = Counter(name.partition(".")[2] for name in seen)
    found: dict[str, list[str]] = defaultdict(list)
    for name, domains in seen.items():
        parent = name.partition(".")[2]
        found[parent if parents[parent] > 1 and "." in parent else name] += domains
    return found


def _topmost_by_server(message: Message) -> str | None:
    """The topmost authserv-id, where only lines of the same server's own stand above it."""
    above: list[Hop] = []
    for name, value in message.headers:
        if name == "authentication-results":
            authserv_id = parse_results(value).authserv_id
            own = all(_is_internal(hop) or _by_server_of(hop, authserv_id) for hop in above)
            return authserv_id if own else None
        if name == "received":
            above.append(parse_received(value))
    return None


def _without_comments(value: str) -> str | None:
    """The value without comments, each quoted string one plain word; None where a bracket or a quote stands alone.

    A forger chooses the local part of the return path, and servers copy it: `"x; dkim=pass header.d=linkedin.com"@…`
    must be no result. Where a mark has no fellow it is open which words are the server's, so none is believed.
    """
    kept: list[str] = []
    depth, quoted = 0, False
    for piece in _TOKEN.findall(value):
        if piece == '"':
            quoted = not quoted
        elif piece in {"(", ")"} and not quoted:
            depth += 1 if piece == "(" else -1
            kept.append(" ")
        elif not depth:
            kept.append(_MARKS.sub("_", piece) if quoted else piece)
        if depth < 0:
            return None
    return None if depth or quoted else "".join(kept)


def _result(chunk: str) -> Result | None:
    pairs = _PAIR.findall(chunk)
    if not pairs:
        return None
    method, value = pairs[0]
    return Result(method.partition("/")[0], value, tuple(pairs[1:]))


def _topmost_run(message: Message, trusted: str) -> tuple[list[Hop], list[AuthResults]]:
    """The topmost run of results by the trusted server, and the Received lines above it."""
    above: list[Hop] = []
    run: list[AuthResults] = []
    for name, value in message.headers:
        results = parse_results(value) if name == "authentication-results" else None
        if results and _is_of(results.authserv_id, trusted):
            run.append(results)
        elif run and name not in _BETWEEN and name != "authentication-results":
            break
        elif name == "received":
            above.append(parse_received(value))
    return above, run


def _is_of(authserv_id: str, trusted: str) -> bool:
    """The trusted name itself, or one of the machines below it: Fastmail has many."""
    return authserv_id == trusted or authserv_id.endswith("." + trusted)


def _place_can_be_trusted(above: list[Hop], trusted: str) -> bool:
    """Above the line in which the receiving server took the mail from outside, nobody else can write.

    Hops between the provider's own machines may stand above (Fastmail, Microsoft). Gmail writes its results below the
    line that took the mail in: then that line has to say that linkedin.com itself handed it over, by the name that the
    server looked up.
    """
    if all(map(_is_internal, above)):
        return True
    *inner, border = above
    return at_linkedin(border.name) and all(map(_is_internal, inner)) and _by_server_of(border, trusted)


def _is_internal(hop: Hop) -> bool:
    """A hop within the provider: no peer at all, or one at an address that nobody outside can have."""
    if hop.address is None:
        return hop.local
    return _is_among(hop.address, _INSIDE) or (_is_among(hop.address, _EXCHANGE) and hop.by.endswith(_MICROSOFT))


def _is_among(address: IPv4Address | IPv6Address, blocks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in block for block in blocks if block.version == address.version)


def _by_server_of(hop: Hop, trusted: str) -> bool:
    """Whether a machine of the trusted server's domain wrote this line; Microsoft's writes no name."""
    if trusted == NO_ID:
        return hop.by.endswith(_MICROSOFT)
    return hop.by.split(".")[-2:] == trusted.split(".")[-2:]


def _worst(run: Iterable[AuthResults]) -> Finding:
    findings = [finding for results in run for finding in [_finding(results)] if finding]
    for wanted in (Authentic.FAIL, Authentic.UNKNOWN, Authentic.PASS):
        for finding in findings:
            if finding.authentic is wanted:
                return finding
    return Finding(Authentic.UNKNOWN, "the trusted server says nothing of a signature by linkedin.com")


def _finding(results: AuthResults) -> Finding | None:
    """One header's opinion; None where it speaks of neither DKIM nor DMARC."""
    dmarc = [r.value for r in results.results if r.method == "dmarc" and _aligned(r, "header.from")]
    dkim = [r.value for r in results.results if r.method == "dkim" and _aligned(r, "header.d", "header.i")]
    if "fail" in dmarc:
        return Finding(Authentic.FAIL, "the mailbox's server says that DMARC failed")
    if "pass" in dkim or "pass" in dmarc:
        return Finding(Authentic.PASS, "the mailbox's server verified linkedin.com's signature")
    if "fail" in dkim:
        return Finding(Authentic.FAIL, "the mailbox's server says that linkedin.com's signature is wrong")
    speaks = any(r.method in {"dkim", "dmarc"} for r in results.results)
    why = "the mailbox's server could not verify a signature by linkedin.com"
    return Finding(Authentic.UNKNOWN, why) if speaks else None


def _aligned(result: Result, *names: str) -> bool:
    return at_linkedin(result.domain(*names))
