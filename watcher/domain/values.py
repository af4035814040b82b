"""What a mail turns into: the frozen values that travel from reading to drafting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.domain import names
from watcher.domain.kinds import Authentic, Because, Kind, RouteBy, VerdictKind


@dataclass(frozen=True, slots=True)
class Inviter:
    """Who invites, as the mail shows them; `profile_url` carries no tracking."""

    name: str
    first_name: str
    headline: str | None = None
    company: str | None = None
    profile_url: str | None = None

    @property
    def greeting(self) -> str:
        """The name to greet with; empty where none can be told."""
        return names.greeting(self.name, self.first_name)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation or a reminder of one, read.

    `note` is what stands in the inviter's name without LinkedIn's frame, `note_raw` the same as it stands in the
    mail; both are None where the mail shows none. `language` is the note's, else the mail's (BCP 47).
    """

    kind: Kind
    inviter: Inviter
    note: str | None
    note_raw: str | None
    language: str | None
    invitation_id: str | None


@dataclass(frozen=True, slots=True)
class NotInvitation:
    """Any other mail: what it is, and why it was taken for that."""

    kind: Kind
    reason: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the note and why they counted, so that a person can disagree."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Generic, personalised or unsure; `confidence` runs from 0 to 1."""

    kind: VerdictKind
    because: Because
    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Route:
    """How an answer reaches the inviter: `to` for mail, `url` opens the place on LinkedIn."""

    by: RouteBy
    to: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """The mail an invitation came in: what a reply and the identity need of it."""

    message_id: str | None
    references: tuple[str, ...]
    subject: str
    sender: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """All the program thinks of one mail. `verdict` and `route` stand for invitations and reminders only."""

    found: Invitation | NotInvitation
    authentic: Authentic
    source: Source
    verdict: Verdict | None = None
    route: Route | None = None
    problems: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the mail is."""
        return self.found.kind


@dataclass(frozen=True, slots=True)
class Person:
    """The one whose mailbox this is, as drafts and templates name them."""

    name: str
    address: str
    headline: str = ""
    signature: str = ""

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split()[0] if self.name.split() else ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply ready for the Drafts folder: the whole message, CRLF, and what the ledger keeps of it."""

    content: bytes
    message_id: str
    body_hash: str
    template: str
    language: str
