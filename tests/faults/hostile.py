"""A server that lies. It speaks enough IMAP for a whole pass; a test says in what it is dishonest.

`lies` holds an answer for a verb (in capitals, without UID; `greeting` for the first line): octets in which TAG stands
for the command's own tag, or a function of the command's line. What is left out is answered as an honest server would.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

Lie = bytes | Callable[[bytes], bytes]
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")
STRUCTURE = b'("TEXT" "HTML" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" %d 40)'


@dataclass
class Hostile:
    """`mails` lie in INBOX with the UIDs 1, 2, …; what is appended is kept in `stored`."""

    mails: tuple[bytes, ...] = ()
    lies: dict[str, Lie] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    behind_starttls: bytes = b""
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    secured: bool = False
    opened: bytes = b"INBOX"

    @property
    def there(self) -> Sequence[bytes]:
        """The mail of the folder that is open."""
        return self.stored if b"Drafts" in self.opened else self.mails

    @property
    def verbs(self) -> set[bytes]:
        return {_verb(line).encode() for line in self.heard}

    def serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            client.sendall(self._lie("greeting", b"") or b"* OK hello\r\n")
            self._talk(client, lines)

    def _talk(self, client: socket.socket, lines: BinaryIO) -> None:
        while line := lines.readline():
            self.heard.append(line)
            if _verb(line) == "STARTTLS" and "STARTTLS" not in self.lies:
                self._start_tls(client, line)
                return
            client.sendall(self._answer(client, lines, line))

    def _start_tls(self, client: socket.socket, line: bytes) -> None:
        client.sendall(line.split()[0] + b" OK begin\r\n" + self.behind_starttls)
        assert self.tls is not None
        with self.tls.wrap_socket(client, server_side=True) as secured, secured.makefile("rb") as lines:
            self.secured = True
            self._talk(secured, lines)

    def _answer(self, client: socket.socket, lines: BinaryIO, line: bytes) -> bytes:
        if (found := _LITERAL.search(line)) and _verb(line) == "APPEND" and "APPEND" not in self.lies:
            client.sendall(b"+ go on\r\n")
            self.stored.append(lines.read(int(found[1])))
            lines.readline()
        if _verb(line) == "EXAMINE":
            self.opened = line
        said = self._lie(_verb(line), line)
        if said is None:
            said = getattr(self, f"_{_verb(line).lower()}", lambda _: b"")(line) + b"TAG OK done\r\n"
        return said.replace(b"TAG", line.split()[0])

    def _lie(self, verb: str, line: bytes) -> bytes | None:
        lie = self.lies.get(verb)
        return lie(line) if callable(lie) else lie

    # ----------------------------------------------------------------------------------------- as an honest server does

    def _capability(self, _: bytes) -> bytes:
        return b"* CAPABILITY IMAP4rev1 UIDPLUS" + (b" STARTTLS" if self.tls and not self.secured else b"") + b"\r\n"

    def _list(self, _: bytes) -> bytes:
        return b'* LIST (\\Drafts) "/" Drafts\r\n* LIST () "/" INBOX\r\n'

    def _status(self, _: bytes) -> bytes:
        return b"* STATUS Drafts (UIDNEXT %d UIDVALIDITY 7)\r\n" % (len(self.stored) + 1)

    def _examine(self, _: bytes) -> bytes:
        count = len(self.there)
        return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT %d] next\r\n" % (count, count + 1)

    def _search(self, _: bytes) -> bytes:
        return b"* SEARCH %s\r\n" % b" ".join(b"%d" % (uid + 1) for uid in range(len(self.there)))

    def _fetch(self, line: bytes) -> bytes:
        uids = re.search(rb"FETCH ([\d,]+)", line)
        assert uids is not None
        return b"".join(self.one(int(uid), line) for uid in uids[1].split(b",") if int(uid) <= len(self.there))

    def one(self, uid: int, line: bytes, items: bytes = b"", number: int | None = None) -> bytes:
        """What an honest server says of one mail; `items` stand before the rest."""
        content = self.there[uid - 1]
        head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
        pieces = [b"UID %d %sRFC822.SIZE %d" % (uid, items, len(content))]
        if b"BODYSTRUCTURE" in line:
            pieces.append(b'INTERNALDATE "24-Nov-2026 09:00:00 +0000" BODYSTRUCTURE ' + STRUCTURE % len(body))
        for name in re.findall(rb"BODY\.PEEK(\[[^\]]*\])", line):
            piece = head + b"\n\n" if b"HEADER" in name else body if name != b"[]" else content
            pieces.append(b"BODY%s<0> {%d}\r\n%s" % (name, len(piece), piece))
        return b"* %d FETCH (%s)\r\n" % (number or uid, b" ".join(pieces))


def _verb(line: bytes) -> str:
    words = line.upper().split()
    verb = words[2] if words[1:2] == [b"UID"] else words[1] if len(words) > 1 else b""
    return verb.decode("ascii", "replace")


@contextmanager
def running(server: Hostile, implicit: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Listens on loopback; each connection is served in a thread of its own. `implicit`: TLS from the first octet."""
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    def serve(client: socket.socket) -> None:
        with suppress(OSError):
            server.serve(implicit.wrap_socket(client, server_side=True) if implicit else client)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()
