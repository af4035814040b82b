"""Many mailboxes under one `watcher run`, some of them broken, and what that costs: the process is asked from outside.

The broken ones: a password that is refused, a server that says nothing, and one that says what no mail server does.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

from model.world import invitation
from servers.dovecot import Dovecot, Style
from servers.loopback import hand_over
from shell.program import PROGRAM, SOON, Home

MANY = Style(extra="default_process_limit = 1200\ndefault_client_limit = 4000\n")
"""A Dovecot for some hundred clients at the same time."""

BROKEN = ("hangs", "garbage", "refused")


def arriving(number: int) -> bytes:
    """An invitation of somebody else each time, dated now."""
    date = format_datetime(datetime.now(UTC)).encode()
    return re.sub(rb"(?m)^Date: .*?(?=\r?$)", b"Date: " + date, invitation(number), count=1)


@dataclass
class Look:
    """One look at the process."""

    kilobytes: int
    threads: int
    connections: int


@dataclass
class Fleet:
    """So many mailboxes on one server, `BROKEN` among them; `folder` is the home of who watches them."""

    server: Dovecot
    folder: Path
    accounts: int
    every: timedelta
    security: str = "tls"
    idle: str = "auto"
    looks: list[Look] = field(default_factory=list)

    @property
    def well(self) -> list[str]:
        return [f"no{number:03}" for number in range(self.accounts - len(BROKEN))]

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The program over all of them, with an invitation in each."""
        self.server.admit(f"{name}@example.test" for name in [*self.well, "refused"])
        for name in self.well:
            self._deliver(name, arriving(1))
        with _talking(b"") as hangs, _talking(b"\x00\xff garbage {9999999}\r\n" * 50) as garbage:
            self._write_settings({"hangs": hangs, "garbage": garbage})
            process = self._started()
            try:
                yield process
            finally:
                process.kill()
                process.wait(10)

    def _started(self) -> subprocess.Popen[bytes]:
        """Its log goes to a file: nobody reads it meanwhile, and a pipe that is full would stop it."""
        environment = Home(self.folder, self._outside()).environment()
        with self.log.open("wb") as log:
            return subprocess.Popen([*PROGRAM, "run"], cwd=self.folder, env=environment, stderr=log)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def events(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def look(self, process: subprocess.Popen[bytes]) -> None:
        status = Path(f"/proc/{process.pid}/status").read_text("ascii")
        found = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
        self.looks.append(Look(int(found["VmRSS"]), int(found["Threads"]), _established(process.pid)))

    def completed(self) -> dict[str, list[datetime]]:
        """When passes over each mailbox that is well were completed."""
        found: dict[str, list[datetime]] = {f"{name}@example.test": [] for name in self.well}
        for account, ended in self._asked("SELECT account, ended FROM pass WHERE completed ORDER BY id"):
            found[account].append(datetime.fromisoformat(ended).replace(tzinfo=UTC))
        return found

    def states(self) -> Counter[str]:
        return Counter(state for (state,) in self._asked("SELECT state FROM invitation"))

    def longest_gap(self) -> timedelta:
        """Between two passes over the same mailbox that were completed."""
        gaps = (later - earlier for ends in self.completed().values() for earlier, later in pairwise(ends))
        return max(gaps, default=timedelta.max)

    def _asked(self, question: str) -> list[tuple[str, ...]]:
        """What the ledger answers; nothing as long as the program has not made it."""
        if not self.ledger.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as ledger:
            is_made = ledger.execute("SELECT 1 FROM sqlite_master WHERE name = 'pass'").fetchone()
            return ledger.execute(question).fetchall() if is_made else []

    def _outside(self) -> dict[str, str]:
        tls = self.security == "tls"
        return {
            "WATCHER_ACCOUNTS": str(self.folder / "mailboxes"),
            "WATCHER_IMAP_HOST": "localhost" if tls else "127.0.0.1",
            "WATCHER_IMAP_PORT": str(self.server.tls_port if tls else self.server.port),
            "WATCHER_IMAP_SECURITY": self.security,
            "WATCHER_IMAP_PASSWORD": self.server.password,
            "WATCHER_MY_NAME": "Robin Ashdown",
            "WATCHER_TRUSTED_AUTHSERV": "mx.example.test",
            "WATCHER_POLL_EVERY": f"{self.every.total_seconds():.0f} s",
            "WATCHER_IDLE": self.idle,
            "WATCHER_LEDGER": f"sqlite:///{self.ledger}",
            "WATCHER_LOG": "json",
            "WATCHER_WEB": "off",
            **({"WATCHER_IMAP_CA_FILE": str(self.server.ca)} if tls else {}),
        }

    def _write_settings(self, ports: dict[str, int]) -> None:
        folder = self.folder / "mailboxes"
        folder.mkdir()
        for name in [*self.well, *BROKEN]:
            lines = [f"WATCHER_IMAP_USER={name}@example.test"]
            if name in ports:
                lines += ["WATCHER_IMAP_HOST=127.0.0.1", f"WATCHER_IMAP_PORT={ports[name]}"]
                lines += ["WATCHER_IMAP_SECURITY=none"]
            if name == "refused":
                lines += ["WATCHER_IMAP_PASSWORD=wrong"]
            file = folder / f"{name}.env"
            file.write_text("\n".join(lines) + "\n")
            file.chmod(0o600)

    def _deliver(self, name: str, mail: bytes) -> None:
        home = self.server.mail_of(f"{name}@example.test")
        for part in ("cur", "new", "tmp"):
            (home / "Maildir" / part).mkdir(parents=True)
        (home / "Maildir" / "new" / f"{int(time.time())}.M1.bulk").write_bytes(mail)
        hand_over(home)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Tell it to stop; exit code and seconds. Fails where that takes longer than SOON."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(SOON), time.monotonic() - began


def _established(pid: int) -> int:
    """Connections of this process that stand: its sockets among those of the system (proc_pid_net(5))."""
    own = set()
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            own.add(Path(entry.path).readlink().name)
        except OSError:  # closed meanwhile
            continue
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[3] == "01" and f"socket:[{row[9]}]" in own for row in rows)


@contextmanager
def _talking(words: bytes) -> Iterator[int]:
    """A port where everybody is told these words, and then nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    kept = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
                kept.append(client)
                client.sendall(words)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for client in kept:
            client.close()
