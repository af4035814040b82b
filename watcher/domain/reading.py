"""The pure path from a Message to all the program thinks of it. `explain` and every pass go through here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from watcher.domain import dkim, genuine, invitation, route, verdict
from watcher.domain.dkim import Checked
from watcher.domain.genuine import Finding
from watcher.domain.judging.scoring import Meaning
from watcher.domain.kinds import Authentic
from watcher.domain.message import Message
from watcher.domain.values import Invitation, Reading, Source


@dataclass(frozen=True, slots=True)
class Trust:
    """What the person told of their mail: the authserv-id they trust, addresses known to reach an inviter, and what
    tells the meaning of notes where they chose that.
    """

    authserv_id: str | None = None
    answerable: Collection[str] = ()
    meaning: Meaning | None = None


def read(message: Message, trust: Trust, signed: Checked | None = None) -> Reading:
    """Everything about one mail; never raises. `signed` is what a check of its signatures by ourselves found."""
    finding = _finding(message, trust, signed)
    found = invitation.read(message, finding.authentic)
    is_invitation = isinstance(found.value, Invitation)
    proven = finding.authentic is Authentic.PASS
    doubts = () if finding.authentic is finding.authentic.PASS else (f"not proven genuine: {finding.why}",)
    return Reading(
        found=found.value,
        authentic=finding.authentic,
        source=_source(message),
        verdict=verdict.judge(found.value, trust.meaning) if isinstance(found.value, Invitation) else None,
        route=route.find(message, trust.answerable, proven=proven) if is_invitation else None,
        problems=(*found.problems, *(doubts if is_invitation else ()), *message.problems),
    )


def needs_signature_check(message: Message, found: Reading) -> bool:
    """Whether a look at the whole mail can tell more: an unproven invitation that LinkedIn may have signed."""
    return isinstance(found.found, Invitation) and may_be_proven(message, found)


def may_be_proven(message: Message, found: Reading) -> bool:
    """Whether nothing proves this mail yet, and LinkedIn may have signed it."""
    return found.authentic is Authentic.UNKNOWN and dkim.may_be_signed(message.all("dkim-signature"))


def _finding(message: Message, trust: Trust, signed: Checked | None) -> Finding:
    """The word of the mailbox's own server; where it has none, our own check."""
    by_server = genuine.judge(message, trust.authserv_id)
    if by_server.authentic is not Authentic.UNKNOWN or signed is None:
        return by_server
    return Finding(signed.authentic, signed.why)


def _source(message: Message) -> Source:
    return Source(
        message_id=message.message_id,
        references=message.references,
        subject=message.subject,
        sender=message.senders[0].address if message.senders else "",
        date=message.date,
    )
