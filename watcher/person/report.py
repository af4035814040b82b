"""What came of the invitations, counted: by verdict and state, and what became of drafts by template and language.

Pure: rows in, counts out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from watcher.domain.corrections import Correction
from watcher.domain.lifecycle import State
from watcher.ports import Drift, Intent, Record

BECAME = (State.EDITED, State.SENT, State.DISCARDED)
"""What a person does with a draft, as far as the mailbox shows it. One that was edited and then sent counts as sent."""


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of the invitations received since a day; `drifts` are genuine mails that were not understood.

    `drafts` holds how many were `made`, and how many of those are `edited`, `sent` and `discarded` by now; `templates`
    and `languages` the same for each. `corrections` holds how often the person thought otherwise: what the program had
    thought, then what they said.
    """

    invitations: int
    verdicts: Mapping[str, int]
    corrections: Mapping[str, Mapping[str, int]]
    states: Mapping[str, int]
    drafts: Mapping[str, int]
    templates: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, Mapping[str, int]]
    drifts: int


def report(
    records: Iterable[Record],
    drifts: Sequence[Drift],
    corrections: Iterable[Correction],
    since: date | None = None,
) -> Report:
    """Count rows, signs of changed mail, and corrections of these rows."""
    rows = [row for row in records if since is None or row.received.date() >= since]
    return Report(
        invitations=len(rows),
        verdicts=_counted(str(row.reading.verdict.kind) for row in rows if row.reading.verdict),
        corrections=_corrected(rows, corrections),
        states=_counted(str(row.state) for row in rows),
        drafts=_became(rows),
        templates=_by(rows, lambda intent: intent.template),
        languages=_by(rows, lambda intent: intent.language),
        drifts=sum(since is None or drift.at.date() >= since for drift in drifts),
    )


def _corrected(rows: Iterable[Record], corrections: Iterable[Correction]) -> Mapping[str, Mapping[str, int]]:
    numbers = {row.id for row in rows}
    changed = [one for one in corrections if one.is_change and one.invitation in numbers]
    thought = _counted(str(one.was) for one in changed)
    return {was: _counted(str(one.verdict) for one in changed if str(one.was) == was) for was in thought}


def _by(rows: Iterable[Record], name: Callable[[Intent], str]) -> Mapping[str, Mapping[str, int]]:
    named = [(name(row.draft.intent), row) for row in rows if row.draft]
    return {one: _became(row for of, row in named if of == one) for one in _counted(of for of, _ in named)}


def _became(rows: Iterable[Record]) -> Mapping[str, int]:
    states = [row.state for row in rows if row.draft]
    return {"made": len(states), **{str(state): states.count(state) for state in BECAME}}


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(words).most_common())
