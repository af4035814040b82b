"""Tokens at a real mail server that asks the provider about each: let in, refused, renewed, ended in the middle."""

import json
import select
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from faults import proxy as faulty
from faults.proxy import Fault, Kind
from oauth.client import Account
from servers.dovecot import Dovecot
from servers.oauth_provider import OAuthProvider

from watcher.adapters.imap import Bearer, Mechanism, Security, Server, connect
from watcher.errors import NotLetIn, Show, TryAgain
from watcher.ports import Hearing
from watcher.setting_up.consent import JustGiven

MECHANISMS = list(Mechanism)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_good_token_lets_in(account: Account, dovecot: Dovecot, mechanism: Mechanism) -> None:
    account.sign_in()
    mailbox = connect(account.server(dovecot, mechanism))
    assert mailbox.drafts() == "Drafts"
    mailbox.close()
    assert account.provider.times_asked("refresh_token") == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_over_tls_too(account: Account, dovecot: Dovecot, mechanism: Mechanism) -> None:
    account.sign_in()
    plain = account.server(dovecot, mechanism)
    server = replace(plain, host="localhost", port=dovecot.tls_port, security=Security.TLS, ca_file=str(dovecot.ca))
    connect(server).close()
    connect(replace(server, port=dovecot.port, security=Security.STARTTLS)).close()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_taken_back_before_its_time_is_renewed_once(
    account: Account, dovecot: Dovecot, mechanism: Mechanism
) -> None:
    account.sign_in()
    account.provider.expire()
    connect(account.server(dovecot, mechanism)).close()
    assert account.provider.times_asked("refresh_token") == 1


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_who_is_refused_with_a_new_token_too_is_told(account: Account, dovecot: Dovecot, mechanism: Mechanism) -> None:
    account.provider.user = "other@example.test"
    account.sign_in()
    with pytest.raises(NotLetIn, match="watcher login") as refused:
        connect(account.server(dovecot, mechanism))
    assert account.provider.times_asked("refresh_token") == 1
    assert "c4n4ry" not in str(refused.value)


def test_a_token_that_has_ended_is_renewed_before_it_is_told(account: Account, dovecot: Dovecot) -> None:
    first = account.sign_in()
    account.clock.later(timedelta(minutes=56))
    connect(account.server(dovecot)).close()
    assert account.tokens.current() != first
    assert account.provider.times_asked("refresh_token") == 1


def test_what_the_person_took_back_is_told_with_the_command(account: Account, dovecot: Dovecot) -> None:
    account.sign_in()
    account.provider.revoke()
    with pytest.raises(Show, match="watcher login") as told:
        connect(account.server(dovecot))
    assert not isinstance(told.value, NotLetIn), "it is certain, and no refusal of the mail server's"


def test_a_provider_in_trouble_is_no_refusal(account: Account, dovecot: Dovecot) -> None:
    """Dovecot cannot ask whether the token is good."""
    account.sign_in()
    with _unanswered(account.provider), pytest.raises(TryAgain):
        connect(account.server(dovecot))
    connect(account.server(dovecot)).close()


@contextmanager
def _unanswered(provider: OAuthProvider) -> Iterator[None]:
    good, provider.introspection = provider.introspection, 503
    try:
        yield
    finally:
        provider.introspection = good


# --------------------------------------------------------------------------------------------- in the middle of things


def test_a_token_that_ends_in_idle_costs_a_new_connection(account: Account, dovecot: Dovecot) -> None:
    """As Gmail and Exchange do it: the server hangs up when the token of the login ends."""
    first = account.sign_in()
    with faulty.running(dovecot.port) as proxy:
        server = replace(account.server(dovecot), port=proxy.port)
        mailbox = connect(server)
        mailbox.look("INBOX")
        hearing = mailbox.listen("INBOX")
        assert hearing is not None
        account.provider.expire()
        account.clock.later(timedelta(hours=1))
        proxy.hang_up()
        with pytest.raises(TryAgain):
            _hear(hearing)
        again = connect(server)
        again.look("INBOX")
        assert again.listen("INBOX") is not None
        again.cut()
    assert account.tokens.current() != first


