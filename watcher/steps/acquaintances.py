"""Whether the person knows who invites: ledger and address book are asked for a new invitation alone, Sent only when a
draft is about to be made and the mail names the inviter's own address. A pass that finds nothing new asks none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from watcher.domain.acquaintances import People, how_known, own_addresses, people, was_written_to
from watcher.domain.values import Evidence, Invitation, Reading
from watcher.ports import AddressBook, Ledger, Mailbox
from watcher.steps.whereabouts import sent_folder


@dataclass(slots=True)
class Acquaintances:
    """Whom the person of an account knows. `relays` are addresses that are no inviter's own."""

    account: str
    ledger: Ledger
    mailbox: Mailbox
    book: AddressBook | None
    by_sent: bool
    relays: Collection[str]
    _told: People | None = field(default=None, init=False)
    _in_book: People = field(default_factory=People, init=False)
    _sent: dict[str, Evidence | None] = field(default_factory=dict, init=False)

    def how(self, reading: Reading) -> Evidence | None:
        """How the person knows the inviter, by what they said and by their address book. Raises TryAgain."""
        if not isinstance(reading.found, Invitation):
            return None
        if self._told is None:
            self._in_book = self.book.read().people if self.book else People()
            self._told = people(self.ledger.known(self.account))
        return how_known(reading.found.inviter, own_addresses(reading, self.relays), self._told, self._in_book)

    def by_mail(self, reading: Reading) -> Evidence | None:
        """How the person knows the inviter, by what lies in Sent. Raises Show and TryAgain."""
        if not self.by_sent:
            return None
        return next(filter(None, map(self._written_to, own_addresses(reading, self.relays))), None)

    def _written_to(self, address: str) -> Evidence | None:
        if address not in self._sent:
            folder = sent_folder(self.mailbox)
            self._sent[address] = was_written_to(address, self.mailbox.sent_to(folder, address)) if folder else None
        return self._sent[address]
