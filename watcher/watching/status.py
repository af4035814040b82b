"""How one mailbox stands, for a person who asks: from the ledger, and from a service that runs, where there is one.

Nobody is asked but the disk: no server, no password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.errors import NotSignedIn, Show
from watcher.person import pausing
from watcher.ports import Failure, Ledger, OnWatch, PassSummary, Pause, Presence
from watcher.watching import alarms, bell
from watcher.watching.alarms import Alarm
from watcher.watching.happenings import Rest
from watcher.watching.standing import Manner, Standing

NO_SERVICE = "no `watcher run` is at work on this ledger, so no pass will come by itself"
NOT_WATCHED = "the `watcher run` that is at work does not watch this mailbox: have it read its settings again (SIGHUP)"
GIVEN_UP = "it was given up until its settings change, and are read again"

COUNTED = (State.SEEN, *sorted(NEEDS_PERSON))
"""States in which something waits: for the next pass, or for the person."""


@dataclass(frozen=True, slots=True)
class Status:
    """`next_pass` is None where none will come, as in a pause, and `why_none` says why then."""

    account: str
    completed: PassSummary | None
    failure: Failure | None
    runs: bool
    next_pass: datetime | None
    why_none: str
    waiting: Mapping[State, int]
    alarms: tuple[Alarm, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing asks for the person's attention."""
        return not self.alarms and self.completed is not None


def status(account: str, ledger: Ledger, manner: Manner, presence: Presence | None, now: datetime) -> Status:
    """As it stands now. Raises TryAgain."""
    completed = ledger.last_pass(account, completed=True)
    watch = presence.mailboxes.get(account) if presence else None
    pause = ledger.paused(account, now)
    is_overdue = pause is None and _is_overdue(completed, manner, now)
    given_up, kept = _given_up(account, ledger, watch), bell.kept(account, ledger, now).lately(now)
    states = ledger.tally(account).states
    return Status(
        account=account,
        completed=completed,
        failure=watch.failure if watch else _failure(account, ledger),
        runs=presence is not None,
        next_pass=_next_pass(watch, pause, now),
        why_none=_why_none(presence, watch, pause),
        waiting={state: states.get(state, 0) for state in COUNTED},
        alarms=alarms.raised(kept, is_overdue=is_overdue, given_up=given_up),
    )


def _given_up(account: str, ledger: Ledger, watch: OnWatch | None) -> Show | None:
    """No refusals are kept once the server let it in. What else there may be, the service that gave it up knows."""
    if ledger.refusals(account):
        return NotSignedIn()
    return Show() if watch is not None and watch.is_given_up else None


def _failure(account: str, ledger: Ledger) -> Failure | None:
    """As the ledger knows it: of a service that runs, the service knows more."""
    times, last = ledger.failing(account), ledger.last_pass(account)
    return Failure(last.ended, last.problem, times) if times and last else None


def _is_overdue(completed: PassSummary | None, manner: Manner, now: datetime) -> bool:
    if completed is None:
        return False
    return Standing(completed.account, completed.ended, completed.ended).is_overdue(manner, now)


def _next_pass(watch: OnWatch | None, pause: Pause | None, now: datetime) -> datetime | None:
    """A service asks the ledger for a pause, and for its end, when a pass would be due: its sign is older than that."""
    if watch is None or pause is not None:
        return None
    return now if watch.condition == Rest.PAUSED else watch.due


def _why_none(presence: Presence | None, watch: OnWatch | None, pause: Pause | None) -> str:
    if pause is not None:
        return f"it is {pausing.told(pause)}; `watcher resume` ends the pause"
    if presence is None:
        return NO_SERVICE
    if watch is None:
        return NOT_WATCHED
    return GIVEN_UP if watch.is_given_up else ""
