"""One mailbox and its person, and the outside as a pass over it sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.ports import AddressBook, Clock, Ledger, Mailbox, Signatures, Templates
from watcher.steps.acquaintances import Acquaintances
from watcher.steps.drafting import Voice
from watcher.steps.opinions import SecondJudge


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a pass has to know of one mailbox and its person."""

    voice: Voice
    folders: tuple[str, ...]
    look_back: timedelta
    policy: Policy
    trust: Trust
    searches_junk: bool = False

    @property
    def name(self) -> str:
        """The account as the ledger knows it."""
        return self.voice.account


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside, as one pass sees it."""

    mailbox: Mailbox
    ledger: Ledger
    templates: Templates
    clock: Clock
    signatures: Signatures
    second: SecondJudge | None = None
    book: AddressBook | None = None


def junk_folder(account: Account, mailbox: Mailbox) -> str | None:
    """The folder of what was taken for junk, where the person wants it looked over and there is one."""
    return mailbox.junk() if account.searches_junk else None


def acquaintances(account: Account, ports: Ports) -> Acquaintances:
    """Whom the person of this account knows."""
    relays = {*account.trust.answerable, account.voice.me.address}
    by_sent = account.policy.known_by_sent
    return Acquaintances(account.name, ports.ledger, ports.mailbox, ports.book, by_sent, relays)
