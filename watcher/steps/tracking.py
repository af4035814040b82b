"""Notices what the person did with drafts: edited, sent or thrown away. It looks alone, and touches nothing.

One STATUS of Drafts while any draft may lie there. Only where that differs from the last look, or a draft is missing
since then, headers are read (see `whereabouts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.domain.lifecycle import LASTING
from watcher.domain.traces import Found, Trace, is_gone
from watcher.errors import GiveUp
from watcher.ports import Clock, FolderState, Ledger, Look, Mailbox, Record
from watcher.steps.whereabouts import Whereabouts

LATELY = timedelta(days=7)
"""So long a draft that was thrown away is looked for: who edits it just then, or sends it by a timer, has it still."""


@dataclass(slots=True)
class Tracking:
    """Looks after the drafts of one account during one pass. `drafts` is how Drafts stood when it looked, if it did."""

    account: str
    mailbox: Mailbox
    ledger: Ledger
    clock: Clock
    drafts: FolderState | None = field(default=None, init=False)

    def notice(self) -> tuple[Record, ...]:
        """Write down what became of drafts; returns the rows that moved. Raises Show and TryAgain."""
        now = self.clock.now()
        rows = [row for row in self.ledger.lasting(self.account, now - LATELY) if row.draft]
        if not rows:
            return ()
        self.drafts = drafts = self.mailbox.state(self.mailbox.drafts())
        last = self.ledger.last_look(self.account)
        if not _is_due(rows, last, drafts, now):
            return ()
        look = Whereabouts(self.mailbox, drafts, rows, last.at if last else None)
        moved = [self._after(row, look, now) for row in rows]
        self.ledger.looked(self.account, Look(drafts, now))
        return tuple(row for row in moved if row is not None)

    def keep(self, drafts: FolderState | None) -> None:
        """Drafts stands so after this pass has put its own into it, and nobody else has changed it since the look."""
        if drafts is not None and drafts.messages is not None and drafts != self.drafts:
            self.ledger.looked(self.account, Look(drafts, self.clock.now()))

    def _after(self, row: Record, look: Whereabouts, now: datetime) -> Record | None:
        it = look.of(row)
        self._keep_presence(row, it, look, now)
        if it.trace is Trace.ABSENT and not _is_gone(row, now):
            return None
        try:
            return look.conclude(self.ledger, row, it, now)
        except GiveUp:
            return None  # the person has just moved it: the next look sees it as it is then

    def _keep_presence(self, row: Record, it: Found, look: Whereabouts, now: datetime) -> None:
        assert row.draft is not None, "only rows with a draft are looked after"
        if it.trace is Trace.ABSENT:
            if row.draft.absent_since is None and row.state in LASTING:
                self.ledger.absent(row.id, now)
        elif row.draft.absent_since is not None:
            self.ledger.absent(row.id, None)
        if row.draft.uid is None and it.uid is not None and look.is_same_folder(row):
            self.ledger.locate(row.id, it.uid)


def _is_due(rows: Sequence[Record], last: Look | None, drafts: FolderState, now: datetime) -> bool:
    if last is None or last.drafts != drafts or drafts.uidnext is None or drafts.messages is None:
        return True
    return any(_is_gone(row, now) for row in rows if row.state in LASTING)


def _is_gone(row: Record, now: datetime) -> bool:
    return row.draft is not None and is_gone(row.draft.absent_since, now)
