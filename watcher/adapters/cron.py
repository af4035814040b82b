"""A cron expression as moments of a schedule: APScheduler reads it, and knows the nights in which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.cron import CronTrigger

from watcher.domain.schedule import with_named_days


class Cron:
    """Implements `domain.schedule.Moments`; the expression was checked with the settings."""

    def __init__(self, expression: str, zone: tzinfo) -> None:
        self._trigger = CronTrigger.from_crontab(with_named_days(expression), timezone=zone)

    def due(self, last: datetime, spread: timedelta) -> datetime:
        """The next moment after `last`, in UTC. Spread makes it later: never is it before what the person wrote."""
        found: datetime | None = self._trigger.get_next_fire_time(None, last + timedelta(microseconds=1))
        assert found is not None, "an expression without a next moment is refused with the settings"
        return found.astimezone(UTC) + spread
