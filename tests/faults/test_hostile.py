"""A server that lies gets no password in plain text, no command of its own making, no second draft and no memory."""

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
import trustme
from faults import hostile
from faults.hostile import Hostile

from watcher.adapters.clock import SystemClock
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.imap import Security, Server, connect
from watcher.adapters.ledger import SqlLedger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import PassReport, run_pass
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.errors import NotLetIn, Show, ShowForNow, TryAgain
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails
from watcher.steps.account import Account, Ports
from watcher.steps.drafting import Voice

MAILS = tuple(mail.content for mail in sample_mails() if mail.name[:2] in {"01", "02", "05"})
PASSWORD = b"secret-word"


class NoDns:
    """DNS that is never asked: what these mails prove stands in their Authentication-Results."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        raise AssertionError(f"nobody asks for {name}")


@dataclass
class Watch:
    """The program's one procedure, against whatever listens."""

    ledger: SqlLedger

    def look(self, server: Hostile, timeout: float = 3) -> PassReport:
        account = Account(
            Voice("me@example.test", RECIPIENT, ("en", "de"), b"k" * 32), ("INBOX",), timedelta(days=36500), Policy(),
            Trust(AUTHSERV),
        )  # fmt: skip
        mailbox = connect(_plain(server, timeout))
        try:
            signatures = DkimSignatures(NoDns())
            return run_pass(account, Ports(mailbox, self.ledger, FileTemplates(), SystemClock(), signatures))
        finally:
            mailbox.close()


def _plain(server: Hostile, timeout: float = 3) -> Server:
    return Server("127.0.0.1", server.port, Security.NONE, "me@example.test", PASSWORD.decode(), timeout=timeout)


@pytest.fixture
def watch(ledger: SqlLedger) -> Watch:
    return Watch(ledger)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, str]:
    made = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(file)
    return made, str(file)


def _context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


# --------------------------------------------------------------------------------------------- how it is protected


def test_an_honest_one_is_believed(watch: Watch) -> None:
    with hostile.running(Hostile(MAILS)) as server:
        assert watch.look(server).summary.drafted == len(MAILS) == len(server.stored)


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_nobody_gets_the_password_who_lets_everybody_in(security: Security) -> None:
    with hostile.running(Hostile(lies={"greeting": b"* PREAUTH welcome\r\n"})) as server:
        with pytest.raises(Show, match="PREAUTH"):
            connect(replace(_plain(server), security=security))
        assert "LOGIN" not in _verbs(server)


def _verbs(server: Hostile) -> set[str]:
    return {verb.decode() for verb in server.verbs}


@pytest.mark.parametrize(
    "lies",
    [
        {"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"},
        {"STARTTLS": b"TAG NO not today\r\n"},
        {"STARTTLS": b"TAG BAD what is that\r\n"},
        {"STARTTLS": b"* BYE\r\n"},
    ],
)
def test_a_stripped_starttls_is_refused(lies: dict[str, hostile.Lie], authority: tuple[trustme.CA, str]) -> None:
    context = _context(authority[0], "127.0.0.1")
    with hostile.running(Hostile(lies=lies, tls=context)) as server:
        with pytest.raises((Show, TryAgain)):
            connect(replace(_plain(server), security=Security.STARTTLS, ca_file=authority[1]))
        assert "LOGIN" not in _verbs(server)


def test_an_honest_starttls_is_used(authority: tuple[trustme.CA, str]) -> None:
    with hostile.running(Hostile(tls=_context(authority[0], "127.0.0.1"))) as server:
        mailbox = connect(replace(_plain(server), security=Security.STARTTLS, ca_file=authority[1]))
        assert server.secured
        assert mailbox.drafts() == "Drafts"
        mailbox.close()


INJECTED = b'* LIST (\\Drafts) "/" Elsewhere\r\n'


def test_words_behind_the_starttls_are_refused(authority: tuple[trustme.CA, str]) -> None:
    server = Hostile(tls=_context(authority[0], "127.0.0.1"), behind_starttls=INJECTED)
    with hostile.running(server):
        with pytest.raises((Show, TryAgain)):
            connect(replace(_plain(server), security=Security.STARTTLS, ca_file=authority[1]))
        assert "LOGIN" not in _verbs(server)


