"""There are words for everything that a person is shown."""

from watcher.domain.kinds import Because
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.domain.phrases import BECAUSE, DECIDE, STATE


def test_every_ground_every_state_and_every_decision_has_its_words() -> None:
    assert (set(BECAUSE), set(STATE), set(DECIDE)) == (set(Because), set(State), set(NEEDS_PERSON))
