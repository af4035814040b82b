"""What was answered already, as the mailbox itself tells: the ledger may be lost, restored from last month, or new.

Asked only when a draft is about to be made, so an idle pass costs nothing: one look at Drafts and one at Sent, at the
mail since the invitation came. Whoever wrote an answer, in whatever program: the invitation has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from watcher.domain.threads import Thread
from watcher.ports import Mailbox, Window

FIRST_YEAR = date(2003, 1, 1)
"""No invitation is older than LinkedIn."""


@dataclass(slots=True)
class Answers:
    """Drafts and Sent, as they stood when this pass first asked."""

    mailbox: Mailbox
    _since: date | None = None
    _folder_of: dict[str, str] = field(default_factory=dict)

    def reach(self, received: datetime) -> None:
        """Look at least as far back as this from the first time on: one look for a whole pass."""
        since = _day_before(received)
        if self._since is None or since < self._since:
            self._since = since
            self._folder_of = {}

    def folder(self, invitation: str | None, draft: str, received: datetime) -> str | None:
        """Where an answer stands to the mail with this Message-ID, or the draft with that one; None where nowhere.

        Raises Show and TryAgain.
        """
        if not self._folder_of or self._since is None or _day_before(received) < self._since:
            self.reach(received)
            self._folder_of = {"": "", **dict(self._looked_up())}
        return self._folder_of.get(draft) or self._folder_of.get(invitation or "") or None

    def _looked_up(self) -> Iterator[tuple[str, str]]:
        for folder in filter(None, (self.mailbox.drafts(), self.mailbox.sent())):
            for thread in self.mailbox.threads(folder, Window(since=self._since)):
                yield from ((name, folder) for name in _names(thread))


def _names(thread: Thread) -> frozenset[str]:
    """The mail itself and what it answers: where nothing says that it forwards that, it counts as an answer. What a
    client has marked as deleted counts no longer.
    """
    return frozenset() if thread.is_deleted else (thread.replied_to | {thread.message_id}) - {""}


def _day_before(moment: datetime) -> date:
    """SINCE knows only days, in the server's own zone. A Date may name any year."""
    return max(moment.date(), FIRST_YEAR) - timedelta(days=1)
