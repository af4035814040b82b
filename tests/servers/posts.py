"""Where mail is delivered in tests: one Post for each adapter of the mailbox port, all with the same few verbs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from imapclient import IMAPClient
from servers.dovecot import Dovecot
from twins.mailbox import Store, StoredMail, TwinMailbox

from watcher.adapters.imap import Security, Server, connect
from watcher.ports import Mailbox


class Post(Protocol):
    """The other side of a mailbox: delivers, makes folders, and looks at what lies there."""

    def deliver(self, content: bytes, received: datetime, folder: str = "INBOX") -> int: ...

    def make(self, folder: str) -> None: ...

    def remove(self, folder: str, uid: int) -> None: ...

    def stored(self, folder: str) -> dict[int, StoredMail]: ...

    def open(self) -> Mailbox: ...


@dataclass
class TwinPost:
    store: Store

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


def _stored(answer: dict[bytes, object]) -> StoredMail:
    body, received, flags = answer[b"BODY[]"], answer[b"INTERNALDATE"], answer[b"FLAGS"]
    assert isinstance(body, bytes)
    assert isinstance(received, datetime)
    assert isinstance(flags, tuple)
    return StoredMail(body, received, frozenset(flag.decode() for flag in flags))


def imap_post(dovecot: Dovecot) -> ImapPost:
    return ImapPost(Server(dovecot.host, dovecot.port, Security.NONE, dovecot.user, dovecot.password, timeout=20))
