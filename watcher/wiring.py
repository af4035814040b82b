"""From settings to a house with everything in its place: with `attendance`, all that names concrete adapters."""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy.engine import make_url
from tzlocal import get_localzone

from watcher import config
from watcher.account import Account, Ports
from watcher.adapters import demo, hash_key, saved_mail, settings_file
from watcher.adapters.clock import SystemClock
from watcher.adapters.cron import Cron
from watcher.adapters.discovery import DnsMailRecords
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.dns_keys import DnsResolver
from watcher.adapters.imap import Bearer, ImapDraftRemoval, ImapMailbox, ImapRoad, Mechanism, Security, Server, connect
from watcher.adapters.ledger import open_ledger
from watcher.adapters.maildir import MaildirDraftRemoval, MaildirMailbox, open_maildir
from watcher.adapters.premises import LocalPremises
from watcher.adapters.saved_mail import SavedMail
from watcher.adapters.semantic import E5Meaning
from watcher.adapters.sign import FileSign
from watcher.adapters.telling import Desktop, ThreadedOutbox
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.config import Destinations, Settings
from watcher.cycle import PassReport, Wish, run_pass
from watcher.doctor import Doctor, Parts, newest
from watcher.domain.genuine import proposals
from watcher.domain.judging.scoring import Meaning
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.schedule import MOST_JITTER, Every, Rhythm
from watcher.domain.tokens import Tokens
from watcher.domain.values import Person, Reading
from watcher.drafting import Voice
from watcher.errors import GiveUp, Problem, Show, TryAgain
from watcher.happenings import Listener
from watcher.opinions import SecondJudge
from watcher.ports import AccessTokens, AddressBook, Clock, Ledger, Mailbox, Messenger, Signatures
from watcher.removal import DraftRemoval
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails
from watcher.service import Idle, Service, Wanted, Watch
from watcher.setting_up import Ground
from watcher.signing_in import BY_PASSWORD, BY_TOKEN, Login, SignIn
from watcher.standing import Manner
from watcher.status import Status, status
from watcher.summaries import Subscription
from watcher.trial import sample_readings
from watcher.web.desk import Office, Watched
from watcher.web.link import Link
from watcher.workshop import Workshop
from watcher.writing import Hand

if TYPE_CHECKING:
    from watcher.adapters.oauth import KeptTokens, Provider  # comes with an extra

__all__ = [
    "House",
    "Houses",
    "SavedMail",
    "SetUp",
    "demo_house",
    "duration",
    "example_settings",
    "meaning",
    "open_doctors",
    "open_house",
    "open_house_of",
    "open_houses",
    "person",
    "read_saved",
    "sample_invitations",
    "sample_mails",
    "setting_up",
    "signatures",
    "trusted_authserv",
    "workshop",
    "workshop_of",
]


ROAD_WITHIN = 10.0
"""Seconds for each step on the way to a server where a person waits and is told of the step."""


