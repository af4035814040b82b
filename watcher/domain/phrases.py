"""How the program says a verdict, a state and what is to be decided: the same in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from watcher.domain.kinds import Because
from watcher.domain.lifecycle import State

BECAUSE: Mapping[Because, str] = MappingProxyType(
    {
        Because.NO_NOTE: "no words of their own",
        Because.DEFAULT_NOTE: "LinkedIn's default sentence",
        Because.BOILERPLATE: "words that fit anybody",
        Because.REASON: "a reason of their own",
        Because.UNCLEAR: "own words: read them",
    }
)

STATE: Mapping[State, str] = MappingProxyType(
    {
        State.SEEN: "its turn comes with the next pass",
        State.INTENDED: "its draft is on its way",
        State.DRAFTED: "its draft lies in Drafts",
        State.EDITED: "you have changed its draft",
        State.SENT: "you have sent the answer",
        State.DISCARDED: "its draft is gone",
        State.PASTED: "you have pasted the answer on LinkedIn",
        State.ANSWERED: "they have answered",
        State.CLOSED: "closed",
        State.HELD: "waits for you",
        State.SKIPPED: "gets no draft",
        State.UNCERTAIN: "nobody knows whether its draft was made",
        State.QUARANTINED: "could not be read",
    }
)

DECIDE: Mapping[State, str] = MappingProxyType(
    {
        State.HELD: "Have an answer drafted, or leave it.",
        State.UNCERTAIN: "Look into Drafts, then have it made, or leave it as it is.",
        State.QUARANTINED: "Read the mail in your mail program: this program failed at it three times.",
    }
)
"""What a person is to decide in the states that nothing else leads out of."""
