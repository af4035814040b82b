"""One invitation: ask the ledger what is known, plan, carry the action out, record the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.domain.forgotten import UNREAD
from watcher.domain.kinds import Authentic, Kind, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.message import Message
from watcher.domain.plan import (
    SAME_PERSON_WITHIN,
    Action,
    Compose,
    Earlier,
    ForKnown,
    Hold,
    Known,
    Leave,
    Policy,
    Skip,
    SkipReason,
    Wait,
    among_junk,
    answered,
    plan,
)
from watcher.domain.reply import KNOWN
from watcher.domain.values import Evidence, Invitation, NotInvitation, Reading, Source
from watcher.errors import GiveUp
from watcher.ports import Clock, FolderState, Ledger, Location, Record, Sighting
from watcher.steps.acquaintances import Acquaintances
from watcher.steps.answers import Answers
from watcher.steps.corrections import Corrections
from watcher.steps.drafting import Drafting, Template
from watcher.steps.opinions import Opinions

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
    answers: Answers
    ledger: Ledger
    clock: Clock
    opinions: Opinions
    corrections: Corrections
    people: Acquaintances
    dry_run: bool
    oldest: datetime | None = None
    junk: str | None = None
    drafted: int = 0
    _imagined: dict[str, Earlier] = field(default_factory=dict)
    _held: dict[str, Record] = field(default_factory=dict)

    def on(self, reading: Reading, sighting: Sighting) -> Outcome | None:
        """Decide about one invitation and do it; None where it had its outcome already."""
        invitation = reading.found
        assert isinstance(invitation, Invitation), "only invitations are acted on"
        held = self._held.get(reading.source.message_id or "")
        standing = held or self.ledger.find(self.account, sighting.key)
        if held is None and standing is not None and standing.state is not State.SEEN:
            return None
        how = self.people.how(reading)
        sighting = _shown(self._judged(invitation, sighting, standing, how), how)
        row = self._row(sighting)
        state = row.state if row else self._imagined_state(sighting.key)
        known = Known(state, self._others(invitation, sighting, row), self.drafted, how, self.oldest)
        action, sighting = self._unless_written_to(self._planned(invitation, sighting, known), sighting, known)
        if isinstance(action, Leave):
            return None
        return self._foretell(action, sighting) if self.dry_run else self._carry_out(action, sighting, row)

    def _judged(
        self, invitation: Invitation, sighting: Sighting, standing: Record | None, how: Evidence | None
    ) -> Sighting:
        """The person's own word wins; where they know who invites, nothing hangs on the verdict."""
        assert sighting.reading.verdict is not None, "an invitation is always judged"
        word = self.corrections.on(invitation, sighting.reading.verdict, standing.id if standing else None)
        if word is not None:
            return replace(sighting, reading=replace(sighting.reading, verdict=word))
        return sighting if how else self._with_second_opinion(invitation, sighting)

    def _planned(self, invitation: Invitation, sighting: Sighting, known: Known) -> Action:
        policy = self._policy_in(sighting.location.folder)
        if known.inviter and not self.drafting.has_template(invitation, KNOWN):
            policy = replace(policy, for_known=ForKnown.SKIP)
        return self._unless_answered(plan(sighting.reading, invitation, sighting.received, known, policy), sighting)

    def _policy_in(self, folder: str) -> Policy:
        return among_junk(self.policy) if folder == self.junk else self.policy

    def _unless_written_to(self, action: Action, sighting: Sighting, known: Known) -> tuple[Action, Sighting]:
        """A draft that is about to ask why, unless what lies in Sent shows that the person knows whom."""
        how = self.people.by_mail(sighting.reading) if action == Compose() else None
        if how is None:
            return action, sighting
        assert isinstance(sighting.reading.found, Invitation), "only invitations are composed for"
        shown = _shown(sighting, how)
        return self._planned(sighting.reading.found, shown, replace(known, inviter=how)), shown

    def _with_second_opinion(self, invitation: Invitation, sighting: Sighting) -> Sighting:
        """Where a draft hangs on nothing but the verdict, the language model is heard; once for each invitation."""
        if self.opinions.judge is None:
            return sighting
        held = self._held.get(sighting.reading.source.message_id or "")
        row = None if held else self.ledger.find(self.account, sighting.key)
        if row is not None:
            return replace(sighting, reading=replace(sighting.reading, verdict=row.reading.verdict))
        known = Known(None, self._others(invitation, sighting, held), self.drafted, oldest=self.oldest)
        any_verdict = replace(self._policy_in(sighting.location.folder), draft_for=frozenset(VerdictKind))
        action = plan(sighting.reading, invitation, sighting.received, known, any_verdict)
        if not isinstance(action, Compose | Wait):
            return sighting
        return replace(sighting, reading=self.opinions.on(sighting.reading, may_ask=not self.dry_run))

    def _unless_answered(self, action: Action, sighting: Sighting) -> Action:
        if not isinstance(action, Compose):
            return action
        draft, mail = self.drafting.message_id(sighting.key), sighting.reading.source.message_id
        folder = self.answers.folder(mail, draft, sighting.received)
        return answered(folder) if folder else action

    def is_under_way(self, sighting: Sighting) -> bool:
        """Whether nobody knows yet what became of its APPEND: it may have its turn again."""
        row = self.ledger.find(self.account, sighting.key)
        return row is not None and row.state is State.INTENDED

    def held(self) -> tuple[Record, ...]:
        """What is held, wherever its mail lies by now; from now on that is judged as if it had just come."""
        rows = [row for row in self.ledger.listing(State.HELD) if row.account == self.account]
        named = tuple(row for row in rows if row.reading.source.message_id)
        self._held = {str(row.reading.source.message_id): row for row in named}
        return named

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
        return None if self.is_worth_waiting(location, why) else self.quarantined(location, why)

    def quarantined(self, location: Location, why: str, tries: int = MOST_TRIES) -> Outcome:
        """Leave this mail to the person: it could not be read as often as it is tried."""
        key = _unread(location)
        source = Source(None, (), "", "", None)
        reading = Reading(NotInvitation(Kind.OTHER, why), Authentic.UNKNOWN, source, problems=(why,))
        sighting = Sighting(self.account, key, reading, location, self.clock.now())
        return self._recorded(sighting, None, State.QUARANTINED, f"could not be read {tries} times: {why}")

    def quarantined_in(self, folder: FolderState) -> frozenset[int]:
        """The UIDs of a folder that are quarantined: they are not asked for again."""
        rows = self.ledger.listing(State.QUARANTINED)
        there = (row.location for row in rows if row.account == self.account and row.key == _unread(row.location))
        return frozenset(one.uid for one in there if (one.folder, one.uidvalidity) == (folder.name, folder.uidvalidity))

    def _row(self, sighting: Sighting) -> Record | None:
        """What the ledger knows; a row that is held begins anew with what its mail says now."""
        held = self._held.pop(sighting.reading.source.message_id or "", None)
        if held is None:
            return self.ledger.find(self.account, sighting.key)
        return None if self.dry_run else self.ledger.reread(held.id, sighting, self.clock.now())

    def _others(self, invitation: Invitation, sighting: Sighting, row: Record | None) -> tuple[Earlier, ...]:
        others = earlier_ones(self.ledger, self.account, invitation, sighting.received, row)
        return (*others, *self._imagined.values())

    def _imagined_state(self, key: str) -> State | None:
        imagined = self._imagined.get(key)
        return imagined.state if imagined else None

    def _foretell(self, action: Action, sighting: Sighting) -> Outcome:
        if not isinstance(action, Compose):
            return self._without_draft(action, lambda state, reason: Outcome(sighting.reading, state, reason))
        try:
            self.drafting.compose(sighting.key, sighting.reading, template=_template(action))
        except GiveUp as broken:
            return Outcome(sighting.reading, State.HELD, str(broken))
        self.drafted += 1
        assert isinstance(sighting.reading.found, Invitation), "only invitations are composed for"
        number = len(self._imagined) + 1
        inviter = sighting.reading.found.inviter
        self._imagined[sighting.key] = Earlier(number, inviter, State.INTENDED, sighting.received)
        return Outcome(sighting.reading, State.INTENDED, "would be drafted")

    def _carry_out(self, action: Action, sighting: Sighting, row: Record | None) -> Outcome | None:
        verdict = sighting.reading.verdict
        if row is not None and verdict is not None and row.reading.verdict != verdict:
            row = self.ledger.judge(row.id, verdict, self.clock.now())
        if isinstance(action, Compose):
            return self._draft(sighting, _template(action))
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

    def _draft(self, sighting: Sighting, template: Template | None) -> Outcome | None:
        row = self.ledger.record(sighting, State.SEEN, "", self.clock.now())
        try:
            draft = self.drafting.compose(row.key, row.reading, template=template)
        except GiveUp as broken:
            return self._recorded(sighting, row, State.HELD, str(broken))
        try:
            row = self.drafting.put(row, draft)
        except GiveUp:
            # Another instance wrote its intent down first: the draft is its own.
            return None
        self.drafted += row.state is State.DRAFTED
        return outcome_of(row)


