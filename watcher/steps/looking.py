"""One folder of a pass: search, glance, read, act. Looking leaves no trace in the mailbox.

The watermark moves only over mail whose outcome is in the ledger. A mail that cannot be read stops no other: where two
passes in a row failed, mails are taken one by one, and one that six passes broke on is quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from watcher.domain import forgotten, message
from watcher.domain.identity import invitation_key
from watcher.domain.kind import may_be_invitation
from watcher.domain.message import Message
from watcher.domain.plan import oldest_wanted, received_at
from watcher.domain.raw import RawMessage
from watcher.domain.values import Invitation, Reading
from watcher.errors import TryAgain, WatcherError
from watcher.ports import Envelope, FolderState, Lease, Location, Sighting, Watermark, Window
from watcher.steps.account import Account, Ports
from watcher.steps.acting import Acting, Outcome
from watcher.steps.candidates import Candidates, Later

RENEWED_AFTER = timedelta(seconds=60)
"""How long a pass goes on before it renews its lease, which holds for three times as long."""

CAREFUL_AFTER = 2
"""After so many failed passes in a row mails are taken one by one: which one it is that breaks them is found out."""

MOST_BREAKS = 6
"""So often a pass breaks off on one mail before it is held against that mail: a bad link breaks on a good one, too, and
where it does so one time in three, it does three times in a row with one mail of thirty."""


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


@dataclass(slots=True)
class Looking:
    """Looks over the folders of one mailbox during one pass, and counts."""

    account: Account
    ports: Ports
    wish: Wish
    lease: Lease | None
    acting: Acting
    started: datetime
    candidates: Candidates = field(init=False)
    renewed: datetime = field(init=False)
    is_careful: bool = field(init=False)
    outcomes: list[Outcome] = field(default_factory=list)
    next_from: dict[str, int] = field(default_factory=dict)
    looked_at: int = 0
    failed: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        self.candidates = Candidates(self.account, self.ports)
        self.renewed = self.started
        self.is_careful = not self.wish.dry_run and self.ports.ledger.failing(self.account.name) >= CAREFUL_AFTER

    def over(self, folder: str) -> None:
        """Look over one folder. Raises Show and TryAgain."""
        (self._look_over_held if self.wish.held else self._look_over)(folder)

    def _look_over(self, folder: str) -> None:
        state = self.ports.mailbox.look(folder)
        if state.uidvalidity <= 0:
            raise TryAgain(f"the server names no UIDVALIDITY for {folder!r}, so no mail can be told from another")
        mark = self._mark(state)
        self.acting.oldest = self._oldest(folder)
        uids = self._search(state, mark)
        unsettled = self._work_through(state, uids, is_first=mark is None)
        self._advance(state, mark, uids, unsettled)

    def _look_over_held(self, folder: str) -> None:
        """Find the mail of what is held by its Message-ID: it may have another UID by now, or lie in another folder."""
        held = self.acting.held()
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

    def _oldest(self, folder: str) -> datetime | None:
        """How old mail may be that is new in this folder; None where any mail is wanted."""
        if self.wish.since is not None:
            return None  # the person asks for these
        last = self.ports.ledger.last_pass(self.account.name, completed=True)
        if last is None and self.ports.ledger.watermark(self.account.name, folder) is None:
            return None  # its first look: how far back that goes is counted by INTERNALDATE alone
        return oldest_wanted(last.started if last else self.started, self.account.look_back)

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
        self, state: FolderState, mark: Watermark | None, uids: Sequence[int], unsettled: Collection[int]
    ) -> None:
        reached = max([state.uidnext or 1, mark.next_uid if mark else 1, *(uid + 1 for uid in uids)])
        next_uid = min([reached, *unsettled])
        self.next_from[state.name] = next_uid
        if mark is None and self.stopped and unsettled:
            return  # the next look at this folder is a first one too: a mark would lead it past how far back that goes
        moved = Watermark(state.uidvalidity, next_uid)
        # A pass over a window of the person's own says nothing of the mail outside it.
        if moved != mark and not self.wish.dry_run and self.wish.since is None:
            self.ports.ledger.advance(self.account.name, state.name, moved, self.ports.clock.now())

    # ------------------------------------------------------------------------------------------------ its candidates

    def _work_through(self, state: FolderState, uids: Sequence[int], *, is_first: bool) -> set[int]:
        """Read these mails and act; returns the UIDs that have no recorded outcome. One that is gone needs none."""
        whole = self._unless_quarantined(state, uids)
        if self.is_careful:
            return set().union(*(self._take_carefully(state, uid, is_first=is_first) for uid in whole))
        waiting = self._worth_reading(state, whole, is_first=is_first)
        return self._take(state, waiting, self.ports.mailbox.read(state.name, waiting) if waiting else ())

    def _take_carefully(self, state: FolderState, uid: int, *, is_first: bool) -> set[int]:
        """One mail by itself: what breaks while it is fetched is held against it, what breaks later is not."""
        location = Location(state.name, state.uidvalidity, uid)
        if self.wish.stop():
            self.stopped = True
            return {uid}
        if self._is_hopeless(location):
            return set()
        waiting = self._worth_reading(state, [uid], is_first=is_first)
        read = list(self.ports.mailbox.read(state.name, waiting)) if waiting else []
        self.ports.ledger.spared(self.account.name, location)
        return self._take(state, waiting, read)

    def _is_hopeless(self, location: Location) -> bool:
        """Count one more try of a mail; after too many that broke off it is quarantined, and not asked for again."""
        why = "the server breaks off when it is asked for this mail"
        if self.ports.ledger.failed(self.account.name, location, why, self.ports.clock.now()) <= MOST_BREAKS:
            return False
        self.outcomes.append(self.acting.quarantined(location, why, MOST_BREAKS))
        return True

    def _unless_quarantined(self, state: FolderState, uids: Sequence[int]) -> list[int]:
        quarantined = self.acting.quarantined_in(state) if uids else frozenset[int]()
        return [uid for uid in uids if uid not in quarantined]

    def _take(
        self, state: FolderState, envelopes: Sequence[Envelope], read: Iterable[tuple[int, RawMessage]]
    ) -> set[int]:
        """Act on these mails; returns the UIDs that have no recorded outcome. One that is gone needs none."""
        waiting = {envelope.uid: envelope for envelope in envelopes}
        total, unsettled = len(waiting), set[int]()
        if waiting:
            self.acting.answers.reach(min(envelope.received for envelope in envelopes))
        for uid, raw in read:
            if self.wish.stop():
                self.stopped = True
                return unsettled | waiting.keys()
            self._keep_lease()
            envelope = waiting.pop(uid)
            if not self._is_settled(Location(state.name, state.uidvalidity, uid), raw, envelope):
                unsettled.add(uid)
            self.wish.progress(total - len(waiting), total)
        return unsettled

    def _keep_lease(self) -> None:
        """A long pass holds its lease on: half a term goes by at most."""
        now = self.ports.clock.now()
        if self.lease is not None and now - self.renewed >= RENEWED_AFTER:
            self.ports.ledger.renew(self.lease, now)
            self.renewed = now

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
        sighting = Sighting(self.account.name, self._key(read), read, location, received)
        outcome = self.acting.on(read, sighting)
        return self._keep(outcome, when_none=not self.acting.is_under_way(sighting))

    def _key(self, read: Reading) -> str:
        """Its identity; one that the person had forgotten is known by the hash of it alone."""
        name, key = self.account.name, invitation_key(read)
        hashed = forgotten.key_of(self.account.voice.secret, name, key)
        return hashed if self.ports.ledger.find(name, hashed) else key

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
