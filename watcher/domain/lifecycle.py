"""Every state an invitation can be in, and every legal move, in one table.

An invitation has one row for ever. No path leads back to a second draft unless the person asks for it: the only
moves into `INTENDED` that the program makes by itself start from `SEEN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where one invitation stands."""

    SEEN = "seen"  # read and judged; its turn comes in this pass or the next
    INTENDED = "intended"  # the draft is decided and written down; the APPEND may have happened
    DRAFTED = "drafted"  # the server confirmed the draft
    EDITED = "edited"  # the person changed it
    SENT = "sent"
    DISCARDED = "discarded"
    PASTED = "pasted"  # the person says so (route `linkedin`)
    ANSWERED = "answered"
    CLOSED = "closed"
    HELD = "held"  # needs a person
    SKIPPED = "skipped"
    UNCERTAIN = "uncertain"  # an APPEND whose outcome nobody can prove
    QUARANTINED = "quarantined"  # could not be read three times


class By(StrEnum):
    """Who may make a move."""

    PROGRAM = "program"
    PERSON = "person"


_PROGRAM = frozenset({By.PROGRAM})
_PERSON = frozenset({By.PERSON})
_EITHER = frozenset({By.PROGRAM, By.PERSON})

MOVES: Mapping[State, Mapping[State, frozenset[By]]] = MappingProxyType(
    {
        State.SEEN: {
            State.INTENDED: _EITHER,
            State.HELD: _PROGRAM,
            State.SKIPPED: _EITHER,
        },
        State.INTENDED: {
            State.DRAFTED: _PROGRAM,
            State.UNCERTAIN: _PROGRAM,
            State.SEEN: _PROGRAM,  # the server answered NO: nothing was stored, and its turn comes again
            State.HELD: _PROGRAM,  # it answered NO three times, or to a person who had it drafted
            State.SKIPPED: _PROGRAM,  # it answered NO to a person who had it drafted
            State.DISCARDED: _PROGRAM,  # the same
        },
        State.DRAFTED: {
            State.EDITED: _EITHER,
            State.SENT: _EITHER,
            State.DISCARDED: _EITHER,
            State.PASTED: _PERSON,
        },
        State.EDITED: {
            State.SENT: _EITHER,
            State.DISCARDED: _EITHER,
            State.PASTED: _PERSON,
        },
        State.SENT: {State.ANSWERED: _PROGRAM, State.CLOSED: _EITHER},
        State.PASTED: {State.ANSWERED: _EITHER, State.CLOSED: _EITHER},
        State.DISCARDED: {
            State.INTENDED: _PERSON,
            State.DRAFTED: _PROGRAM,  # it turned up after all
            State.EDITED: _PROGRAM,
            State.SENT: _PROGRAM,
        },
        State.HELD: {
            State.SEEN: _PERSON,
            State.INTENDED: _PERSON,
            State.SKIPPED: _EITHER,
        },
        State.SKIPPED: {State.INTENDED: _PERSON},
        State.UNCERTAIN: {
            State.DRAFTED: _EITHER,  # it was found after all
            State.EDITED: _PROGRAM,
            State.SENT: _PROGRAM,
            State.INTENDED: _PERSON,  # "make it"
            State.DISCARDED: _PERSON,  # "leave it"
        },
        State.QUARANTINED: {State.SEEN: _PERSON, State.SKIPPED: _PERSON},
        State.ANSWERED: {State.CLOSED: _EITHER},
        State.CLOSED: {},
    }
)

START = frozenset({State.SEEN, State.HELD, State.SKIPPED, State.QUARANTINED})
"""States in which a row may be written for the first time."""

HAS_DRAFT = frozenset(
    {
        State.INTENDED,
        State.DRAFTED,
        State.EDITED,
        State.SENT,
        State.DISCARDED,
        State.PASTED,
        State.ANSWERED,
        State.CLOSED,
        State.UNCERTAIN,
    }
)
"""States in which a draft was made or may have been: another for the same person would be the second."""


LASTING = frozenset({State.DRAFTED, State.EDITED, State.UNCERTAIN})
"""States in which a draft may lie in the mailbox of which something may still become."""

NEEDS_PERSON = frozenset({State.HELD, State.UNCERTAIN, State.QUARANTINED})
"""States that nothing leads out of until the person decides."""

CAN_BE_LEFT = frozenset({State.HELD, State.QUARANTINED})
"""States in which nothing was drafted, and nothing will be once the person leaves it so."""


def legal(start: State, end: State, by: By) -> bool:
    """Whether `by` may move an invitation from `start` to `end`."""
    return by in MOVES[start].get(end, frozenset())
