"""How a connection is protected: TLS by default, STARTTLS where chosen, never less than what was asked for."""

import re
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from servers.dovecot import Dovecot, Style

from watcher.adapters.imap import Security, Server, connect
from watcher.adapters.imap import connection as connecting
from watcher.errors import NotLetIn, Show, TryAgain


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


NAMES = ["anna smith", 'a"b', "back\\slash", "a(b)*%{3}", "änne"]


@pytest.mark.parametrize("dovecot_of", [Style(extra="auth_username_chars =")], indirect=True)
def test_a_name_may_hold_anything(dovecot_of: Dovecot) -> None:
    """As Dovecot is set up to take: by itself it knows few characters in a name. It escapes what it looks up."""
    dovecot_of.admit(re.sub(r'(["\\])', r"\\\1", name) for name in NAMES)
    for name in NAMES:
        server = Server(dovecot_of.host, dovecot_of.port, Security.NONE, name, dovecot_of.password)
        connect(server).close()
        with pytest.raises(NotLetIn):
            connect(replace(server, password="another"))


@pytest.mark.parametrize(("user", "password"), [("me\r\nA1 X", "secret"), ("me", "secret\n"), ("m\0e", "secret")])
def test_a_line_break_goes_to_no_server(user: str, password: str) -> None:
    with (
        _scripted(HELLO, b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n") as (port, heard),
        pytest.raises(Show, match="line break") as told,
    ):
        connect(replace(_plain(port, Security.NONE), user=user, password=password))
    assert not isinstance(told.value, NotLetIn)
    assert len(heard) == 1


# ------------------------------------------------------------------------------------------- how the password is told

HELLO = b"* OK hello\r\n"
PLAIN_WORDS = b64encode(b"\0me@example.test\0secret-word")


def _capability(*names: str) -> bytes:
    return f"* CAPABILITY IMAP4rev1 {' '.join(names)}\r\nTAG OK done\r\n".encode()


def _arguments(line: bytes) -> bytes:
    return line.partition(b" ")[2]


def test_login_is_not_sent_where_it_is_forbidden() -> None:
    """RFC 3501 §6.2.3: a client must not, where LOGINDISABLED is announced."""
    capability = _capability("LOGINDISABLED", "AUTH=PLAIN", "SASL-IR")
    with _scripted(HELLO, capability, b"TAG OK in\r\n") as (port, heard):
        connect(_plain(port, Security.NONE)).cut()
    assert _arguments(heard[1]) == b"AUTHENTICATE PLAIN " + PLAIN_WORDS + b"\r\n"


def test_without_an_initial_response_plain_waits_to_be_asked() -> None:
    with _scripted(HELLO, _capability("LOGINDISABLED", "AUTH=PLAIN"), b"+ \r\n", b"TAG OK in\r\n") as (port, heard):
        connect(_plain(port, Security.NONE)).cut()
    assert _arguments(heard[1]) == b"AUTHENTICATE PLAIN\r\n"
    assert heard[2] == PLAIN_WORDS + b"\r\n"


def test_plain_is_refused_as_login_is() -> None:
    capability = _capability("LOGINDISABLED", "AUTH=PLAIN", "SASL-IR")
    with _scripted(HELLO, capability, b"TAG NO wrong\r\n") as (port, _), pytest.raises(NotLetIn):
        connect(_plain(port, Security.NONE))


def test_a_server_that_asks_without_end_is_told_the_password_once() -> None:
    capability = _capability("LOGINDISABLED", "AUTH=PLAIN")
    with _scripted(HELLO, capability, *[b"+ \r\n"] * 5) as (port, heard), pytest.raises(TryAgain):
        connect(_plain(port, Security.NONE))
    assert heard.count(PLAIN_WORDS + b"\r\n") == 1


ELSEWHERE = Style(extra="listen = 127.0.0.1, 127.0.0.2\ndisable_plaintext_auth = yes")


@pytest.mark.parametrize("dovecot_of", [ELSEWHERE], indirect=True)
def test_who_takes_a_password_over_tls_alone_is_told_none(dovecot_of: Dovecot) -> None:
    """Dovecot announces LOGINDISABLED and no AUTH=PLAIN to whoever comes from an address that is not its own."""
    server = Server("127.0.0.2", dovecot_of.port, Security.NONE, dovecot_of.user, dovecot_of.password)
    with pytest.raises(Show, match=r"WATCHER_IMAP_SECURITY.*LOGINDISABLED.*tls or starttls") as told:
        connect(server)
    assert not isinstance(told.value, NotLetIn)


def test_what_no_quotes_hold_goes_in_literals_where_there_is_no_plain() -> None:
    says = (HELLO, _capability("AUTH=LOGIN"), b"+ go on\r\n", b"+ go on\r\n", b"TAG OK in\r\n")
    with _scripted(*says) as (port, heard):
        connect(replace(_plain(port, Security.NONE), user="änne", password="wörd")).cut()
    assert _arguments(heard[1]) == b"LOGIN {5}\r\n"
    assert heard[2:4] == ["änne {5}\r\n".encode(), "wörd\r\n".encode()]


@pytest.mark.parametrize("says", [b"TAG BAD Error in IMAP command LOGIN\r\n", b"TAG BAD not connected\r\n"])
def test_what_is_not_understood_is_no_refusal(says: bytes) -> None:
    """RFC 3501 §7.1.3. Exchange answers BAD to whom it knows, where the mailbox is away."""
    with (
        _scripted(HELLO, _capability(), says) as (port, _),
        pytest.raises(TryAgain, match="does not understand"),
    ):
        connect(_plain(port, Security.NONE))


@pytest.mark.parametrize(("password", "way"), [('se"cret', "LOGIN"), ("se\\cret", "LOGIN"), ("sécret", "PLAIN")])
def test_a_server_that_repeats_the_command_is_not_repeated(password: str, way: str) -> None:
    """The password stands there in another form than its own."""
    heard_as = {
        "LOGIN": password.replace("\\", "\\\\").replace('"', '\\"').encode(),
        "PLAIN": b64encode(f"\0me@example.test\0{password}".encode()),
    }[way]
    says = b"TAG BAD what is " + heard_as + b"?\r\n"
    with (
        _scripted(HELLO, _capability("AUTH=PLAIN", "SASL-IR"), says) as (port, heard),
        pytest.raises(TryAgain, match="what is") as told,
    ):
        connect(replace(_plain(port, Security.NONE), password=password))
    assert heard_as in heard[1]
    assert "cret" not in str(told.value)
    assert heard_as.decode() not in str(told.value)


@contextmanager
def _scripted(*says: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that greets, then answers each line by the next of `says` (`TAG` is the tag of the last command)."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        client, _ = listener.accept()
        with suppress(OSError), client, client.makefile("rb") as lines:
            client.sendall(says[0])
            tag = b""
            for before, answer in pairwise(says):
                line = lines.readline()
                heard.append(line)
                tag = tag if before.startswith(b"+") else line.partition(b" ")[0]
                client.sendall(answer.replace(b"TAG", tag))
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