def _hear(hearing: Hearing) -> None:
    while select.select([hearing.fileno()], [], [], 10)[0]:
        hearing.heard()


def test_a_token_that_ends_in_append_makes_no_second_draft(account: Account, dovecot: Dovecot) -> None:
    account.sign_in()
    draft = b"From: me@example.test\r\nMessage-ID: <one@example.test>\r\n\r\nHello.\r\n"
    with faulty.running(dovecot.port, Fault(Kind.LOSE_ANSWER, "APPEND")) as proxy:
        server = replace(account.server(dovecot), port=proxy.port)
        mailbox = connect(server)
        account.provider.expire()
        account.clock.later(timedelta(hours=1))
        with pytest.raises(TryAgain):
            mailbox.append_draft("Drafts", draft, account.clock.now())
        again = connect(server)
        assert again.state("Drafts").messages == 1, "it was stored, and is found with a new token"
        again.close()


# ------------------------------------------------------------------------------------- servers that do it otherwise


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
            for answer in says[1:]:
                line = lines.readline()
                heard.append(line)
                tag = line.partition(b" ")[0] if b" " in line else tag
                client.sendall(answer.replace(b"TAG", tag))
            heard.extend(lines)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.close()
        thread.join(5)


TOKEN = "c4n4ry-token"
HELLO = b"* OK hello\r\n"
BOTH = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\nTAG OK done\r\n"
WITH_IR = BOTH.replace(b"IMAP4rev1", b"IMAP4rev1 SASL-IR")
# {"status":"invalid_token","scope":"mail"}, as RFC 7628 §3.2.2 has it
REFUSAL = b"+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0=\r\n"
NO = b"TAG NO [AUTHENTICATIONFAILED] no\r\n"
XOAUTH2_WORDS = b"dXNlcj1tZQFhdXRoPUJlYXJlciBjNG40cnktdG9rZW4BAQ=="  # user=me^Aauth=Bearer c4n4ry-token^A^A
OAUTHBEARER_WORDS = b"bixhPW1lLAFhdXRoPUJlYXJlciBjNG40cnktdG9rZW4BAQ=="  # n,a=me,^Aauth=Bearer c4n4ry-token^A^A
WORDS = {Mechanism.XOAUTH2: XOAUTH2_WORDS, Mechanism.OAUTHBEARER: OAUTHBEARER_WORDS}


def _server(port: int, mechanism: Mechanism) -> Server:
    bearer = Bearer(mechanism, JustGiven(TOKEN))
    return Server("127.0.0.1", port, Security.NONE, "me", "", timeout=3, bearer=bearer)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_with_an_initial_response_it_is_one_line(mechanism: Mechanism) -> None:
    with _scripted(HELLO, WITH_IR, b"TAG OK in\r\n") as (port, heard):
        connect(_server(port, mechanism))
    assert heard[1].split(b" ", 1)[1] == b"AUTHENTICATE " + mechanism.encode() + b" " + WORDS[mechanism] + b"\r\n"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_without_one_it_waits_to_be_asked(mechanism: Mechanism) -> None:
    with _scripted(HELLO, BOTH, b"+ \r\n", b"TAG OK in\r\n") as (port, heard):
        connect(_server(port, mechanism))
    assert heard[1].split(b" ", 1)[1] == b"AUTHENTICATE " + mechanism.encode() + b"\r\n"
    assert heard[2] == WORDS[mechanism] + b"\r\n"


@pytest.mark.parametrize(("mechanism", "answer"), [(Mechanism.XOAUTH2, b""), (Mechanism.OAUTHBEARER, b"AQ==")])
@pytest.mark.parametrize("capability", [BOTH, WITH_IR])
def test_a_refusal_is_answered_as_the_mechanism_wants_and_told_in_words(
    mechanism: Mechanism, answer: bytes, capability: bytes
) -> None:
    asked = (b"+ \r\n",) if capability == BOTH else ()
    with (
        _scripted(HELLO, capability, *asked, REFUSAL, NO) as (port, heard),
        pytest.raises(NotLetIn, match=r"status invalid_token, scope mail"),
    ):
        connect(_server(port, mechanism))
    assert heard[-1] == answer + b"\r\n"
    assert sum(WORDS[mechanism] in line for line in heard) == 1, "the token is said once"


