"""The machine's clock, the one place that asks it."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.Clock`."""

    def now(self) -> datetime:
        """The present moment in the machine's own time zone."""
        return datetime.now(UTC).astimezone()
