"""The world of the model: a mailbox that fails in every way a mailbox can, a person at work in it, and a clock.

Instances of the program run in it one after another, or one inside another: at a chosen point of its pass the first is
put to sleep past its lease while the second does a whole pass, and wakes up afterwards.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path

from twins.mailbox import Store, StoredFolder, StoredMail, TwinDraftRemoval, TwinMailbox

from watcher.adapters.ledger import SqlLedger, open_ledger
from watcher.adapters.ledger.leases import TERM
from watcher.cycle import run_pass
from watcher.domain import message
from watcher.domain.dkim import Checked
from watcher.domain.kinds import Authentic
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.errors import GiveUp, TryAgain, WatcherError
from watcher.ports import Appended, Record
from watcher.samples import RECIPIENT, sample_mails
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ACCOUNT = "me@example.test"
WATCHED = ("INBOX", "Lists")
SAMPLE = next(mail.content for mail in sample_mails() if mail.name == "01-no-note.eml").decode("utf-8")
PROOF = next(line for line in SAMPLE.splitlines(keepends=True) if line.startswith("Authentication-Results"))


class Fate(StrEnum):
    """What becomes of an APPEND."""

    STORED = "stored"
    NO = "the server says NO"
    BUSY = "the server is in trouble"
    ANSWER_LOST = "stored, and nobody hears of it"
    TAIL_LATE = "its tail arrives after the program gave up"
    TAIL_LOST = "its tail never arrives"
    DIES_BEFORE = "the program is killed before the first octet"
    DIES_AFTER = "the program is killed after the last"


class Killed(BaseException):
    """kill -9: nothing of the program runs any more."""


class Plain:
    """Templates of one line: what they say is not what the model is about."""

    def listing(self) -> tuple[()]:
        return ()

    def render(self, language: str, name: str, values: object) -> str:  # noqa: ARG002 - the port names it
        return f"Dear you ({language}/{name})\n"

    def variants(self, language: str, base: str) -> tuple[()]:  # noqa: ARG002 - the port names them
        return ()

    def subject(self, language: str, name: str, values: object) -> str:  # noqa: ARG002 - the port names them
        return ""


class NoSignatures:
    """No mail of the model is signed."""

    def verify(self, content: bytes, now: datetime) -> Checked:  # noqa: ARG002 - the port names them
        return Checked(Authentic.UNKNOWN, "no signature")


@dataclass
class Clock:
    """A clock that moves only when it is told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


Sleep = Callable[[str], None]


@dataclass
class Wild(TwinMailbox):
    """The twin with fates: each APPEND has its own, and at each step somebody may put the program to sleep."""

    store: Store
    fates: list[Fate] = field(default_factory=list)
    late: list[bytes] = field(default_factory=list)
    sleep: Sleep = lambda point: None  # noqa: ARG005 - by default nobody sleeps

    def __post_init__(self) -> None:
        super().__init__(self.store)

    def append_draft(
        self, folder: str, content: bytes, at: datetime, handing_over: Callable[[], None] = lambda: None
    ) -> Appended:
        fate = self.fates.pop(0) if self.fates else Fate.STORED
        self.sleep("intended")
        self._ordain(fate)

        def begin() -> None:
            if fate is Fate.DIES_BEFORE:
                raise Killed
            handing_over()
            self.sleep("handed over")
            self._ordain(fate)
            if fate is Fate.TAIL_LATE:
                self.late.append(content)

        appended = super().append_draft(folder, content, at, begin)
        self.sleep("appended")
        if fate is Fate.DIES_AFTER:
            raise Killed
        return appended

    def _ordain(self, fate: Fate) -> None:
        """Anew after each sleep: another instance had its own fate meanwhile."""
        self.store.refuse = "over quota" if fate is Fate.NO else ""
        self.store.busy = "come back later" if fate is Fate.BUSY else ""
        self.store.lose_answers = fate is Fate.ANSWER_LOST
        self.store.lose_tails = fate in {Fate.TAIL_LATE, Fate.TAIL_LOST}