def test_words_before_the_starttls_are_forgotten(authority: tuple[trustme.CA, str]) -> None:
    server = Hostile(tls=_context(authority[0], "127.0.0.1"), lies={"greeting": b"* OK hello\r\n" + INJECTED})
    with hostile.running(server):
        mailbox = connect(replace(_plain(server), security=Security.STARTTLS, ca_file=authority[1]))
        assert mailbox.drafts() == "Drafts"
        mailbox.close()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("names", [("imap.example.test",), ("localhost",)])
def test_a_certificate_for_another_is_refused(
    security: Security, names: tuple[str, ...], authority: tuple[trustme.CA, str]
) -> None:
    context = _context(authority[0], *names)
    server = Hostile(tls=context)
    with hostile.running(server, context if security is Security.TLS else None):
        with pytest.raises(Show, match="certificate"):
            connect(replace(_plain(server), security=security, ca_file=authority[1]))
        assert "LOGIN" not in _verbs(server)


@pytest.mark.parametrize("days", [-9, 9], ids=["ended", "of tomorrow"])
def test_a_certificate_that_a_renewal_or_the_clock_puts_right_is_told_and_tried_again(
    days: int, authority: tuple[trustme.CA, str]
) -> None:
    begin = datetime.now(tz=UTC) + timedelta(days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dates = {"not_before": begin, "not_after": begin + timedelta(days=3)}
    authority[0].issue_cert("127.0.0.1", **dates).configure_cert(context)
    server = Hostile(tls=context)
    with hostile.running(server, context), pytest.raises(ShowForNow, match="certificate"):
        connect(replace(_plain(server), security=Security.TLS, ca_file=authority[1]))


def test_who_takes_no_password_over_tls_either_names_what_it_takes(authority: tuple[trustme.CA, str]) -> None:
    context = _context(authority[0], "127.0.0.1")
    capability = b"* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2\r\nTAG OK done\r\n"
    server = Hostile(tls=context, lies={"CAPABILITY": capability})
    with hostile.running(server, context):
        with pytest.raises(Show, match=r"WATCHER_IMAP_AUTH.*xoauth2") as told:
            connect(replace(_plain(server), security=Security.TLS, ca_file=authority[1]))
        assert not isinstance(told.value, NotLetIn)
        assert "LOGIN" not in _verbs(server)


def test_a_login_that_is_forbidden_in_plain_text_alone_is_used_behind_starttls(
    authority: tuple[trustme.CA, str],
) -> None:
    server = Hostile(tls=_context(authority[0], "127.0.0.1"))
    disabled = b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nTAG OK done\r\n"
    server.lies["CAPABILITY"] = lambda _: None if server.secured else disabled
    with hostile.running(server):
        connect(replace(_plain(server), security=Security.STARTTLS, ca_file=authority[1])).close()
        assert "LOGIN" in _verbs(server)


def test_a_password_that_the_server_repeats_is_not_shown() -> None:
    for answer in (b"TAG NO [UNAVAILABLE] no " + PASSWORD + b"\r\n", b"* BYE " + PASSWORD + b"\r\n"):
        with hostile.running(Hostile(lies={"LOGIN": answer})) as server:
            with pytest.raises(TryAgain) as raised:
                connect(_plain(server))
            assert PASSWORD.decode() not in str(raised.value)


# ---------------------------------------------------------------------------------------------- lies about the mail


def test_a_folder_rebuilt_between_looking_and_reading(watch: Watch) -> None:
    """Each EXAMINE of INBOX names another UIDVALIDITY: no UID means anything, and still no draft is made twice."""
    validity = iter(range(100, 200))

    def rebuilt(line: bytes) -> bytes | None:
        if b"Drafts" in line:
            return None
        return b"* 3 EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n* OK [UIDNEXT 4] next\r\nTAG OK done\r\n" % next(validity)

    with hostile.running(Hostile(MAILS, {"EXAMINE": rebuilt})) as server:
        for _ in range(3):
            watch.look(server)
        assert len(server.stored) == len(MAILS)


def test_a_folder_that_is_rebuilt_while_it_is_left_is_read_no_further() -> None:
    validity = iter(range(100, 200))

    def rebuilt(_: bytes) -> bytes:
        return b"* 3 EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n* OK [UIDNEXT 4] next\r\nTAG OK done\r\n" % next(validity)

    with hostile.running(Hostile(MAILS, {"EXAMINE": rebuilt})) as server:
        mailbox = connect(_plain(server))
        mailbox.look("INBOX")
        mailbox.look("Drafts")
        with pytest.raises(TryAgain, match="rebuilt"):
            list(mailbox.glance("INBOX", [1, 2, 3]))


NUMBERS = [b"0", b"4294967296", b"99999999999999999999", b"9" * 5000]
"""None of them is an `nz-number` (RFC 3501 §9)."""


@pytest.mark.parametrize("number", NUMBERS, ids=len)
@pytest.mark.parametrize("named", [b"UIDVALIDITY", b"UIDNEXT"])
def test_numbers_that_are_none_are_a_broken_answer(watch: Watch, named: bytes, number: bytes) -> None:
    """In the ledger they would be an error that nobody foresaw."""
    told = {b"UIDVALIDITY": b"7", b"UIDNEXT": b"4", named: number}
    validity, uidnext = told[b"UIDVALIDITY"], told[b"UIDNEXT"]
    answers = {
        "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY %b] v\r\n* OK [UIDNEXT %b] n\r\nTAG OK done\r\n",
        "STATUS": b"* STATUS Drafts (MESSAGES 3 UIDVALIDITY %b UIDNEXT %b)\r\nTAG OK done\r\n",
    }
    for verb, answer in answers.items():
        with hostile.running(Hostile(MAILS, {verb: answer % (validity, uidnext)})) as server:
            with pytest.raises(TryAgain):
                watch.look(server)
            assert server.stored == []


def test_the_largest_numbers_are_believed(watch: Watch) -> None:
    examine = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 4294967295] v\r\n* OK [UIDNEXT 4294967295] n\r\nTAG OK done\r\n"
    server = Hostile(MAILS)
    server.lies["EXAMINE"] = lambda line: None if b"Drafts" in line else examine
    with hostile.running(server):
        assert watch.look(server).summary.drafted == len(MAILS)