@pytest.mark.parametrize(
    "refusal",
    [
        b"+ eyJzdGF0dXMiOiI1MDMifQ==\r\n",  # {"status":"503"}
        b"+ eyJzdGF0dXMiOjUwM30=\r\n",  # {"status":503}
    ],
)
def test_a_server_that_could_not_ask_is_no_refusal(refusal: bytes) -> None:
    with _scripted(HELLO, WITH_IR, refusal, NO) as (port, _), pytest.raises(TryAgain):
        connect(_server(port, Mechanism.XOAUTH2))


@pytest.mark.parametrize("challenge", [b"+ \r\n", b"+ no base64!\r\n", b"+ WzFd\r\n", b"+ eyJzdGF0dXMiOltdfQ==\r\n"])
def test_a_refusal_without_reasons_is_one_all_the_same(challenge: bytes) -> None:
    with _scripted(HELLO, WITH_IR, challenge, NO) as (port, _), pytest.raises(NotLetIn, match="no reason given"):
        connect(_server(port, Mechanism.XOAUTH2))


def test_a_server_that_repeats_what_it_was_told_is_not_repeated() -> None:
    echo = b"TAG NO [UNAVAILABLE] what is " + XOAUTH2_WORDS + b" or c4n4ry-token\r\n"
    with _scripted(HELLO, WITH_IR, echo) as (port, _), pytest.raises(TryAgain) as told:
        connect(_server(port, Mechanism.XOAUTH2))
    assert "c4n4ry" not in str(told.value)
    assert XOAUTH2_WORDS.decode() not in str(told.value)


def test_nor_is_one_that_gives_it_as_its_reason() -> None:
    reasons = json.dumps({"status": f"no {TOKEN}", "scope": XOAUTH2_WORDS.decode()}).encode()
    refusal = b"+ " + b64encode(reasons) + b"\r\n"
    with _scripted(HELLO, WITH_IR, refusal, NO) as (port, _), pytest.raises(NotLetIn, match="status no …") as told:
        connect(_server(port, Mechanism.XOAUTH2))
    assert "c4n4ry" not in str(told.value)
    assert XOAUTH2_WORDS.decode() not in str(told.value)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_long_token_is_not_repeated_in_part(mechanism: Mechanism) -> None:
    """Those of Microsoft have two thousand characters, and what a server says is cut short."""
    token = f"c4n4ry-{'x' * 2000}"
    reasons = b64encode(json.dumps({"status": f"no {token}", "scope": token}).encode())
    says = b"TAG NO what is " + token.encode() + b"\r\n"
    with _scripted(HELLO, WITH_IR, b"+ " + reasons + b"\r\n", says) as (port, _):
        server = replace(_server(port, mechanism), bearer=Bearer(mechanism, JustGiven(token)))
        with pytest.raises(NotLetIn) as told:
            connect(server)
    assert "c4n4ry" not in str(told.value)
    assert len(str(told.value)) < 1000


def test_what_the_server_does_not_offer_is_not_sent_to_it() -> None:
    capability = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=OAUTHBEARER\r\nTAG OK done\r\n"
    with (
        _scripted(HELLO, capability) as (port, heard),
        pytest.raises(Show, match="offers no XOAUTH2, but oauthbearer, plain"),
    ):
        connect(_server(port, Mechanism.XOAUTH2))
    assert not any(b"AUTHENTICATE" in line for line in heard)


def test_a_token_goes_nowhere_unencrypted() -> None:
    with pytest.raises(Show, match=r"token to 192\.0\.2\.7 unencrypted"):
        connect(replace(_server(143, Mechanism.XOAUTH2), host="192.0.2.7"))


def test_a_name_with_a_comma_is_escaped() -> None:
    with _scripted(HELLO, WITH_IR, b"TAG OK in\r\n") as (port, heard):
        connect(replace(_server(port, Mechanism.OAUTHBEARER), user="a=b,c"))
    assert b"bixhPWE9M0RiPTJDYyw" in heard[1]  # n,a=a=3Db=2Cc,
