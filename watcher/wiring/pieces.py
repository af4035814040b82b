"""Single pieces of a house, each from its settings."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from tzlocal import get_localzone

from watcher import config
from watcher.adapters import hash_key
from watcher.adapters.clock import SystemClock
from watcher.adapters.cron import Cron
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.dns_keys import DnsResolver
from watcher.adapters.imap import Bearer, ImapDraftRemoval, ImapMailbox, Mechanism, Security, Server, connect
from watcher.adapters.maildir import MaildirDraftRemoval, MaildirMailbox, open_maildir
from watcher.adapters.semantic import E5Meaning
from watcher.adapters.templates import FileTemplates
from watcher.config import Settings
from watcher.domain.judging.scoring import Meaning
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.schedule import MOST_JITTER, Every, Rhythm
from watcher.domain.values import Person, Reading
from watcher.errors import Problem, Show
from watcher.person.trial import sample_readings
from watcher.ports import AccessTokens, AddressBook, Clock, Ledger, Mailbox, Messenger, Signatures
from watcher.ports.removal import DraftRemoval
from watcher.samples import sample_mails
from watcher.setting_up.consent import Login
from watcher.steps.account import Account
from watcher.steps.drafting import Voice
from watcher.steps.opinions import SecondJudge
from watcher.web.link import Link

if TYPE_CHECKING:
    from watcher.adapters.oauth import KeptTokens, Provider  # comes with an extra


ROAD_WITHIN = 10.0
"""Seconds for each step on the way to a server where a person waits and is told of the step."""


def signatures() -> Signatures:
    """Checks LinkedIn's signatures with the keys that DNS tells."""
    return DkimSignatures(DnsResolver(SystemClock()))


@cache
def sample_invitations() -> tuple[Reading, ...]:
    """What templates are tried on."""
    return sample_readings([mail.content for mail in sample_mails()])


def opened_mailbox(settings: Settings, tokens: AccessTokens | None) -> Mailbox:
    """A new connection, logged in, or a Maildir. Raises Show and TryAgain."""
    if settings.mailbox is not None:
        drafts, sent = settings.drafts_folder, settings.sent_folder
        return open_maildir(settings.mailbox, data_folder(settings), drafts, sent)
    return connect(server_of(settings, tokens))


def server_of(settings: Settings, tokens: AccessTokens | None = None) -> Server:
    """How the mail server is reached."""
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


def account_of(settings: Settings, ledger: Ledger) -> Account:
    """The account, with the secret of its keyed hashes and the judge of the settings. Raises Show and TryAgain."""
    return account_with(settings, key_to(ledger, settings), meaning_by(settings.judge))


def key_to(ledger: Ledger, settings: Settings) -> bytes:
    """The secret of keyed hashes, made for a ledger without a row. Raises Show where it is gone, and TryAgain.

    With another one no row that was forgotten, and no draft, would be known again: there would be second drafts.
    """
    folder = data_folder(settings)
    return hash_key.read(folder) if ledger.tally().states else hash_key.read_or_make(folder)


def account_with(settings: Settings, secret: bytes, meaning: Meaning | None) -> Account:
    """The account with this secret and this judge of meanings."""
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


def removal_by(mailbox: Mailbox) -> DraftRemoval:
    """What removes a draft, over this connection."""
    if isinstance(mailbox, MaildirMailbox):
        return MaildirDraftRemoval(mailbox)
    assert isinstance(mailbox, ImapMailbox), "a mailbox is of files or on a server"
    return ImapDraftRemoval(mailbox.session)


def page_link_of(settings: Settings) -> Link | None:
    """Where the review page is; None where there is none."""
    if settings.web is None:
        return None
    token = hash_key.read_or_make(data_folder(settings), hash_key.PAGE)
    return Link(settings.web.host, settings.web.port, urlsafe_b64encode(token).decode("ascii").rstrip("="))


@cache
def meaning_by(judge: str) -> Meaning | None:
    """What tells the meaning of notes; None for the default judge. Raises Show."""
    return E5Meaning() if judge == "semantic" else None


def rhythm_of(settings: Settings) -> Rhythm:
    """Raises Show where the clock on the wall matters and nobody knows its zone."""
    quiet, zone = settings.quiet_hours, settings.time_zone
    if settings.schedule is None:
        every = Every(settings.poll_every)
        jitter = every.usual_jitter if settings.jitter is None else min(settings.jitter, settings.poll_every / 2)
        return Rhythm(every, jitter, quiet, zone_of(zone) if quiet else UTC)
    jitter = MOST_JITTER if settings.jitter is None else settings.jitter
    return Rhythm(Cron(settings.schedule, zone_of(zone)), jitter, quiet, zone_of(zone))


