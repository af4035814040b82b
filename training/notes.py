"""Reads the labelled notes of tests/notes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.domain.notes import find_default

FOLDER = Path(__file__).parents[1] / "tests" / "notes"


@dataclass(frozen=True, slots=True)
class Note:
    """One labelled note; `part` is training, tuning or test, and follows from the topic alone.

    `is_more`: from the folder `more`, of training alone, which the small views need and the large model does not.
    """

    id: str
    lang: str
    label: str
    shape: str
    topic: int
    pair: str | None
    note: str
    part: str
    is_more: bool = False

    @property
    def gives_reason(self) -> bool:
        """Whether the label is `personalised`."""
        return self.label == "personalised"


def all_notes() -> list[Note]:
    """Every note, by language and number; those of `more` stand last."""
    return [*_in(FOLDER), *(replace(note, is_more=True) for note in _in(FOLDER / "more"))]


def _in(folder: Path) -> Iterator[Note]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from (Note(**json.loads(line)) for line in file.read_text("utf-8").splitlines())


def clear(notes: Iterable[Note], *parts: str) -> list[Note]:
    """Those of the named parts that are generic or personalised: what the judge is measured by."""
    return [note for note in _own_words(notes) if note.part in parts and note.label in {"generic", "personalised"}]


def to_learn_from(notes: Iterable[Note], *parts: str) -> list[Note]:
    """The clear notes of the named parts, and of default notes what is no default sentence: it gives no reason."""
    return [note for note in _own_words(notes) if note.part in parts and note.label != "unsure"]


def _own_words(notes: Iterable[Note]) -> Iterator[Note]:
    """The notes as the judge meets them: without a default sentence, and where nothing is left, not at all."""
    for note in notes:
        found = find_default(note.note)
        rest = note.note if found is None else found.rest
        if rest:
            yield replace(note, note=rest)
