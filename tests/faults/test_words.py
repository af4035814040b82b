"""A server's words are understood: what will pass is not held against the password, and a told wait is kept."""

import pytest

from watcher.adapters.imap.bounds import SLOWEST, Allowance, depth, start_of_one_mail
from watcher.adapters.imap.words import is_passing, told_wait

PASSING = [
    "[ALERT] Too many simultaneous connections. (Failure)",
    "[UNAVAILABLE] Temporary authentication failure.",
    "[INUSE] Mailbox in use",
    "[LIMIT] too much",
    "Request is throttled. Suggested Backoff Time: 299961 milliseconds",
    "System Error, please try again later",
    "[LIMIT] Rate limit hit",
    "Please back-off for 5 minutes",
]
LASTING = [
    "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
    "LOGIN failed.",
    "[EXPIRED] The password has expired",
    "[OVERQUOTA] Not enough room.",
    "Application-specific password required",
    "[AUTHENTICATIONFAILED] too many login failures",
    "authenticate failed: [authenticationfailed] Try again later (Failure)",
    "[AUTHORIZATIONFAILED] temporarily not your mailbox",
    "[EXPIRED] too many days since the last change",
]


@pytest.mark.parametrize("words", PASSING)
def test_trouble_of_the_moment_is_known(words: str) -> None:
    assert is_passing(words)


@pytest.mark.parametrize("words", LASTING)
def test_a_lasting_refusal_is_known(words: str) -> None:
    assert not is_passing(words)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Request is throttled. Suggested Backoff Time: 300000", 300.0),
        ("Suggested Backoff Time: 299961 milliseconds", 299.961),
        ("SUGGESTED BACKOFF TIME: 1000", 1.0),
        ("please back off for 90 seconds", 90.0),
        ("back off 5 min", 300.0),
        ("back-off 5 minutes", 300.0),
        ("Backoff Time: 2 hours", 7200.0),
        ("Back-off: 1 h", 3600.0),
        ("backoff 3 hrs", 10800.0),
        ("LOGIN failed.", None),
        ("backoff", None),
    ],
)
def test_a_told_wait_is_read(words: str, seconds: float | None) -> None:
    assert told_wait(words) == pytest.approx(seconds)


def test_an_answer_that_trickles_runs_out_of_time_and_one_that_flows_does_not() -> None:
    allowance = Allowance(40)
    allowance.began -= 60
    with pytest.raises(TimeoutError):
        allowance.patience()
    allowance.octets = 60
    with pytest.raises(TimeoutError):
        allowance.patience()
    allowance.octets = 60 * SLOWEST
    assert 0 < allowance.patience() <= 40
    allowance.begin()
    assert 39 < allowance.patience() <= 40


@pytest.mark.parametrize(
    ("line", "start"),
    [
        (b"* 12 FETCH (UID 4 FLAGS ())\r\n", b"* 12 FETCH ("),
        (b"* 12 fetch (UID", b"* 12 fetch ("),
        (b" BODYSTRUCTURE (NIL))\r\n", b" "),
        (b"* SEARCH 1 2 3\r\n", None),
        (b"* OK hello\r\n", None),
    ],
)
def test_a_line_about_one_mail_is_known(line: bytes, start: bytes | None) -> None:
    assert start_of_one_mail(line) == start


@pytest.mark.parametrize(("line", "deep"), [(b"(" * 200 + b")" * 200, 200), (b"()" * 200, 1), (b"((()))", 0)])
def test_how_deep_a_line_nests(line: bytes, deep: int) -> None:
    assert depth(line) == deep
