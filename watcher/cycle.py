"""THE procedure: look over one mailbox once. `watcher once`, the schedule and the demo all call it.

Fetch, plan, act, record. The watermark of a folder moves only over mail whose outcome is in the ledger, so whatever
stops a pass, the next one begins where an outcome is missing. Looking leaves no trace in the mailbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from watcher.domain.lifecycle import State
from watcher.errors import Problem, Show, WatcherError
from watcher.ports import (
    Lease,
    PassSummary,
    Record,
    Traffic,
)
from watcher.steps.account import Account, Ports, acquaintances, junk_folder
from watcher.steps.acting import Acting, Outcome, outcome_of
from watcher.steps.answers import Answers
from watcher.steps.corrections import Corrections
from watcher.steps.drafting import Drafting
from watcher.steps.leasing import leased
from watcher.steps.looking import Looking, Wish
from watcher.steps.opinions import Opinions
from watcher.steps.tracking import Tracking
from watcher.steps.whereabouts import sent_folder

__all__ = ["PassReport", "Wish", "run_pass"]


@dataclass(frozen=True, slots=True)
class PassReport:
    """One pass: its summary, each invitation's outcome, the cost on the wire, and where the next one begins.

    `noticed` are invitations whose drafts the person has edited, sent or thrown away since the pass before; `unheard`
    says why the language model gave no second opinion where it was wanted.
    """

    summary: PassSummary
    outcomes: tuple[Outcome, ...]
    traffic: Traffic
    next_from: Mapping[str, int]
    noticed: tuple[Record, ...] = ()
    unheard: str = ""


def run_pass(account: Account, ports: Ports, wish: Wish | None = None) -> PassReport:
    """Look over one mailbox once. A pass that fails is recorded as such, then its Show or TryAgain goes on."""
    wish = wish or Wish()
    with _writing(account, ports, wish) as lease:
        one = _Pass(account, ports, wish, lease)
        try:
            one.run()
        except WatcherError as error:
            one.keep_failure(str(error))
            raise
        return one.report()


def _writing(account: Account, ports: Ports, wish: Wish) -> AbstractContextManager[Lease | None]:
    return nullcontext() if wish.dry_run else leased(account.name, ports.ledger, ports.clock)


@dataclass(slots=True)
class _Pass:
    """One pass under way, and what it has counted so far."""

    account: Account
    ports: Ports
    wish: Wish
    lease: Lease | None
    acting: Acting = field(init=False)
    opinions: Opinions = field(init=False)
    tracking: Tracking = field(init=False)
    looking: Looking = field(init=False)
    started: datetime = field(init=False)
    before: Traffic = field(init=False)
    noticed: tuple[Record, ...] = ()

    def __post_init__(self) -> None:
        ports, account = self.ports, self.account
        drafting = Drafting(account.voice, ports.mailbox, ports.ledger, ports.templates, ports.clock, self.lease)
        self.opinions = Opinions(ports.second, ports.clock, self.wish.stop)
        self.acting = Acting(
            account=account.name,
            policy=account.policy,
            drafting=drafting,
            answers=Answers(ports.mailbox),
            ledger=ports.ledger,
            clock=ports.clock,
            opinions=self.opinions,
            corrections=Corrections(account.name, account.voice.me, ports.ledger),
            people=acquaintances(account, ports),
            dry_run=self.wish.dry_run,
        )
        self.tracking = Tracking(account.name, ports.mailbox, ports.ledger, ports.clock)
        self.started = ports.clock.now()
        self.looking = Looking(account, ports, self.wish, self.lease, self.acting, self.started)
        self.before = ports.mailbox.traffic

    # ------------------------------------------------------------------------------------------------ the whole pass

    def run(self) -> None:
        """Settle what an earlier pass left open, look over every folder, record the pass."""
        self._refuse_wrong_folders()
        if not self.wish.dry_run:
            self.looking.outcomes += map(outcome_of, self.acting.drafting.settle())
        if self.wish.is_recorded:
            self._look_after_drafts()
        for folder in self._folders():
            self.looking.over(folder)
        if not self.wish.dry_run:
            self.acting.drafting.locate([outcome.record for outcome in self.looking.outcomes if outcome.record])
        if self.wish.is_recorded:
            self.tracking.keep(self.acting.drafting.drafts)
            self.ports.ledger.passed(self._summary(completed=not self.looking.stopped))

    def _folders(self) -> tuple[str, ...]:
        self.acting.junk = junk_folder(self.account, self.ports.mailbox)
        return tuple(dict.fromkeys(filter(None, (*self.account.folders, self.acting.junk))))

    def _look_after_drafts(self) -> None:
        self.noticed = self.tracking.notice()
        if self.tracking.drafts is not None:
            self.acting.drafting.drafts = self.tracking.drafts

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
        summary = self._summary(completed=not self.looking.stopped)
        return PassReport(
            summary,
            tuple(self.looking.outcomes),
            traffic,
            dict(self.looking.next_from),
            self.noticed,
            self.opinions.problem,
        )

    def _summary(self, *, completed: bool, problem: str = "") -> PassSummary:
        states = Counter(outcome.state for outcome in self.looking.outcomes)
        return PassSummary(
            account=self.account.name,
            started=self.started,
            ended=self.ports.clock.now(),
            completed=completed,
            looked_at=self.looking.looked_at,
            invitations=len(self.looking.outcomes),
            drafted=states[State.DRAFTED],
            held=states[State.HELD],
            skipped=dict(Counter(str(outcome.skipped) for outcome in self.looking.outcomes if outcome.skipped)),
            failed=self.looking.failed,
            problem=problem,
        )

    def _refuse_wrong_folders(self) -> None:
        sent_folder(self.ports.mailbox)
        drafts = self.ports.mailbox.drafts()
        if drafts in self.account.folders:
            what = f"{drafts!r} is the Drafts folder: the program would read its own drafts"
            raise Show(Problem("WATCHER_FOLDERS", what, "name only folders in which mail arrives"))