@dataclass
class World:
    """Everything there is. `genuine` are the numbers of invitations that were ever delivered with their proof."""

    folder: Path
    empty_ledger: Path
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=lambda: Store({name: StoredFolder() for name in (*WATCHED, "Drafts", "Sent")}))
    genuine: set[int] = field(default_factory=set)
    thrown_away: list[StoredMail] = field(default_factory=list)
    late: list[bytes] = field(default_factory=list)
    own: dict[str, StoredMail] = field(default_factory=dict)
    copies: list[Path] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    _ledgers: list[SqlLedger] = field(default_factory=list)
    _in_use: int = 0

    def __post_init__(self) -> None:
        self.bring_ledger(self.empty_ledger)

    def bring_ledger(self, copy: Path) -> None:
        """Begin anew with this copy of a ledger; two instances have it open, as opening takes longer than a pass."""
        self.close()
        for file in self.folder.glob("ledger.sqlite*"):
            file.unlink()
        shutil.copy(copy, self.ledger_file)
        self.ledger_file.chmod(0o600)
        self._ledgers = [open_ledger(f"sqlite:///{self.ledger_file}", timedelta()) for _ in range(2)]

    def close(self) -> None:
        for ledger in self._ledgers:
            ledger.close()

    @property
    def ledger_file(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def account(self) -> Account:
        voice = Voice(ACCOUNT, RECIPIENT, ("en",), b"k" * 32)
        return Account(voice, WATCHED, timedelta(days=14), Policy(drafts_per_pass=3), Trust("mx.example.test"))

    @contextmanager
    def ledger(self) -> Iterator[SqlLedger]:
        """The ledger as one instance has it open; the second that asks meanwhile gets its own."""
        self._in_use += 1
        try:
            yield self._ledgers[self._in_use - 1]
        finally:
            self._in_use -= 1

    def ports(self, ledger: SqlLedger, mailbox: Wild) -> Ports:
        return Ports(mailbox, ledger, Plain(), self.clock, NoSignatures())

    # ------------------------------------------------------------------------------------------------- the program

    def look(self, fates: list[Fate], sleep: Sleep = lambda point: None) -> None:  # noqa: ARG005 - nobody sleeps
        """One pass of an instance with a connection of its own, whatever becomes of it."""
        mailbox = Wild(self.store, list(fates), self.late, sleep)
        with self.ledger() as ledger:
            try:
                run_pass(self.account, self.ports(ledger, mailbox))
            except (Killed, TryAgain):
                return

    def look_while_asleep(self, fates: list[Fate], point: str) -> None:
        """The first instance sleeps at this point past its lease; the second does a pass; the first wakes up."""
        slept: list[str] = []

        def sleep(here: str) -> None:
            if here == point and not slept:
                slept.append(here)
                self.clock.at += TERM + timedelta(minutes=1)
                self.look([])

        self.look(fates, sleep)

    def commanded(self, command: Callable[[Account, Ports, TwinDraftRemoval], Record], fates: list[Fate]) -> None:
        """A person's command; what cannot be done is told and changes nothing."""
        mailbox = Wild(self.store, list(fates), self.late)
        with self.ledger() as ledger:
            try:
                command(self.account, self.ports(ledger, mailbox), TwinDraftRemoval(mailbox))
            except (Killed, WatcherError, GiveUp):
                return

    # --------------------------------------------------------------------------------------------------- the mailbox

    def deliver(self, *, proven: bool, folder: str) -> None:
        number = next(self._numbers)
        if proven:
            self.genuine.add(number)
        self.store.folders[folder].add(StoredMail(invitation(number, proven=proven), self.clock.at))

    def tails_arrive(self) -> None:
        """What went out long ago is stored now."""
        for content in self.late:
            self.store.folders["Drafts"].add(StoredMail(content, self.clock.at, frozenset({"\\Draft", "\\Seen"})))
        self.late.clear()

    def rebuild(self, folder: str) -> None:
        """The server restores a folder: the same mail, other UIDs, another UIDVALIDITY."""
        before = self.store.folders[folder]
        fresh = StoredFolder(uidnext=before.uidnext)
        for mail in before.mails.values():
            fresh.add(mail)
        self.store.folders[folder] = fresh

    # ---------------------------------------------------------------------------------------------------- the person

    def edit(self, uid: int) -> None:
        """A mail program stores the new text under another UID and Message-ID, and removes the old one."""
        drafts, old = self.store.folders["Drafts"], self._taken(uid)
        name = f"<own{next(self._numbers)}@example.test>"
        content = _renamed(old.content, name) + b"\r\nAnd by the way\r\n"
        self.own[name] = replace(old, content=content)
        drafts.add(self.own[name])

    def send(self, uid: int) -> None:
        old = self._taken(uid)
        name = f"<sent{next(self._numbers)}@example.test>"
        self.own[name] = StoredMail(_renamed(old.content, name), self.clock.at, frozenset({"\\Seen"}))
        self.store.folders["Sent"].add(self.own[name])

    def throw_away(self, uid: int) -> None:
        self._taken(uid)

    def _taken(self, uid: int) -> StoredMail:
        mail = self.store.folders["Drafts"].mails.pop(uid)
        self.own.pop(message.parse(mail.content).message_id or "", None)
        return mail

    # -------------------------------------------------------------------------------------------------- what is there

    def answers(self) -> Counter[str]:
        """How many mails in Drafts and Sent answer each invitation."""
        mails = [mail for name in ("Drafts", "Sent") for mail in self.store.folders[name].mails.values()]
        return Counter(str(message.parse(mail.content).in_reply_to) for mail in mails)

    def names(self) -> Counter[str]:
        """How often each Message-ID stands in Drafts."""
        return Counter(
            str(message.parse(mail.content).message_id) for mail in self.store.folders["Drafts"].mails.values()
        )


def invitation(number: int, *, proven: bool = True) -> bytes:
    """An invitation of somebody else each time; without its proof it stays held."""
    text = SAMPLE if proven else SAMPLE.replace(PROOF, "")
    text = text.replace("Ottoline Marsh", f"Invented{number} Person").replace("Ottoline", f"Invented{number}")
    text = text.replace("ottoline-marsh", f"invented-{number}").replace("7300000000000000001", f"73{number:017}")
    return text.replace("<1.101.", f"<{number}.101.").encode("utf-8")


def name_of(number: int) -> str:
    """The Message-ID of this invitation."""
    return str(message.parse(invitation(number)).message_id)


def _renamed(content: bytes, name: str) -> bytes:
    old = message.parse(content).message_id
    assert old is not None
    return content.replace(old.encode(), name.encode(), 1)
