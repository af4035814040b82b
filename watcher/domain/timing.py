"""When to try again, from the failures so far. Chance comes in as a number, so that this stays pure."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_TOLD = timedelta(days=1)
MAX_DOUBLINGS = 12


def back_off(failures: int, chance: float, every: timedelta, told: float | None = None) -> timedelta:
    """How long to wait after `failures` failures in a row, with full jitter (`chance` in 0…1).

    Full jitter spreads clients best after a server's outage. Never longer than `every`, the usual time between two
    passes, but for `told`, the server's own wish in seconds: that is honoured where it is longer, up to a day.
    """
    doublings = min(max(failures - 1, 0), MAX_DOUBLINGS)
    ceiling = min(LONGEST_WAIT, every, FIRST_WAIT * (1 << doublings))
    wait = max(ceiling * min(max(chance, 0.0), 1.0), FIRST_WAIT / 5)
    wished = min(max(told or 0.0, 0.0), LONGEST_TOLD.total_seconds())
    return max(wait, timedelta(seconds=wished))
