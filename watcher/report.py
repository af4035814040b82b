"""What came of the invitations, counted: by verdict, state, template and language. Pure: rows in, counts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from watcher.ports import Drift, Record


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of the invitations received since a day; `drifts` are genuine mails that were not understood."""

    invitations: int
    verdicts: Mapping[str, int]
    states: Mapping[str, int]
    templates: Mapping[str, int]
    languages: Mapping[str, int]
    drifts: int


def report(records: Iterable[Record], drifts: Sequence[Drift], since: date | None = None) -> Report:
    """Count rows and signs of changed mail."""
    rows = [row for row in records if since is None or row.received.date() >= since]
    drafts = [row.draft.intent for row in rows if row.draft]
    return Report(
        invitations=len(rows),
        verdicts=_counted(str(row.reading.verdict.kind) for row in rows if row.reading.verdict),
        states=_counted(str(row.state) for row in rows),
        templates=_counted(intent.template for intent in drafts),
        languages=_counted(intent.language for intent in drafts),
        drifts=sum(since is None or drift.at.date() >= since for drift in drifts),
    )


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(words).most_common())
