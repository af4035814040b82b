"""Which DKIM signature may count as LinkedIn's (RFC 6376), and what several together prove.

Stricter than the standard where a forger would gain: the body is covered to its end (no `l=`), what decides how the
mail reads is signed and stands once, no SHA-1, no short key. A signature of another domain is not even looked at: its
key would be asked of a server that whoever wrote the mail has chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.domain.genuine import at_linkedin
from watcher.domain.kinds import Authentic
from watcher.domain.message import Address

MAX_SIGNATURES = 4
MAX_SIGNATURE = 4 << 10
MAX_SIGNED_FIELDS = 100
MIN_KEY_BITS = 1024

Tags = Mapping[str, str]

_BLANK = " \t\r\n"
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_LABELS = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,9}}")
_MAX_NAME = 253

# A second one of these, or one added to a signed mail, would be read in place of what LinkedIn wrote. LinkedIn covers
# From, Subject, MIME-Version, Content-Type, To and Date; its mail is multipart and has no encoding as a whole.
_ONCE = ("from", "subject", "date", "to", "mime-version", "content-type", "content-transfer-encoding")
_COVERED = ("from", "subject", "content-type", "content-transfer-encoding")


class Outcome(StrEnum):
    """What became of one signature."""

    VERIFIED = "verified"
    BROKEN = "broken"
    UNREACHED = "unreached"  # DNS gave no answer; a later try may
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether LinkedIn signed a mail, and in words why. `again`: DNS failed, and a later try may know more."""

    authentic: Authentic
    why: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature of LinkedIn's: its field as it stands in the mail, and its tags."""

    field: tuple[bytes, bytes]
    tags: Tags

    @property
    def domain(self) -> str:
        """Whose signature it is (d=)."""
        return self.tags["d"].lower()

    @property
    def key_name(self) -> str:
        """Where its key stands in DNS: an absolute name."""
        return f"{self.tags['s'].lower()}._domainkey.{self.domain}."

    @property
    def signed(self) -> tuple[str, ...]:
        """The names of the header fields that it covers (h=), in lower case."""
        return tuple(name.strip(_BLANK).lower() for name in self.tags.get("h", "").split(":"))


def doubt_of_senders(senders: Sequence[Address], fields: int) -> Checked | None:
    """What the From fields alone settle: one field with one sender at linkedin.com leaves the signatures to decide."""
    if fields > 1 or len(senders) > 1:
        return Checked(Authentic.FAIL, "it names more than one sender")
    if not senders or not at_linkedin(senders[0].domain):
        return Checked(Authentic.UNKNOWN, "its sender is not at linkedin.com, so no signature can prove LinkedIn")
    return None


def signatures(fields: Iterable[tuple[bytes, bytes]]) -> tuple[Signature, ...]:
    """The topmost signatures by linkedin.com or below it; those of anybody else are left out."""
    return tuple(_signatures(fields))[:MAX_SIGNATURES]


def may_be_signed(values: Iterable[str]) -> bool:
    """Whether one of these DKIM-Signature values names LinkedIn: only then is the whole mail worth fetching."""
    return bool(signatures((b"dkim-signature", value.encode("utf-8", "replace")) for value in values))


def _signatures(fields: Iterable[tuple[bytes, bytes]]) -> Iterator[Signature]:
    for name, value in fields:
        if name.lower() == b"dkim-signature" and len(value) <= MAX_SIGNATURE:
            tags = parse_tags(value)
            domain = (tags or {}).get("d", "").lower()
            if tags and _LABELS.fullmatch(domain) and at_linkedin(domain):
                yield Signature((name, value), tags)


def parse_tags(value: bytes) -> Tags | None:
    """The tags of a signature or a key record (RFC 6376 §3.2); None where it is no such list or names a tag twice."""
    if not value.isascii():
        return None
    specs = [spec.strip(_BLANK) for spec in value.decode("ascii").split(";")]
    if not specs[-1]:
        specs.pop()
    pairs = [spec.partition("=") for spec in specs]
    tags = {name.rstrip(_BLANK): text.lstrip(_BLANK) for name, _, text in pairs}
    well_formed = all(sign and re.fullmatch(r"[A-Za-z]\w*", name.rstrip(_BLANK)) for name, sign, _ in pairs)
    return tags if well_formed and len(tags) == len(pairs) else None


