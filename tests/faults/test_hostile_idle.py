"""A server that lies in IDLE: whoever waits for its news is never held up, and what it says is bounded."""

import select
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from faults import hostile
from faults.hostile import Hostile

from watcher.adapters.imap import ImapMailbox, Security, Server, connect
from watcher.adapters.imap.hearing import LONGEST, MOST
from watcher.errors import TryAgain
from watcher.ports import Hearing

HONEST = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done\r\n"}


@contextmanager
def _idling(says: bytes, ends: bytes | None = None) -> Iterator[tuple[ImapMailbox, Hearing]]:
    """A mailbox in IDLE whose server says this at once, and `ends` in answer to DONE."""
    server = Hostile(lies={**HONEST, "IDLE": b"+ idling\r\n" + says})
    server.lies[""] = lambda _: b"\r\n" + _tag(server) + b" OK done\r\n" if ends is None else ends
    with hostile.running(server):
        wanted = Server("127.0.0.1", server.port, Security.NONE, "me@example.test", "secret", timeout=2)
        mailbox = connect(wanted)
        hearing = mailbox.listen("INBOX")
        assert hearing is not None
        yield mailbox, hearing
        mailbox.close()


def _tag(server: Hostile) -> bytes:
    idle = next(line for line in server.heard if b"IDLE" in line)
    return idle.split()[0]


def _hear(hearing: Hearing) -> bool:
    select.select([hearing], [], [], 0.3)
    return hearing.heard()


def _hear_to_the_end(hearing: Hearing) -> None:
    for _ in range(100):
        _hear(hearing)


@pytest.mark.parametrize(
    ("says", "is_news"),
    [
        (b"", False),
        (b"* OK Still here\r\n", False),
        (b"* 0 EXISTS\r\n", False),
        (b"* 1 EXISTS\r\n* 1 RECENT\r\n", True),
        (b"* 1 EXISTS", False),  # half a line: nobody waits for its end
        (b"* 99999999999999999999 EXISTS\r\n", False),
        (b"\xff\xfe what?\r\n)(((\r\n", False),
        (b"* 1 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n", False),
    ],
)
def test_only_more_mail_than_before_is_news(says: bytes, is_news: bool) -> None:
    with _idling(says) as (mailbox, hearing):
        assert _hear(hearing) is is_news
        hearing.done()
        assert mailbox.look("INBOX").messages == 0


@pytest.mark.parametrize(
    "says", [b"* BYE you have idled too long\r\n", b"x" * (LONGEST + 1), b"* x\r\n" * (LONGEST + 1)]
)
def test_an_end_or_a_flood_ends_the_connection(says: bytes) -> None:
    with _idling(says) as (mailbox, hearing):
        with pytest.raises(TryAgain):
            _hear_to_the_end(hearing)
        with pytest.raises(TryAgain):
            mailbox.look("INBOX")


def test_who_does_not_answer_the_end_is_waited_for_no_longer_than_for_any_answer() -> None:
    with _idling(b"", ends=b"") as (_, hearing), pytest.raises(TryAgain, match="answer"):
        hearing.done()


@pytest.mark.parametrize("ends", [b"* OK and\r\n" * 100_000, b"* OK " + b"x" * (MOST // 100) + b"\r\n"])
def test_words_without_end_are_no_answer_to_the_end(ends: bytes) -> None:
    with (
        _idling(b"", ends=ends * (1 + MOST // len(ends))) as (_, hearing),
        pytest.raises(TryAgain, match="come to an end"),
    ):
        hearing.done()
