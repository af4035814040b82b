"""The walk through what waits for a person, without a terminal: which invitations, in which order, and the way back.

What needs a person comes first, then drafts that nobody touched, the newest first, as on the page. The list is made
once: what is done to one leaves it in its place, so that it can be looked at again and taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from watcher import review
from watcher.domain import own_words
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.ports import DraftRecord, Ledger, Record, Wanted

MOST = 1_000
"""So many are walked through at a time."""

_WAITS = NEEDS_PERSON | {State.DRAFTED}


def waiting(ledger: Ledger, account: str | None = None) -> tuple[Record, ...]:
    """What waits, of one account or of all, without its history."""
    page = ledger.page(Wanted(states=_WAITS, account=account), 0, MOST)
    return tuple(row for row in page.rows if row.state in NEEDS_PERSON or review.is_untouched(row))


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody on their way through these numbers, of which there is one at least; `place` begins at 0."""

    numbers: tuple[int, ...]
    place: int = 0

    @property
    def here(self) -> int:
        """The invitation that is looked at."""
        return self.numbers[self.place]

    def moved(self, by: int) -> Walk:
        """So many steps on, or back; not beyond either end."""
        return replace(self, place=min(max(self.place + by, 0), len(self.numbers) - 1))

    def led_to(self, number: int) -> Walk:
        """At this one, which comes first where it is not among them."""
        if number in self.numbers:
            return replace(self, place=self.numbers.index(number))
        return Walk((number, *self.numbers))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do with an invitation, by the name that the page's form has for it."""

    deed: str
    form: Mapping[str, str] = field(default_factory=dict)


def way_back(before: Record, words: str, step: Step, after: Record) -> Step | None:
    """What takes a step back; None where nothing does. `words` are those of the draft before the step."""
    match step.deed:
        case "draft":
            return Step("discard")
        case "know":
            return Step("unknow")
        case "unknow":
            return Step("know")
        case "judge":
            return _judged_before(before)
        case "save" | "redraft" | "discard" if before.draft is not None and after.draft is not None:
            return _drafted_before(before, before.draft, words, after.draft)
    return None


def is_for_good(record: Record, step: Step) -> bool:
    """Whether nothing takes this step back."""
    if step.deed == "discard":
        return record.state is not State.DRAFTED
    return step.deed in {"leave", "pasted"}


def _judged_before(before: Record) -> Step | None:
    """Nobody can say that a note is unsure."""
    verdict = before.reading.verdict
    if verdict is None or verdict.kind is VerdictKind.UNSURE:
        return None
    return Step("judge", {"verdict": str(verdict.kind)})


def _drafted_before(before: Record, draft: DraftRecord, words: str, now: DraftRecord) -> Step | None:
    if before.state is State.DISCARDED:
        return Step("discard")
    if before.state is not State.DRAFTED:
        return None
    if draft.intent.template == own_words.NAME:
        return Step("save", {"text": words, "revision": str(now.intent.revision)})
    return Step("redraft", {"template": draft.intent.template, "language": draft.intent.language})
