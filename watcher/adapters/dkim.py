"""LinkedIn's signatures checked here, for a mailbox whose server says nothing of them.

`domain/dkim` reads the tags and decides what may count; dkimpy canonicalises, hashes and does the arithmetic. Its own
clock and its own DNS are passed by: it would ask any domain that a mail names, and tells a key that is missing from a
signature that is wrong by its log alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import dkim

from watcher.domain import message
from watcher.domain.dkim import (
    MIN_KEY_BITS,
    Checked,
    Outcome,
    Signature,
    doubt_of_senders,
    flaw_of_key,
    flaw_of_signature,
    judged,
    parse_tags,
    signatures,
)
from watcher.domain.kinds import Authentic
from watcher.domain.raw import RawMessage
from watcher.errors import TryAgain
from watcher.ports import DnsKeys

MAX_KEY_RECORDS = 4
MAX_KEY_RECORD = 4 << 10

# dkimpy logs what stands in mails; this logger lets nothing through.
_SILENT = logging.Logger("dkim", level=logging.CRITICAL + 1)  # noqa: LOG001 - outside the tree, where no setting opens it

# A lone CR ends a line to some readers: a field that nobody signed could then hold a body of its own. `From :` is an
# mbox separator to dkimpy and a second sender to others.
_READ_OTHERWISE = re.compile(rb"\r(?!\n)|\x00|^From[ \t]", re.MULTILINE)

Settled = tuple[Outcome, str]


@dataclass(frozen=True, slots=True)
class DkimSignatures:
    """Implements `ports.Signatures`."""

    keys: DnsKeys

    def verify(self, content: bytes, now: datetime) -> Checked:
        """What LinkedIn's signatures on this whole mail prove; never raises."""
        return verify(content, self.keys, now)


def verify(content: bytes, keys: DnsKeys, now: datetime) -> Checked:
    """Whether LinkedIn signed this whole mail, as it travelled. Never raises; asks DNS only for LinkedIn's keys."""
    header = _header(content)
    signed = _parsed(content) if header is not None else None
    if header is None or signed is None:
        return Checked(Authentic.UNKNOWN, "it is too large or too broken for its signature to be checked")
    names = [name.decode("ascii").lower() for name, _ in signed.headers]
    senders = message.assemble(RawMessage(header, (), len(content))).senders
    return doubt_of_senders(senders, names.count("from")) or judged(tuple(_verdicts(signed, names, keys, now)))


def _header(content: bytes) -> bytes | None:
    """The header block; None where the rest of the program would read less than is signed, or other lines."""
    end = re.search(rb"\r?\n\r?\n", content[: message.MAX_HEADER_BLOCK])
    header = content[: end.start()] if end and len(content) <= message.MAX_MESSAGE else None
    return None if header is None or _READ_OTHERWISE.search(header) else header


def _parsed(content: bytes) -> dkim.DKIM | None:
    try:
        return dkim.DKIM(content, logger=_SILENT, minkey=MIN_KEY_BITS)
    except Exception:  # noqa: BLE001 - the parser raises IndexError among others on mail that is none
        return None


def _verdicts(signed: dkim.DKIM, names: list[str], keys: DnsKeys, now: datetime) -> Iterator[Settled]:
    for signature in signatures((name, value) for name, value in signed.headers):
        verdict = _verdict(signed, signature, flaw_of_signature(signature, names, now), keys)
        yield verdict
        if verdict[0] is Outcome.VERIFIED:
            return


def _verdict(signed: dkim.DKIM, signature: Signature, flaw: str | None, keys: DnsKeys) -> Settled:
    whose = f"the signature by {signature.domain}"
    if flaw:
        return Outcome.UNUSABLE, f"{whose} {flaw}"
    try:
        records = keys.txt(signature.key_name)
    except TryAgain as error:
        return Outcome.UNREACHED, f"{whose} could not be checked yet: {error}"
    key, flaw = _key(records, signature)
    if key is None:
        return Outcome.UNUSABLE, f"{whose} cannot be checked: its key {flaw}"
    if _verifies(signed, signature, key):
        return Outcome.VERIFIED, f"{whose} was verified"
    return Outcome.BROKEN, f"{whose} is wrong: the mail was altered, or is not LinkedIn's"


def _key(records: tuple[bytes, ...], signature: Signature) -> tuple[bytes | None, str]:
    """The first record that can vouch for the signature, else why none can."""
    why = "is no longer in DNS (old keys are removed)"
    for record in records[:MAX_KEY_RECORDS]:
        tags = parse_tags(record) if len(record) <= MAX_KEY_RECORD else None
        flaw = "is no DKIM key" if tags is None else flaw_of_key(tags, signature) or _flaw_of_bits(record)
        if flaw is None:
            return record, ""
        why = flaw
    return None, why


def _flaw_of_bits(record: bytes) -> str | None:
    try:
        _, bits, _, _ = dkim.evaluate_pk("", record)
    except Exception:  # noqa: BLE001 - a key that cannot be decoded raises binascii, index and its own errors
        return "is no DKIM key"
    return "is too short to be trusted" if bits < MIN_KEY_BITS else None


def _verifies(signed: dkim.DKIM, signature: Signature, key: bytes) -> bool:
    tags = {name.encode(): value.encode() for name, value in signature.tags.items()}
    covered = [name.encode() for name in signature.signed]
    checked = _with_short_blanks(signed, signature)
    try:
        return bool(checked.verify_sig(tags, covered, signature.field, lambda *_, **__: key))
    except Exception:  # noqa: BLE001 - whatever it stumbles over, it did not verify
        return False


def _with_short_blanks(signed: dkim.DKIM, signature: Signature) -> dkim.DKIM:
    """The same mail for the same hash: `relaxed` makes one blank of many, and dkimpy's way of cutting them off at the
    end of a line takes hours for a megabyte of blanks.
    """
    copied = dkim.DKIM(logger=_SILENT, minkey=MIN_KEY_BITS)
    is_relaxed = signature.tags.get("c", "simple").endswith("/relaxed")
    copied.headers = signed.headers
    copied.body = re.sub(rb"[\t ]+", b" ", signed.body) if is_relaxed else signed.body
    return copied
