"""Where mail is delivered in tests: one Post for each adapter of the mailbox port, all with the same few verbs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from imapclient import IMAPClient, imap_utf7
from servers.dovecot import Dovecot
from twins.mailbox import Store, StoredMail, TwinMailbox

from watcher.adapters.imap import Security, Server, connect
from watcher.adapters.maildir import MaildirMailbox, open_maildir
from watcher.adapters.maildir.names import unique_part
from watcher.ports import Mailbox


class Post(Protocol):
    """The other side of a mailbox: delivers, makes folders, and looks at what lies there."""

    @property
    def is_remote(self) -> bool:
        """Whether a server answers: then calls cost round trips and octets. Files cost only the octets read of them."""

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int: ...

    def make(self, folder: str) -> None: ...

    def remove(self, folder: str, uid: int) -> None: ...

    def stored(self, folder: str) -> dict[int, StoredMail]: ...

    def open(self) -> Mailbox: ...


@dataclass
class TwinPost:
    store: Store
    is_remote: bool = True

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int:
        return self.store.folders[folder].add(StoredMail(content, received))

    def make(self, folder: str) -> None:
        self.store.folders[folder] = type(self.store.folders["INBOX"])()

    def remove(self, folder: str, uid: int) -> None:
        del self.store.folders[folder].mails[uid]

    def stored(self, folder: str) -> dict[int, StoredMail]:
        return dict(self.store.folders[folder].mails)

    def open(self) -> Mailbox:
        return TwinMailbox(self.store)


@dataclass
class ImapPost:
    """Over a real server, by a client of the person's own."""

    server: Server
    is_remote: bool = True

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int:
        with self._client() as client:
            client.append(folder, content, msg_time=received)
            client.select_folder(folder, readonly=True)
            return int(max(client.search(["ALL"])))

    def make(self, folder: str) -> None:
        with self._client() as client:
            client.create_folder(folder)

    def remove(self, folder: str, uid: int) -> None:
        with self._client() as client:
            client.select_folder(folder)
            client.delete_messages([uid])
            client.expunge()

    def stored(self, folder: str) -> dict[int, StoredMail]:
        with self._client() as client:
            client.select_folder(folder, readonly=True)
            client.normalise_times = False
            uids = client.search(["ALL"])
            found = client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]) if uids else {}
        return {uid: _stored(answer) for uid, answer in found.items()}

    def open(self) -> Mailbox:
        return connect(self.server)

    @contextmanager
    def _client(self) -> Iterator[IMAPClient]:
        client = IMAPClient(self.server.host, self.server.port, ssl=False, timeout=20)
        client.login(self.server.user, self.server.password)
        yield client
        client.logout()


@dataclass
class MaildirPost:
    """Over files, as a program that syncs them: Maildir++ with LF and INBOX in the root, or plain and with CRLF."""

    root: Path
    data: Path
    is_plain: bool = False
    is_remote: bool = False
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        for folder in ("INBOX", "Drafts", "Sent"):
            self.make(folder)

    def place(self, folder: str) -> Path:
        if self.is_plain:
            return self.root / folder
        return self.root if folder == "INBOX" else self.root / f".{imap_utf7.encode(folder).decode('ascii')}"

    def make(self, folder: str) -> None:
        for name in ("cur", "new", "tmp"):
            (self.place(folder) / name).mkdir(parents=True)

    def put(self, content: bytes, received: datetime, folder: str = "INBOX", name: str | None = None) -> Path:
        """One file more in `new`, or where `name` says; numbered by nobody yet."""
        file = self.place(folder) / (name or f"new/{received.timestamp():.0f}.{next(self._number)}_1.example")
        file.write_bytes(content if self.is_plain else content.replace(b"\r\n", b"\n"))
        os.utime(file, (received.timestamp(), received.timestamp()))
        return file

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int:
        name = unique_part(os.fsencode(self.put(content, received, folder).name))
        return next(uid for uid, path in self.paths(folder).items() if unique_part(os.fsencode(path.name)) == name)

    def remove(self, folder: str, uid: int) -> None:
        self.paths(folder)[uid].unlink()

    def stored(self, folder: str) -> dict[int, StoredMail]:
        return {uid: _in_file(path) for uid, path in self.paths(folder).items()}

    def paths(self, folder: str) -> dict[int, Path]:
        """Files by the numbers that the program gives them."""
        opened = self.open()
        opened.look(folder)
        place = self.place(folder)
        known = opened.index.known(os.fsencode(place.relative_to(self.root)))
        opened.close()
        files = [*place.glob("new/*"), *place.glob("cur/*")]
        return dict(sorted((known[unique_part(os.fsencode(file.name))].uid, file) for file in files))

    def open(self) -> MaildirMailbox:
        return open_maildir(self.root, self.data)


FLAGS = {"D": "\\Draft", "S": "\\Seen", "F": "\\Flagged", "R": "\\Answered", "T": "\\Deleted"}


def _in_file(path: Path) -> StoredMail:
    letters = path.name.partition(":2,")[2]
    content = re.sub(rb"(?<!\r)\n", b"\r\n", path.read_bytes())
    received = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return StoredMail(content, received, frozenset(FLAGS[letter] for letter in letters))


def _stored(answer: dict[bytes, object]) -> StoredMail:
    body, received, flags = answer[b"BODY[]"], answer[b"INTERNALDATE"], answer[b"FLAGS"]
    assert isinstance(body, bytes)
    assert isinstance(received, datetime)
    assert isinstance(flags, tuple)
    return StoredMail(body, received, frozenset(flag.decode() for flag in flags))


def imap_post(dovecot: Dovecot) -> ImapPost:
    return ImapPost(Server(dovecot.host, dovecot.port, Security.NONE, dovecot.user, dovecot.password, timeout=20))
