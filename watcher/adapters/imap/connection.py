"""Connects and logs in, or says in words why not and what to do. No password and no token stands in any of them."""

from __future__ import annotations

import imaplib
import ipaddress
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from watcher.adapters.imap.bearer import Bearer, Dialogue, read_refusal, words_of
from watcher.adapters.imap.mailbox import ImapMailbox
from watcher.adapters.imap.password import Way, plain_words, quoted, way_in
from watcher.adapters.imap.session import Session
from watcher.adapters.imap.wire import MeteredClient, Said
from watcher.adapters.imap.words import MOST_WORDS, is_passing, on_one_line, told_wait
from watcher.errors import NotLetIn, Problem, Show, ShowForNow, TryAgain, WatcherError


class Security(StrEnum):
    """How a connection is protected. `NONE` is for this machine alone."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Server:
    """Everything needed to log in: by `bearer` where it is set, else by `password`.

    `timeout` in seconds holds for each wait.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    drafts_folder: str | None = None
    sent_folder: str | None = None
    timeout: float = 40.0
    bearer: Bearer | None = None


def connect(server: Server) -> ImapMailbox:
    """Connect, protect, log in. Raises Show for what a person has to change, TryAgain for what may pass."""
    _refuse_plain(server)
    if server.bearer is None:
        return _connected(server, server.password)
    token = server.bearer.tokens.current()
    try:
        return _connected(server, token)
    except NotLetIn:
        # The provider may have taken it back before its time; one renewal tells that from a refused person.
        another = server.bearer.tokens.renewed(token)
        if another == token:
            raise
    return _connected(server, another)


def _connected(server: Server, secret: str) -> ImapMailbox:
    """The same with one password or token, on a connection of its own: few servers take a second try on the first."""
    client = opened(server)
    try:
        with told(server, secret):
            _enter(client, server, secret)
    except BaseException:
        client.cut()
        raise
    return ImapMailbox(Session(client), server.drafts_folder, server.sent_folder)


def opened(server: Server) -> MeteredClient:
    """A connection on which the server has greeted, protected as is wanted, nobody logged in. Raises as `connect`."""
    _refuse_plain(server)
    with told(server):
        client = MeteredClient(server.host, server.port, _first_context(server), server.timeout)
    try:
        with told(server):
            _protect(client, server)
    except BaseException:
        client.cut()
        raise
    return client


def _refuse_plain(server: Server) -> None:
    if server.security is not Security.NONE or is_loopback(server.host):
        return
    what = f"would send the {'token' if server.bearer else 'password'} to {server.host} unencrypted"
    raise Show(Problem("WATCHER_IMAP_SECURITY", what, "set it to tls or starttls; none is for this machine only"))


