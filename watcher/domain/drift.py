"""Has LinkedIn's mail changed? Words for a genuine mail from the invitation addresses that no rule understands."""

from __future__ import annotations

from watcher.domain.message import Message
from watcher.domain.values import Reading


def noticed(message: Message, reading: Reading) -> str | None:
    """Why this mail shows a change; None where it shows none."""
    del message, reading
    return None
