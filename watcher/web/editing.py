"""A template under the person's hands: what is wrong with its text, how it reads, and what it would change.

Whatever the text is, each of these ends: it is rendered by the limited process, and a comparison has its time besides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from watcher.domain import message
from watcher.errors import GiveUp, TryAgain
from watcher.person.trial import Finding
from watcher.person.workshop import Key, Tried, Workshop
from watcher.ports import BrokenTemplate, Record
from watcher.web.shelves import Example, Shelf

COMPARING = timedelta(seconds=10)
"""How long past invitations are answered anew for one comparison."""

MOST_LINES = 80
"""Lines of one difference that are shown."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about a text; `line` is None where it is the whole text's."""

    line: int | None
    what: str
    remedy: str = ""
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Reads:
    """How a text reads as a draft; `to` is "" where the draft names nobody."""

    subject: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text on trial: how it reads, None where it cannot be told, and what there is to say of it."""

    reads: Reads | None
    remarks: Sequence[Remark]

    @property
    def faulty(self) -> Sequence[int]:
        """The lines with an error."""
        return [one.line for one in self.remarks if one.line and one.is_error]

    @property
    def is_faulty(self) -> bool:
        """Whether something has to be mended."""
        return any(one.is_error for one in self.remarks)


@dataclass(frozen=True, slots=True)
class Change:
    """One invitation whose answer would be another; `more` lines of its difference are not shown."""

    tried: Tried
    lines: Sequence[str]
    more: int


@dataclass(slots=True)
class Comparison:
    """What a text would change. `of` invitations were there to be answered anew, `done` of them were in time."""

    of: int
    done: int = 0
    same: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many this template answers, with the text of the file or with this one."""
        return self.same + len(self.changes)


def shown(workshop: Workshop, key: Key, text: str, example: Example) -> Shown:
    """How a text reads, with what a check says. What cannot be rendered is not tried again on every sample."""
    try:
        reads = _reads(workshop, key, text, example)
    except GiveUp as broken:
        found = checked(workshop, key, text, renders=False)
        has_errors = any(one.is_error for one in found)
        return Shown(None, found if has_errors else [_remark(broken, workshop, key), *found])
    except TryAgain as trouble:
        return Shown(None, [_failed(trouble)])
    return Shown(reads, checked(workshop, key, text))


def checked(workshop: Workshop, key: Key, text: str, *, renders: bool = True) -> list[Remark]:
    """What a check finds; errors first, each kind by its lines."""
    try:
        findings = workshop.check_text(key.language, key.name, text, renders=renders)
    except TryAgain as trouble:
        return [_failed(trouble)]
    return sorted(map(_found, findings), key=lambda one: (not one.is_error, one.line or 0))


def compared(shelf: Shelf, key: Key, text: str, records: Sequence[Record], within: timedelta = COMPARING) -> Comparison:
    """What a text would change in the answers to these invitations, in the time there is. Raises GiveUp, TryAgain."""
    told, deadline = Comparison(len(records)), time.monotonic() + within.total_seconds()
    for record in records:
        if time.monotonic() > deadline:
            break
        for tried in shelf.workshops[record.account].try_out(text, key.language, key.name, [record]):
            _add(told, tried)
        told.done += 1
    return told


def answer(one: Shown) -> Mapping[str, object]:
    """The same for the page's script, as JSON."""
    reads = one.reads
    return {
        "reads": {"subject": reads.subject, "to": reads.to, "text": reads.text} if reads else None,
        "remarks": [
            {"line": each.line, "what": each.what, "remedy": each.remedy, "error": each.is_error}
            for each in one.remarks
        ],
    }


def _reads(workshop: Workshop, key: Key, text: str, example: Example) -> Reads:
    draft = workshop.preview(str(key), example.reading, text=text)
    read, route = message.parse(draft.content), example.reading.route
    return Reads(read.subject, (route.to or "") if route else "", (read.text or "").rstrip())


def _found(finding: Finding) -> Remark:
    return Remark(finding.line, finding.what, finding.remedy, finding.is_error)


def _failed(trouble: TryAgain) -> Remark:
    return Remark(None, str(trouble), "try again in a while")


def _remark(broken: GiveUp, workshop: Workshop, key: Key) -> Remark:
    """At its line where it is this template's, and not that of the block below it, say."""
    if not isinstance(broken, BrokenTemplate):
        return Remark(None, str(broken))
    is_here = broken.file == workshop.templates.instead(key.language, key.name, "").file(key.language, key.name)
    what = broken.what if is_here else f"{broken.file}: {broken.what}"
    return Remark(broken.line if is_here else None, what, broken.remedy)


def _add(told: Comparison, tried: Tried) -> None:
    if tried.is_same:
        told.same += 1
        return
    lines = tried.lines[2:]  # without the two that name what is compared
    told.changes.append(Change(tried, lines[:MOST_LINES], max(0, len(lines) - MOST_LINES)))
