"""The only module that names concrete adapters: from settings to a house with everything in its place."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from watcher import config
from watcher.account import Account, Ports
from watcher.adapters import demo, hash_key, saved_mail
from watcher.adapters.clock import SystemClock
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.dns_keys import DnsResolver
from watcher.adapters.imap import ImapDraftRemoval, ImapMailbox, Security, Server, connect
from watcher.adapters.ledger import open_ledger
from watcher.adapters.maildir import MaildirDraftRemoval, MaildirMailbox, open_maildir
from watcher.adapters.saved_mail import SavedMail
from watcher.adapters.semantic import E5Meaning
from watcher.adapters.templates import FileTemplates
from watcher.config import Settings
from watcher.doctor import Doctor
from watcher.domain.judging.scoring import Meaning
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.values import Person, Reading
from watcher.drafting import Voice
from watcher.errors import Problem, Show
from watcher.opinions import SecondJudge
from watcher.ports import AddressBook, Clock, Ledger, Mailbox, Signatures
from watcher.removal import DraftRemoval
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails
from watcher.service import Service, Tell
from watcher.signing_in import SignIn
from watcher.trial import sample_readings

__all__ = [
    "House",
    "SavedMail",
    "demo_house",
    "example_settings",
    "meaning",
    "open_house",
    "own_templates",
    "person",
    "read_saved",
    "sample_invitations",
    "sample_mails",
    "signatures",
    "trusted_authserv",
]


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
    second: SecondJudge | None = field(init=False)
    book: AddressBook | None = field(init=False)
    _sign_in: SignIn = field(init=False)

    def __post_init__(self) -> None:
        settings = _fingerprint(self.account.voice.secret, self.settings)
        self.second = _second_judge(self.settings, self.account.voice)
        self.book = _address_book(self.settings)
        self._sign_in = SignIn(self.account.name, settings, self.connect, self.ledger, self.clock)

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
        if self.settings.mailbox is not None:
            data, (drafts, sent) = _data_folder(self.settings), (self.settings.drafts_folder, self.settings.sent_folder)
            return open_maildir(self.settings.mailbox, data, drafts, sent)
        return connect(_server(self.settings))

    def removal(self) -> DraftRemoval:
        """What removes a draft, over the same connection: for a person's explicit command alone."""
        mailbox = self.ports().mailbox
        if isinstance(mailbox, MaildirMailbox):
            return MaildirDraftRemoval(mailbox)
        assert isinstance(mailbox, ImapMailbox), "a mailbox is of files or on a server"
        return ImapDraftRemoval(mailbox.session)

    def service(self, tell: Tell) -> Service:
        """The service that watches on a schedule."""
        every = self.settings.poll_every
        return Service(self.account, self.open_ports, self.clock, every, tell)

    def doctor(self) -> Doctor:
        """Checks everything a pass needs."""
        readings = sample_invitations()
        return Doctor(
            self.account,
            self._sign_in.anyway,
            self.ledger,
            self.templates,
            self.clock,
            readings,
            self.second,
            self.book,
        )

    def close(self) -> None:
        """Log out, end the process that renders the person's own templates, and release the ledger."""
        if self._ports is not None:
            self._ports.mailbox.close()
        self.templates.close()
        self.ledger.close()


@contextmanager
def open_house() -> Iterator[House]:
    """The house of this machine's settings. Raises Show with every problem at once."""
    with _opened(config.load(os.environ, Path.cwd())) as house:
        yield house


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
        )
        with _opened(settings) as house:
            yield house


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


def own_templates() -> FileTemplates:
    """Templates alone: the shipped ones, and those of WATCHER_TEMPLATES before them. Needs no other setting."""
    folder = config.templates_folder(os.environ, Path.cwd())
    return FileTemplates(folder)


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
    templates = FileTemplates(settings.templates)
    _require_languages(settings, templates)
    ledger = open_ledger(settings.ledger)
    house = House(settings, _account(settings), ledger, templates)
    try:
        yield house
    finally:
        house.close()


def _account(settings: Settings) -> Account:
    me = Person(settings.my_name, settings.my_address, settings.my_headline, settings.signature)
    secret = hash_key.read_or_make(_data_folder(settings))
    voice = Voice(settings.my_address.lower(), me, settings.languages, secret)
    policy = Policy(
        settings.draft_for,
        settings.authenticity,
        settings.skip,
        settings.max_drafts_per_pass,
        settings.known,
        known_by_sent=settings.known_by_sent == "on",
    )
    trust = Trust(settings.trusted_authserv, settings.answerable, _meaning(settings.judge))
    return Account(voice, settings.folders, settings.look_back, policy, trust)


def _meaning(judge: str) -> Meaning | None:
    return E5Meaning() if judge == "semantic" else None


def _data_folder(settings: Settings) -> Path:
    """Where the ledger lies, and beside it all else that the program keeps."""
    return Path(make_url(settings.ledger).database or "").expanduser().absolute().parent


def _server(settings: Settings) -> Server:
    return Server(
        host=settings.imap_host,
        port=settings.port,
        security=Security(settings.imap_security),
        user=settings.imap_user,
        password=settings.imap_password.get_secret_value() if settings.imap_password else "",
        ca_file=str(settings.imap_ca_file) if settings.imap_ca_file else None,
        drafts_folder=settings.drafts_folder,
        sent_folder=settings.sent_folder,
    )


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


def _address_book(settings: Settings) -> AddressBook | None:
    """The address book of the settings; None where there is none."""
    if settings.address_book is None:
        return None
    from watcher.adapters.address_book import VcardBook  # noqa: PLC0415 - its library is slow to load

    return VcardBook(settings.address_book)


def _fingerprint(secret: bytes, settings: Settings) -> str:
    """What a server is told at the door, so that a change of it is noticed; nobody can read it back."""
    password = settings.imap_password.get_secret_value() if settings.imap_password else ""
    told = "\x1f".join([settings.imap_host, str(settings.port), settings.imap_user, password])
    return hmac.new(secret, told.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def _require_languages(settings: Settings, templates: FileTemplates) -> None:
    known = {source.language for source in templates.listing()}
    missing = [code for code in settings.languages if code not in known]
    if missing:
        what = f"there are no templates in {', '.join(missing)}"
        remedy = f"choose among {', '.join(sorted(known))}, or write them into the folder of WATCHER_TEMPLATES"
        raise Show(Problem("WATCHER_LANGUAGES", what, remedy))
