"""One invitation: ask the ledger what is known, plan, carry the action out, record the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from watcher.domain.kinds import Authentic, Kind
from watcher.domain.lifecycle import State
from watcher.domain.message import Message
from watcher.domain.plan import (
    SAME_PERSON_WITHIN,
    Action,
    Compose,
    Earlier,
    Hold,
    Known,
    Leave,
    Policy,
    Skip,
    SkipReason,
    Wait,
    plan,
)
from watcher.domain.values import Invitation, NotInvitation, Reading, Source
from watcher.drafting import Drafting
from watcher.errors import GiveUp
from watcher.ports import Clock, Ledger, Location, Record, Sighting

MOST_TRIES = 3
"""After so many failures to read a mail it is quarantined, and the queue goes on without it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one invitation; `record` is None in a dry run, where `state` is what it would become."""

    reading: Reading
    state: State
    reason: str
    record: Record | None = None
    skipped: SkipReason | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the watermark may move over it."""
        return self.state is not State.SEEN


@dataclass(slots=True)
class Acting:
    """Decides and acts during one pass over one mailbox."""

    account: str
    policy: Policy
    drafting: Drafting
    ledger: Ledger
    clock: Clock
    dry_run: bool
    drafted: int = 0
    _imagined: dict[str, Earlier] = field(default_factory=dict)
    _held: dict[str, Record] = field(default_factory=dict)

    def on(self, reading: Reading, sighting: Sighting) -> Outcome | None:
        """Decide about one invitation and do it; None where it had its outcome already."""
        invitation = reading.found
        assert isinstance(invitation, Invitation), "only invitations are acted on"
        row = self._row(sighting)
        state = row.state if row else self._imagined_state(sighting.key)
        known = Known(state, self._others(invitation, sighting, row), self.drafted)
        action = plan(reading, invitation, sighting.received, known, self.policy)
        if isinstance(action, Leave):
            return None
        return self._foretell(action, sighting) if self.dry_run else self._carry_out(action, sighting, row)

    def is_under_way(self, sighting: Sighting) -> bool:
        """Whether nobody knows yet what became of its APPEND: it may have its turn again."""
        row = self.ledger.find(self.account, sighting.key)
        return row is not None and row.state is State.INTENDED

    def held_in(self, folder: str) -> tuple[Record, ...]:
        """What is held of this folder; from now on its mail is judged as if it had just come."""
        rows = [row for row in self.ledger.listing(State.HELD) if row.account == self.account]
        here = tuple(row for row in rows if row.location.folder == folder and row.reading.source.message_id)
        self._held |= {str(row.reading.source.message_id): row for row in here}
        return here

    def is_held(self, mail: Message) -> bool:
        """Whether this is the mail of something that is held."""
        return mail.message_id in self._held

    def on_no_invitation(self, reading: Reading) -> Outcome | None:
        """A mail that was held as an invitation and proves to be none is skipped for good."""
        row = self._held.pop(reading.source.message_id or "", None)
        if row is None or self.dry_run or isinstance(reading.found, Invitation):
            return None
        return outcome_of(self.ledger.move(row.id, State.SKIPPED, reading.found.reason, self.clock.now()))

    def is_worth_waiting(self, location: Location, why: str) -> bool:
        """Whether a mail that cannot be judged just now is tried again in a later pass; the third time it is not."""
        return self.dry_run or self.ledger.failed(self.account, location, why, self.clock.now()) < MOST_TRIES

    def could_not_read(self, location: Location, why: str) -> Outcome | None:
        """Count a failure; the third quarantines the mail, so that it stops nothing. None: it is tried again."""
        if self.is_worth_waiting(location, why):
            return None
        key = f"unread:{location.folder}:{location.uidvalidity}:{location.uid}"
        source = Source(None, (), "", "", None)
        reading = Reading(NotInvitation(Kind.OTHER, why), Authentic.UNKNOWN, source, problems=(why,))
        sighting = Sighting(self.account, key, reading, location, self.clock.now())
        return self._recorded(sighting, None, State.QUARANTINED, f"could not be read {MOST_TRIES} times: {why}")

    def _row(self, sighting: Sighting) -> Record | None:
        """What the ledger knows; a row that is held begins anew with what its mail says now."""
        held = self._held.pop(sighting.reading.source.message_id or "", None)
        if held is None:
            return self.ledger.find(self.account, sighting.key)
        return None if self.dry_run else self.ledger.reread(held.id, sighting, self.clock.now())

    def _others(self, invitation: Invitation, sighting: Sighting, row: Record | None) -> tuple[Earlier, ...]:
        since = sighting.received - SAME_PERSON_WITHIN - timedelta(days=1)
        who = invitation.inviter
        rows = self.ledger.namesakes(self.account, who.name, who.profile_url, since)
        others = [earlier for other in rows if not row or other.id != row.id for earlier in _earlier(other)]
        return (*others, *self._imagined.values())

    def _imagined_state(self, key: str) -> State | None:
        imagined = self._imagined.get(key)
        return imagined.state if imagined else None

    def _foretell(self, action: Action, sighting: Sighting) -> Outcome:
        if not isinstance(action, Compose):
            return self._without_draft(action, lambda state, reason: Outcome(sighting.reading, state, reason))
        try:
            self.drafting.compose(sighting.key, sighting.reading)
        except GiveUp as broken:
            return Outcome(sighting.reading, State.HELD, str(broken))
        self.drafted += 1
        assert isinstance(sighting.reading.found, Invitation), "only invitations are composed for"
        number = len(self._imagined) + 1
        inviter = sighting.reading.found.inviter
        self._imagined[sighting.key] = Earlier(number, inviter, State.INTENDED, sighting.received)
        return Outcome(sighting.reading, State.INTENDED, "would be drafted")

    def _carry_out(self, action: Action, sighting: Sighting, row: Record | None) -> Outcome | None:
        if isinstance(action, Compose):
            return self._draft(sighting)
        return self._without_draft(action, lambda state, reason: self._recorded(sighting, row, state, reason))

    def _without_draft(self, action: Action, keep: Callable[[State, str], Outcome]) -> Outcome:
        match action:
            case Skip(reason, words):
                kept = keep(State.SKIPPED, words)
                return Outcome(kept.reading, kept.state, kept.reason, kept.record, reason)
            case Hold(words):
                return keep(State.HELD, words)
            case Wait(words):
                return keep(State.SEEN, words)
        raise AssertionError(f"no rule for {action}")

    def _recorded(self, sighting: Sighting, row: Record | None, state: State, reason: str) -> Outcome:
        now = self.clock.now()
        kept = row or self.ledger.record(sighting, state, reason, now)
        if kept.state is not state:
            kept = self.ledger.move(kept.id, state, reason, now)
        return outcome_of(kept)

    def _draft(self, sighting: Sighting) -> Outcome | None:
        row = self.ledger.record(sighting, State.SEEN, "", self.clock.now())
        try:
            draft = self.drafting.compose(row.key, row.reading)
        except GiveUp as broken:
            return self._recorded(sighting, row, State.HELD, str(broken))
        try:
            row = self.drafting.put(row, draft)
        except GiveUp:
            # Another instance wrote its intent down first: the draft is its own.
            return None
        self.drafted += row.state is State.DRAFTED
        return outcome_of(row)


def outcome_of(record: Record) -> Outcome:
    """What a row says became of its invitation."""
    return Outcome(record.reading, record.state, record.reason, record)


def _earlier(record: Record) -> list[Earlier]:
    found = record.reading.found
    if not isinstance(found, Invitation):
        return []
    return [Earlier(record.id, found.inviter, record.state, record.received)]
