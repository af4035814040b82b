"""One mailbox's program, put together, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.adapters.clock import SystemClock
from watcher.adapters.ledger import open_ledger
from watcher.adapters.sign import FileSign
from watcher.adapters.telling import Desktop, ThreadedOutbox
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.config import Destinations, Settings
from watcher.domain.tokens import Tokens
from watcher.person.workshop import Workshop
from watcher.ports import AddressBook, Clock, Ledger, Mailbox, Messenger, Signatures
from watcher.ports.removal import DraftRemoval
from watcher.service import Idle, Watch
from watcher.setting_up.consent import Login
from watcher.steps.account import Account, Ports
from watcher.steps.opinions import SecondJudge
from watcher.steps.signing_in import BY_PASSWORD, BY_TOKEN, SignIn
from watcher.steps.writing import Hand
from watcher.watching.standing import Manner
from watcher.watching.status import Status, status
from watcher.watching.summaries import Subscription
from watcher.web.desk import Office, Watched

if TYPE_CHECKING:
    from watcher.adapters.oauth import KeptTokens  # comes with an extra
from watcher.wiring.pieces import (
    account_of,
    address_book,
    data_folder,
    fingerprint,
    login_of,
    messenger_of,
    opened_mailbox,
    removal_by,
    require_languages,
    require_variant,
    rhythm_of,
    sample_invitations,
    second_judge,
    signatures,
    tokens_of,
    zone_of,
)


@dataclass(slots=True)
class House:
    """One mailbox's program, put together. The mailbox is opened when it is first asked for."""

    settings: Settings
    account: Account
    ledger: Ledger
    templates: FileTemplates
    clock: Clock = field(default_factory=SystemClock)
    signatures: Signatures = field(default_factory=signatures)
    _ports: Ports | None = None
    alarms: Sequence[ThreadedOutbox] = ()
    notices: Sequence[ThreadedOutbox] = ()
    _manner: Manner | None = None
    _bench: FileTemplates | None = None
    second: SecondJudge | None = field(init=False)
    book: AddressBook | None = field(init=False)
    tokens: KeptTokens | None = field(init=False)
    _sign_in: SignIn = field(init=False)

    def __post_init__(self) -> None:
        settings = fingerprint(self.account.voice.secret, self.settings)
        self.second = second_judge(self.settings, self.account.voice)
        self.book = address_book(self.settings)
        self.tokens = tokens_of(self.settings, self.account.name, self.clock)
        told = BY_TOKEN if self.tokens else BY_PASSWORD
        self._sign_in = SignIn(self.account.name, settings, self.connect, self.ledger, self.clock, told)

    def ports(self) -> Ports:
        """Everything a pass works with; logs in. Raises Show and TryAgain."""
        if self._ports is None:
            self._ports = self.open_ports()
        return self._ports

    def open_ports(self) -> Ports:
        """The same over a connection of its own."""
        mailbox = self._sign_in.mailbox()
        return Ports(mailbox, self.ledger, self.templates, self.clock, self.signatures, self.second, self.book)

    def connect(self) -> Mailbox:
        """A new connection, logged in. Raises Show and TryAgain."""
        return opened_mailbox(self.settings, self.tokens)

    def login(self) -> Login:
        """A person's sign-in by OAuth. Raises Show where a password is used."""
        return replace(login_of(self.settings, self.clock), keep=self._keep)

    def _keep(self, tokens: Tokens) -> None:
        assert self.tokens is not None, "nobody signs in where a password is used"
        self.tokens.keep(tokens)
        if self.ledger.refusals(self.account.name) is not None:
            self.ledger.let_in(self.account.name)  # what was refused before were other tokens

    def removal(self) -> DraftRemoval:
        """What removes a draft, over the same connection: for a person's explicit command alone."""
        return removal_by(self.ports().mailbox)

    def for_page(self) -> Watched:
        """This mailbox as the page knows it."""
        return Watched(
            self.account, self.templates, self.open_ports, removal_by, self.status, partial(workshop_of, self)
        )

    def bench(self) -> FileTemplates:
        """The same templates with a rendering process of their own: what is tried by these holds up no pass."""
        if self._bench is None:
            self._bench = FileTemplates(self.settings.templates)
        return self._bench

    def desk(self) -> Office:
        """What a page of this mailbox alone works on."""
        return Office(self.ledger, self.clock, lambda: [self.for_page()])

    def status(self, now: datetime) -> Status:
        """How it is watched, without asking its server. Raises Show and TryAgain."""
        return status(self.account.name, self.ledger, self.manner(), self.sign().seen(), now)

    def watch(self, name: str) -> Watch:
        """What watches this mailbox while the program is left running. Raises Show where its time zone is not known."""
        self.subscription()  # told now, not when the first summary is due
        rhythm, idle = rhythm_of(self.settings), Idle(self.settings.idle)
        return Watch(name, self.account, self.ledger, self.open_ports, self.clock, rhythm, idle)

    def manner(self) -> Manner:
        """How it is to be looked over, for whoever watches the watch. Raises Show as `watch` does."""
        if self._manner is None:
            self._manner = Manner(rhythm_of(self.settings), self.settings.alarm_after)
        return self._manner

    def subscription(self) -> Subscription | None:
        """The weekly summary that the person wants; None where they want none. Raises Show without a time zone."""
        if self.settings.summary == "off":
            return None
        zone = zone_of(self.settings.time_zone)
        return Subscription(self.account, self.ledger, self.open_ports, self.settings.summary, zone)

    @property
    def folder(self) -> Path:
        """Where the ledger lies, and beside it all else that the program keeps."""
        return data_folder(self.settings)

    def sign(self) -> FileSign:
        """Where a service that runs hangs out that it is there."""
        return FileSign(self.folder, self.clock)

    def close(self) -> None:
        """Log out; the next that asks for `ports` logs in again."""
        ports, self._ports = self._ports, None
        if ports is not None:
            ports.mailbox.close()
        if self._bench is not None:
            self._bench.close()


