"""THE procedure: look over one mailbox once. `watcher once`, the schedule and the demo all call it.

Fetch, plan, act, record. The watermark of a folder moves only over mail whose outcome is in the ledger, so whatever
stops a pass, the next one begins where an outcome is missing. Looking leaves no trace in the mailbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from watcher.account import Account, Ports
from watcher.acting import Acting, Outcome, outcome_of
from watcher.candidates import Candidates, Later
from watcher.domain import message
from watcher.domain.identity import invitation_key
from watcher.domain.kind import may_be_invitation
from watcher.domain.lifecycle import State
from watcher.domain.message import Message
from watcher.domain.plan import received_at
from watcher.domain.raw import RawMessage
from watcher.domain.values import Invitation, Reading
from watcher.drafting import Drafting
from watcher.errors import Problem, Show, TryAgain, WatcherError
from watcher.ports import Envelope, FolderState, Location, PassSummary, Sighting, Traffic, Watermark, Window


@dataclass(frozen=True, slots=True)
class Wish:
    """How this pass differs from a plain one; `stop` is asked between mails, `progress` is told (done, all).

    `held`: the mail that is held is taken through again, and no new mail is looked at.
    """

    @property
    def is_recorded(self) -> bool:
        """Whether the pass counts as one over the mailbox."""
        return not self.dry_run and not self.held

    dry_run: bool = False
    since: date | None = None
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[int, int], None] = lambda done, total: None  # noqa: ARG005 - by default nobody looks
    held: bool = False


@dataclass(frozen=True, slots=True)
class PassReport:
    """One pass: its summary, each invitation's outcome, the cost on the wire, and where the next one begins."""

    summary: PassSummary
    outcomes: tuple[Outcome, ...]
    traffic: Traffic
    next_from: Mapping[str, int]


def run_pass(account: Account, ports: Ports, wish: Wish | None = None) -> PassReport:
    """Look over one mailbox once. A pass that fails is recorded as such, then its Show or TryAgain goes on."""
    one = _Pass(account, ports, wish or Wish())
    try:
        one.run()
    except WatcherError as error:
        one.keep_failure(str(error))
        raise
    return one.report()


