"""A throw-away GNU imap4d (mailutils) on loopback, run from Debian's packages as an ordinary user; mail in mbox files.

A delivered mail gets its UID when somebody opens the folder to write: who only looks sees a new UIDVALIDITY each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from servers.facts import Facts
from servers.loopback import (
    PASSWORD_HASH,
    USER,
    Listening,
    await_greeting,
    free_port,
    hand_over,
    ids,
    private_folder,
    started,
)
from servers.unpacked import copied, library_path, unpacked

FACTS = Facts(
    marks_drafts=False,
    tells_uid=False,
    finds_to_the_last=False,
    adds=("X-IMAPbase", "X-UID", "Status"),
    keywords=False,
    keeps_validity=False,
    listens=False,
)

_SETTINGS = """
mode daemon;
foreground yes;
max-children 50;
pidfile "{home}/pid";
tcp-wrappers {{ enable no; }};
virtdomain {{ passwd-dir "{home}/domains"; }};
auth {{
  authentication clear;
  authentication generic:virtdomain;
  authorization clear;
  authorization virtdomain;
}};
gsasl {{ enable no; }};
logging {{ syslog no; severity notice; }};
mailbox {{ mail-spool "{home}/spool"; mailbox-type mbox; }};
namespace personal {{ prefix "" {{ directory "{home}/mail"; delimiter "/"; mailbox-type mbox; }}; }};
server 127.0.0.1:{port} {{ tls-mode no; }};
"""


@dataclass(frozen=True, kw_only=True)
class Imap4d(Listening):
    """A running server; `home` holds its mail."""

    home: Path

    def receive(self, mails: Iterable[bytes], at: datetime) -> None:
        """As a mail server does it: written behind the others in the file, and nobody has given it a UID yet."""
        with (self.home / "mail" / "INBOX").open("ab") as box:
            for mail in mails:
                box.write(f"From someone@example.test {at.astimezone(UTC):%a %b %e %H:%M:%S %Y}\n".encode())
                box.write(mail.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n\n")


def packages() -> AbstractContextManager[Path]:
    """A copy of the unpacked packages. Raises NotHere."""
    return copied(unpacked("imap4d", "usr/sbin/imap4d"))


@contextmanager
def running(root: Path) -> Iterator[Imap4d]:
    """A fresh server from `packages()`, gone at the end."""
    with private_folder("iw-") as home:
        server = Imap4d(port=free_port(), facts=FACTS, home=home)
        _furnish(home, server.port)
        words = [str(root / "usr" / "sbin" / "imap4d"), f"--config-file={home / 'imap4d.conf'}"]
        environment = {"LD_LIBRARY_PATH": library_path(root), "HOME": str(home)}
        with started(words, environment, home / "log") as process:
            await_greeting(server.port, process, home / "log")
            yield server


def _furnish(home: Path, port: int) -> None:
    for name in ("domains", "mail", "spool"):
        (home / name).mkdir()
    for name in ("INBOX", "Drafts", "Sent", "Trash"):
        (home / "mail" / name).touch()
    name, _, domain = USER.partition("@")
    uid, gid = ids()
    (home / "domains" / domain).write_text(f"{name}:{PASSWORD_HASH}:{uid}:{gid}:{name}:{home}/mail:/bin/sh\n")
    (home / "imap4d.conf").write_text(_SETTINGS.format(home=home, port=port))
    hand_over(home)