def flaw_of_signature(signature: Signature, fields: Iterable[str], now: datetime) -> str | None:
    """Why this signature counts for nothing, before its key is asked for; None where it may count.

    `fields` are the names of the mail's header fields, in lower case.
    """
    tags = signature.tags
    flaws = (
        (tags.get("v") != "1", "is of no known version"),
        (tags.get("a") != "rsa-sha256", f"is of a kind that is not trusted ({tags.get('a', '')[:40]!r})"),
        ("l" in tags, "covers only a part of the body (l=)"),
        (not _is_addressed(signature), "names its key in no way that is known"),
        (not _is_whole(tags), "is damaged"),
        (_is_expired(tags, now), "has expired"),
    )
    return next((why for is_so, why in flaws if is_so), None) or _flaw_of_cover(signature, Counter(fields))


def _is_addressed(signature: Signature) -> bool:
    identity = signature.tags.get("i", "@" + signature.domain).lower().rpartition("@")[2]
    return (
        _LABELS.fullmatch(signature.tags.get("s", "").lower()) is not None
        and len(signature.key_name) <= _MAX_NAME
        and signature.tags.get("q", "dns/txt").lower() == "dns/txt"
        and ("." + identity).endswith("." + signature.domain)
    )


def _is_whole(tags: Tags) -> bool:
    encoded = all(re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", "".join(tags.get(tag, "").split())) for tag in ("b", "bh"))
    return encoded and re.fullmatch(r"(simple|relaxed)(/(simple|relaxed))?", tags.get("c", "simple")) is not None


def _is_expired(tags: Tags, now: datetime) -> bool:
    until = tags.get("x")
    return until is not None and not (re.fullmatch(r"[0-9]{1,12}", until) and int(until) >= now.timestamp())


def _flaw_of_cover(signature: Signature, fields: Counter[str]) -> str | None:
    if len(signature.signed) > MAX_SIGNED_FIELDS:
        return "covers more header fields than any real one"
    twice = next((name for name in _ONCE if fields[name] > 1), None)
    if twice:
        return f"cannot count: the mail has more than one {twice} field"
    missing = next((name for name in _COVERED if fields[name] and name not in signature.signed), None)
    return f"does not cover the {missing} field" if missing else None


def flaw_of_key(record: Tags, signature: Signature) -> str | None:
    """Why a key record (RFC 6376 §3.6.1) cannot vouch for this signature; None where it can."""
    flags = _words(record.get("t", ""))
    exact = signature.tags.get("i", "@" + signature.domain).lower().rpartition("@")[2] == signature.domain
    flaws = (
        (record.get("v", "DKIM1") != "DKIM1" or "p" not in record, "is no DKIM key"),
        (not record.get("p"), "was withdrawn"),
        (record.get("k", "rsa") != "rsa", "is of another kind"),
        ("h" in record and "sha256" not in _words(record["h"]), "is not for this kind of signature"),
        (not {"*", "email"} & _words(record.get("s", "*")), "is not for mail"),
        ("y" in flags, "is for tests only"),
        ("s" in flags and not exact, "is not for this sender"),
    )
    return next((why for is_so, why in flaws if is_so), None)


def _words(value: str) -> set[str]:
    return {word.strip(_BLANK).lower() for word in value.split(":")}


def judged(outcomes: Sequence[tuple[Outcome, str]]) -> Checked:
    """What all signatures together say: one that verifies is enough; else what may yet be learnt is waited for."""
    first = dict(reversed(outcomes))
    if Outcome.VERIFIED in first:
        return Checked(Authentic.PASS, first[Outcome.VERIFIED])
    if Outcome.UNREACHED in first:
        return Checked(Authentic.UNKNOWN, first[Outcome.UNREACHED], again=True)
    if Outcome.BROKEN in first:
        return Checked(Authentic.FAIL, first[Outcome.BROKEN])
    return Checked(Authentic.UNKNOWN, first.get(Outcome.UNUSABLE, "it carries no signature by linkedin.com"))
