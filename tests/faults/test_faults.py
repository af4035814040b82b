"""Whatever breaks between the program and the server: no second draft, nothing lost, and it comes back by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from faults import proxy as faulty
from faults.proxy import GREETING, Fault, Kind, Proxy
from faults.rounds import EVERY_STEP, Round
from shell.program import Ran

HASTY = {"FAULTS_TIMEOUT": "1"}
ALL_DRAFTED = {"drafted": 4, "held": 1, "skipped": 1}


@contextmanager
def _behind(one_round: Round, fault: Fault) -> Iterator[Proxy]:
    with faulty.running(one_round.server.port, fault) as proxy:
        one_round.port = proxy.port
        yield proxy
        one_round.port = None


def _struck(one_round: Round, fault: Fault) -> Ran:
    with _behind(one_round, fault) as proxy:
        ran = one_round.once(**HASTY)
        assert proxy.struck == 1
    assert "Traceback" not in ran.err
    assert "not foreseen" not in ran.err
    return ran


LOOKING = [
    Fault(Kind.SILENCE, GREETING),
    Fault(Kind.CUT_BEFORE, "LOGIN"),
    Fault(Kind.TOO_MANY, "LOGIN"),
    Fault(Kind.UNAVAILABLE, "LOGIN"),
    Fault(Kind.GARBAGE, "LIST"),
    Fault(Kind.CUT_AFTER, "EXAMINE"),
    Fault(Kind.HALF_OPEN, "SEARCH"),
    Fault(Kind.BACK_OFF, "SEARCH"),
    Fault(Kind.RESET_IN_LITERAL, "FETCH"),
    Fault(Kind.TRICKLE, "FETCH", nth=2),
]
AT_ANY_STEP = (
    Kind.CUT_BEFORE, Kind.LOSE_ANSWER, Kind.SILENCE, Kind.CUT_AFTER, Kind.HALF_OPEN, Kind.TRICKLE, Kind.BYE,
    Kind.GARBAGE, Kind.HUGE_LITERAL, Kind.ENDLESS_LINE, Kind.ENDLESS_LINES, Kind.UNAVAILABLE, Kind.TOO_MANY,
    Kind.BACK_OFF,
)  # fmt: skip
STEPS = [(verb, 1) for verb in ("CAPABILITY", "LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH", "STATUS")] + [("FETCH", 2)]
if EVERY_STEP:
    LOOKING += [Fault(kind, verb, nth) for verb, nth in STEPS for kind in AT_ANY_STEP]
    LOOKING += [Fault(kind, GREETING) for kind in AT_ANY_STEP if kind not in {Kind.LOSE_ANSWER, Kind.TRICKLE}]


def _name(fault: Fault) -> str:
    return f"{fault.verb} {fault.nth}: {fault.kind}"


@pytest.mark.parametrize("fault", LOOKING, ids=_name)
def test_a_fault_before_any_draft_costs_nothing_but_a_pass(one_round: Round, fault: Fault) -> None:
    ran = _struck(one_round, fault)
    assert ran.code == 3, ran.err
    assert len(one_round.drafts()) == len(one_round.own)
    assert one_round.once().code == 0
    assert one_round.check() == ALL_DRAFTED


NOT_SENT = [
    Fault(Kind.BYE, "APPEND"),
    Fault(Kind.OVERQUOTA, "APPEND"),
    Fault(Kind.UNAVAILABLE, "APPEND", nth=3),
    Fault(Kind.LATE_NO, "APPEND", nth=2),
]
if EVERY_STEP:
    kinds = set(AT_ANY_STEP) - {Kind.LOSE_ANSWER, Kind.SILENCE, Kind.TRICKLE}
    NOT_SENT += [Fault(kind, "APPEND", nth) for kind in sorted(kinds) for nth in (1, 2, 3, 4)]


@pytest.mark.parametrize("fault", NOT_SENT, ids=_name)
def test_a_draft_of_which_nothing_went_out_is_made_in_the_next_pass(one_round: Round, fault: Fault) -> None:
    _struck(one_round, fault)
    one_round.once()
    assert one_round.check() == ALL_DRAFTED


LOST = [Fault(Kind.LOSE_ANSWER, "APPEND"), Fault(Kind.SILENCE, "APPEND", nth=4)]
if EVERY_STEP:
    LOST += [Fault(kind, "APPEND", nth) for kind in (Kind.LOSE_ANSWER, Kind.SILENCE, Kind.TRICKLE) for nth in (1, 2, 3)]


@pytest.mark.parametrize("fault", LOST, ids=_name)
def test_a_draft_whose_answer_was_lost_is_found(one_round: Round, fault: Fault) -> None:
    assert _struck(one_round, fault).code == 3
    one_round.once()
    assert one_round.check() == ALL_DRAFTED


@pytest.mark.parametrize("released", ["at once", "before the quiet period ends", "after it"])
def test_a_tail_that_arrives_late_does_not_make_two(one_round: Round, released: str) -> None:
    with _behind(one_round, Fault(Kind.HOLD_TAIL, "APPEND", nth=4)) as proxy:
        assert one_round.once(**HASTY).code in {0, 3}
        if released == "at once":
            proxy.release()
        one_round.once()
        if released == "before the quiet period ends":
            proxy.release()
        ran = one_round.later()
        if released == "after it":
            assert ran.code == 1
            proxy.release()
        one_round.until_quiet()
    assert one_round.check()["drafted"] == 4, "what arrived after all is found"
    assert len(one_round.drafts()) == len(one_round.own) + 4


GREEDY = [Kind.HUGE_LITERAL, Kind.ENDLESS_LINE, Kind.ENDLESS_LINES, Kind.MANY_WORDS]


@pytest.mark.parametrize("kind", GREEDY)
def test_a_server_cannot_take_the_memory(one_round: Round, kind: Kind) -> None:
    with _behind(one_round, Fault(kind, "FETCH")):
        one_round.once(**HASTY, WATCHER_FOLDERS="Sent")
        usual = one_round.program.kilobytes
        assert one_round.once(**HASTY).code in {0, 3}
    grown = one_round.program.kilobytes - usual
    assert grown < 64 << 10