def zone_of(named: tzinfo | None) -> tzinfo:
    """The time zone of the settings, else the machine's."""
    if named is not None:
        return named
    try:
        return get_localzone()
    except (LookupError, OSError, ValueError) as error:
        what = "the time zone of this machine cannot be found out"
        raise Show(Problem("WATCHER_TIME_ZONE", what, "name it, such as Europe/Berlin")) from error


def data_folder(settings: Settings) -> Path:
    """Where the ledger lies, and beside it all else that the program keeps."""
    return ledger_file(settings).parent


def ledger_file(settings: Settings) -> Path:
    """The file of the ledger."""
    return Path(make_url(settings.ledger).database or "").expanduser().absolute()


def tokens_of(settings: Settings, account: str, clock: Clock) -> KeptTokens | None:
    """The tokens of a sign-in by OAuth; None where a password is used. Raises Show without the extra `oauth`."""
    if settings.mailbox is not None or settings.imap_auth == "password":
        return None
    try:
        from watcher.adapters import oauth  # noqa: PLC0415 - its libraries come with an extra
    except ImportError as error:
        what, remedy = "a sign-in by OAuth needs the extra oauth", "pip install 'invitation-watcher[oauth]'"
        raise Show(Problem(f"WATCHER_IMAP_AUTH={settings.imap_auth}", what, remedy)) from error
    place = oauth.Place(data_folder(settings), account)
    store = oauth.KeyringStore(place) if settings.oauth_store == "keyring" else oauth.TokenFile(place)
    return oauth.KeptTokens(_provider(settings), store, clock)


def login_of(settings: Settings, clock: Clock) -> Login:
    """A person's sign-in by OAuth. Raises Show where a password is used, or the extra is missing."""
    tokens = tokens_of(settings, settings.my_address.lower(), clock)
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
        connect=lambda given: connect(server_of(settings, given)),
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


def second_judge(settings: Settings, voice: Voice) -> SecondJudge | None:
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
        kept=language_model.OpinionFile(data_folder(settings) / "opinions.sqlite"),
        seed=lambda: secrets.token_bytes(32),
        secret=voice.secret,
        me=voice.me,
        within=settings.llm_timeout,
        per_day=settings.llm_per_day,
    )


def messenger_of(url: str, setting: str) -> Messenger:
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


def address_book(settings: Settings) -> AddressBook | None:
    """The address book of the settings; None where there is none."""
    if settings.address_book is None:
        return None
    from watcher.adapters.address_book import VcardBook  # noqa: PLC0415 - its library is slow to load

    return VcardBook(settings.address_book)


def fingerprint(secret: bytes, settings: Settings) -> str:
    """What a server is told at the door, so that a change of it is noticed; nobody can read it back."""
    password = settings.imap_password.get_secret_value() if settings.imap_password else ""
    if settings.imap_auth != "password":  # a token is another one each hour
        password = f"{settings.imap_auth}\x1f{settings.oauth_provider}\x1f{settings.oauth_client_id}"
    told = "\x1f".join([settings.imap_host, str(settings.port), settings.imap_user, password])
    return hmac.new(secret, told.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def require_languages(settings: Settings, templates: FileTemplates) -> None:
    """Raises Show where the person answers in a language without templates."""
    known = {source.language for source in templates.listing()}
    missing = [code for code in settings.languages if code not in known]
    if missing:
        what = f"there are no templates in {', '.join(missing)}"
        remedy = f"choose among {', '.join(sorted(known))}, or write them into the folder of WATCHER_TEMPLATES"
        raise Show(Problem("WATCHER_LANGUAGES", what, remedy))


def require_variant(settings: Settings, templates: FileTemplates) -> None:
    """Raises Show where no template has the variant of the settings."""
    known = {source.name.partition(".")[2] for source in templates.listing()} - {""}
    if settings.variant and settings.variant not in known:
        what = f"there is no template with the variant {settings.variant!r}"
        remedy = f"choose among {', '.join(sorted(known))}, or write a file en/generic.{settings.variant}.txt.j2"
        raise Show(Problem("WATCHER_VARIANT", what, remedy))
