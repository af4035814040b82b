"""The pure path from a Message to all the program thinks of it. `explain` and every pass go through here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from watcher.domain import genuine, invitation, route, verdict
from watcher.domain.message import Message
from watcher.domain.values import Invitation, Reading, Source


@dataclass(frozen=True, slots=True)
class Trust:
    """What the person told of their mail: the authserv-id they trust, and addresses known to reach an inviter."""

    authserv_id: str | None = None
    answerable: Collection[str] = ()


def read(message: Message, trust: Trust) -> Reading:
    """Everything about one mail; never raises."""
    finding = genuine.judge(message, trust.authserv_id)
    found = invitation.read(message, finding.authentic)
    is_invitation = isinstance(found.value, Invitation)
    doubts = () if finding.authentic is finding.authentic.PASS else (f"not proven genuine: {finding.why}",)
    return Reading(
        found=found.value,
        authentic=finding.authentic,
        source=_source(message),
        verdict=verdict.judge(found.value) if isinstance(found.value, Invitation) else None,
        route=route.find(message, trust.answerable) if is_invitation else None,
        problems=(*found.problems, *(doubts if is_invitation else ()), *message.problems),
    )


def _source(message: Message) -> Source:
    return Source(
        message_id=message.message_id,
        references=message.references,
        subject=message.subject,
        sender=message.senders[0].address if message.senders else "",
        date=message.date,
    )
