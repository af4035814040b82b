"""What every throw-away server here has in common: a folder, a port on loopback and a user of its own; gone at the end.

As root a server runs as `nobody`: no mail is handed out to uid 0, and a server under test has no business there.
"""

from __future__ import annotations

import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count, islice
from pathlib import Path

from imapclient import IMAPClient
from servers.facts import Facts

HOST = "127.0.0.1"
USER, PASSWORD = "me@example.test", "secret"
PASSWORD_HASH = "$5$throwaway$GHn9HJR3yYu67JXPfKVhRze.ZBXWDf1zU.55Oj7Kmr/"  # of PASSWORD, as crypt(3) makes it
RUN_AS = ("nobody", "nogroup") if os.geteuid() == 0 else None
START_WITHIN = 30.0
STOP_WITHIN = 10.0

_PORTS = range(15_000, 32_000)


class NotHere(Exception):  # noqa: N818 - says what is the matter
    """There is no such server to run on this machine; `str()` says why."""


@dataclass(frozen=True)
class Listening:
    """A server that runs: where it listens in plain text, who may log in, and what it does in its own way."""

    port: int
    facts: Facts
    user: str = USER
    password: str = PASSWORD
    host: str = HOST

    def environment(self) -> dict[str, str]:
        """Settings of the program for this server."""
        return {
            "WATCHER_IMAP_HOST": self.host,
            "WATCHER_IMAP_PORT": str(self.port),
            "WATCHER_IMAP_SECURITY": "none",
            "WATCHER_IMAP_USER": self.user,
            "WATCHER_IMAP_PASSWORD": self.password,
            "WATCHER_MY_NAME": "Robin Ashdown",
            "WATCHER_LOOK_BACK": "36500 days",  # the samples keep their dates while the clock goes on
            "WATCHER_WEB": "off",  # tests run side by side, and the port is one
        }

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """The person's own mail program."""
        with logged_in(self.host, self.port, self.user, self.password) as client:
            yield client

    def receive(self, mails: Iterable[bytes], at: datetime) -> None:
        """New mail in INBOX, in one login: some servers take longer for that than for ten mails."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail, msg_time=at)


@contextmanager
def logged_in(host: str, port: int, user: str, password: str) -> Iterator[IMAPClient]:
    client = IMAPClient(host, port, ssl=False, timeout=20)
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each APPEND takes 44 ms
    client.login(user, password)
    yield client
    with suppress(OSError):
        client.logout()


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    # Not pytest's own folder: that is closed to other users, and sockets' names must be short.
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _ports(_process: int) -> Iterator[int]:
    """Where tests run side by side, each process begins somewhere else, one that was forked too."""
    start = random.SystemRandom().randrange(len(_PORTS))
    return (_PORTS[number % len(_PORTS)] for number in count(start))


def free_port() -> int:
    """One that nobody listens at, below those that systems give to clients: no connection takes it meanwhile."""
    for port in islice(_ports(os.getpid()), len(_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError("no port is free")


def ids() -> tuple[int, int]:
    """Whom a server runs as."""
    if RUN_AS is None:
        return os.getuid(), os.getgid()
    return pwd.getpwnam(RUN_AS[0]).pw_uid, grp.getgrnam(RUN_AS[1]).gr_gid


def names() -> tuple[str, str]:
    uid, gid = ids()
    return pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name


def as_user() -> Mapping[str, object]:
    """What `subprocess` has to be told so that a program runs as that user."""
    uid, gid = ids()
    return {"user": uid, "group": gid, "extra_groups": []} if RUN_AS else {}


def hand_over(folder: Path) -> None:
    """Give a folder and all in it to that user."""
    if RUN_AS:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *ids(), follow_symlinks=False)


@contextmanager
def started(words: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of that user, ended with all that it started itself."""
    with log.open("ab") as written:
        process = subprocess.Popen(
            words,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
            **as_user(),  # type: ignore[call-overload] # keyword arguments that differ by user
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """At once: nobody will read what a server would still write, and Dovecot takes a second to go in peace."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_WITHIN)


def await_file(place: Path) -> None:
    """Return once a server has made its socket. Raises TimeoutError."""
    deadline = time.monotonic() + START_WITHIN
    while not place.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{place} does not appear")
        time.sleep(0.01)


def await_greeting(port: int, process: subprocess.Popen[bytes], *logs: Path) -> None:
    """Return once the server greets. Raises RuntimeError with its own words where it does not."""
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), 1) as probe:
            if probe.recv(4) == b"* OK":
                return
        time.sleep(0.02)
    said = "".join(log.read_text(errors="replace")[-2000:] for log in logs if log.is_file())
    raise RuntimeError(f"the server does not greet: {said}")
