"""How a connection is protected: TLS by default, STARTTLS where chosen, never less than what was asked for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from servers.dovecot import Dovecot, Style

from watcher.adapters.imap import Security, Server, connect
from watcher.adapters.imap import connection as connecting
from watcher.errors import Show, TryAgain


@pytest.fixture
def server(dovecot: Dovecot) -> Server:
    return Server("localhost", dovecot.tls_port, Security.TLS, dovecot.user, dovecot.password, str(dovecot.ca))


def test_tls_is_verified_against_the_named_authority(server: Server) -> None:
    mailbox = connect(server)
    assert (mailbox.facts().tls or "").startswith("TLSv1.")
    mailbox.close()


def test_starttls_ends_in_tls(server: Server, dovecot: Dovecot) -> None:
    mailbox = connect(replace(server, port=dovecot.port, security=Security.STARTTLS))
    assert (mailbox.facts().tls or "").startswith("TLSv1.")
    mailbox.close()


def test_an_unknown_authority_is_refused(server: Server) -> None:
    with pytest.raises(Show, match="WATCHER_IMAP_CA_FILE"):
        connect(replace(server, ca_file=None))


def test_tls_on_a_plain_port_names_the_setting(server: Server, dovecot: Dovecot) -> None:
    with pytest.raises(Show, match="WATCHER_IMAP_SECURITY"):
        connect(replace(server, port=dovecot.port))


def test_a_wrong_password_is_the_persons_to_mend(server: Server) -> None:
    with pytest.raises(Show, match="WATCHER_IMAP_PASSWORD") as raised:
        connect(replace(server, password="canary-4711"))
    assert "canary" not in str(raised.value)
    assert "canary" not in repr(replace(server, password="canary-4711"))


def test_plain_is_for_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(connecting, "MeteredClient", lambda *words: asked.append(words))
    with pytest.raises(Show, match="unencrypted"):
        connect(Server("192.0.2.7", 143, Security.NONE, "me", "secret"))
    assert asked == []


HARD = ["pä$$ wörd", "密码 🔑", "a\"b\\c'd $e #f {g}"]


@pytest.mark.parametrize("dovecot_of", [Style(password=word) for word in HARD], indirect=True)
def test_a_password_may_hold_anything(dovecot_of: Dovecot) -> None:
    server = Server(dovecot_of.host, dovecot_of.port, Security.NONE, dovecot_of.user, dovecot_of.password)
    connect(server).close()
    with pytest.raises(Show, match="WATCHER_IMAP_PASSWORD"):
        connect(replace(server, password=dovecot_of.password + "ä"))


@contextmanager
def _scripted(*says: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that greets, then answers each line by the next of `says` (`TAG` is the line's own tag)."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        client, _ = listener.accept()
        with suppress(OSError), client, client.makefile("rb") as lines:
            client.sendall(says[0])
            for answer in says[1:]:
                line = lines.readline()
                heard.append(line)
                client.sendall(answer.replace(b"TAG", line.partition(b" ")[0]))
            heard.extend(lines)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.close()
        thread.join(5)


def _plain(port: int, security: Security) -> Server:
    return Server("127.0.0.1", port, security, "me@example.test", "secret-word", timeout=3)


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_preauth_is_refused(security: Security) -> None:
    with (
        _scripted(b"* PREAUTH hello\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n") as (port, heard),
        pytest.raises(Show, match="PREAUTH"),
    ):
        connect(_plain(port, security))
    assert not any(b"secret-word" in line for line in heard)


def test_a_stripped_starttls_is_refused_before_the_password_is_sent() -> None:
    answer = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"
    with (
        _scripted(b"* OK hello\r\n", answer) as (port, heard),
        pytest.raises(Show, match="STARTTLS"),
    ):
        connect(_plain(port, Security.STARTTLS))
    assert not any(b"secret-word" in line for line in heard)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with _scripted(b"") as (port, _), pytest.raises(TryAgain, match="did not answer"):
        connect(replace(_plain(port, Security.NONE), timeout=0.5))


def test_a_server_that_says_bye_is_worth_another_try() -> None:
    with _scripted(b"* BYE too many connections\r\n") as (port, _), pytest.raises(TryAgain, match="too many"):
        connect(_plain(port, Security.NONE))


def test_a_server_that_ends_the_tls_handshake_is_worth_another_try() -> None:
    """As one does that is begun anew behind its load balancer: nothing in the settings is wrong."""
    with _hanging_up() as port, pytest.raises(TryAgain, match="ended the connection"):
        connect(_plain(port, Security.TLS))


@contextmanager
def _hanging_up() -> Iterator[int]:
    """A server that takes the first words of TLS and says no more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(64 << 10)
            client.shutdown(socket.SHUT_WR)
            client.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    with listener:
        yield listener.getsockname()[1]


def test_a_huge_literal_is_refused_unread() -> None:
    capability = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    listing = b'* LIST () "/" {3221225472}\r\n'
    with _scripted(b"* OK hello\r\n", capability, b"TAG OK in\r\n", listing, listing, listing) as (port, _):
        mailbox = connect(_plain(port, Security.NONE))
        with pytest.raises(TryAgain):
            mailbox.drafts()


@pytest.mark.parametrize("name", ["INBOX\r\nA1 DELETE INBOX", "a\nb", "a\0b"])
def test_a_folder_name_cannot_become_a_command(dovecot: Dovecot, name: str) -> None:
    mailbox = connect(Server(dovecot.host, dovecot.port, Security.NONE, dovecot.user, dovecot.password))
    for call in (mailbox.look, mailbox.state):
        with pytest.raises(Show, match="line break"):
            call(name)
    mailbox.close()
    assert b"DELETE" not in dovecot.raw_log()
