"""Every setting of this version: its type, its default, and what a person should write (the description).

A text of the environment is turned into its value here, once; nothing else in the program reads the environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from watcher.domain.kinds import VerdictKind
from watcher.domain.plan import ForKnown, Strictness
from watcher.domain.schedule import QuietHours, leaves_time, with_named_days

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_WORDS = {
    "s": {"s", "sec", "secs", "second", "seconds"},
    "m": {"m", "min", "mins", "minute", "minutes"},
    "h": {"h", "hour", "hours"},
    "d": {"d", "day", "days"},
    "w": {"w", "week", "weeks"},
}


def duration(value: object) -> object:
    """`90 s`, `5 minutes`, `14 days` → timedelta. Raises ValueError."""
    return duration_of(value) if isinstance(value, str) else value


def duration_of(text: str) -> timedelta:
    """The same of a text alone."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([A-Za-z]+)", text.strip())
    unit = next((unit for unit, words in _WORDS.items() if found and found[2].lower() in words), None)
    if found is None or unit is None:
        raise ValueError("is no duration")
    return timedelta(seconds=min(float(found[1]) * _UNITS[unit], timedelta.max.total_seconds() // 2))


def listed(value: object) -> object:
    """`a, b ,c` → (`a`, `b`, `c`)."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(piece.strip() for piece in value.split(",") if piece.strip()))


def lowered(value: object) -> object:
    """Words are compared without regard to case."""
    return value.strip().lower() if isinstance(value, str) else value


def _lines(value: object) -> object:
    return value.replace("\\n", "\n") if isinstance(value, str) else value


def _path(value: object) -> object:
    return at_home(value) if isinstance(value, str) else value


def at_home(path: str) -> Path:
    """A path with its `~` replaced; as it stands where that names nobody."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _maildir(value: object) -> object:
    if not isinstance(value, str):
        return value
    kind, _, path = value.strip().partition(":")
    if kind.lower() != "maildir" or not path.strip():
        raise ValueError("is no Maildir")
    return at_home(path.strip())


def _not_blank(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("is blank")
    return value


def _host(value: str) -> str:
    if re.search(r"[\s/@]", value):
        raise ValueError("is no name of a server")
    return value


def _web_address(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s@?#\\]", value):
        raise ValueError("is no web address")
    if parts.port == 0:
        raise ValueError("has no port that can be used")
    return value.rstrip("/")


def _endpoint(value: str | None) -> str | None:
    """An address that secrets go to: encrypted, unless it is on this machine."""
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[^!-~]|[@#\\]", value):
        raise ValueError("is no web address")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise ValueError("is not encrypted, and on another machine")
    if parts.port == 0:
        raise ValueError("has no port that can be used")
    return value


def host_of(url: str) -> str:
    """The host of a web address in small letters; "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_this_machine(host: str) -> bool:
    """Whether a name or an address means this machine, without asking anybody (RFC 6761 §6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Loopback:
    """Where the page is served: an address of this machine that no other can reach, and a port."""

    host: str
    port: int


def _loopback(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "off":
        return None
    host, _, port = value.strip().lower().rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port[:6]) < 1 << 16:
        raise ValueError("is no address and port")
    if not is_this_machine(host.removeprefix("[").removesuffix("]")):
        raise ValueError("would let other machines in, and the page is for this one alone")
    return Loopback(host.removeprefix("[").removesuffix("]"), int(port))


def _header_value(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("is no key")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>\",;]+@[^\s@<>\",;]+", value):
        raise ValueError("is no e-mail address")
    return value


def _crontab(value: str | None) -> str | None:
    if value is None:
        return None
    trigger = CronTrigger.from_crontab(with_named_days(value), timezone="UTC")
    if trigger.get_next_fire_time(None, datetime.now().astimezone()) is None:
        raise ValueError("names no day that there is")
    return " ".join(value.split())


def _quiet_hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    quiet = tuple(_quiet(piece) for piece in value.split(",") if piece.strip())
    if quiet and not leaves_time(quiet):
        raise ValueError("leaves no time for a pass")
    return quiet


def _quiet(piece: str) -> QuietHours:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", piece.strip().replace(" ", ""))
    if found is None or (found[3] == "24" and found[4] != "00"):
        raise ValueError(f"{piece.strip()!r} is no time of the day to another")
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
    if start == end:
        raise ValueError(f"{piece.strip()!r} is no time or all of it")
    return QuietHours(start, end)


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value.strip())
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("is no time zone that is known here") from None


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where word to the person goes: their desktop, and services by address; an address holds secrets."""

    desktop: bool
    urls: tuple[SecretStr, ...]


# What sends mail, of the services that apprise knows: this program has none sent, whoever would send it.
_BY_MAIL = frozenset(
    "mailto mailtos acs azure brevo deltachat deltachats groundmail mailersend mailgun notificationapi napi o365 "
    "onesignal pingram popcorn postmark resend sendgrid sendpulse ses smtp2go sparkpost".split()
)


def _destinations(value: object) -> object:
    """`off`, or `desktop` and addresses with blanks between. Raises ValueError, without a word of an address."""
    if not isinstance(value, str):
        return value
    pieces = value.split()
    if [piece.lower() for piece in pieces] == ["off"]:
        return None
    urls = [piece for piece in pieces if piece.lower() != "desktop"]
    for url in urls:
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://.", url)
        if scheme is None:
            raise ValueError("holds a word that is neither desktop nor the address of a service")
        if scheme[1].lower() in _BY_MAIL:
            raise ValueError(f"holds an address of {scheme[1].lower()}, which sends mail: this program has none sent")
    return Destinations(len(urls) < len(pieces), tuple(SecretStr(url) for url in dict.fromkeys(urls)))


Duration = Annotated[timedelta, BeforeValidator(duration)]
Words = Annotated[tuple[str, ...], BeforeValidator(listed)]
File = Annotated[Path, BeforeValidator(_path)]
LOWER = BeforeValidator(lowered)
Where = Annotated[Destinations | None, BeforeValidator(_destinations)]


class Settings(BaseSettings):
    """One mailbox's settings. Made by `load`, which adds what one field alone cannot tell."""

    model_config = SettingsConfigDict(
        env_prefix="WATCHER_", frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    imap_host: Annotated[str, AfterValidator(_host)] = Field(
        default="", max_length=253, description="the name of your mail server, such as imap.example.test"
    )
    imap_port: int | None = Field(default=None, ge=1, le=65535, description="a number from 1 to 65535; 993 for tls")
    imap_security: Annotated[Literal["tls", "starttls", "none"], LOWER] = Field(
        default="tls", description="tls, starttls, or none (for a server on this machine only)"
    )
    imap_ca_file: File | None = Field(default=None, description="a PEM file with the certificate of your own authority")
    imap_user: str = Field(default="", description="the name you log in with, often your whole address")
    imap_password: SecretStr | None = Field(default=None, description="the password, or an app password")
    imap_password_file: File | None = Field(default=None, description="a file that holds the password alone, mode 0600")
    imap_auth: Annotated[Literal["password", "xoauth2", "oauthbearer"], LOWER] = Field(
        default="password", description="password, xoauth2 or oauthbearer"
    )
    oauth_provider: Annotated[Literal["google", "microsoft", "custom"] | None, LOWER] = Field(
        default=None, description="google, microsoft or custom"
    )
    oauth_client_id: str | None = Field(
        default=None, pattern=r"^[!-~]+$", description="the client id that you registered with the provider"
    )
    oauth_client_secret: Annotated[SecretStr | None, AfterValidator(_header_value)] = Field(
        default=None, description="the client secret, where the provider gave one"
    )
    oauth_client_secret_file: File | None = Field(
        default=None, description="a file that holds the client secret alone, mode 0600"
    )
    oauth_tenant: str = Field(
        default="common", pattern=r"^[A-Za-z0-9.-]+$", description="common, or the name or id of your organisation"
    )
    oauth_authorize_url: Annotated[str | None, AfterValidator(_endpoint)] = Field(
        default=None, description="https:// and the rest of the address where people sign in"
    )
    oauth_token_url: Annotated[str | None, AfterValidator(_endpoint)] = Field(
        default=None, description="https:// and the rest of the address of the token endpoint"
    )
    oauth_device_url: Annotated[str | None, AfterValidator(_endpoint)] = Field(
        default=None, description="https:// and the rest of the address of the device endpoint, or leave it out"
    )
    oauth_scope: str | None = Field(
        default=None, pattern=r"^[!-~]+( [!-~]+)*$", description="what access to mail is called there, blanks between"
    )
    oauth_store: Annotated[Literal["file", "keyring"], LOWER] = Field(default="file", description="file or keyring")
    mailbox: Annotated[Path | None, BeforeValidator(_maildir)] = Field(
        default=None, description="maildir: and the path of a Maildir, or leave it out where your mail is on a server"
    )
    folders: Words = Field(default=("INBOX",), min_length=1, description="names of folders, with commas between")
    drafts_folder: str | None = Field(default=None, description="the folder's name, or leave it out")
    sent_folder: str | None = Field(default=None, description="the folder's name, or leave it out")
    junk: Annotated[Literal["on", "off"], LOWER] = Field(default="off", description="on or off")
    look_back: Duration = Field(
        default=timedelta(days=14), le=timedelta(days=36_500), description="14 days; 0 days starts now"
    )
    poll_every: Duration = Field(
        default=timedelta(minutes=5),
        ge=timedelta(seconds=10),
        le=timedelta(days=31),
        description="5 minutes; from 10 s to 31 days",
    )
    schedule: Annotated[str | None, AfterValidator(_crontab)] = Field(
        default=None, description="five fields of cron: minute, hour, day of month, month, day of week; */15 8-18 * * *"
    )
    jitter: Duration | None = Field(default=None, le=timedelta(hours=1), description="30 s; at most 1 hour")
    quiet_hours: Annotated[tuple[QuietHours, ...], BeforeValidator(_quiet_hours)] = Field(
        default=(), description="times of the day such as 22:00-07:00, with commas between, that leave some of it"
    )
    time_zone: Annotated[ZoneInfo | None, BeforeValidator(_zone)] = Field(
        default=None, description="the name of a time zone, such as Europe/Berlin"
    )
    idle: Annotated[Literal["auto", "on", "off"], LOWER] = Field(default="auto", description="auto, on or off")
    accounts: File | None = Field(default=None, description="a folder with one NAME.env for each mailbox")
    my_name: Annotated[str, BeforeValidator(_not_blank)] = Field(
        description="your name, as drafts are signed", max_length=200
    )
    my_address: Annotated[str, BeforeValidator(_address)] = Field(default="", description="the address drafts are from")
    my_headline: str = Field(default="", description="what you do, for templates that say it")
    signature: Annotated[str, BeforeValidator(_lines)] = Field(
        default="", description="your signature, \\n for a new line"
    )
    quote: Annotated[Literal["below", "off"], LOWER] = Field(default="off", description="below or off")
    languages: Annotated[Words, LOWER] = Field(
        default=("en",), min_length=1, description="languages you answer in, the first is the fallback: en, de"
    )
    draft_for: Annotated[frozenset[VerdictKind], BeforeValidator(listed), LOWER] = Field(
        default=frozenset(VerdictKind), description="any of generic, personalised, unsure, with commas between"
    )
    max_drafts_per_pass: int = Field(default=25, ge=1, le=10_000, description="a number from 1 on")
    skip: Annotated[frozenset[str], BeforeValidator(listed), LOWER] = Field(
        default=frozenset(), description="names, addresses or domains never answered, with commas between"
    )
    answerable: Annotated[Words, LOWER] = Field(default=(), description="addresses, with commas between")
    trusted_authserv: str | None = Field(
        default=None,
        pattern=r"^[^\s;]+$",
        description="one word, as `watcher doctor` proposes it; - where there is none",
    )
    judge: Annotated[Literal["default", "semantic"], LOWER] = Field(
        default="default", description="default or semantic"
    )
    authenticity: Annotated[Strictness, LOWER] = Field(default=Strictness.REQUIRE, description="require, warn or off")
    known: Annotated[ForKnown, LOWER] = Field(default=ForKnown.TEMPLATE, description="template or skip")
    address_book: File | None = Field(default=None, description="a .vcf file, or a folder of them")
    known_by_sent: Annotated[Literal["on", "off"], LOWER] = Field(default="off", description="on or off")
    templates: File | None = Field(default=None, description="a folder with templates of your own")
    variant: str = Field(
        default="", pattern=r"^[^\s./\\]*$", description="the last part of a name, such as firm for generic.firm"
    )
    llm_url: Annotated[str | None, AfterValidator(_web_address)] = Field(
        default=None, description="http:// or https://, a host, and the path before /chat/completions"
    )
    llm_model: str | None = Field(default=None, max_length=200, description="the model's name, as its server knows it")
    llm_key: Annotated[SecretStr | None, AfterValidator(_header_value)] = Field(
        default=None, description="the key that the server of the model asks for"
    )
    llm_key_file: File | None = Field(default=None, description="a file that holds the key alone, mode 0600")
    llm_timeout: Duration = Field(
        default=timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=60),
        description="30 s; from 1 s to 60 s",
    )
    llm_per_day: int = Field(default=100, ge=1, le=100_000, description="a number from 1 on")
    llm_allow: Annotated[str | None, LOWER] = Field(
        default=None, description="the name of the host in WATCHER_LLM_URL, if notes may go there"
    )
    alarms: Where = Field(
        default=None, description="off, or any of desktop and addresses as ntfys://ntfy.sh/TOPIC, with blanks between"
    )
    alarms_file: File | None = Field(default=None, description="a file that holds such addresses alone, mode 0600")
    alarm_after: int = Field(default=3, ge=1, le=100, description="a number of passes from 1 to 100")
    notices: Where = Field(
        default=None, description="off, or any of desktop and addresses as ntfys://ntfy.sh/TOPIC, with blanks between"
    )
    notices_file: File | None = Field(default=None, description="a file that holds such addresses alone, mode 0600")
    summary: Annotated[
        Literal["off", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], LOWER
    ] = Field(default="off", description="off, or a day of the week such as monday")
    ledger: str = Field(default="", pattern=r"^sqlite:///.", description="sqlite:/// and the path of a file of yours")
    web: Annotated[Loopback | None, BeforeValidator(_loopback)] = Field(
        default=Loopback("127.0.0.1", 8765), description="127.0.0.1 and a port, as 127.0.0.1:8765, or off"
    )
    log: Annotated[Literal["text", "json"], LOWER] = Field(default="text", description="text or json")
    log_level: Annotated[Literal["debug", "info", "warning", "error"], LOWER] = Field(
        default="info", description="debug, info, warning or error"
    )

    @property
    def port(self) -> int:
        """The port that was set, else the usual one for this security."""
        return self.imap_port or (993 if self.imap_security == "tls" else 143)

    @classmethod
    def settings_customise_sources(  # noqa: D102 - as pydantic-settings documents it
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - part of the hook
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - `given` reads the environment, to know each place
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it would expand ${HOME} inside a password
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not offered
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
