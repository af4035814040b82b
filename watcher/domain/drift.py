"""Has LinkedIn's mail changed? Words for a genuine mail from the invitation addresses that no rule understands.

Only mail proven genuine counts: a forger must not be able to raise an alarm.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.domain.genuine import LINKEDIN
from watcher.domain.invitation import NOBODY_NAMED
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.layout import page, text_lines
from watcher.domain.message import Message
from watcher.domain.tables import KindPattern, signals
from watcher.domain.values import Invitation, NotInvitation, Reading

INVITATION_SENDERS = frozenset({f"invitations@{LINKEDIN}", f"invitations-noreply@{LINKEDIN}"})


def noticed(message: Message, reading: Reading) -> str | None:
    """Why this mail shows a change; None where it shows none."""
    sender = message.senders[0].address if message.senders else ""
    if reading.authentic is not Authentic.PASS or sender not in INVITATION_SENDERS:
        return None
    found = reading.found
    return _unread_card(found) if isinstance(found, Invitation) else _unplaced(message, found, sender)


def _unread_card(found: Invitation) -> str | None:
    inviter = found.inviter
    if not inviter.name.strip():
        return f"read as {found.kind}, but its card shows no name"
    if not (inviter.headline or inviter.profile_url or found.invitation_id):
        return f"read as {found.kind}, but beside a name its card shows no headline, no profile and no invitation id"
    return None


def _unplaced(message: Message, found: NotInvitation, sender: str) -> str | None:
    if found.kind is not Kind.OTHER:
        return None
    if found.reason == NOBODY_NAMED:
        return NOBODY_NAMED
    return None if _is_known_other(message) else f"mail of {sender} that no table knows: {found.reason}"


def _is_known_other(message: Message) -> bool:
    """Whether a table says that this is other mail; an unknown template key says nothing."""
    table = signals()
    shown = "\n".join(_lines(message))
    return (
        _speaks_for_other(table.classes, message.first("x-linkedin-class") or "")
        or _speaks_for_other(table.subjects, message.subject)
        or _speaks_for_other((*table.footers, *table.phrases), shown)
    )


def _speaks_for_other(patterns: tuple[KindPattern, ...], text: str) -> bool:
    return any(Kind.OTHER in entry.kinds and entry.pattern.search(text) for entry in patterns)


def _lines(message: Message) -> Iterator[str]:
    yield from (line.text for line in text_lines(message.text or ""))
    yield from (line.text for line in page(message.html or "").lines if message.html)
