"""Servers that are not well: they greet or say nothing, under a certificate that is good for nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Thread

import trustme

CAPABLE = b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"


@contextmanager
def greeting_with(greeting: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Greets whoever comes and knows its capabilities, or says nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve(taken: socket.socket) -> None:
            with suppress(OSError), taken:
                spoken = context.wrap_socket(taken, server_side=True) if context else taken
                spoken.sendall(greeting)
                while asked := spoken.recv(1024):
                    tag = asked.partition(b" ")[0]
                    spoken.sendall(b"* CAPABILITY IMAP4rev1\r\n%b OK done\r\n" % tag if greeting else b"")

        def accept() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def certified(folder: Path, name: str = "localhost", **dates: datetime) -> ssl.SSLContext:
    """A server with a certificate for this name; that of its authority is written to `ca.pem` in the folder."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **dates).configure_cert(context)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return context