@pytest.mark.parametrize("count", [b"4294967296", b"99999999999999999999"])
def test_more_mails_than_there_can_be_are_a_broken_answer(watch: Watch, count: bytes) -> None:
    status = b"* STATUS Drafts (UIDNEXT 1 UIDVALIDITY 7 MESSAGES %b)\r\nTAG OK done\r\n" % count
    with hostile.running(Hostile(MAILS, {"STATUS": status})) as server, pytest.raises(TryAgain):
        watch.look(server)


@pytest.mark.parametrize("found", NUMBERS[1:], ids=len)
def test_a_uid_that_is_none_is_a_broken_answer(watch: Watch, found: bytes) -> None:
    """Though the server has a mail of that number at hand, too."""
    server = Hostile(MAILS)
    honest, named = _with(server), b"* SEARCH 1 2 %b\r\nTAG OK done\r\n" % found
    server.lies["SEARCH"] = lambda _: None if server.there is server.stored else named
    server.lies["FETCH"] = lambda line: honest(line.replace(found, b"3")).replace(b"UID 3 ", b"UID %b " % found)
    with hostile.running(server):
        with pytest.raises(TryAgain):
            watch.look(server)
        assert server.stored == []


@pytest.mark.parametrize("place", [b"99999999999999999999 1", b"7 0", b"7 4294967296", b"7 " + b"9" * 5000], ids=len)
def test_a_draft_that_was_taken_is_taken_wherever_it_is_said_to_lie(watch: Watch, place: bytes) -> None:
    class Placing(Hostile):
        def _answer(self, client: socket.socket, lines: BinaryIO, line: bytes) -> bytes:
            honest = super()._answer(client, lines, line)
            return honest.replace(b"OK", b"OK [APPENDUID %b]" % place) if b" APPEND " in line else honest

    with hostile.running(Placing(MAILS)) as server:
        assert watch.look(server).summary.drafted == len(MAILS)
        assert watch.look(server).outcomes == ()
        assert len(server.stored) == len(MAILS)


