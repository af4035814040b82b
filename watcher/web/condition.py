"""How the watch over a mailbox stands, as the page says it: what is wrong, with what to do, and the figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.domain.spans import span
from watcher.person import pausing
from watcher.ports import Pause
from watcher.watching.alarms import Kind, remedy, title
from watcher.watching.status import Status

_BROKEN = frozenset({Kind.OVERDUE, Kind.SIGN_IN, Kind.STOPPED})


class Condition(StrEnum):
    """All is well, or it needs a look, or nobody watches."""

    WELL = "well"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and what to do about it."""

    what: str
    remedy: str
    condition: Condition = Condition.LOOK


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a mailbox, with more about it where there is more."""

    name: str
    value: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A mailbox as the page shows it; `paused` is "" where it is not."""

    account: str
    condition: Condition
    problems: Sequence[Trouble]
    facts: Sequence[Fact]
    paused: str = ""


def told(status: Status, pause: Pause | None, now: datetime) -> Told:
    """How it stands at this moment."""
    problems, facts = tuple(_problems(status, pause)), tuple(_facts(status, pause, now))
    found = {problem.condition for problem in problems}
    condition = next((one for one in (Condition.BROKEN, Condition.LOOK) if one in found), Condition.WELL)
    return Told(status.account, condition, problems, facts, pausing.told(pause) if pause else "")


def _problems(status: Status, pause: Pause | None) -> Iterator[Trouble]:
    for alarm in status.alarms:
        grave = Condition.BROKEN if alarm.kind in _BROKEN else Condition.LOOK
        yield Trouble(f"{title(alarm.kind)}.", remedy(alarm), grave)
    if failure := status.failure:
        passes = "pass" if failure.times == 1 else f"{failure.times} passes"
        what = f"The last {passes} failed: {failure.problem}"
        yield Trouble(what, "It is tried again by itself. Where it stays so, `watcher doctor` tells more.")
    if status.completed is None:
        yield Trouble(
            "No pass has gone through yet.", "`watcher run` stays and watches; `watcher once` makes one pass."
        )
    elif status.why_none and pause is None:
        yield Trouble("Nobody watches just now.", f"{status.why_none[:1].upper()}{status.why_none[1:]}.")


def _facts(status: Status, pause: Pause | None, now: datetime) -> Iterator[Fact]:
    done, waiting = status.completed, status.waiting
    if done:
        found = f"{done.looked_at} looked at, {done.drafted} drafted, {done.held} held, {done.failed} failed"
        yield Fact("Last completed pass", f"{span(now - done.ended)} ago", found)
    else:
        yield Fact("Last completed pass", "none yet")
    yield Fact("Next pass", _next(status, pause, now))
    yield Fact("Connection", "failing" if status.failure else "well" if done else "not tried yet")
    yield Fact("Waiting for a pass", f"{waiting.get(State.SEEN, 0):,}", "read, and drafted when their turn comes")
    yield Fact("Waiting for you", f"{sum(waiting.get(state, 0) for state in NEEDS_PERSON):,}")
    drifts = sum(alarm.count for alarm in status.alarms if alarm.kind is Kind.DRIFT)
    yield Fact("Not understood", f"{drifts:,}", "genuine mail that shows a change of LinkedIn's")


def _next(status: Status, pause: Pause | None, now: datetime) -> str:
    if pause is not None:
        return "paused"
    if status.next_pass is None:
        return "none"
    return f"within {span(status.next_pass - now)}" if status.next_pass > now else "due now"
