"""A mailbox in memory, a ledger on disk and a person: what most tests of passes and commands are about."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from twins.mailbox import Store, StoredMail, TwinMailbox

from watcher.adapters.ledger import SqlLedger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import PassReport, Wish, run_pass
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic
from watcher.domain.lifecycle import State
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.samples import RECIPIENT, sample_mails
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice

SAMPLES = {mail.name: mail.content for mail in sample_mails()}
NO_NOTE, DEFAULT, GERMAN = (SAMPLES[name] for name in (
    "01-no-note.eml", "02-default-sentence.eml", "03-default-sentence-german.eml"))  # fmt: skip
AGAIN, REMINDER, OWN_WORDS = (SAMPLES[name] for name in (
    "12-same-person-again.eml", "11-reminder.eml", "05-own-words-reason.eml"))  # fmt: skip
WORDS = (
    b"We sat next to each other at the mail operators' meeting in Ghent in September, you drew the bounce diagram on a"
    b" napkin. I would love to hear how the rewrite of your queue turned out."
)
"""What the note of OWN_WORDS says."""
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def in_own_words(number: int = 5, note: str | None = None) -> bytes:
    """The same invitation from another person; with another note in it."""
    mail = OWN_WORDS.replace(b"<5.105.", b"<%d.105." % number).replace(b"7300000000000000005", b"73%017d" % number)
    mail = mail.replace(b"Tilda", b"Tilda" + bytes([96 + number])).replace(b"tilda-moreau", b"tilda-%d" % number)
    assert mail.count(WORDS) == 2
    return mail.replace(WORDS, note.encode()) if note else mail


@dataclass
class StoppedClock:
    """A clock that moves only when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def wait(self, time: timedelta) -> None:
        self.at += time


@dataclass
class SaidOfSignatures:
    """What a check of signatures finds; `asked` counts the mails it was asked about."""

    says: Checked = field(default_factory=lambda: Checked(Authentic.UNKNOWN, "no signature"))
    asked: int = 0

    def verify(self, content: bytes, now: datetime) -> Checked:
        assert content.startswith(b"DKIM-Signature"), "the whole mail is handed over"
        assert now.tzinfo
        self.asked += 1
        return self.says


@dataclass
class House:
    """A mailbox, a ledger and a person, and passes over them."""

    ledger: SqlLedger
    store: Store = field(default_factory=Store)
    clock: StoppedClock = field(default_factory=StoppedClock)
    signatures: SaidOfSignatures = field(default_factory=SaidOfSignatures)
    account: Account = field(
        default_factory=lambda: Account(
            Voice("me@example.test", RECIPIENT, ("en", "de"), b"k" * 32),
            ("INBOX",),
            timedelta(days=14),
            Policy(),
            Trust("mx.example.test"),
        )
    )

    def deliver(self, *mails: bytes, received: datetime | None = None, folder: str = "INBOX") -> list[int]:
        at = received or self.clock.now()
        return [self.store.folders[folder].add(StoredMail(mail, at)) for mail in mails]

    def look(self, wish: Wish | None = None, **policy: object) -> PassReport:
        account = replace(self.account, policy=replace(self.account.policy, **policy)) if policy else self.account
        return run_pass(account, self.ports(), wish)

    def ports(self) -> Ports:
        return Ports(TwinMailbox(self.store), self.ledger, FileTemplates(), self.clock, self.signatures)

    def states(self) -> list[State]:
        return [record.state for record in reversed(self.ledger.listing())]

    @property
    def drafts(self) -> dict[int, StoredMail]:
        return self.store.folders["Drafts"].mails
