"""A person discards a draft by the command line while their mail program edits the same draft over its own connection.

Each race has a mailbox of its own on a real server; every command that either side sends waits a little first, each
time for another while. What must hold, whoever is first: the edited draft stays, and nothing but ours goes.
"""

from __future__ import annotations

import imaplib
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from faults.rounds import EVERY_STEP, OWN_DRAFT, SAMPLES
from imapclient import IMAPClient
from servers.dovecot import PASSWORD, Dovecot

from watcher import review
from watcher.adapters.clock import SystemClock
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.dns_keys import DnsResolver
from watcher.adapters.imap import ImapDraftRemoval, ImapMailbox, Security, Server, connect
from watcher.adapters.ledger import SqlLedger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import run_pass
from watcher.domain.lifecycle import State
from watcher.domain.plan import Policy, Strictness
from watcher.domain.reading import Trust
from watcher.errors import GiveUp
from watcher.ports import Record
from watcher.ports.removal import DraftRemoval, Removal
from watcher.samples import RECIPIENT
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice
from watcher.steps.tracking import Tracking

RACES = 200 if EVERY_STEP else 20
LONGEST_WAIT = 0.006  # seconds before a command; a race has about thirty of them
_numbers = count(5000)  # rounds count from 1 on the same server
Command = Callable[[int, Account, Ports, DraftRemoval], Record]


@pytest.fixture
def jitter(monkeypatch: pytest.MonkeyPatch) -> random.Random:
    """Each command of each connection waits before it is sent."""
    chance, send = random.Random(4315), imaplib.IMAP4.send

    def late(self: imaplib.IMAP4, data: Any) -> None:
        time.sleep(chance.uniform(0, LONGEST_WAIT))
        send(self, data)

    monkeypatch.setattr(imaplib.IMAP4, "send", late)
    return chance


@dataclass
class Watched:
    """A removal that tells what it did."""

    own: DraftRemoval
    told: list[Removal] = field(default_factory=list)

    def remove_draft(self, folder: str, uidvalidity: int, uid: int, content_hash: str) -> Removal:
        told = self.own.remove_draft(folder, uidvalidity, uid, content_hash)
        self.told.append(told)
        return told


@dataclass
class Race:
    """One mailbox with one draft of ours beside a letter of the person's own."""

    server: Server
    ledger: SqlLedger
    account: Account
    own: int = 0
    ours: int = 0
    number: int = 0
    edited: bytes = b""

    def begin(self) -> None:
        with self.client() as client:
            client.append("INBOX", (SAMPLES / "01-no-note.eml").read_bytes())
            client.append("Drafts", OWN_DRAFT, [b"\\Draft", b"\\Flagged"])
        with self.mailbox() as mailbox:
            (outcome,) = run_pass(self.account, self.ports(mailbox)).outcomes
        assert outcome.record is not None
        assert outcome.record.draft is not None
        self.number = outcome.record.id
        self.own, self.ours = sorted(self.drafts())
        assert self.ours == outcome.record.draft.uid
        content = re.sub(
            rb"(?m)^Message-ID: .*$", b"Message-ID: <new@client.example>\r", outcome.record.draft.intent.content
        )
        self.edited = content + b"with a word of my own\r\n"

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient(self.server.host, self.server.port, ssl=False, timeout=20)
        client.login(self.server.user, PASSWORD)
        yield client
        client.logout()

    @contextmanager
    def mailbox(self) -> Iterator[ImapMailbox]:
        opened = connect(self.server)
        yield opened
        opened.close()

    def ports(self, mailbox: ImapMailbox) -> Ports:
        signatures = DkimSignatures(DnsResolver(SystemClock()))
        return Ports(mailbox, self.ledger, FileTemplates(), SystemClock(), signatures)

    def drafts(self) -> dict[int, tuple[bytes, frozenset[bytes]]]:
        with self.client() as client:
            client.select_folder("Drafts", readonly=True)
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]", "FLAGS"])
        return {uid: (one[b"BODY[]"], frozenset(one[b"FLAGS"]) - {b"\\Recent"}) for uid, one in found.items()}

    def edit(self, steps: str, start: threading.Event, after: float) -> None:
        """The mail program: it puts the new text, marks the old one, takes it away, in the order of `steps`."""
        with self.client() as client:
            client.select_folder("Drafts")
            start.wait()
            time.sleep(after)
            for step in steps:
                match step:
                    case "p":
                        client.append("Drafts", self.edited, [b"\\Draft", b"\\Seen"])
                    case "m":
                        client.add_flags([self.ours], [b"\\Deleted"])
                    case "t":
                        client.uid_expunge([self.ours])

    def run(self, command: Command, steps: str, after: float) -> tuple[str, list[Removal]]:
        """Both at once; what the command said, and what its removals did."""
        start = threading.Event()
        program = threading.Thread(target=self.edit, args=(steps, start, after))
        program.start()
        with self.mailbox() as mailbox:
            removal = Watched(ImapDraftRemoval(mailbox.session))
            start.set()
            try:
                said = str(command(self.number, self.account, self.ports(mailbox), removal).state)
            except GiveUp:
                said = "refused"
        program.join(60)
        assert not program.is_alive()
        return said, removal.told

    def noticed(self) -> State:
        """What the row is after the next pass has looked."""
        with self.mailbox() as mailbox:
            Tracking(self.account.name, mailbox, self.ledger, SystemClock()).notice()
        return review.find(self.ledger, self.number).state


