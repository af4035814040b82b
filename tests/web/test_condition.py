"""How the watch stands, as the page says it: in words, with what to do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW

from watcher.domain.lifecycle import State
from watcher.ports import Failure, PassSummary, Pause
from watcher.watching.alarms import Alarm, Kind
from watcher.watching.status import NO_SERVICE, Status
from watcher.web.condition import Condition, told

GOOD = PassSummary("me", NOW - timedelta(minutes=4), NOW - timedelta(minutes=3), completed=True, looked_at=9, drafted=2)
ONCE = Failure(NOW, "no route to host")
OFTEN = replace(ONCE, times=7)
WELL = Status("me", GOOD, None, True, NOW + timedelta(minutes=1, seconds=30), "", {}, ())


def _but(**changes: Any) -> Status:
    return replace(WELL, **changes)


@pytest.mark.parametrize(
    ("status", "condition", "says"),
    [
        (WELL, Condition.WELL, ""),
        (_but(completed=None), Condition.LOOK, "No pass has gone through yet."),
        (_but(failure=ONCE), Condition.LOOK, "The last pass failed: no route to host"),
        (_but(failure=OFTEN), Condition.LOOK, "The last 7 passes failed"),
        (_but(alarms=(Alarm(Kind.SIGN_IN),)), Condition.BROKEN, "The mail server lets nobody in."),
        (_but(alarms=(Alarm(Kind.OVERDUE),), failure=OFTEN), Condition.BROKEN, "not looked for"),
        (_but(alarms=(Alarm(Kind.DRIFT, 2),)), Condition.LOOK, "LinkedIn may have changed its mail."),
        (_but(next_pass=None, why_none=NO_SERVICE), Condition.LOOK, "Nobody watches just now."),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(status: Status, condition: Condition, says: str) -> None:
    shown = told(status, None, NOW)
    assert shown.condition is condition
    assert says in " ".join(problem.what for problem in shown.problems)
    assert all(problem.remedy for problem in shown.problems)


@pytest.mark.parametrize("status", [WELL, _but(next_pass=None, why_none="it is paused")])
def test_a_pause_is_no_problem_and_holds_whatever_was_due(status: Status) -> None:
    shown = told(status, Pause(NOW, None), NOW)
    assert (shown.condition, shown.problems) == (Condition.WELL, ())
    assert "until you end it" in shown.paused
    assert {fact.name: fact.value for fact in shown.facts}["Next pass"] == "paused"


@pytest.mark.parametrize(
    ("status", "fact", "value"),
    [
        (WELL, "Last completed pass", "3 minutes ago"),
        (_but(completed=None), "Last completed pass", "none yet"),
        (WELL, "Next pass", "within 1 minute"),
        (_but(next_pass=NOW), "Next pass", "due now"),
        (_but(next_pass=None), "Next pass", "none"),
        (WELL, "Connection", "well"),
        (_but(failure=ONCE), "Connection", "failing"),
        (_but(completed=None), "Connection", "not tried yet"),
        (_but(waiting={State.SEEN: 1200}), "Waiting for a pass", "1,200"),
        (_but(waiting={State.HELD: 2, State.UNCERTAIN: 1}), "Waiting for you", "3"),
        (_but(alarms=(Alarm(Kind.DRIFT, 2),)), "Not understood", "2"),
    ],
)
def test_each_figure_is_said_as_one_says_it(status: Status, fact: str, value: str) -> None:
    assert {one.name: one.value for one in told(status, None, NOW).facts}[fact] == value
