"""Did LinkedIn send this? Only what the mailbox's own server wrote counts.

A forger copies every header, so nothing that travelled with the mail is believed. What is believed: the topmost run of
`Authentication-Results` (RFC 8601) with the pinned authserv-id, in a place only the receiving server writes to. Real
headers break strict parsers (Microsoft writes no authserv-id, Yahoo ends with a semicolon): they are read tolerantly.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.domain.kinds import Authentic
from watcher.domain.message import Message

LINKEDIN = "linkedin.com"
NO_ID = "-"
MAX_RESULTS = 40
MAX_VALUE = 16 << 10

# A forger chooses the local part of the return path, and servers copy it: what stands in quotes is one word, whatever
# semicolons and brackets it holds.
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_COMMENT = re.compile(rf'{_QUOTED}|\\.|\((?:[^()"\\]|\\.|{_QUOTED})*\)')
_CHUNK = re.compile(rf'(?:{_QUOTED}|[^;"])+')
_PAIR = re.compile(rf'([a-z0-9_.\-/]+)\s*=\s*((?:{_QUOTED}|[^\s;"])+)')

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
    run = tuple(_trusted_run(message, trusted.lower()))
    if not run:
        return Finding(Authentic.UNKNOWN, f"it holds no result of the trusted server {trusted!r}")
    return _worst(run)


def parse_results(value: str) -> AuthResults:
    """Read one header value, unfolded. Never raises; what makes no sense is left out."""
    bare = _without_comments(value.lower()[:MAX_VALUE])
    chunks = [chunk.strip() for chunk in _CHUNK.findall(bare)]
    first, rest = (chunks[0], chunks[1:]) if chunks and "=" not in chunks[0] else (NO_ID, chunks)
    authserv_id = first.split()[0].strip('"') if first.split() else NO_ID
    results = (_result(chunk) for chunk in rest[:MAX_RESULTS] if _is_balanced(bare))
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
    found = (Proposal(name, len(domains), len(set(domains))) for name, domains in seen.items())
    return tuple(sorted((one for one in found if one.senders > 1), key=lambda one: (-one.senders, -one.mails)))


def _topmost_by_server(message: Message) -> str | None:
    """The topmost authserv-id, where only lines of the same server's own stand above it."""
    above: list[str] = []
    for name, value in message.headers:
        if name == "authentication-results":
            authserv_id = parse_results(value).authserv_id
            return authserv_id if all(_by_server_of(line, authserv_id) for line in above) else None
        if name == "received":
            above.append(value.lower())
    return None


def _without_comments(value: str) -> str:
    # Innermost first; a handful of nestings is more than any server writes.
    for _ in range(5):
        shorter = _COMMENT.sub(lambda match: " " if match.group().startswith("(") else match.group(), value)
        if shorter == value:
            break
        value = shorter
    return value


def _is_balanced(bare: str) -> bool:
    # A bracket or a quote without its fellow leaves open which words are the server's: none of them is believed.
    return not re.search(r'[()"]', re.sub(_QUOTED, "", bare))


def _result(chunk: str) -> Result | None:
    pairs = _PAIR.findall(chunk)
    if not pairs:
        return None
    method, value = pairs[0]
    properties = tuple((name, text.strip('"')) for name, text in pairs[1:])
    return Result(method.partition("/")[0], value.strip('"'), properties)


def _trusted_run(message: Message, trusted: str) -> Iterator[AuthResults]:
    """The topmost run of results by the trusted server, where its place can be trusted."""
    above: list[str] = []
    started = False
    for name, value in message.headers:
        results = parse_results(value) if name == "authentication-results" else None
        if results and results.authserv_id == trusted:
            if not started and not _place_can_be_trusted(above, trusted):
                return
            started = True
            yield results
        elif started and name not in _BETWEEN and name != "authentication-results":
            return
        elif name == "received":
            above.append(value.lower())


def _place_can_be_trusted(received_above: list[str], trusted: str) -> bool:
    """Above every Received line is best. Gmail writes its results below its own lines: then the line just above has
    to say that linkedin.com itself handed the mail over, by the name that the server looked up.
    """
    if not received_above:
        return True
    own = all(_by_server_of(line, trusted) for line in received_above)
    peer = re.search(r"\bfrom\s+\S+\s+\(([a-z0-9.\-]+?)\.?[\s)]", received_above[-1])
    return own and peer is not None and at_linkedin(peer.group(1))


def _by_server_of(received: str, trusted: str) -> bool:
    by = re.search(r"\bby\s+([a-z0-9.\-:]+)", received)
    same = by is not None and by.group(1).split(".")[-2:] == trusted.split(".")[-2:]
    internal = by is not None and not re.search(r"\bfrom\s", received)
    return same or internal


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
