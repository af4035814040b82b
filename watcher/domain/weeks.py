"""The week that a summary tells of: the seven days before the newest day of the person's choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Week:
    """From the first moment of `begin` to that of `end`, by the clock on the wall in `zone`."""

    begin: date
    end: date
    zone: tzinfo

    @property
    def name(self) -> str:
        """What the ledger calls it: the day on which it was over."""
        return self.end.isoformat()

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    def has(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begin <= moment.astimezone(self.zone).date() < self.end

    def began_after(self, moment: datetime) -> bool:
        """Whether a moment lies before it."""
        return moment.astimezone(self.zone) < datetime.combine(self.begin, time(), self.zone)


def last_week(weekday: str, now: datetime, zone: tzinfo) -> Week:
    """The week that was over on the newest such day, today or before."""
    today = now.astimezone(zone).date()
    end = today - timedelta(days=(today.weekday() - WEEKDAYS.index(weekday)) % 7)
    return Week(end - timedelta(days=7), end, zone)
