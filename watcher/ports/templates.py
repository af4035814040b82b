"""Reply templates, the files behind them, and the person's address book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from watcher.domain.acquaintances import People
from watcher.domain.choosing import Variant
from watcher.domain.front_matter import Matter
from watcher.domain.misplaced import Entry
from watcher.errors import GiveUp


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """Where a template comes from: `origin` is `shipped` or the path of the person's own file."""

    language: str
    name: str
    origin: str


class BrokenTemplate(GiveUp):
    """A template that cannot be used: its file and line as far as it is known, what is wrong, and what to do."""

    def __init__(self, file: str, line: int | None, what: str, remedy: str = "") -> None:
        self.file, self.line, self.what, self.remedy = file, line, what, remedy
        where = f"{file}, line {line}" if line else file
        to_do = f" {remedy[0].upper()}{remedy[1:]}." if remedy else ""
        super().__init__(f"{where}: {what}.{to_do} See docs/templates.md, then `watcher templates check`")


class Templates(Protocol):
    """Reply templates, `LANGUAGE/NAME`; a person's own file stands before the shipped one.

    Whatever is asked of one template raises GiveUp where there is none, and BrokenTemplate where it cannot be used.
    """

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""

    def entries(self) -> tuple[Entry, ...]:
        """Whatever lies in the person's own folder and in the folders of its languages, used or not."""

    def place(self, entry: Entry) -> str:
        """Where that lies, as the person knows it."""

    def file(self, language: str, name: str) -> str:
        """Its file, as the person knows it."""

    def matter(self, language: str, name: str) -> Matter:
        """Its file taken apart, flaws and all."""

    def variants(self, language: str, base: str) -> tuple[Variant, ...]:
        """The variants of one template, `BASE.VARIANT`, with what each asks for."""

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. A BrokenTemplate names line and variable, or the limit that it is
        over; TryAgain where the machine failed.
        """

    def subject(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The subject that its front matter makes; "" where it names none. Raises as `render` does."""

    def mistakes(self, language: str, name: str, values: Mapping[str, object]) -> tuple[BrokenTemplate, ...]:
        """What is wrong with it whatever it is to answer: its syntax, and each name that is not among these values."""

    def instead(self, language: str, name: str, text: str) -> Self:
        """The same templates with this text in the place of one file: what nobody has saved yet can be tried."""


class TemplateFiles(Protocol):
    """The files that templates stand in: the shipped ones, to be read, and the person's own, to be changed."""

    @property
    def folder(self) -> str:
        """The folder of the person's own."""

    def shipped(self, language: str, name: str) -> str | None:
        """The text that comes with the program; None where it has none of this name."""

    def own(self, language: str, name: str) -> str | None:
        """The person's own text; None where they have none. Raises GiveUp where it cannot be read."""

    def save(self, language: str, name: str, text: str) -> str:
        """Put a text in the place of the person's own, whole or not at all; returns its path. Raises TryAgain."""

    def set_aside(self, language: str, name: str) -> str:
        """Move the person's own out of the way, over nothing; returns where it lies now. Raises GiveUp, TryAgain."""


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