def _unread(location: Location) -> str:
    """The key of a mail of which nothing is known but where it lies."""
    return f"{UNREAD}{location.folder}:{location.uidvalidity}:{location.uid}"


def _template(action: Compose) -> Template | None:
    """The template that is not the verdict's own."""
    return Template(KNOWN) if action.for_known else None


def _shown(sighting: Sighting, how: Evidence | None) -> Sighting:
    """With how the person knows the inviter before what decided otherwise."""
    verdict = sighting.reading.verdict
    if how is None or verdict is None:
        return sighting
    told = replace(verdict, evidence=(how, *verdict.evidence))
    return replace(sighting, reading=replace(sighting.reading, verdict=told))


def outcome_of(record: Record) -> Outcome:
    """What a row says became of its invitation."""
    return Outcome(record.reading, record.state, record.reason, record)


def earlier_ones(
    ledger: Ledger, account: str, invitation: Invitation, received: datetime, row: Record | None
) -> tuple[Earlier, ...]:
    """Other invitations than `row` that may be of the same person, as far as they count for the plan."""
    who, since = invitation.inviter, received - SAME_PERSON_WITHIN - timedelta(days=1)
    rows = ledger.namesakes(account, who.name, who.profile_url, since)
    return tuple(earlier for other in rows if not row or other.id != row.id for earlier in _earlier(other))


def _earlier(record: Record) -> list[Earlier]:
    found = record.reading.found
    if not isinstance(found, Invitation):
        return []
    return [Earlier(record.id, found.inviter, record.state, record.received)]