def _race(server: Dovecot, ledger: SqlLedger) -> Race:
    user = f"me{next(_numbers)}@example.test"
    voice = Voice(user, RECIPIENT, ("en",), b"k" * 32)
    account = Account(voice, ("INBOX",), timedelta(days=14), Policy(strictness=Strictness.WARN), Trust())
    race = Race(Server(server.host, server.port, Security.NONE, user, PASSWORD, timeout=20), ledger, account)
    race.begin()
    return race


@pytest.mark.parametrize("steps", ["pmt", "mtp", "pm"], ids=["new first", "old first", "old only marked"])
@pytest.mark.timeout(900)
def test_an_edited_draft_is_never_discarded(
    mailboxes: Dovecot, ledger: SqlLedger, jitter: random.Random, capsys: pytest.CaptureFixture[str], steps: str
) -> None:
    ends: Counter[str] = Counter()
    for _ in range(-(-RACES // 3)):
        race = _race(mailboxes, ledger)
        said, told = race.run(review.discard, steps, jitter.uniform(0, 12 * LONGEST_WAIT))
        left = race.drafts()
        assert left.pop(race.own) == (OWN_DRAFT, {b"\\Draft", b"\\Flagged"}), "the person's own letter"
        marked = left.pop(race.ours, (b"", frozenset()))[1]
        assert steps == "pm" or not marked, "the mail program took it away"
        assert [content for content, _ in left.values()] == [race.edited], "the edited draft stays"
        assert b"\\Deleted" not in next(iter(left.values()))[1]
        assert race.noticed() is State.EDITED
        ends[f"{said}, {told[0] if told else 'not tried'}"] += 1
    _sum_up(capsys, f"discard against {steps}", ends)


@pytest.mark.parametrize("steps", ["pmt", "mtp"], ids=["new first", "old first"])
@pytest.mark.timeout(900)
def test_a_redraft_never_makes_two_of_ours(
    mailboxes: Dovecot, ledger: SqlLedger, jitter: random.Random, capsys: pytest.CaptureFixture[str], steps: str
) -> None:
    ends: Counter[str] = Counter()
    for _ in range(RACES // 10):
        race = _race(mailboxes, ledger)
        said, told = race.run(review.redraft, steps, jitter.uniform(0, 12 * LONGEST_WAIT))
        left = race.drafts()
        assert left.pop(race.own) == (OWN_DRAFT, {b"\\Draft", b"\\Flagged"})
        assert race.ours not in left
        contents = [content for content, _ in left.values()]
        assert contents.count(race.edited) == 1, "the edited draft stays"
        assert len(contents) == (2 if said == "drafted" else 1)
        ends[f"{said}, {told[0] if told else 'not tried'}"] += 1
    _sum_up(capsys, f"redraft against {steps}", ends)


def _sum_up(capsys: pytest.CaptureFixture[str], what: str, ends: Counter[str]) -> None:
    counts = ", ".join(f"{times} × {end}" for end, times in sorted(ends.items()))
    with capsys.disabled():
        sys.stdout.write(f"\n{what}: {ends.total()} races, 0 edited drafts lost ({counts})\n")