LAST_WORD = 2.0
"""Seconds for which the end of the program waits for what an outbox still has to tell."""


@dataclass(slots=True)
class Shared:
    """What the houses of a process have in common, each opened when it is first needed and closed at the end."""

    clock: Clock = field(default_factory=SystemClock)
    signatures: Signatures = field(default_factory=signatures)
    _ledgers: dict[str, Ledger] = field(default_factory=dict)
    _templates: dict[Path | None, FileTemplates] = field(default_factory=dict)
    _outboxes: dict[str, ThreadedOutbox] = field(default_factory=dict)
    trouble: Callable[[str], None] = lambda _: None
    """Told what cannot be told elsewhere."""

    def house(self, settings: Settings) -> House:
        """The house of these settings. Raises Show and TryAgain."""
        templates, ledger = self.templates(settings), self.ledger(settings)
        alarms = self._ways(settings.alarms, "WATCHER_ALARMS")
        notices = self._ways(settings.notices, "WATCHER_NOTICES")
        account = account_of(settings, ledger)
        return House(settings, account, ledger, templates, self.clock, self.signatures, None, alarms, notices)

    def templates(self, settings: Settings) -> FileTemplates:
        """The templates of these settings. Raises Show where they lack what the settings name."""
        if settings.templates not in self._templates:
            self._templates[settings.templates] = FileTemplates(settings.templates)
        templates = self._templates[settings.templates]
        require_languages(settings, templates)
        require_variant(settings, templates)
        return templates

    def ledger(self, settings: Settings) -> Ledger:
        """The ledger of these settings. Raises Show and TryAgain."""
        if settings.ledger not in self._ledgers:
            self._ledgers[settings.ledger] = open_ledger(settings.ledger)
        return self._ledgers[settings.ledger]

    def _ways(self, where: Destinations | None, setting: str) -> tuple[ThreadedOutbox, ...]:
        """The outboxes of these destinations: each has one, whoever uses it. Raises Show."""
        if where is None:
            return ()
        desktop = [self._way("desktop", Desktop)] if where.desktop else []
        urls = [url.get_secret_value() for url in where.urls]
        return (*desktop, *(self._way(url, partial(messenger_of, url, setting)) for url in urls))

    def _way(self, address: str, messenger: Callable[[], Messenger]) -> ThreadedOutbox:
        if address not in self._outboxes:
            self._outboxes[address] = ThreadedOutbox(messenger(), self._tell)
        return self._outboxes[address]

    def _tell(self, trouble: str) -> None:
        """To whom it is told may be named after the outboxes were made."""
        self.trouble(trouble)

    def close(self) -> None:
        """End the processes that render people's own templates, and release the ledgers; let what is said be told."""
        for outbox in self._outboxes.values():
            outbox.close(LAST_WORD / len(self._outboxes))
        for templates in self._templates.values():
            templates.close()
        for ledger in self._ledgers.values():
            ledger.close()


def workshop_of(house: House) -> Workshop:
    """The templates of one mailbox's person, to be tried and changed."""
    voice, own = house.account.voice, house.settings.templates
    assert own is not None, "settings that are loaded name a folder, and the demo has its own"
    hand = Hand(voice.me, voice.variant, voice.quotes)
    languages = tuple(voice.languages)
    return Workshop(house.bench(), FolderFiles(own), sample_invitations(), hand, languages, house.clock)


@contextmanager
def opened_house(settings: Settings) -> Iterator[House]:
    """A house of its own. Raises Show."""
    shared = Shared()
    try:
        house = shared.house(settings)
        try:
            yield house
        finally:
            house.close()
    finally:
        shared.close()
