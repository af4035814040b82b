"""When a mailbox is looked over next: from its schedule, jitter and quiet hours, the last pass, and now.

Moments are reckoned in UTC, so that a night in which clocks change has as many passes as it has hours; a person's zone
matters for what they wrote by the clock on their wall. Chance comes in as a number, so that this stays pure.

A moment that has gone by while the machine slept is due at once, and once. A clock that was put back makes the last
pass lie in the future: then it is reckoned from now, so that nobody waits for that future.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

MOST_JITTER = timedelta(seconds=30)
"""As much as passes are spread where nobody said how much."""

_MIDNIGHT = time()


class Moments(Protocol):
    """The moments at which passes are due."""

    def due(self, last: datetime, spread: timedelta) -> datetime:
        """The next moment, in UTC, where the last pass began at `last`; spread out by `spread`."""


@dataclass(frozen=True, slots=True)
class Every:
    """So long after the pass before. Spread makes it earlier, so that no gap is longer than the person said."""

    gap: timedelta

    def due(self, last: datetime, spread: timedelta) -> datetime:
        """See `Moments`."""
        return last.astimezone(UTC) + max(self.gap - spread, timedelta())

    @property
    def usual_jitter(self) -> timedelta:
        """A tenth of the gap, as far as `MOST_JITTER`."""
        return min(self.gap / 10, MOST_JITTER)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` by the clock on the wall, over midnight where `end` is the earlier one."""

    start: time
    end: time

    def covers(self, moment: time) -> bool:
        """Whether it is quiet at this time of the day; no longer at `end` itself."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def over_after(self, local: datetime) -> datetime:
        """When it is over, from a moment that it covers. An end that a spring night skips comes up to an hour late."""
        days = 1 if local.time() >= self.end else 0
        end = datetime.combine(local.date() + timedelta(days=days), self.end, local.tzinfo)
        return end.replace(fold=local.fold)  # an autumn night has the hour twice: its end follows, in either


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a person wants a mailbox to be looked over."""

    moments: Moments
    jitter: timedelta = timedelta()
    quiet: tuple[QuietHours, ...] = ()
    zone: tzinfo = UTC

    def due(self, last: datetime, now: datetime, chance: float) -> datetime:
        """When the next pass is due, quiet or not, after one that began at `last`; `chance` in 0…1 spreads it."""
        began = min(last.astimezone(UTC), now.astimezone(UTC))
        return max(self.moments.due(began, self.jitter * chance), now.astimezone(UTC))

    def gap(self, now: datetime) -> timedelta:
        """How long it is to the next moment: no failure is waited out for longer."""
        return self.moments.due(now, timedelta()) - now

    def quiet_until(self, moment: datetime) -> datetime | None:
        """When the quiet is over that `moment` lies in; None where it lies in none."""
        found = moment
        # Quiet hours may join: each of them is left once at most, unless they leave nothing of a day.
        for _ in range(len(self.quiet) + 1):
            local = found.astimezone(self.zone)
            covering = next((hours for hours in self.quiet if hours.covers(local.time())), None)
            if covering is None:
                break
            found = covering.over_after(local).astimezone(UTC)
        return found if found != moment else None

    def at_the_latest(self, moment: datetime) -> datetime:
        """When a pass that is due at `moment` begins at the latest, unless others stand before it."""
        until = self.quiet_until(moment)
        return moment if until is None else until + self.jitter


def leaves_time(quiet: tuple[QuietHours, ...]) -> bool:
    """Whether there is a minute of the day that is not quiet."""
    edges = [hours.end for hours in quiet] or [_MIDNIGHT]
    return any(not any(hours.covers(edge) for hours in quiet) for edge in edges)


# ----------------------------------------------------------------------------------------------------------------- cron

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def with_named_days(crontab: str) -> str:
    """A cron expression of five fields with its days of the week by name. Raises ValueError.

    APScheduler counts them from Monday, crontab(5) from Sunday (apscheduler issue 286). It also wants both of day of
    month and day of week to fit, where crontab(5) wants one of them: who sets both is asked to set one.
    """
    fields = crontab.split()
    if len(fields) != 5:
        raise ValueError("is no cron expression: that has five fields")
    if not (fields[2].startswith("*") or fields[4].startswith("*")):
        raise ValueError("names days of the month and of the week: leave one of them at *")
    return " ".join([*fields[:4], _named(fields[4].lower())])


def _named(field: str) -> str:
    names: list[str] = []
    for piece in field.split(","):
        names += [piece] if piece == "*" else _days(piece)
    return ",".join(dict.fromkeys(names))


def _days(piece: str) -> list[str]:
    span, _, step = piece.partition("/")
    first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
    begin = _number(first)
    end = _number(last) if dash else begin
    if end < begin:
        end += 7  # sat-mon
    if (step and not step.isdigit()) or step == "0":
        raise ValueError(f"{piece!r} is no day of the week")
    return [_DAYS[number % 7] for number in range(begin, end + 1, int(step or 1))]


def _number(day: str) -> int:
    if day in _DAYS:
        return _DAYS.index(day)
    if day.isdigit() and len(day) == 1 and int(day) <= 7:
        return int(day)
    raise ValueError(f"{day!r} is no day of the week")