def test_no_uidvalidity_no_draft(watch: Watch) -> None:
    with hostile.running(Hostile(MAILS, {"EXAMINE": b"* 3 EXISTS\r\nTAG OK done\r\n"})) as server:
        with pytest.raises(TryAgain):
            watch.look(server)
        assert server.stored == []


def test_reused_uids_make_no_second_draft(watch: Watch) -> None:
    with hostile.running(Hostile(MAILS)) as server:
        watch.look(server)
        server.mails = MAILS[::-1]
        server.lies["EXAMINE"] = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 99] n\r\nTAG OK done\r\n"
        watch.look(server)
        assert len(server.stored) == len(MAILS)


def _with(server: Hostile, before: bytes = b"", items: bytes = b"", after: bytes = b"") -> Callable[[bytes], bytes]:
    def lie(line: bytes) -> bytes:
        uids = [int(uid) for uid in re.findall(rb"\d+", line.split(b"FETCH")[1].split(b"(")[0])]
        return before + b"".join(server.one(uid, line, items) for uid in uids) + after + b"TAG OK done\r\n"

    return lie


UNASKED = {
    "an unasked FETCH of flags, by number": b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS ())\r\n",
    "an unasked FETCH with a UID": b"* 9 FETCH (UID 4711 FLAGS (\\Seen))\r\n",
    "an EXPUNGE": b"* 1 EXPUNGE\r\n* 2 EXISTS\r\n* 0 RECENT\r\n",
    "a mail that nobody asked for": b"* 9 FETCH (UID 4711 RFC822.SIZE 9 BODY[1] {5}\r\nhello)\r\n",
    "another answer's answers": b'* SEARCH 1 2 3\r\n* LIST (\\Drafts) "/" Elsewhere\r\n',
    "a flood of its own": b"* OK still here\r\n" * 5000,
}


@pytest.mark.parametrize("unasked", UNASKED.values(), ids=UNASKED.keys())
@pytest.mark.parametrize("place", ["before", "after"])
def test_what_nobody_asked_for_changes_nothing(watch: Watch, unasked: bytes, place: str) -> None:
    server = Hostile(MAILS)
    server.lies["FETCH"] = _with(server, **{place: unasked})
    with hostile.running(server):
        assert watch.look(server).summary.drafted == len(MAILS)
        assert watch.look(server).outcomes == ()
        assert len(server.stored) == len(MAILS)


@pytest.mark.parametrize("size", [b"0", b"1", b"4294967295", b"99999999999999999999", b"NIL", b"many"])
def test_a_lying_size_stops_nothing(watch: Watch, size: bytes) -> None:
    server = Hostile(MAILS)
    honest = _with(server)
    server.lies["FETCH"] = lambda line: re.sub(rb"RFC822\.SIZE \d+", b"RFC822.SIZE " + size, honest(line))
    with hostile.running(server):
        assert watch.look(server).summary.drafted == len(MAILS)


@pytest.mark.parametrize("date", [b'"yesterday"', b"NIL", b'"31-Feb-2026 25:61:00 +9999"', b"17"])
def test_a_wild_date_stops_nothing(watch: Watch, date: bytes) -> None:
    server = Hostile(MAILS)
    honest = _with(server)
    server.lies["FETCH"] = lambda line: re.sub(rb'INTERNALDATE "[^"]*"', b"INTERNALDATE " + date, honest(line))
    with hostile.running(server):
        assert watch.look(server).summary.drafted == len(MAILS)