def is_loopback(host: str) -> bool:
    """Whether every address of a host is this machine's own."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def _first_context(server: Server) -> ssl.SSLContext | None:
    return _context(server) if server.security is Security.TLS else None


def _context(server: Server) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ssl.SSLError) as error:
        what = f"{server.ca_file} holds no certificate that can be read"
        raise Show(Problem("WATCHER_IMAP_CA_FILE", what, "name a PEM file")) from error


def _protect(client: MeteredClient, server: Server) -> None:
    # RFC 3501 §11.1 and RFC 9051 §11.3: PREAUTH leaves no room for STARTTLS, so it is never accepted.
    if client.is_preauthenticated:
        what = f"{server.host} lets everybody in without a password (PREAUTH)"
        raise Show(Problem("WATCHER_IMAP_HOST", what, "this is no mail server to trust: check host and port"))
    if server.security is Security.STARTTLS:
        _start_tls(client, server)


def _enter(client: MeteredClient, server: Server, secret: str) -> None:
    if server.bearer is None:
        _log_in(client, server, secret)
    else:
        _bear(client, server, server.bearer, secret)


def _start_tls(client: MeteredClient, server: Server) -> None:
    if not client.has_capability("STARTTLS"):
        what = f"{server.host} offers no STARTTLS on port {server.port}"
        raise Show(Problem("WATCHER_IMAP_SECURITY", what, "set it to tls and WATCHER_IMAP_PORT to 993"))
    client.starttls(_context(server))


def _log_in(client: MeteredClient, server: Server, password: str) -> None:
    said = client.enter(_way_in(client, server, password), server.user, password)
    if said.kind == "OK":
        return
    words = _without_secrets(server, on_one_line(said.words), password)
    _refuse_misunderstanding(server, said, words)
    _refuse_for_now(server, words)
    what = f"{server.host} does not accept the password of {server.user}"
    remedy = "check both; with two-step sign-in the provider wants an app password, made in its account settings"
    raise NotLetIn(Problem("WATCHER_IMAP_USER, WATCHER_IMAP_PASSWORD", what, remedy))


def _way_in(client: MeteredClient, server: Server, password: str) -> Way:
    """How to tell name and password. Raises Show where the server takes none, or not as they are written."""
    if any(char in server.user + password for char in "\r\n\0"):  # would end the command, or the name
        what = "one of them holds a line break"
        raise Show(Problem("WATCHER_IMAP_USER, WATCHER_IMAP_PASSWORD", what, "write each on one line"))
    if (way := way_in(client.offered, server.user, password)) is not None:
        return way
    if client.tls_version is None:
        what = f"{server.host} takes no password on a connection in plain text (LOGINDISABLED)"
        raise Show(Problem("WATCHER_IMAP_SECURITY", what, "set it to tls or starttls"))
    what = f"{server.host} takes no password (LOGINDISABLED), but {_mechanisms(client)}"
    raise Show(Problem("WATCHER_IMAP_AUTH", what, "write xoauth2 or oauthbearer, whichever it offers"))


def _bear(client: MeteredClient, server: Server, bearer: Bearer, token: str) -> None:
    _require_offered(client, server, bearer)
    dialogue = Dialogue(bearer.mechanism, words_of(bearer.mechanism, server.user, token))
    said = client.converse(bearer.mechanism.value, dialogue.process)
    if said.kind == "OK":
        return
    refusal = read_refusal(dialogue.refusal)
    reasons = _without_secrets(server, str(refusal), token)
    words = f"{_without_secrets(server, on_one_line(said.words), token)}; {reasons}"
    if not dialogue.refusal:  # else it did understand, whatever it calls the end of the dialogue
        _refuse_misunderstanding(server, said, words)
    _refuse_for_now(server, words, is_passing_anyway=refusal.is_passing)
    what = f"{server.host} does not accept the sign-in for {server.user} ({reasons})"
    remedy = "sign in as this user: run `watcher login`; IMAP must be allowed for the mailbox (docs/sign-in.md)"
    raise NotLetIn(Problem("WATCHER_IMAP_USER, WATCHER_IMAP_AUTH", what, remedy))


def _require_offered(client: MeteredClient, server: Server, bearer: Bearer) -> None:
    if f"AUTH={bearer.mechanism}" in client.offered:
        return
    what = f"{server.host} offers no {bearer.mechanism}, but {_mechanisms(client)}"
    raise Show(Problem("WATCHER_IMAP_AUTH", what, "write xoauth2, oauthbearer or password, whichever it offers"))


def _mechanisms(client: MeteredClient) -> str:
    """Which ways to sign in the server offers, in words."""
    offered = sorted(name.removeprefix("AUTH=").lower() for name in client.offered if name.startswith("AUTH="))
    return ", ".join(offered) or "nothing else either"


def _refuse_misunderstanding(server: Server, said: Said, words: str) -> None:
    """Raises TryAgain on BAD: that is about the command, not about the person (RFC 3501 §7.1.3)."""
    if said.kind == "BAD":
        raise TryAgain(f"{server.host} does not understand the sign-in ({words})", wait=told_wait(words))


def _refuse_for_now(server: Server, words: str, *, is_passing_anyway: bool = False) -> None:
    """Raises TryAgain where a refusal says nothing of the person."""
    # Gmail says OVERQUOTA for "command or bandwidth limits".
    if is_passing_anyway or is_passing(words) or "[OVERQUOTA]" in words.upper():
        raise TryAgain(f"{server.host} lets nobody in just now ({words})", wait=told_wait(words))


def _without_secrets(server: Server, words: str, secret: str) -> str:
    """The server's words, cut short only when what it may repeat of ours is out: a part of a token tells much."""
    if server.bearer is None:
        told = [secret, quoted(secret)[1:-1], plain_words(server.user, secret).decode()]
    else:
        told = [secret, b64encode(words_of(server.bearer.mechanism, server.user, secret)).decode()]
    for one in filter(None, told):
        words = words.replace(one, "…")
    return words[:MOST_WORDS]


@contextmanager
def told(server: Server, secret: str = "") -> Iterator[None]:
    """Errors of connecting, sorted by what the caller does next."""
    place = f"{server.host}, port {server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        kind = ShowForNow if error.verify_code in _EXPIRED | _NOT_YET else Show
        raise kind(_untrusted(place, error)) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError) as error:
        # A server that is begun anew does so; one that speaks plain text may, too.
        what = f"{place} ended the connection in the midst of the TLS handshake"
        raise TryAgain(f"{what}: where that goes on, check WATCHER_IMAP_PORT and WATCHER_IMAP_SECURITY") from error
    except ssl.SSLError as error:
        what = f"{place} does not speak TLS ({error.reason or 'handshake failed'})"
        remedy = "check host and port; where a server begins in plain text, as on port 143, set it to starttls"
        raise Show(Problem("WATCHER_IMAP_SECURITY", what, remedy)) from error
    except socket.gaierror as error:
        raise TryAgain(f"{server.host} is not known: check WATCHER_IMAP_HOST and the network") from error
    except TimeoutError as error:
        raise TryAgain(f"{place} did not answer in {server.timeout:.0f} s") from error
    except OSError as error:
        raise TryAgain(f"{place} cannot be reached: {error.strerror or error}") from error
    except imaplib.IMAP4.error as error:
        words = _without_secrets(server, on_one_line(error), secret)
        raise TryAgain(f"{place} ended the connection: {words}", wait=told_wait(words)) from error
    except WatcherError:
        raise
    except Exception as error:  # an answer that breaks the client, in whatever way, is the server's failure
        raise TryAgain(f"{place} answers what no mail server does ({type(error).__name__})") from error


_EXPIRED, _NOT_YET, _OF_ANOTHER_NAME = {10}, {9}, {62, 64}
"""What OpenSSL found (X509_V_ERR_*); of the rest, no known authority stands behind the certificate."""


def _untrusted(place: str, error: ssl.SSLCertVerificationError) -> Problem:
    what = f"the certificate of {place} is not trusted: {error.verify_message}"
    where = "WATCHER_IMAP_HOST"
    if error.verify_code in _EXPIRED:
        return Problem(where, what, "whoever runs the server has to renew it; see that this machine's clock is right")
    if error.verify_code in _NOT_YET:
        return Problem(where, what, "set the clock of this machine")
    if error.verify_code in _OF_ANOTHER_NAME:
        return Problem(where, what, "write the host's name as your provider tells it: that stands in the certificate")
    remedy = "for a server of your own name the PEM file of its authority; for any other check the host's name"
    return Problem("WATCHER_IMAP_CA_FILE", what, remedy)
