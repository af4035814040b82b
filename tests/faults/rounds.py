"""One round of trouble: a fresh mailbox with invitations in it, runs of the program, and what must hold at the end."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from itertools import count
from pathlib import Path

from imapclient import IMAPClient
from servers import dovecot as dovecot_server
from servers.dovecot import PASSWORD, Dovecot
from servers.loopback import ids
from shell.program import Home, Ran

EVERY_STEP = os.environ.get("FAULTS") == "all"
"""`make faults` tries each fault at every step; `make test` where it tells most."""

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
# Four are drafted, 09 is held, 12 is the same person as 01; 15 is no invitation.
INVITATIONS = (
    "01-no-note.eml", "02-default-sentence.eml", "05-own-words-reason.eml", "10-answerable-by-mail.eml",
    "09-guest-by-own-address.eml", "12-same-person-again.eml",
)  # fmt: skip
MAILS = (*INVITATIONS, "15-job-alert.eml")
OWN_DRAFT = b"From: me@example.test\r\nSubject: Half a letter\r\nMessage-ID: <own@example.test>\r\n\r\nDear \r\n"
ENDS = frozenset({"drafted", "held", "skipped", "uncertain"})
LATER = 180  # seconds: longer than the quiet period
# A line of the raw log is a moment, the client's tag, and the verb.
FORBIDDEN = re.compile(
    rb"(?im)^[\d.]+ [A-Z]{4}\d+ (?:UID )?(?:STORE|EXPUNGE|MOVE|DELETE|COPY|SELECT|CLOSE|RENAME|CREATE)\b"
)
UNPEEKED = re.compile(rb"(?i)FETCH\s.*(?:BODY\[|RFC822(?!\.SIZE))")
USERS = 6000
_numbers = count(1)


@dataclass
class Launcher:
    """The process that forks one for each run (see `launch`)."""

    process: subprocess.Popen[str]
    folder: Path
    kilobytes: int = 0
    empty_ledger: Path | None = None

    def run(self, home: Home, *words: str, **changes: str) -> Ran:
        out, err = home.folder / "out", home.folder / "err"
        order = {
            "folder": str(home.folder), "environment": home.environment(changes), "words": words,
            "out": str(out), "err": str(err),
        }  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        self.kilobytes = ended["kilobytes"]
        return Ran(ended["code"], out.read_text("utf-8"), err.read_text("utf-8"))


@contextmanager
def launcher() -> Iterator[Launcher]:
    words = [sys.executable, str(Path(__file__).with_name("launch.py")), "--serve"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        with tempfile.TemporaryDirectory(prefix="iw-launcher-") as folder:
            yield Launcher(process, Path(folder))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


@contextmanager
def many_mailboxes(packages: Path) -> Iterator[Dovecot]:
    """A Dovecot with a mailbox of its own for each round, so that rounds need no server each."""
    with dovecot_server.running(packages) as server:
        uid, gid = ids()
        places = (f"{_user(n)}:{{PLAIN}}{PASSWORD}:{uid}:{gid}::{server.home}/mail/{n}::\n" for n in range(1, USERS))
        (server.home / "users").write_text("".join(places))
        yield server


def _user(number: int) -> str:
    return f"me{number}@example.test"


@dataclass
class Round:
    """A person with a mailbox of their own; `folder` is their home."""

    server: Dovecot
    program: Launcher
    folder: Path
    number: int = field(default_factory=lambda: next(_numbers))
    port: int | None = None
    ahead: int = 0
    own: dict[int, tuple[bytes, frozenset[bytes]]] = field(default_factory=dict)
    _logs_before: frozenset[Path] = frozenset()

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._fill()
        with self._client() as client:
            client.append("Drafts", OWN_DRAFT, [b"\\Draft", b"\\Flagged"])
        self.own = self.drafts()
        self._logs_before = frozenset((self.server.home / "raw").glob("*.in"))
        self._bring_ledger()

    def _bring_ledger(self) -> None:
        """An empty ledger, as one before the first pass: it is made once, because that takes longer than a pass."""
        if self.program.empty_ledger is None:
            self.program.run(self.home, "drafts")
            self.program.empty_ledger = Path(tempfile.mkdtemp(prefix="iw-ledger-", dir=self.program.folder)) / "share"
            shutil.copytree(self.home.ledger.parent, self.program.empty_ledger)
        elif not self.home.ledger.is_file():
            shutil.copytree(self.program.empty_ledger, self.home.ledger.parent)

    def _fill(self) -> None:
        maildir = self.server.home / "mail" / str(self.number) / "Maildir"
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        received = time.time() - 3600
        for place, name in enumerate(MAILS):
            file = maildir / "cur" / f"{int(received)}.M{place:06}.round:2,"
            file.write_bytes((SAMPLES / name).read_bytes())
            os.utime(file, (received + place, received + place))
        for path in (maildir.parent, maildir, *maildir.rglob("*")):
            os.chown(path, *ids())

    @property
    def home(self) -> Home:
        settings = {
            **self.server.environment(),
            "WATCHER_IMAP_USER": _user(self.number),
            "WATCHER_MY_ADDRESS": "me@example.test",
            "WATCHER_TRUSTED_AUTHSERV": "mx.example.test",
            "WATCHER_IMAP_PORT": str(self.port or self.server.port),
        }
        return Home(self.folder, settings)

    def once(self, **changes: str) -> Ran:
        return self.program.run(self.home, "once", "--json", FAULTS_CLOCK=str(self.ahead), **changes)

    def later(self, **changes: str) -> Ran:
        """The next run after the quiet period: the clock only ever goes ahead."""
        self.ahead += LATER
        return self.once(**changes)

    def until_quiet(self) -> None:
        """Run again at once, then when every tail has come, then until nothing changes."""
        self.once()
        before = self.states()
        for _ in range(4):
            ran = self.later()
            assert ran.code in {0, 1}, ran.err
            if self.states() == before:
                return
            before = self.states()

    def states(self) -> dict[str, str]:
        """What the ledger says became of each mail, by its Message-ID."""
        if not self.home.ledger.is_file():
            return {}
        ledger = sqlite3.connect(f"file:{self.home.ledger}?mode=ro", uri=True)
        try:
            return dict(ledger.execute("SELECT source_message_id, state FROM invitation"))
        finally:
            ledger.close()

    @contextmanager
    def _client(self) -> Iterator[IMAPClient]:
        client = IMAPClient(self.server.host, self.server.port, ssl=False, timeout=20)
        client.login(_user(self.number), PASSWORD)
        yield client
        client.logout()

    def drafts(self) -> dict[int, tuple[bytes, frozenset[bytes]]]:
        """Octets and flags by UID."""
        with self._client() as client:
            client.select_folder("Drafts", readonly=True)
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]", "FLAGS"])
        return {uid: (one[b"BODY[]"], frozenset(one[b"FLAGS"]) - {b"\\Recent"}) for uid, one in found.items()}

    def said(self) -> bytes:
        """What the program sent to the server in this round."""
        logs = set((self.server.home / "raw").glob("*.in")) - self._logs_before
        return b"".join(log.read_bytes() for log in sorted(logs))

    def check(self) -> Counter[str]:
        """What must hold at the end, whatever happened; returns how often each state came out."""
        drafts, states = self.drafts(), self.states()
        answered = Counter(_in_reply_to(content) for uid, (content, _) in drafts.items() if uid not in self.own)
        assert all(times == 1 for times in answered.values()), f"two drafts: {answered}"
        assert {uid: drafts.get(uid) for uid in self.own} == self.own, "a draft of the person's own was touched"
        assert len(states) == len(INVITATIONS), f"lost: {states}"
        assert set(states.values()) <= ENDS, states
        drafted = {mail for mail, state in states.items() if state == "drafted"}
        uncertain = {mail for mail, state in states.items() if state == "uncertain"}
        assert drafted <= set(answered) <= drafted | uncertain, (states, answered)
        said = self.said()
        assert FORBIDDEN.findall(said) == []
        assert UNPEEKED.findall(said) == []
        return Counter(states.values())


def _in_reply_to(content: bytes) -> str:
    return str(message_from_bytes(content, policy=default)["In-Reply-To"])


def points_of(one: Round, **changes: str) -> tuple[str, ...]:
    """The points that a run on this mailbox passes when nobody kills it."""
    log = one.folder / "points"
    ran = one.once(FAULTS_POINTS=str(log), **changes)
    assert ran.code == 0, ran.err
    return tuple(log.read_text("utf-8").splitlines())