def signatures() -> Signatures:
    """Checks LinkedIn's signatures with the keys that DNS tells."""
    return DkimSignatures(DnsResolver(SystemClock()))


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
        settings = _fingerprint(self.account.voice.secret, self.settings)
        self.second = _second_judge(self.settings, self.account.voice)
        self.book = _address_book(self.settings)
        self.tokens = _tokens(self.settings, self.account.name, self.clock)
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
        return _opened_mailbox(self.settings, self.tokens)

    def login(self) -> Login:
        """A person's sign-in by OAuth. Raises Show where a password is used."""
        return replace(_login(self.settings, self.clock), keep=self._keep)

    def _keep(self, tokens: Tokens) -> None:
        assert self.tokens is not None, "nobody signs in where a password is used"
        self.tokens.keep(tokens)
        if self.ledger.refusals(self.account.name) is not None:
            self.ledger.let_in(self.account.name)  # what was refused before were other tokens

    def removal(self) -> DraftRemoval:
        """What removes a draft, over the same connection: for a person's explicit command alone."""
        return _removal_by(self.ports().mailbox)

    def for_page(self) -> Watched:
        """This mailbox as the page knows it."""
        return Watched(
            self.account, self.templates, self.open_ports, _removal_by, self.status, partial(workshop_of, self)
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
        rhythm, idle = _rhythm(self.settings), Idle(self.settings.idle)
        return Watch(name, self.account, self.ledger, self.open_ports, self.clock, rhythm, idle)

    def manner(self) -> Manner:
        """How it is to be looked over, for whoever watches the watch. Raises Show as `watch` does."""
        if self._manner is None:
            self._manner = Manner(_rhythm(self.settings), self.settings.alarm_after)
        return self._manner

    def subscription(self) -> Subscription | None:
        """The weekly summary that the person wants; None where they want none. Raises Show without a time zone."""
        if self.settings.summary == "off":
            return None
        zone = _zone(self.settings.time_zone)
        return Subscription(self.account, self.ledger, self.open_ports, self.settings.summary, zone)

    @property
    def folder(self) -> Path:
        """Where the ledger lies, and beside it all else that the program keeps."""
        return _data_folder(self.settings)

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
        account = _account(settings)
        return House(settings, account, ledger, templates, self.clock, self.signatures, None, alarms, notices)

    def templates(self, settings: Settings) -> FileTemplates:
        """The templates of these settings. Raises Show where they lack what the settings name."""
        if settings.templates not in self._templates:
            self._templates[settings.templates] = FileTemplates(settings.templates)
        templates = self._templates[settings.templates]
        _require_languages(settings, templates)
        _require_variant(settings, templates)
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
        return (*desktop, *(self._way(url, partial(_service, url, setting)) for url in urls))

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


@dataclass(slots=True)
class Houses:
    """The houses of all mailboxes, by the names that `--account` and the log have for them.

    `problems` are those of mailboxes whose settings cannot be used.
    """

    shared: Shared = field(default_factory=Shared)
    by_name: dict[str, House] = field(default_factory=dict)
    problems: Mapping[str, Show] = field(default_factory=dict)
    _watches: dict[str, Watch] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Of any of them, for what holds for the whole program."""
        return next(iter(self.by_name.values())).settings

    @property
    def is_alone(self) -> bool:
        """Whether there is one mailbox and no word of any other."""
        return len(self.by_name) == 1 and not self.problems

    def take_up(self, accounts: config.Accounts) -> None:
        """Build what these settings want; what is the same as before stays. Raises Show where nothing is of use."""
        problems = dict(accounts.problems)
        built: dict[str, House] = {}
        for name, settings in accounts.settings.items():
            try:
                built[name] = self._house(name, settings)
            except Show as shown:
                problems[name] = shown
        if not built:
            raise Show(*(problem for shown in problems.values() for problem in shown.problems))
        kept = {name: house for name, house in self.by_name.items() if name in problems}
        self.by_name, self.problems = {**kept, **built}, problems

    def ledgers(self) -> list[Ledger]:
        """The ledgers of all of them, each once."""
        return list({id(house.ledger): house.ledger for house in self.by_name.values()}.values())

    def service(self, listeners: Sequence[Listener]) -> Service:
        """The service that watches all of them; every listener hears everything that happens."""
        return Service(self._wanted, self.shared.clock, listeners)

    def desk(self) -> Office:
        """What the page works on: the mailboxes that have one ledger with the first of them."""
        ledger = self.ledgers()[0]

        def watched() -> list[Watched]:
            return [house.for_page() for house in tuple(self.by_name.values()) if house.ledger is ledger]

        return Office(ledger, self.shared.clock, watched)

    def page_link(self) -> Link | None:
        """Where the page is served, and the token that opens it; None where it is off. Raises Show."""
        return _page_link(self.settings)

    def close(self) -> None:
        """Log out everywhere, and close what they share."""
        for house in self.by_name.values():
            house.close()
        self.shared.close()

    def _house(self, name: str, settings: Settings) -> House:
        before = self.by_name.get(name)
        return before if before is not None and before.settings == settings else self.shared.house(settings)

    def _wanted(self) -> Wanted:
        """What the settings want now. Raises Show where nothing of them can be used."""
        self.take_up(config.load_accounts(os.environ, Path.cwd()))
        problems, watches = dict(self.problems), dict[str, Watch]()
        for name in self.by_name.keys() - problems:
            try:
                watches[name] = self._watch(name, self.by_name[name])
            except Show as shown:  # what only a watch needs, such as a time zone
                problems[name] = shown
        if not watches:
            raise Show(*(problem for shown in problems.values() for problem in shown.problems))
        self._watches = watches
        return Wanted(watches, problems)

    def _watch(self, name: str, house: House) -> Watch:
        before = self._watches.get(name)
        return before if before is not None and before.account is house.account else house.watch(name)


@contextmanager
def open_houses(name: str | None = None) -> Iterator[Houses]:
    """All houses of this machine's settings, or the one of that name. Raises Show where none can be used."""
    accounts = config.load_accounts(os.environ, Path.cwd())
    houses = Houses()
    try:
        houses.take_up(accounts if name is None else accounts.only(name))
        yield houses
    finally:
        houses.close()


@contextmanager
def open_house(name: str | None = None) -> Iterator[House]:
    """The house of the one mailbox, or of that name. Raises Show with every problem at once."""
    accounts = config.load_accounts(os.environ, Path.cwd())
    with _opened(accounts.one(name)) as house:
        yield house


@dataclass(slots=True)
class SetUp:
    """A file of settings that is being filled in; what is tried on the way leaves nothing behind."""

    sheet: config.Sheet
    name: str | None
    clock: Clock = field(default_factory=SystemClock)

    @property
    def place(self) -> Path:
        """Where it is, or will be."""
        return self.sheet.path

    def ground(self) -> Ground:
        """What answers are tried on."""
        return Ground(
            dns=DnsMailRecords(),
            languages=frozenset(source.language for source in FileTemplates(None).listing()),
            now=self.sheet.value,
            road=lambda answers: ImapRoad(replace(_server(self.sheet.settings(answers)), timeout=ROAD_WITHIN)),
            connect=lambda answers, token: _opened_mailbox(self.sheet.settings(answers), token),
            login=lambda answers: _login(self.sheet.settings(answers), self.clock),
            proposals=lambda mailbox: proposals(newest(mailbox, ["INBOX"])),
            check=self._check,
            dry_pass=self._dry_pass,
        )

    def difference(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """What would change in the file, without secrets."""
        return self.sheet.difference(answers)

    def write(self, answers: Mapping[str, str], tokens: Tokens | None) -> Path | None:
        """Write the file and keep the tokens; returns where what stood there lies now. Raises Show and TryAgain."""
        kept = settings_file.write(self.sheet.path, self.sheet.filled(answers))
        if tokens is not None:
            settings = self.sheet.settings(answers)
            held = _tokens(settings, settings.my_address.lower(), self.clock)
            assert held is not None, "tokens come from a sign-in by OAuth"
            held.keep(tokens)
        return kept

    def _check(self, answers: Mapping[str, str]) -> None:
        self.sheet = self.sheet.anew()
        settings = self.sheet.settings(answers)
        other = config.same_mailbox(self.sheet, settings, Path.cwd())
        if other is not None:
            what = f"{settings.my_address} is the address of the mailbox {other!r} too"
            raise Show(Problem("address", what, f"change that one: `watcher init --account {other}`"))

    def _dry_pass(self, answers: Mapping[str, str], token: AccessTokens | None) -> PassReport:
        """With the ledger there is, which a dry pass leaves as it is; else with one that is gone afterwards."""
        settings, shared = self.sheet.settings(answers), Shared()
        with TemporaryDirectory(prefix="watcher-init-") as folder:
            if not _ledger_file(settings).is_file():
                settings = settings.model_copy(update={"ledger": f"sqlite:///{folder}/ledger.sqlite"})
            try:
                return _tried_dry(shared.house(settings), _opened_mailbox(settings, token))
            finally:
                shared.close()


def _tried_dry(house: House, mailbox: Mailbox) -> PassReport:
    try:
        ports = Ports(mailbox, house.ledger, house.templates, house.clock, house.signatures, None, house.book)
        return run_pass(house.account, ports, Wish(dry_run=True))
    finally:
        mailbox.close()


@contextmanager
def open_doctors(name: str | None = None) -> Iterator[Sequence[Doctor]]:
    """Who examines each mailbox, or the one of that name, also where its settings cannot be used. Raises Show."""
    trials = config.as_far_as_they_go(os.environ, Path.cwd())
    chosen = [trial for trial in trials if name in {None, trial.name}]
    if not chosen:
        known = ", ".join(trial.name for trial in trials)
        raise Show(Problem("--account", f"there is no mailbox {name!r}", f"name one of {known}"))
    shared = Shared()
    try:
        yield [_doctor(trial, shared) for trial in chosen]
    finally:
        shared.close()


def setting_up(name: str | None = None, *, everywhere: bool = False) -> SetUp:
    """What `watcher init` works on, for the only mailbox or the one of that name. Raises Show."""
    return SetUp(config.sheet(os.environ, Path.cwd(), name, everywhere=everywhere), name)


@contextmanager
def open_house_of(number: int, name: str | None = None) -> Iterator[House]:
    """The house in whose mailbox the invitation of this number is. Raises Show, and GiveUp where none has it."""
    with open_houses(name) as houses:
        ledgers = {house.settings.ledger for house in houses.by_name.values()}
        if len(ledgers) > 1:
            what = f"several mailboxes may have a no. {number}: they have ledgers of their own"
            raise Show(Problem("--account", what, f"name one of {', '.join(houses.by_name)}"))
        yield _owner(number, houses)


def _owner(number: int, houses: Houses) -> House:
    *_, last = houses.by_name.values()
    record = last.ledger.show(number)
    if record is None or len(houses.by_name) == 1:
        return last
    for house in houses.by_name.values():
        if house.account.name == record.account:
            return house
    raise GiveUp(f"no. {number} is of {record.account}, which is among no mailboxes of these settings")


@contextmanager
def demo_house() -> Iterator[House]:
    """A house on an embedded mail server with sample mail, in a folder of its own; nothing is left behind."""
    mails = [mail.content for mail in sample_mails()]
    with TemporaryDirectory(prefix="watcher-demo-") as folder, demo.mail_server(mails) as (port, password):
        settings = Settings(
            imap_host="127.0.0.1",
            imap_port=port,
            imap_security="none",
            imap_user=demo.USER,
            imap_password=SecretStr(password),
            my_name=RECIPIENT.name,
            my_address=RECIPIENT.address,
            languages=("en", "de"),
            trusted_authserv=AUTHSERV,
            ledger=f"sqlite:///{folder}/ledger.sqlite",
            templates=Path(folder) / "templates",
        )
        with _opened(settings) as house:
            yield house


def duration(text: str) -> timedelta:
    """A time as the settings write it, `3 days`. Raises ValueError."""
    return config.duration_of(text)


def example_settings() -> str:
    """The text of config.example.env: inside the wheel, or beside the package in a checkout."""
    package = Path(str(files("watcher")))
    inside = package / "config.example.env"
    return (inside if inside.is_file() else package.parent / inside.name).read_text("utf-8")


def trusted_authserv() -> str | None:
    """The authserv-id of the settings, for `watcher explain`, which needs no other setting."""
    return config.trusted_authserv(os.environ, Path.cwd())


def meaning() -> Meaning | None:
    """What tells the meaning of notes, where the settings choose it, for `watcher explain`. Raises Show."""
    return _meaning(config.judge(os.environ, Path.cwd()))


def workshop() -> Workshop:
    """The templates: the shipped ones, and the person's own before them. Needs no setting. Raises Show."""
    own = config.templates_folder(os.environ, Path.cwd())
    languages, variant, quotes = config.manner(os.environ, Path.cwd())
    hand = Hand(person(), variant, quotes)
    return Workshop(FileTemplates(own), FolderFiles(own), sample_invitations(), hand, languages, SystemClock())


def workshop_of(house: House) -> Workshop:
    """The templates of one mailbox's person, to be tried and changed."""
    voice, own = house.account.voice, house.settings.templates
    assert own is not None, "settings that are loaded name a folder, and the demo has its own"
    hand = Hand(voice.me, voice.variant, voice.quotes)
    languages = tuple(voice.languages)
    return Workshop(house.bench(), FolderFiles(own), sample_invitations(), hand, languages, house.clock)


@cache
def sample_invitations() -> tuple[Reading, ...]:
    """What templates are tried on."""
    return sample_readings([mail.content for mail in sample_mails()])


def person() -> Person:
    """Who answers, as far as the settings tell; else the person whom the samples are addressed to."""
    return config.person(os.environ, Path.cwd()) or RECIPIENT


def read_saved(path: str) -> Iterator[SavedMail]:
    """Mail that lies in files, or on standard input. Raises Show."""
    return saved_mail.read(path)


@contextmanager
def _opened(settings: Settings) -> Iterator[House]:
    shared = Shared()
    try:
        house = shared.house(settings)
        try:
            yield house
        finally:
            house.close()
    finally:
        shared.close()


def _doctor(trial: config.Trial, shared: Shared) -> Doctor:
    settings, kept_in = trial.settings, ", ".join(map(str, trial.files)) or "the environment"
    if settings is None:
        return Doctor(trial.name, trial.problems, kept_in)
    # What needs the secret or a judge is not done here: an account that lacks them can be examined all the same.
    account = _account_with(settings, secret=b"", meaning=None)
    tokens = cache(partial(_tokens, settings, account.name, shared.clock))
    web = (settings.web.host, settings.web.port) if settings.web else None
    return Doctor(
        name=trial.name,
        problems=trial.problems,
        settings_in=kept_in,
        account=account,
        idle=settings.idle,
        every=f"by the schedule {settings.schedule}" if settings.schedule else f"every {_spelt(settings.poll_every)}",
        readings=sample_invitations(),
        clock=shared.clock,
        premises=LocalPremises(trial.files, _ledger_file(settings), web),
        road=None if settings.mailbox else ImapRoad(replace(_server(settings), timeout=ROAD_WITHIN)),
        open_mailbox=lambda: _opened_for_doctor(settings, shared, tokens()),
        parts=Parts(
            ledger=partial(shared.ledger, settings),
            templates=partial(shared.templates, settings),
            judge=partial(_meaning, settings.judge),
            second=lambda: _second_judge(settings, account.voice),
            book=partial(_address_book, settings),
            tokens=tokens,
            told_by=lambda: tuple(_told_by(settings)),
        ),
    )


def _opened_for_doctor(settings: Settings, shared: Shared, tokens: AccessTokens | None) -> Mailbox:
    """Logged in, and counted in the ledger; without one, which a check of its own tells of, not counted."""
    open_mailbox = partial(_opened_mailbox, settings, tokens)
    try:
        ledger, secret = shared.ledger(settings), hash_key.read_or_make(_data_folder(settings))
    except (Show, TryAgain):
        return open_mailbox()
    told = BY_TOKEN if tokens else BY_PASSWORD
    fingerprint = _fingerprint(secret, settings)
    return SignIn(settings.my_address.lower(), fingerprint, open_mailbox, ledger, shared.clock, told).anyway()


def _told_by(settings: Settings) -> Iterator[str]:
    """Where alarms and notices go, in words without secrets; nothing is sent. Raises Show."""
    for setting, where in (("WATCHER_ALARMS", settings.alarms), ("WATCHER_NOTICES", settings.notices)):
        if where is not None and where.desktop:
            yield f"the desktop ({setting})"
        for url in where.urls if where is not None else ():
            _service(url.get_secret_value(), setting)
            yield f"{url.get_secret_value().partition(':')[0]} ({setting})"


def _opened_mailbox(settings: Settings, tokens: AccessTokens | None) -> Mailbox:
    if settings.mailbox is not None:
        drafts, sent = settings.drafts_folder, settings.sent_folder
        return open_maildir(settings.mailbox, _data_folder(settings), drafts, sent)
    return connect(_server(settings, tokens))


def _spelt(time: timedelta) -> str:
    """As the settings write it: in the largest unit that leaves no rest."""
    seconds = time.total_seconds()
    for unit, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds % unit == 0:
            return f"{seconds / unit:.0f} {word if seconds != unit else word.removesuffix('s')}"
    return f"{seconds:g} s"


def _account(settings: Settings) -> Account:
    secret = hash_key.read_or_make(_data_folder(settings))
    return _account_with(settings, secret, _meaning(settings.judge))


def _account_with(settings: Settings, secret: bytes, meaning: Meaning | None) -> Account:
    me = Person(settings.my_name, settings.my_address, settings.my_headline, settings.signature)
    quotes = settings.quote == "below"
    voice = Voice(settings.my_address.lower(), me, settings.languages, secret, settings.variant, quotes)
    policy = Policy(
        settings.draft_for,
        settings.authenticity,
        settings.skip,
        settings.max_drafts_per_pass,
        settings.known,
        known_by_sent=settings.known_by_sent == "on",
    )
    trust = Trust(settings.trusted_authserv, settings.answerable, meaning)
    return Account(voice, settings.folders, settings.look_back, policy, trust, settings.junk == "on")


def _removal_by(mailbox: Mailbox) -> DraftRemoval:
    """What removes a draft, over this connection."""
    if isinstance(mailbox, MaildirMailbox):
        return MaildirDraftRemoval(mailbox)
    assert isinstance(mailbox, ImapMailbox), "a mailbox is of files or on a server"
    return ImapDraftRemoval(mailbox.session)


def _page_link(settings: Settings) -> Link | None:
    if settings.web is None:
        return None
    token = hash_key.read_or_make(_data_folder(settings), hash_key.PAGE)
    return Link(settings.web.host, settings.web.port, urlsafe_b64encode(token).decode("ascii").rstrip("="))


@cache
def _meaning(judge: str) -> Meaning | None:
    return E5Meaning() if judge == "semantic" else None


def _rhythm(settings: Settings) -> Rhythm:
    """Raises Show where the clock on the wall matters and nobody knows its zone."""
    quiet, zone = settings.quiet_hours, settings.time_zone
    if settings.schedule is None:
        every = Every(settings.poll_every)
        jitter = every.usual_jitter if settings.jitter is None else min(settings.jitter, settings.poll_every / 2)
        return Rhythm(every, jitter, quiet, _zone(zone) if quiet else UTC)
    jitter = MOST_JITTER if settings.jitter is None else settings.jitter
    return Rhythm(Cron(settings.schedule, _zone(zone)), jitter, quiet, _zone(zone))


def _zone(named: tzinfo | None) -> tzinfo:
    if named is not None:
        return named
    try:
        return get_localzone()
    except (LookupError, OSError, ValueError) as error:
        what = "the time zone of this machine cannot be found out"
        raise Show(Problem("WATCHER_TIME_ZONE", what, "name it, such as Europe/Berlin")) from error


def _data_folder(settings: Settings) -> Path:
    """Where the ledger lies, and beside it all else that the program keeps."""
    return _ledger_file(settings).parent


def _ledger_file(settings: Settings) -> Path:
    return Path(make_url(settings.ledger).database or "").expanduser().absolute()


def _server(settings: Settings, tokens: AccessTokens | None = None) -> Server:
    return Server(
        host=settings.imap_host,
        port=settings.port,
        security=Security(settings.imap_security),
        user=settings.imap_user,
        password=settings.imap_password.get_secret_value() if settings.imap_password else "",
        ca_file=str(settings.imap_ca_file) if settings.imap_ca_file else None,
        drafts_folder=settings.drafts_folder,
        sent_folder=settings.sent_folder,
        bearer=Bearer(Mechanism(settings.imap_auth.upper()), tokens) if tokens else None,
    )


def _tokens(settings: Settings, account: str, clock: Clock) -> KeptTokens | None:
    """The tokens of a sign-in by OAuth; None where a password is used. Raises Show without the extra `oauth`."""
    if settings.mailbox is not None or settings.imap_auth == "password":
        return None
    try:
        from watcher.adapters import oauth  # noqa: PLC0415 - its libraries come with an extra
    except ImportError as error:
        what, remedy = "a sign-in by OAuth needs the extra oauth", "pip install 'invitation-watcher[oauth]'"
        raise Show(Problem(f"WATCHER_IMAP_AUTH={settings.imap_auth}", what, remedy)) from error
    place = oauth.Place(_data_folder(settings), account)
    store = oauth.KeyringStore(place) if settings.oauth_store == "keyring" else oauth.TokenFile(place)
    return oauth.KeptTokens(_provider(settings), store, clock)


def _login(settings: Settings, clock: Clock) -> Login:
    """A person's sign-in by OAuth. Raises Show where a password is used, or the extra is missing."""
    tokens = _tokens(settings, settings.my_address.lower(), clock)
    if tokens is None:
        remedy = "nothing is to be done; for a sign-in by OAuth set it to xoauth2 and see docs/sign-in.md"
        raise Show(Problem("WATCHER_IMAP_AUTH", "is password, so there is nobody to sign in with", remedy))
    from watcher.adapters import oauth  # noqa: PLC0415 - its libraries come with an extra

    provider = tokens.provider
    return Login(
        provider=provider.title,
        user=settings.imap_user,
        server=settings.imap_host,
        offers_code=provider.device_url is not None,
        browser=partial(oauth.by_browser, provider, settings.imap_user, clock),
        code=partial(oauth.by_device, provider, clock),
        connect=lambda given: connect(_server(settings, given)),
        keep=tokens.keep,
    )


def _provider(settings: Settings) -> Provider:
    from watcher.adapters import oauth  # noqa: PLC0415 - its libraries come with an extra

    client = settings.oauth_client_id or ""
    secret = settings.oauth_client_secret.get_secret_value() if settings.oauth_client_secret else ""
    if settings.oauth_provider == "google":
        return oauth.google(client, secret)
    if settings.oauth_provider == "microsoft":
        return oauth.microsoft(client, secret, settings.oauth_tenant)
    people, tokens = settings.oauth_authorize_url or "", settings.oauth_token_url or ""
    return oauth.custom(client, secret, people, tokens, settings.oauth_device_url, settings.oauth_scope or "")


def _second_judge(settings: Settings, voice: Voice) -> SecondJudge | None:
    """The language model of the settings; None where there is none. Raises Show without the extra `llm`."""
    if settings.llm_url is None:
        return None
    try:
        from watcher.adapters import language_model  # noqa: PLC0415 - its library comes with an extra
    except ImportError as error:
        remedy = "pip install 'invitation-watcher[llm]', or take the setting out"
        raise Show(Problem("WATCHER_LLM_URL", "a language model needs the extra llm", remedy)) from error
    host = config.host_of(settings.llm_url)
    return SecondJudge(
        model=language_model.Completions(
            endpoint=language_model.endpoint(settings.llm_url),
            model=settings.llm_model or "",
            host="" if config.is_this_machine(host) else host,
            key=settings.llm_key.get_secret_value() if settings.llm_key else "",
        ),
        kept=language_model.OpinionFile(_data_folder(settings) / "opinions.sqlite"),
        seed=lambda: secrets.token_bytes(32),
        secret=voice.secret,
        me=voice.me,
        within=settings.llm_timeout,
        per_day=settings.llm_per_day,
    )


def _service(url: str, setting: str) -> Messenger:
    """The service of an address. Raises Show where none is known, and without the extra `apprise`."""
    try:
        from watcher.adapters.telling.services import Service  # noqa: PLC0415 - its library comes with an extra
    except ImportError as error:
        remedy = "pip install 'invitation-watcher[apprise]', or write desktop or off"
        raise Show(Problem(setting, "an address of a service needs the extra apprise", remedy)) from error
    try:
        return Service(url)
    except ValueError as error:
        remedy = "write it as apprise's documentation has it for your service, such as ntfys://ntfy.sh/TOPIC"
        raise Show(Problem(setting, str(error), remedy)) from error


def _address_book(settings: Settings) -> AddressBook | None:
    """The address book of the settings; None where there is none."""
    if settings.address_book is None:
        return None
    from watcher.adapters.address_book import VcardBook  # noqa: PLC0415 - its library is slow to load

    return VcardBook(settings.address_book)


def _fingerprint(secret: bytes, settings: Settings) -> str:
    """What a server is told at the door, so that a change of it is noticed; nobody can read it back."""
    password = settings.imap_password.get_secret_value() if settings.imap_password else ""
    if settings.imap_auth != "password":  # a token is another one each hour
        password = f"{settings.imap_auth}\x1f{settings.oauth_provider}\x1f{settings.oauth_client_id}"
    told = "\x1f".join([settings.imap_host, str(settings.port), settings.imap_user, password])
    return hmac.new(secret, told.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _require_languages(settings: Settings, templates: FileTemplates) -> None:
    known = {source.language for source in templates.listing()}
    missing = [code for code in settings.languages if code not in known]
    if missing:
        what = f"there are no templates in {', '.join(missing)}"
        remedy = f"choose among {', '.join(sorted(known))}, or write them into the folder of WATCHER_TEMPLATES"
        raise Show(Problem("WATCHER_LANGUAGES", what, remedy))


def _require_variant(settings: Settings, templates: FileTemplates) -> None:
    known = {source.name.partition(".")[2] for source in templates.listing()} - {""}
    if settings.variant and settings.variant not in known:
        what = f"there is no template with the variant {settings.variant!r}"
        remedy = f"choose among {', '.join(sorted(known))}, or write a file en/generic.{settings.variant}.txt.j2"
        raise Show(Problem("WATCHER_VARIANT", what, remedy))
