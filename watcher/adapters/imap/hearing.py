"""IDLE (RFC 2177): the server tells of new mail as it comes, on a connection that asks nothing meanwhile.

imapclient's own `idle_check` says nothing of a dead link and reads on without end (mjs/imapclient#565), so what comes
is read here: without waiting, by lines, within bounds. One thread can thus wait for many mailboxes.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field

from watcher.adapters.imap.session import Session
from watcher.ports import FolderState

LONGEST = 64 << 10
"""So many octets may wait for the end of their line. What a server says in IDLE are lines of a few words."""

MOST = 4 << 20
"""So many octets may come in one go: a hundred thousand mails that are expunged are told in fewer."""

_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)


@dataclass(slots=True)
class ImapHearing:
    """Implements `ports.Hearing`; made by `listen`. `messages` is how many lie in the folder, as far as is known."""

    session: Session
    tag: bytes
    messages: int | None
    is_news: bool
    _waiting: bytes = b""
    _lines: list[bytes] = field(default_factory=list)
    _taken: int = 0

    def fileno(self) -> int:
        """The socket's."""
        return int(self.session.client.socket().fileno())

    def heard(self) -> bool:
        """Whether mail has come. Raises TryAgain where the link is dead or the server ended it."""
        with self.session.talking():
            while (octets := self._arrived()) is not None:
                self._take(octets)
            for line in self._lines:
                self._listen_to(line)
            self._lines.clear()
            self._taken = 0
        told, self.is_news = self.is_news, False
        return told

    def done(self) -> None:
        """End IDLE. Raises TryAgain."""
        with self.session.talking():
            self.session.client.end_idle()
            while not any(line.startswith(self.tag) for line in self._lines):
                self._take(self.session.client.heard(waits=True))
        self.session.is_listening = False

    def _arrived(self) -> bytes | None:
        """What can be read without waiting; None where nothing can."""
        try:
            return self.session.client.heard(waits=False)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def _take(self, octets: bytes) -> None:
        if not octets:
            raise self.session.lost("the server ended the connection")
        *lines, self._waiting = (self._waiting + octets).split(b"\n")
        self._lines += lines
        self._taken += len(octets)
        if max(len(self._waiting), len(self._lines)) > LONGEST or self._taken > MOST:
            raise self.session.lost("the server does not come to an end")

    def _listen_to(self, line: bytes) -> None:
        """EXISTS of more mails than there were is news (RFC 3501 §7.3.1); EXPUNGE makes them fewer (§7.4.1)."""
        if _BYE.match(line) or line.startswith(self.tag):
            raise self.session.lost(f"the server ended IDLE: {line.decode('ascii', 'replace').strip()[:100]}")
        if (count := _COUNT.match(line)) is None:
            return
        if count[2].upper() == b"EXISTS":
            self.is_news = self.is_news or self.messages is None or int(count[1]) > self.messages
            self.messages = int(count[1])
        elif self.messages is not None:
            self.messages -= 1


def listen(session: Session, folder: str) -> ImapHearing | None:
    """Begin IDLE in `folder`; None where the server cannot. Mail that came since the folder was last looked at is news.

    Raises Show where there is no such folder, and TryAgain.
    """
    with session.talking():
        if not session.client.has_capability("IDLE"):
            return None
    before = session.known(folder)
    now = session.look(folder)
    is_news = before is not None and _has_grown(before, now)
    with session.talking():
        tag = session.client.begin_idle()
    session.is_listening = True
    return ImapHearing(session, tag, now.messages, is_news)


def _has_grown(before: FolderState, now: FolderState) -> bool:
    """Whether mail came in meanwhile. Courier does not tell UIDNEXT: there the number of mails says it."""
    if before.uidnext is None or now.uidnext is None:
        return now.messages != before.messages
    return (now.uidvalidity, now.uidnext) != (before.uidvalidity, before.uidnext)
