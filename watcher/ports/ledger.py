"""What the program remembers of all that it saw and did."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from watcher.domain.corrections import Correction
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Verdict
from watcher.ports.listing import Beside, Page, Tally, Wanted
from watcher.ports.records import (
    Drift,
    Intent,
    Lease,
    Location,
    Look,
    PassSummary,
    Pause,
    Pile,
    Record,
    Refusals,
    Sighting,
    Watermark,
)


class Ledger(Protocol):
    """What the program remembers. Every method is one transaction, on disk when it returns. Raises TryAgain."""

    def watermark(self, account: str, folder: str) -> Watermark | None:
        """How far this folder was looked over; None before the first pass."""

    def advance(self, account: str, folder: str, mark: Watermark, at: datetime) -> None:
        """Move the watermark; the caller has recorded every outcome below it."""

    def find(self, account: str, key: str) -> Record | None:
        """The row of one invitation."""

    def namesakes(self, account: str, name: str, profile_url: str | None, since: datetime) -> tuple[Record, ...]:
        """Rows received since, newest first, whose inviter has this name (case-folded) or this profile."""

    def record(self, sighting: Sighting, state: State, reason: str, at: datetime) -> Record:
        """Write a row for the first time in a state of `lifecycle.START`. The row that stands already wins: it is
        returned unchanged where account and key are known.
        """

    def reread(self, record_id: int, sighting: Sighting, at: datetime) -> Record:
        """A person has what is held judged again: its row takes what the mail says now and moves to `seen`, or to
        `skipped` where the mail proves to be an invitation that has a row already. Raises GiveUp as `move` does.
        """

    def drifted(self, drift: Drift) -> None:
        """Keep a sign that LinkedIn's mail has changed; the same mail counts once, and the newest are kept."""

    def drifts(self, account: str) -> tuple[Drift, ...]:
        """These signs, newest first."""

    def lease(self, account: str, now: datetime) -> Lease:
        """Become the one writer of an account, until it is released or runs out.

        Raises TryAgain where another instance has it and does not give it back within a few seconds.
        """

    def renew(self, lease: Lease, now: datetime) -> None:
        """Hold a lease for another term. Raises TryAgain where another instance took it meanwhile."""

    def release(self, lease: Lease) -> None:
        """Give a lease back."""

    def intend(self, record_id: int, intent: Intent, lease: Lease, by: By = By.PROGRAM) -> Record:
        """Write the intent down and move to `intended`, in one transaction. Raises GiveUp where the revision or
        its Message-ID is known already (another instance was first), or the move is not legal; TryAgain where the
        lease was lost.
        """

    def hand_over(self, record_id: int, lease: Lease, at: datetime) -> None:
        """Write down that octets of the live revision go out now. Raises TryAgain where the lease was lost or they
        went out before: then none may go out.
        """

    def drafted(self, record_id: int, uid: int | None, at: datetime) -> Record:
        """The server confirmed: keep the UID of the live revision, move to `drafted`."""

    def refused(self, record_id: int, end: State, reason: str, lease: Lease, at: datetime) -> Record:
        """The server answered NO to the APPEND: forget the intent and move to `seen` or `held`, in one transaction.
        Raises TryAgain where the lease was lost.
        """

    def locate(self, record_id: int, uid: int) -> None:
        """Keep the UID of a confirmed draft that was learnt later (no UIDPLUS)."""

    def move(self, record_id: int, end: State, reason: str, at: datetime, by: By = By.PROGRAM) -> Record:
        """Any other legal move. Raises GiveUp where `lifecycle` forbids it."""

    def judge(self, record_id: int, verdict: Verdict, at: datetime) -> Record:
        """Keep what the program thinks by now of an invitation that waits for its turn. Raises GiveUp unless it is
        `seen`.
        """

    def correct(self, record_id: int, verdict: Verdict, words: str, at: datetime) -> Record:
        """Keep a person's word: the row takes the verdict, its history a line, and `words` are those by which other
        notes are compared with this one. An invitation has one correction: the newest word counts, and what the program
        thought at first. Raises GiveUp where the row has no verdict.
        """

    def corrections(self, account: str) -> tuple[Correction, ...]:
        """Every correction of this account, newest first."""

    def know(self, account: str, person: str, at: datetime) -> bool:
        """Keep that the person knows somebody, as `acquaintances.kept_as` writes them; False where that is kept."""

    def unknow(self, account: str, person: str) -> bool:
        """Take it back; False where it was not kept."""

    def known(self, account: str) -> tuple[str, ...]:
        """Whom the person said to know, in alphabetical order."""

    def forget(self, keys: Mapping[int, str], at: datetime) -> None:
        """Erase from these rows, by their numbers, all that tells of people, and give each the key that is named. What
        stays is what is counted: account, state, verdict, language, times, templates, and how drafts are known again.
        """

    def wipe(self) -> None:
        """Leave no octet in the file of what was erased from it before. Raises TryAgain where another process uses the
        ledger just now: it was erased, but its traces are still there.
        """

    def pause(self, account: str, pause: Pause) -> None:
        """Keep that the person wants no passes for now, in the place of what they said before."""

    def resume(self, account: str) -> bool:
        """Take it back; False where nothing was kept."""

    def paused(self, account: str, now: datetime) -> Pause | None:
        """What the person said, as long as it holds."""

    def lasting(self, account: str, since: datetime) -> tuple[Record, ...]:
        """Rows of which something may still become: drafted, edited, uncertain; and those discarded since."""

    def absent(self, record_id: int, since: datetime | None) -> None:
        """Keep since when the live revision is missing from the mailbox; None: it is there."""

    def last_look(self, account: str) -> Look | None:
        """The last look after every draft of this account; None before the first."""

    def looked(self, account: str, look: Look) -> None:
        """Keep it."""

    def unresolved(self, account: str) -> tuple[Record, ...]:
        """Rows in `intended`: an APPEND whose outcome was not recorded."""

    def failed(self, account: str, location: Location, why: str, at: datetime) -> int:
        """Count one more failure to read this mail; returns how often that happened."""

    def spared(self, account: str, location: Location) -> None:
        """Take the last of these failures back: it was none."""

    def listing(self, state: State | None = None) -> tuple[Record, ...]:
        """All rows, newest first."""

    def page(self, wanted: Wanted, start: int, count: int) -> Page:
        """Up to `count` of these rows, after the first `start`: what needs a person first, then the newest first."""

    def beside(self, wanted: Wanted, record_id: int) -> Beside:
        """What stands before and after a row in that order; nothing where it is none of these."""

    def tally(self, account: str | None = None) -> Tally:
        """How many rows there are of each kind, of one account or of all."""

    def show(self, record_id: int) -> Record | None:
        """One row with its history."""

    def passed(self, summary: PassSummary) -> None:
        """Keep what a pass did; of each account the newest ones, and the newest completed one."""

    def failing(self, account: str) -> int:
        """How many of the newest passes in a row failed."""

    def last_pass(self, account: str, *, completed: bool = False) -> PassSummary | None:
        """The newest pass, or the newest completed one."""

    def refusals(self, account: str) -> Refusals | None:
        """How often the server refused to let this account in; None since it did let it in."""

    def let_in(self, account: str) -> None:
        """The server let this account in: what it refused before counts no longer."""

    def kept_out(self, account: str, settings: str, at: datetime) -> int:
        """Count one more refusal; returns how many there were in a row with these settings."""

    def pile(self, account: str, states: Collection[State], until: datetime) -> Pile:
        """How many rows stand in these states since `until` or before, and since when the newest of them does."""

    def drift_pile(self, account: str) -> Pile:
        """How many signs there are that LinkedIn's mail has changed, and when the newest came."""

    def alarms(self, account: str) -> Mapping[str, datetime]:
        """When an alarm of each kind was last told."""

    def alarmed(self, account: str, kind: str, at: datetime, since: datetime) -> bool:
        """Keep that an alarm is told now; False where another instance has told it after `since`: then it is not."""

    def was_summed_up(self, account: str, week: str) -> bool:
        """Whether a summary of this week was put, or octets of it went out."""

    def hand_over_summary(self, week: str, lease: Lease, at: datetime) -> None:
        """Write down that octets of a week's summary go out now. Raises TryAgain where the lease was lost or they went
        out before: then none may go out.
        """

    def take_back_summary(self, week: str, lease: Lease, at: datetime) -> None:
        """It is certain that nothing of it was stored: it may be put again. Raises TryAgain as before."""

    def close(self) -> None:
        """Release the file; never raises."""
