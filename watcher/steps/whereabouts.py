"""Where drafts are now, by the headers in Drafts and Sent: three round trips, and three more for Sent where needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.domain.lifecycle import State
from watcher.domain.threads import Thread
from watcher.domain.traces import WORDS, Found, Put, found, next_state
from watcher.errors import Problem, Show
from watcher.ports import DraftRecord, FolderState, Ledger, Mailbox, Record, Window

BEFORE = timedelta(days=2)
"""So much earlier mail of Sent is looked at: SINCE knows only days, in the server's zone."""


def sent_folder(mailbox: Mailbox) -> str | None:
    """The Sent folder; None where there is none. Raises Show where the setting names none, or Drafts."""
    folder = mailbox.sent()
    if folder is not None and folder == mailbox.drafts():
        what = f"{folder!r} is the Drafts folder: every draft would look as if it were sent"
        raise Show(Problem("WATCHER_SENT_FOLDER", what, "name the folder of what you sent, or leave it out"))
    return folder


@dataclass(slots=True)
class Whereabouts:
    """One look after these rows. `drafts` is how Drafts stands; `since`: Sent was looked at before, at that time."""

    mailbox: Mailbox
    drafts: FolderState
    rows: Sequence[Record]
    since: datetime | None = None
    _in_drafts: tuple[Thread, ...] | None = field(default=None, init=False)
    _in_sent: tuple[Thread, ...] | None = field(default=None, init=False)
    _was_in_sent: bool = field(default=False, init=False)

    def of(self, row: Record) -> Found:
        """Where the trace of a row's draft leads. Raises Show and TryAgain."""
        put = self._put(row)
        it = found(put, self._drafts_threads(), None)
        return it if it.uid is not None else found(put, self._drafts_threads(), self._sent_threads())

    def conclude(self, ledger: Ledger, row: Record, it: Found, now: datetime) -> Record | None:
        """Write down what a row has become by that; None where it says nothing new. Raises GiveUp as `move` does."""
        end = next_state(row.state, it.trace)
        if end is row.state:
            return None
        if end is State.DRAFTED:
            return ledger.drafted(row.id, it.uid if self.is_same_folder(row) else None, now)
        return ledger.move(row.id, end, WORDS[end], now)

    def is_same_folder(self, row: Record) -> bool:
        """Whether the UIDs of Drafts are still those of the time when the draft was put."""
        intent = _draft(row).intent
        return (intent.folder, intent.uidvalidity) == (self.drafts.name, self.drafts.uidvalidity)

    def _put(self, row: Record) -> Put:
        draft = _draft(row)
        source = row.reading.source.message_id
        return Put(draft.intent.message_id, source, draft.uid or None, self.is_same_folder(row))

    def _drafts_threads(self) -> tuple[Thread, ...]:
        if self._in_drafts is None:
            first = min(map(self._first_uid, self.rows), default=1)
            self._in_drafts = self.mailbox.threads(self.drafts.name, Window(from_uid=first))
        return self._in_drafts

    def _first_uid(self, row: Record) -> int:
        """Whoever edits a draft puts a mail with a higher UID; under other UIDs it may be any."""
        draft = _draft(row)
        return (draft.uid or draft.intent.uidnext or 1) if self.is_same_folder(row) else 1

    def _sent_threads(self) -> tuple[Thread, ...] | None:
        """None where there is no Sent folder."""
        if not self._was_in_sent:
            self._was_in_sent = True
            folder = sent_folder(self.mailbox)
            since = self.since or min(_draft(row).intent.at for row in self.rows)
            self._in_sent = self.mailbox.threads(folder, Window(since=(since - BEFORE).date())) if folder else None
        return self._in_sent


def _draft(row: Record) -> DraftRecord:
    assert row.draft is not None, "only rows with a draft are looked after"
    return row.draft