@dataclass(slots=True)
class _Pass:
    """One pass under way, and what it has counted so far."""

    account: Account
    ports: Ports
    wish: Wish
    acting: Acting = field(init=False)
    candidates: Candidates = field(init=False)
    started: datetime = field(init=False)
    before: Traffic = field(init=False)
    outcomes: list[Outcome] = field(default_factory=list)
    next_from: dict[str, int] = field(default_factory=dict)
    looked_at: int = 0
    failed: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        ports, account = self.ports, self.account
        drafting = Drafting(account.voice, ports.mailbox, ports.ledger, ports.templates, ports.clock)
        self.acting = Acting(account.name, account.policy, drafting, ports.ledger, ports.clock, self.wish.dry_run)
        self.candidates = Candidates(account, ports)
        self.started = ports.clock.now()
        self.before = ports.mailbox.traffic

    # ------------------------------------------------------------------------------------------------ the whole pass

    def run(self) -> None:
        """Settle what an earlier pass left open, look over every folder, record the pass."""
        self._refuse_drafts_folder()
        if not self.wish.dry_run:
            self.outcomes += map(outcome_of, self.acting.drafting.settle())
        for folder in self.account.folders:
            (self._look_over_held if self.wish.held else self._look_over)(folder)
        if not self.wish.dry_run:
            self.acting.drafting.locate([outcome.record for outcome in self.outcomes if outcome.record])
        if self.wish.is_recorded:
            self.ports.ledger.passed(self._summary(completed=not self.stopped))

    def keep_failure(self, problem: str) -> None:
        """Record that the pass failed; where it is the ledger that fails, the error itself says so."""
        if not self.wish.is_recorded:
            return
        try:
            self.ports.ledger.passed(self._summary(completed=False, problem=problem))
        except WatcherError:
            return

    def report(self) -> PassReport:
        """What the pass did."""
        traffic = self.ports.mailbox.traffic.since(self.before)
        summary = self._summary(completed=not self.stopped)
        return PassReport(summary, tuple(self.outcomes), traffic, dict(self.next_from))

    def _summary(self, *, completed: bool, problem: str = "") -> PassSummary:
        states = Counter(outcome.state for outcome in self.outcomes)
        return PassSummary(
            account=self.account.name,
            started=self.started,
            ended=self.ports.clock.now(),
            completed=completed,
            looked_at=self.looked_at,
            invitations=len(self.outcomes),
            drafted=states[State.DRAFTED],
            held=states[State.HELD],
            skipped=dict(Counter(str(outcome.skipped) for outcome in self.outcomes if outcome.skipped)),
            failed=self.failed,
            problem=problem,
        )

    def _refuse_drafts_folder(self) -> None:
        drafts = self.ports.mailbox.drafts()
        if drafts in self.account.folders:
            what = f"{drafts!r} is the Drafts folder: the program would read its own drafts"
            raise Show(Problem("WATCHER_FOLDERS", what, "name only folders in which mail arrives"))

    # ---------------------------------------------------------------------------------------------------- one folder

    def _look_over(self, folder: str) -> None:
        state = self.ports.mailbox.look(folder)
        if state.uidvalidity <= 0:
            raise TryAgain(f"the server names no UIDVALIDITY for {folder!r}, so no mail can be told from another")
        mark = self._mark(state)
        uids = self._search(state, mark)
        unsettled = self._work_through(state, uids, is_first=mark is None)
        self._advance(state, mark, uids, unsettled)

    def _look_over_held(self, folder: str) -> None:
        """Find the mail of what is held by its Message-ID: it may have another UID by now."""
        held = self.acting.held_in(folder)
        if not held:
            return
        state = self.ports.mailbox.look(folder)
        since = min(record.received for record in held) - timedelta(days=1)
        uids = self.ports.mailbox.search(folder, Window(since=since.date()))
        self._work_through(state, uids, is_first=False)

    def _mark(self, state: FolderState) -> Watermark | None:
        """The watermark, where it still counts: UIDs mean nothing under another UIDVALIDITY."""
        mark = self.ports.ledger.watermark(self.account.name, state.name)
        return mark if mark and mark.uidvalidity == state.uidvalidity else None

    def _search(self, state: FolderState, mark: Watermark | None) -> tuple[int, ...]:
        if self.wish.since is None and mark is None and not self.account.look_back:
            return ()  # "0 days" starts now
        window = self._window(mark)
        nothing_new = state.uidnext is not None and window.from_uid >= state.uidnext
        return () if nothing_new else self.ports.mailbox.search(state.name, window)

    def _window(self, mark: Watermark | None) -> Window:
        if self.wish.since is not None:
            return Window(since=self.wish.since)
        if mark is not None:
            return Window(from_uid=mark.next_uid)
        # SINCE knows only days, in the server's own zone: a day more is asked for, then the exact time compared.
        return Window(since=(self._cutoff() - timedelta(days=1)).date())

    def _cutoff(self) -> datetime:
        return self.started - self.account.look_back

    def _advance(
        self, state: FolderState, mark: Watermark | None, uids: Sequence[int], unsettled: Iterable[int]
    ) -> None:
        reached = max([state.uidnext or 1, mark.next_uid if mark else 1, *(uid + 1 for uid in uids)])
        next_uid = min([reached, *unsettled])
        self.next_from[state.name] = next_uid
        moved = Watermark(state.uidvalidity, next_uid)
        # A pass over a window of the person's own says nothing of the mail outside it.
        if moved != mark and not self.wish.dry_run and self.wish.since is None:
            self.ports.ledger.advance(self.account.name, state.name, moved, self.ports.clock.now())

    # ------------------------------------------------------------------------------------------------ its candidates

    def _work_through(self, state: FolderState, uids: Sequence[int], *, is_first: bool) -> set[int]:
        """Read these mails and act; returns the UIDs that have no recorded outcome. One that is gone needs none."""
        waiting = {envelope.uid: envelope for envelope in self._worth_reading(state, uids, is_first=is_first)}
        total, unsettled = len(waiting), set[int]()
        for uid, raw in self.ports.mailbox.read(state.name, tuple(waiting.values())) if waiting else ():
            if self.wish.stop():
                self.stopped = True
                return unsettled | waiting.keys()
            envelope = waiting.pop(uid)
            if not self._is_settled(Location(state.name, state.uidvalidity, uid), raw, envelope):
                unsettled.add(uid)
            self.wish.progress(total - len(waiting), total)
        return unsettled

    def _worth_reading(self, state: FolderState, uids: Sequence[int], *, is_first: bool) -> list[Envelope]:
        envelopes = list(self.ports.mailbox.glance(state.name, uids)) if uids else []
        self.looked_at += len(envelopes)
        oldest = self._cutoff() if is_first and self.wish.since is None else None
        worth = [envelope for envelope in envelopes if _is_worth_reading(envelope, oldest)]
        return [one for one in worth if self.acting.is_held(_glanced(one))] if self.wish.held else worth

    def _is_settled(self, location: Location, raw: RawMessage, envelope: Envelope) -> bool:
        """Read one mail and act on it; whether its outcome is recorded."""
        try:
            read = self._reading(location, raw, envelope)
        except Later:
            return False
        except WatcherError:
            raise
        except Exception as error:  # noqa: BLE001 - reading never raises; if it does, one mail must not stop the queue
            self.failed += 1
            return self._keep(self.acting.could_not_read(location, f"{type(error).__name__}: {error}"), when_none=False)
        self._keep_drift(location, raw, read)
        if not isinstance(read.found, Invitation):
            return self._keep(self.acting.on_no_invitation(read), when_none=True)
        received = received_at(read.source.date, envelope.received)
        sighting = Sighting(self.account.name, invitation_key(read), read, location, received)
        outcome = self.acting.on(read, sighting)
        return self._keep(outcome, when_none=not self.acting.is_under_way(sighting))

    def _reading(self, location: Location, raw: RawMessage, envelope: Envelope) -> Reading:
        try:
            return self.candidates.read(location, raw, envelope, may_wait=True)
        except Later as later:
            if self.acting.is_worth_waiting(location, str(later)):
                raise
            return self.candidates.read(location, raw, envelope, may_wait=False)

    def _keep_drift(self, location: Location, raw: RawMessage, read: Reading) -> None:
        drift = None if self.wish.dry_run else self.candidates.drift(location, raw, read)
        if drift is not None:
            self.ports.ledger.drifted(drift)

    def _keep(self, outcome: Outcome | None, *, when_none: bool) -> bool:
        if outcome is None:
            return when_none
        self.outcomes.append(outcome)
        return outcome.is_settled


def _is_worth_reading(envelope: Envelope, oldest: datetime | None) -> bool:
    if oldest is not None and envelope.received < oldest:
        return False
    return may_be_invitation(_glanced(envelope))


def _glanced(envelope: Envelope) -> Message:
    return message.assemble(RawMessage(envelope.header, (), envelope.size))
