"""Reply templates, and the person's address book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from watcher.domain.acquaintances import People


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """Where a template comes from: `origin` is `shipped` or the path of the person's own file."""

    language: str
    name: str
    origin: str


class Templates(Protocol):
    """Reply templates, `LANGUAGE/NAME`; a person's own file stands before the shipped one."""

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. Raises GiveUp naming template, line and variable, or the limit
        that it is over; TryAgain where the machine failed.
        """


@dataclass(frozen=True, slots=True)
class Contacts:
    """What an address book holds: its people, how many cards were read, and how many could not be."""

    people: People
    cards: int
    broken: int


class AddressBook(Protocol):
    """The person's own address book."""

    def read(self) -> Contacts:
        """What stands in it now. A card that is broken stops no other. Raises TryAgain where there is no book."""
