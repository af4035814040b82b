"""What became of a draft, told by what stands in Drafts and Sent. Nothing is asked and nothing done here.

A mail never changes under its UID (RFC 3501 §2.3.1.1): who edits a draft puts another mail in its place, with the old
Message-ID or another, and as a reply it still names the invitation. Some programs put the new one first, others take
the old one away first; so a draft that is nowhere counts as thrown away only after a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from watcher.domain.lifecycle import State
from watcher.domain.threads import Thread

ABSENT_FOR = timedelta(minutes=10)
"""How long after a first look in vain a second one proves that a draft was thrown away."""


class Trace(StrEnum):
    """Where a draft's trace leads."""

    LYING = "lying"  # it lies in Drafts as it was put
    DOUBLED = "doubled"  # so it does, and beside it another answer to the same invitation
    EDITED = "edited"  # in its place another draft answers the invitation
    SENT = "sent"
    ABSENT = "absent"  # it is neither in Drafts nor in Sent
    UNTOLD = "untold"  # it is not found, but nobody can say that it is not there


@dataclass(frozen=True, slots=True)
class Put:
    """A draft as it was put: its Message-ID, and that of the invitation it answers.

    `uid` is None where it is not known. `is_same_folder`: the UIDs of Drafts are still those of that time.
    """

    message_id: str
    invitation: str | None
    uid: int | None
    is_same_folder: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Where the trace leads, and the UID under which the draft itself lies now."""

    trace: Trace
    uid: int | None = None


def found(put: Put, drafts: Sequence[Thread], sent: Sequence[Thread] | None) -> Found:
    """What became of a draft. `sent` is None where there is no Sent folder, or nobody looked into it."""
    there = [thread for thread in drafts if not thread.is_deleted]
    own = _own(put, there)
    is_answered = _has_answer(put, (thread for thread in there if thread is not own))
    if own is not None:
        return Found(Trace.DOUBLED if is_answered else Trace.LYING, own.uid)
    if sent is not None and _has_answer(put, sent):
        return Found(Trace.SENT)
    if is_answered:
        return Found(Trace.EDITED)
    return Found(Trace.ABSENT if sent is not None and put.is_same_folder else Trace.UNTOLD)


def _own(put: Put, there: Iterable[Thread]) -> Thread | None:
    """The very mail that was put, as far as headers can tell."""
    if put.uid is not None and put.is_same_folder:
        return next((one for one in there if one.uid == put.uid and one.message_id in {put.message_id, ""}), None)
    return next((one for one in there if one.message_id == put.message_id), None)


def _has_answer(put: Put, threads: Iterable[Thread]) -> bool:
    return any(one.message_id == put.message_id or put.invitation in one.replied_to for one in threads)


_TURNED_UP: Mapping[Trace, State] = MappingProxyType(
    {
        Trace.LYING: State.DRAFTED,
        Trace.DOUBLED: State.DRAFTED,
        Trace.EDITED: State.EDITED,
        Trace.SENT: State.SENT,
    }
)

_NEXT: Mapping[State, Mapping[Trace, State]] = MappingProxyType(
    {
        State.DRAFTED: {Trace.EDITED: State.EDITED, Trace.SENT: State.SENT, Trace.ABSENT: State.DISCARDED},
        State.EDITED: {Trace.SENT: State.SENT, Trace.ABSENT: State.DISCARDED},
        State.UNCERTAIN: _TURNED_UP,
        State.DISCARDED: _TURNED_UP,
    }
)


def next_state(state: State, trace: Trace) -> State:
    """What a row becomes by this trace; what it is where that says nothing new."""
    return _NEXT.get(state, {}).get(trace, state)


def is_gone(absent_since: datetime | None, now: datetime) -> bool:
    """Whether a draft that is absent now, and was before, is gone for good."""
    # The clock may have been set back: that is no reason to wait for a year.
    return absent_since is not None and abs(now - absent_since) >= ABSENT_FOR


WORDS: Mapping[State, str] = MappingProxyType(
    {
        State.EDITED: "another draft stands in its place",
        State.SENT: "an answer stands in Sent",
        State.DISCARDED: "it is neither in Drafts nor in Sent any more",
    }
)
"""What is written beside a move that a trace led to."""
