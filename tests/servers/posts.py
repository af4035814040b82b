"""Where mail is delivered in tests: one Post for each adapter of the mailbox port, all with the same few verbs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from imapclient import IMAPClient, imap_utf7
from servers.facts import Facts
from servers.loopback import Listening, logged_in
from twins.mailbox import Store, StoredMail, TwinDraftRemoval, TwinMailbox

from watcher.adapters.imap import ImapDraftRemoval, ImapMailbox, Security, Server, connect
from watcher.adapters.maildir import MaildirDraftRemoval, MaildirMailbox, open_maildir
from watcher.adapters.maildir.names import unique_part
from watcher.ports import Mailbox
from watcher.ports.removal import DraftRemoval

PLAIN = Facts()


class Post(Protocol):
    """The other side of a mailbox: delivers, makes folders, and looks at what lies there."""

    @property
    def is_remote(self) -> bool:
        """Whether a server answers: then calls cost round trips and octets. Files cost only the octets read of them."""

    @property
    def facts(self) -> Facts:
        """What this mailbox does in its own way."""

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int: ...

    def make(self, folder: str) -> None: ...

    def remove(self, folder: str, uid: int) -> None: ...

    def mark(self, folder: str, uid: int, flag: str) -> None: ...

    def stored(self, folder: str) -> dict[int, StoredMail]: ...

    def open(self) -> Mailbox: ...

    def removal(self, mailbox: Mailbox) -> DraftRemoval: ...


@dataclass
class TwinPost:
    store: Store
    is_remote: bool = True
    facts: Facts = PLAIN

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int:
        return self.store.folders[folder].add(StoredMail(content, received))

    def make(self, folder: str) -> None:
        self.store.folders[folder] = type(self.store.folders["INBOX"])()

    def remove(self, folder: str, uid: int) -> None:
        del self.store.folders[folder].mails[uid]

    def mark(self, folder: str, uid: int, flag: str) -> None:
        mails = self.store.folders[folder].mails
        mails[uid] = replace(mails[uid], flags=mails[uid].flags | {flag})

    def stored(self, folder: str) -> dict[int, StoredMail]:
        return dict(self.store.folders[folder].mails)

    def open(self) -> Mailbox:
        return TwinMailbox(self.store)

    def removal(self, mailbox: Mailbox) -> DraftRemoval:
        assert isinstance(mailbox, TwinMailbox)
        return TwinDraftRemoval(mailbox)


@dataclass
class ImapPost:
    """Over a real server, by a client of the person's own."""

    server: Server
    facts: Facts
    is_remote: bool = True

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int:
        with self._client() as client:
            told = re.search(rb"APPENDUID \d+ (\d+)", client.append(folder, content, msg_time=received))
            if told:
                return int(told[1])
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

    def mark(self, folder: str, uid: int, flag: str) -> None:
        with self._client() as client:
            client.select_folder(folder)
            client.add_flags([uid], [flag.encode()])

    def stored(self, folder: str) -> dict[int, StoredMail]:
        with self._client() as client:
            client.select_folder(folder, readonly=True)
            client.normalise_times = False
            uids = client.search(["ALL"])
            found = client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]) if uids else {}
        return {uid: _stored(answer) for uid, answer in found.items()}

    def open(self) -> Mailbox:
        return connect(self.server)

    def removal(self, mailbox: Mailbox) -> DraftRemoval:
        assert isinstance(mailbox, ImapMailbox)
        return ImapDraftRemoval(mailbox.session)

    def _client(self) -> AbstractContextManager[IMAPClient]:
        return logged_in(self.server.host, self.server.port, self.server.user, self.server.password)


@dataclass
class MaildirPost:
    """Over files, as a program that syncs them: Maildir++ with LF and INBOX in the root, or plain and with CRLF."""

    root: Path
    data: Path
    is_plain: bool = False
    is_remote: bool = False
    facts: Facts = PLAIN
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

    def mark(self, folder: str, uid: int, flag: str) -> None:
        path = self.paths(folder)[uid]
        name, _, flags = path.name.partition(":2,")
        letter = next(letter for letter, known in FLAGS.items() if known == flag)
        path.rename(self.place(folder) / "cur" / f"{name}:2,{''.join(sorted({*flags, letter}))}")

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

    def removal(self, mailbox: Mailbox) -> DraftRemoval:
        assert isinstance(mailbox, MaildirMailbox)
        return MaildirDraftRemoval(mailbox)


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


def imap_post(server: Listening) -> ImapPost:
    reached = Server(server.host, server.port, Security.NONE, server.user, server.password, timeout=20)
    return ImapPost(reached, server.facts)
