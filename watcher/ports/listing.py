"""What a person asks the ledger to show: which rows, a page of them, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.ports.records import Record


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: every condition that is set has to hold. `text` is words, each of which stands somewhere in them.

    `states` names none where any will do.
    """

    verdict: VerdictKind | None = None
    states: frozenset[State] = frozenset()
    language: str | None = None
    account: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of those that were wanted, in their order, and how many there are of them in all."""

    rows: tuple[Record, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The numbers of the rows before and after one, in the order of those that were wanted."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are in each state, and which languages they are in, in alphabetical order."""

    states: Mapping[State, int]
    languages: tuple[str, ...]
