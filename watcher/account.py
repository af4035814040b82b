"""One mailbox and its person, and the outside as a pass over it sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.drafting import Voice
from watcher.ports import Clock, Ledger, Mailbox, Signatures, Templates


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a pass has to know of one mailbox and its person."""

    voice: Voice
    folders: tuple[str, ...]
    look_back: timedelta
    policy: Policy
    trust: Trust

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
