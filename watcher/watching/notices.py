"""A notice of new drafts, for who wants one. Holds numbers alone: what a draft says stands in Drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from watcher.ports import Notice, Outbox, PassSummary
from watcher.watching.alarms import outside_name
from watcher.watching.happenings import Happening, PassEnded


@dataclass(frozen=True, slots=True)
class NewDrafts:
    """Implements `happenings.Listener`. `outboxes` are those of a mailbox, by the name that the log has for it."""

    outboxes: Callable[[], Mapping[str, Sequence[Outbox]]]

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        if isinstance(happening, PassEnded) and happening.report.summary.drafted:
            for outbox in self.outboxes().get(happening.account, ()):
                name = happening.account if outbox.is_here else outside_name(happening.account)
                outbox.post(notice(happening.report.summary, name))


def notice(summary: PassSummary, name: str) -> Notice:
    """What a pass made, under the name by which the mailbox is told."""
    drafts = "1 new draft" if summary.drafted == 1 else f"{summary.drafted:,} new drafts"
    held = f" Held, for you to decide: {summary.held:,}." if summary.held else ""
    return Notice(f"{drafts} for LinkedIn invitations", f"{name}: look into Drafts, or run `watcher drafts`.{held}")
