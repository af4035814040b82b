"""Words that a person wrote and that did not reach Drafts. They are never thrown away unless the person saves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kept:
    """The words, and the revision of the draft that the person had before them while they wrote."""

    words: str
    revision: int


@dataclass(slots=True)
class Unsaved:
    """Those of a whole walk, by the number of the invitation."""

    _kept: dict[int, Kept] = field(default_factory=dict)
    _aside: list[tuple[int, str]] = field(default_factory=list)

    def of(self, number: int) -> Kept | None:
        """Those that the person goes on with."""
        return self._kept.get(number)

    def keep(self, number: int, kept: Kept) -> None:
        """In the place of those before, of which they were made."""
        self._kept[number] = kept

    def drop(self, number: int) -> None:
        """They lie in Drafts now."""
        self._kept.pop(number, None)

    def set_aside(self, number: int) -> None:
        """The person goes on with others: these are for the end alone."""
        self._aside.append((number, self._kept.pop(number).words))

    def all(self) -> Iterator[tuple[int, str]]:
        """What the person has to be given at the end."""
        yield from self._aside
        yield from ((number, kept.words) for number, kept in self._kept.items())
