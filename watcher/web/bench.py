"""One template that was asked for: whose folder it is of, the person's own text and the shipped one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from watcher.person.workshop import Difference, Key, Workshop
from watcher.web.browsing import Browsing
from watcher.web.shelves import Shelf


@dataclass(frozen=True, slots=True)
class Bench:
    """A template of a folder; `is_only`: there is no other folder. `wanted` names what it is to be tried on."""

    shelf: Shelf
    key: Key
    is_only: bool = True
    wanted: str = ""

    @property
    def workshop(self) -> Workshop:
        """Where it is tried and changed."""
        return self.shelf.workshop

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/templates/{self.key}"

    def about(self, key: object) -> str:
        """What a command changes: this template of this folder, another folder has its own."""
        return f"template {key} of {self.shelf.account}"

    @property
    def listing(self) -> Browsing:
        """Which folder it is of, as an address says it."""
        return Browsing(account="" if self.is_only else self.shelf.account)

    @property
    def query(self) -> str:
        """The same, behind an address."""
        return self.listing.query

    @property
    def own(self) -> str | None:
        """The person's own text; None where they have none. Raises GiveUp where it cannot be read."""
        return self.workshop.files.own(self.key.language, self.key.name)

    @property
    def has_shipped(self) -> bool:
        """Whether the program comes with one of this name."""
        return self.workshop.files.shipped(self.key.language, self.key.name) is not None

    @property
    def state(self) -> str:
        """Tells whether the file is still what it was when a page was made of it."""
        return hashlib.sha256((self.own or "").encode()).hexdigest()[:16]

    @property
    def difference(self) -> Difference | None:
        """Between the person's own and the shipped one; None where there is no own."""
        return self.workshop.differences(self.key)[0] if self.own is not None else None
