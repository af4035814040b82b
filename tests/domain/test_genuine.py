"""Promise: only what the mailbox's own server wrote, in a place only it writes to, proves that LinkedIn sent a mail."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_mail import AUTHSERV, CORPUS, a_letter, a_mail

from watcher.domain import genuine, message
from watcher.domain.kinds import Authentic

PASS, FAIL, UNKNOWN = Authentic.PASS, Authentic.FAIL, Authentic.UNKNOWN

RFC = 'mx.example.test 1; dkim=pass reason="good signature" header.d=linkedin.com; dmarc=pass header.from=linkedin.com'
COMMENTED = (
    "mx.example.test (the house (of mail)); dkim=pass (2048-bit key; unprotected) header.d=linkedin.com"
    ' header.i=@linkedin.com header.b="a;b"; spf=pass (mx.example.test: domain of x designates 192.0.2.1)'
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=bounce.linkedin.com; dkim=pass (signature was verified)"
    " header.d=linkedin.com;dmarc=pass action=none header.from=linkedin.com;compauth=pass reason=100"
)
YAHOO = (
    "atlas.mail.yahoo.example; dkim=pass header.i=@linkedin.com header.s=d2048; dkim=pass header.i=@mailb.linkedin.com"
    " header.s=proddkim; spf=pass smtp.mailfrom=bounce.linkedin.com; dmarc=pass(p=REJECT) header.from=linkedin.com;"
)
FOLDED = "mx.example.test;\r\n\tdkim=pass\r\n\t(2048-bit key)\r\n header.d=linkedin.com"
BY_DMARC = "mx.example.test; dkim=none; dmarc=pass (policy=reject) header.from=linkedin.com"
NONE = "mx.example.test; dkim=none (message not signed) header.d=none; dmarc=none"
BAD = "mx.example.test; dkim=fail (body hash did not verify) header.d=linkedin.com"
GOOD = "mx.example.test; dkim=pass header.d=linkedin.com"


def judged(*above: str, trusted: str | None = AUTHSERV, sender: str = "Tilda <invitations@linkedin.com>") -> Authentic:
    """The finding on a mail with these header lines on top of all others."""
    lines = "".join(f"{line}\r\n" for line in above)
    content = a_mail(text=a_letter(), changes={"Authentication-Results": None, "From": sender}, above=lines)
    return genuine.judge(message.parse(content), trusted).authentic


def results(value: str) -> str:
    return f"Authentication-Results: {value}"


@pytest.mark.parametrize(
    ("value", "trusted", "finding"),
    [
        (RFC, AUTHSERV, PASS),
        (RFC, AUTHSERV.upper(), PASS),
        (RFC.upper(), AUTHSERV, PASS),
        (COMMENTED, AUTHSERV, PASS),
        (FOLDED, AUTHSERV, PASS),
        (BY_DMARC, AUTHSERV, PASS),
        (MICROSOFT, "-", PASS),
        (YAHOO, "atlas.mail.yahoo.example", PASS),
        (f'"{AUTHSERV}"; dkim=pass header.d=linkedin.com', AUTHSERV, PASS),
        (GOOD + "; arc=none;;", AUTHSERV, PASS),
        (BAD + "; dkim=pass header.d=mailb.linkedin.com", AUTHSERV, PASS),
        # not its own server, or none pinned
        (RFC, "mx.other.test", UNKNOWN),
        (RFC, "-", UNKNOWN),
        (RFC, None, UNKNOWN),
        (MICROSOFT, AUTHSERV, UNKNOWN),
        ("mx.example.test.evil.test; dkim=pass header.d=linkedin.com", AUTHSERV, UNKNOWN),
        # nothing is said of LinkedIn's signature
        (NONE, AUTHSERV, UNKNOWN),
        (AUTHSERV, AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; none", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; spf=pass smtp.mailfrom=bounce.linkedin.com", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=pass", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=pass header.d=evil.test", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=pass header.d=evil-linkedin.com", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=pass header.d=linkedin.com.evil.test", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=pass header.i=linkedin.com@evil.test", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=neutral header.d=linkedin.com", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dkim=temperror header.d=linkedin.com", AUTHSERV, UNKNOWN),
        (f"{AUTHSERV}; dmarc=pass header.from=evil.test", AUTHSERV, UNKNOWN),
        # the server says no
        (BAD, AUTHSERV, FAIL),
        (f"{AUTHSERV}; dkim=pass header.d=evil.test; dmarc=fail (p=reject) header.from=linkedin.com", AUTHSERV, FAIL),
        (MICROSOFT.replace("dmarc=pass", "dmarc=fail"), "-", FAIL),
    ],
)  # fmt: skip
def test_what_servers_write(value: str, trusted: str | None, finding: Authentic) -> None:
    assert judged(results(value), trusted=trusted) is finding


RECEIVED = f"Received: from mail.linkedin.com (mail.linkedin.com. [192.0.2.7]) by {AUTHSERV} with ESMTPS id 1"
FROM_EVIL = f"Received: from mail.linkedin.com (evil.test. [192.0.2.66]) by {AUTHSERV} with ESMTPS id 1"
GMAIL = [
    "Delivered-To: me@example.test",
    "Received: by 2001:db8:0:0:0:0:0:1 with SMTP id a1; Mon, 9 Nov 2026 00:12:01 -0800 (PST)",
    "X-Received: by 2001:db8:0:0:0:0:0:2 with SMTP id b2; Mon, 9 Nov 2026 00:12:00 -0800 (PST)",
    f"ARC-Authentication-Results: i=1; {GOOD}",
    "Return-Path: <m-1@bounce.linkedin.com>",
    RECEIVED,
    "Received-SPF: pass (example.test: domain of m-1@bounce.linkedin.com designates 192.0.2.7)",
]


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        ([results(GOOD), RECEIVED], PASS),
        ([results(GOOD), "Received-SPF: pass", RECEIVED], PASS),
        # Gmail's own place: below its Received lines, when LinkedIn's host stands in the last of them
        ([*GMAIL, results(GOOD)], PASS),
        ([*GMAIL, results(BAD)], FAIL),
        ([*(FROM_EVIL if line is RECEIVED else line for line in GMAIL), results(GOOD)], UNKNOWN),
        ([*GMAIL, "Received: from x (x. [192.0.2.1]) by mail.linkedin.com with SMTP", results(GOOD)], UNKNOWN),
        ([RECEIVED, "Received: from evil.test by evil.test", results(GOOD)], UNKNOWN),
        (["Received: from mail.linkedin.com by mx.other.test with SMTP", results(GOOD)], UNKNOWN),
        ([FROM_EVIL, results(GOOD)], UNKNOWN),
        # several of the same id: the worst wins
        ([results(GOOD), results(BAD)], FAIL),
        ([results(BAD), results(GOOD)], FAIL),
        ([results(NONE), results(GOOD)], UNKNOWN),
        ([results(GOOD), results("mx.example.test; spf=pass smtp.mailfrom=x@linkedin.com")], PASS),
        # another server's word between or above
        ([results("mx.other.test; dkim=fail header.d=linkedin.com"), results(GOOD)], PASS),
        ([results("mx.other.test; dkim=pass header.d=linkedin.com"), results(BAD)], FAIL),
        # a forged one further down counts for nothing, either way
        ([results(NONE), FROM_EVIL, results(GOOD)], UNKNOWN),
        ([results(GOOD), RECEIVED, results(BAD)], PASS),
        ([results(NONE), "X-Any: header", results(GOOD)], UNKNOWN),
    ],
)
def test_only_the_topmost_run_in_a_place_of_the_servers_own_counts(lines: list[str], finding: Authentic) -> None:
    assert judged(*lines) is finding


@pytest.mark.parametrize(
    "local",
    [
        '"x; dkim=pass header.d=linkedin.com "',
        '"x; dkim=pass header.d=linkedin.com; "',
        '"\\"; dkim=pass header.d=linkedin.com; "',
        '"(; dkim=pass header.d=linkedin.com; )"',
        '") ; dkim=pass header.d=linkedin.com ; ("',
        'x";dkim=pass header.d=linkedin.com',
        "x);dkim=pass header.d=linkedin.com;(",
    ],
)
def test_a_return_path_of_the_forgers_choice_injects_no_result(local: str) -> None:
    value = (
        f"{AUTHSERV}; spf=pass (domain of {local}@evil.test designates it) smtp.mailfrom={local}@evil.test; dkim=none"
    )
    assert judged(results(value)) is not PASS


def test_two_senders_are_never_proven() -> None:
    both = "Tilda <invitations@linkedin.com>, Evil <x@evil.test>"
    assert judged(results(GOOD), sender=both) is FAIL
    assert judged("From: Evil <x@evil.test>", results(GOOD)) is FAIL
    assert judged("From:", results(GOOD)) is FAIL


@pytest.mark.parametrize(
    "sender",
    ["Tilda <t@example.test>", "x@linkedin.com.evil.test", '"invitations@linkedin.com" <x@evil.test>', "", "("],
)
def test_a_sender_elsewhere_is_never_proven(sender: str) -> None:
    assert judged(results(GOOD), sender=sender) is UNKNOWN


def _from(sender: str, *lines: str) -> message.Message:
    above = "".join(f"{line}\r\n" for line in lines)
    return message.parse(a_mail(text="", changes={"From": sender, "Authentication-Results": None}, above=above))


def test_an_id_is_proposed_where_the_mail_of_several_senders_shows_it() -> None:
    mails = [_from(f"x@{name}.test", results(NONE), RECEIVED) for name in ("one", "two", "two")]
    assert genuine.proposals(mails) == (genuine.Proposal(AUTHSERV, 3, 2),)


def test_an_id_that_one_sender_alone_writes_is_not_proposed() -> None:
    mails = [_from("x@evil.test", results("evil.test; dkim=pass")) for _ in range(9)]
    below = [_from(f"x@{name}.test", RECEIVED, results("evil.test; dkim=pass")) for name in ("one", "two")]
    assert genuine.proposals([*mails, *below, message.parse(b"")]) == ()


@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from([*'();="\\ @', "dkim", "pass", "header.d", "linkedin.com"]), max_size=60).map("".join)
)
def test_any_value_is_read_without_raising(value: str) -> None:
    read = genuine.parse_results(value)
    assert read.authserv_id
    assert len(read.results) <= genuine.MAX_RESULTS


@pytest.mark.parametrize("unit", ["(", "(\\", '"', '("', "a=b;", "a ", "((a)", '\\"('])
def test_an_endless_value_proves_nothing(unit: str) -> None:
    assert len(genuine.parse_results(unit * 100_000).results) <= genuine.MAX_RESULTS


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_no_real_mail_is_proven_by_a_server_that_did_not_receive_it(path: Path) -> None:
    content = path.read_bytes()
    assert genuine.judge(message.parse(content), "mx.nowhere.test").authentic is not PASS