STRUCTURES = {
    "none": b"NIL",
    "empty": b"()",
    "a number": b"(17)",
    "short": b'("TEXT" "HTML")',
    "of numbers": b"(1 2 3 4 5 6 7)",
    "deep": b"(" * 600 + b'"TEXT" "PLAIN"' + b")" * 600,
    "long": b"(" + b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1)' * 30_000 + b' "MIXED")',
    "negative": b'("TEXT" "HTML" ("CHARSET") NIL NIL "QUOTED-PRINTABLE" -5 40)',
    "strange words": b'("\xff\xfe" "\x00" (NIL NIL) NIL NIL {3}\r\n\r\n! 5 40)',
}


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES.keys())
def test_a_wild_structure_of_one_mail_stops_no_other(watch: Watch, structure: bytes) -> None:
    server = Hostile(MAILS)
    honest = _with(server)

    def lie(line: bytes) -> bytes:
        first, rest = honest(line).split(b"* 2 FETCH", 1) if b"* 2 FETCH" in honest(line) else (honest(line), b"")
        wild = re.sub(rb"BODYSTRUCTURE \(.*? 40\)", lambda _: b"BODYSTRUCTURE " + structure, first)
        return wild + (b"* 2 FETCH" + rest if rest else b"")

    server.lies["FETCH"] = lie
    with hostile.running(server):
        assert watch.look(server, timeout=10).summary.drafted >= len(MAILS) - 1


BROKEN = {
    "odd": b"* 1 FETCH (UID)\r\nTAG OK done\r\n",
    "no list": b"* 1 FETCH 17\r\nTAG OK done\r\n",
    "open": b"* 1 FETCH (UID 1 FLAGS (\r\nTAG OK done\r\n",
    "a word for a number": b"* 1 FETCH (UID one)\r\nTAG OK done\r\n",
    "by halves": b"* 1 FETCH (UID 1 RFC822.SIZE 9)\r\nTAG OK done\r\n",
    "deep": b"* 1 FETCH (X {1}\r\n!"
    + b" ((((((((((((((((((((((((((((((((((((((((((((((((((( {1}\r\n!" * 40
    + b"\r\nTAG OK done\r\n",
    "another tag": b"XXXX1 OK done\r\n",
    "half a line": b"* 1 FETCH (UID 1",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_worth_another_try(watch: Watch, answer: bytes) -> None:
    with hostile.running(Hostile(MAILS, {"FETCH": answer})) as server:
        with pytest.raises(TryAgain):
            watch.look(server)
        assert "FETCH" in _verbs(server)
        assert server.stored == []
        del server.lies["FETCH"]
        assert watch.look(server).summary.drafted == len(MAILS)


@pytest.mark.parametrize("answer", [b"TAG OK done\r\n", b"TAG OK [APPENDUID 7 1] done\r\n"], ids=["done", "with a UID"])
def test_a_draft_that_was_confirmed_and_never_taken_is_not_believed(watch: Watch, answer: bytes) -> None:
    with hostile.running(Hostile(MAILS, {"APPEND": answer})) as server:
        with pytest.raises(TryAgain, match="never took"):
            watch.look(server)
        del server.lies["APPEND"]
        assert watch.look(server).summary.drafted == len(MAILS)
        assert len(server.stored) == len(MAILS)


FOLDERS = [
    (b'* LIST (\\Drafts) "/" {30}\r\nDrafts\r\nA1 DELETE INBOX\r\nA2 X\r\n', pytest.raises(TryAgain, match="LIST")),
    (b'* LIST (\\Drafts) "/" "a\\"b (c) {3}"\r\n', nullcontext()),
    (b'* LIST (\\Drafts) "/" "&AAo-&AA0-"\r\n', pytest.raises(Show, match="holds a line break")),
    (b'* LIST (\\Drafts) "/" 17\r\n', nullcontext()),
    (b'* LIST (\\Drafts) NIL ""\r\n', nullcontext()),
]


@pytest.mark.parametrize(("listed", "ending"), FOLDERS)
def test_a_folders_name_cannot_become_a_command(
    watch: Watch, listed: bytes, ending: AbstractContextManager[object]
) -> None:
    with hostile.running(Hostile(MAILS, {"LIST": listed + b"TAG OK done\r\n"})) as server:
        with ending:
            watch.look(server)
        honest = {"CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "SEARCH", "FETCH", "APPEND", "LOGOUT", ""}
        assert _verbs(server) <= honest, server.heard
        assert not any(line.startswith((b"A1", b"A2")) for line in server.heard)
