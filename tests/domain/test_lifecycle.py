from itertools import product

import pytest

from watcher.domain.lifecycle import HAS_DRAFT, MOVES, START, By, State, legal


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(State)


def test_only_a_person_leads_back_to_a_second_draft() -> None:
    ways = {start for start, end in product(State, State) if end is State.INTENDED and legal(start, end, By.PROGRAM)}
    assert ways == {State.SEEN}


def test_every_state_can_be_reached() -> None:
    reached = set(START)
    while more := {end for start in reached for end in MOVES[start]} - reached:
        reached |= more
    assert reached == set(State)


def test_what_had_a_draft_never_looks_new_again() -> None:
    # Only a server's NO, which stored nothing, leads from an intent back to `seen`.
    back = {state for state in HAS_DRAFT if legal(state, State.SEEN, By.PROGRAM)}
    assert back == {State.INTENDED}


@pytest.mark.parametrize("by", By)
def test_no_draft_is_intended_while_one_may_lie_there(by: By) -> None:
    alive = {State.INTENDED, State.DRAFTED, State.EDITED, State.SENT, State.PASTED, State.ANSWERED, State.CLOSED}
    assert [state for state in alive if legal(state, State.INTENDED, by)] == []


def test_a_person_has_a_draft_made_where_none_lives() -> None:
    ways = {state for state in State if legal(state, State.INTENDED, By.PERSON)}
    assert ways == {State.SEEN, State.HELD, State.SKIPPED, State.DISCARDED, State.UNCERTAIN}


def test_what_the_server_refuses_leads_back_where_it_came_from() -> None:
    for start in State:
        if legal(start, State.INTENDED, By.PERSON):
            assert legal(State.INTENDED, start, By.PROGRAM)
