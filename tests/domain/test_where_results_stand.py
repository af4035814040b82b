"""Where real servers write their results, and where a forger's own words stand: only the first place counts."""

import pytest

from watcher.domain import genuine, message
from watcher.domain.kinds import Authentic
from watcher.domain.message import Message

GOOD = "dkim=pass header.d=linkedin.com; dmarc=pass header.from=linkedin.com"
HANDED_OVER = (
    "Received: from mailc-ab.linkedin.com (mailc-ab.linkedin.com. [108.174.3.145]) by mx.google.com with ESMTPS"
)

MICROSOFT = (
    "Received: from AM6.eurprd04.prod.outlook.com (2603:10a6:20b::1) by DB9.eurprd04.prod.outlook.com with HTTPS",
    "Received: from DU2.eurprd04.prod.outlook.com (2603:10a6:10::1) by AM6.eurprd04.prod.outlook.com",
    f"Authentication-Results: spf=pass (sender IP is 108.174.3.145) smtp.mailfrom=x.linkedin.com; {GOOD};c=pass",
    "Received-SPF: Pass (protection.outlook.com: domain of bounce.linkedin.com designates 108.174.3.145)",
    "Received: from mailc-ab.linkedin.com (108.174.3.145) by DB1.mail.protection.outlook.com (10.152.1.1)",
)
FASTMAIL = (
    "Received: from phl-compute-01.internal (phl.internal [10.0.0.1]) by sloti1 (Cyrus 3.11) with LMTPA",
    "Received: from phl-mx-05 ([10.202.2.204]) by phl-compute-01.internal (MEProxy)",
    f"Authentication-Results: phl-mx-05.messagingengine.com; {GOOD}",
    "Received: from mailc-ab.linkedin.com (mailc-ab.linkedin.com [108.174.3.145]) by phl-mx-05.messagingengine.com",
)
GMAIL = (
    "Received: by 2002:a05:6000:1a8d:b0:3a with SMTP id f13csp123",
    "X-Received: by 2002:a05:6a00:1 with SMTP id x",
    "ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@linkedin.com",
    HANDED_OVER,
    "Received-SPF: pass",
    f"Authentication-Results: mx.google.com; {GOOD}",
)
YAHOO = (
    f"Authentication-Results: atlas101.mail.ir2.yahoo.com; {GOOD};",
    "Received: from 108.174.3.145 (EHLO mailc-ab.linkedin.com) by 10.197.38.11 with SMTPs",
)
OWN_WITH_FILTER = (
    "Received: from localhost (localhost [127.0.0.1]) by mail.example.org (Postfix)",
    f"Authentication-Results: mail.example.org; {GOOD}",
    "Received: from mailc-ab.linkedin.com (mailc-ab.linkedin.com [108.174.3.145]) by mail.example.org (Postfix)",
)


def _mail(*lines: str, sender: str = "invitations@linkedin.com") -> Message:
    return message.parse("\r\n".join([*lines, f"From: A B <{sender}>", "Subject: x", "", "x"]).encode())


@pytest.mark.parametrize(
    ("lines", "trusted"),
    [
        (MICROSOFT, "-"),
        (FASTMAIL, "phl-mx-05.messagingengine.com"),
        (FASTMAIL, "messagingengine.com"),
        (GMAIL, "mx.google.com"),
        (YAHOO, "atlas101.mail.ir2.yahoo.com"),
        (YAHOO, "mail.ir2.yahoo.com"),
        (OWN_WITH_FILTER, "mail.example.org"),
    ],
    ids=["microsoft", "fastmail", "fastmail's-domain", "gmail", "yahoo", "yahoo's-domain", "own-server-with-filter"],
)
def test_the_servers_own_words_count(lines: tuple[str, ...], trusted: str) -> None:
    assert genuine.judge(_mail(*lines), trusted).authentic is Authentic.PASS


EVIL = "Received: from mailc-ab.linkedin.com (host.evil.example [203.0.113.9]) by {by} with ESMTP"


@pytest.mark.parametrize(
    ("lines", "trusted"),
    [
        ((EVIL.format(by="mail.example.org"), f"Authentication-Results: mail.example.org; {GOOD}"), "mail.example.org"),
        (
            (EVIL.format(by="mx.google.com"), HANDED_OVER, f"Authentication-Results: mx.google.com; {GOOD}"),
            "mx.google.com",
        ),
        (
            (
                "Received: from AM6.eurprd04.prod.outlook.com (203.0.113.9) by DB1.prod.outlook.com",
                f"Authentication-Results: {GOOD}",
            ),
            "-",
        ),
        # The peer's own word for itself stands first and proves nothing, a private address in it neither.
        (
            (
                "Received: from [10.0.0.1] (host.evil.example [203.0.113.9]) by mail.example.org",
                f"Authentication-Results: mail.example.org; {GOOD}",
            ),
            "mail.example.org",
        ),
        # A name that the peer's own DNS gives it is the peer's word too.
        (
            (
                "Received: from x (mailc-ab.linkedin.com [203.0.113.9]) by mail.example.org (Haraka/3.0.3) with ESMTP",
                f"Authentication-Results: mail.example.org; {GOOD}",
            ),
            "mail.example.org",
        ),
        ((f"Authentication-Results: mail.example.org.evil.example; {GOOD}",), "mail.example.org"),
        ((f"Authentication-Results: evilmail.example.org; {GOOD}",), "mail.example.org"),
    ],
)
def test_a_forgers_words_do_not(lines: tuple[str, ...], trusted: str) -> None:
    assert genuine.judge(_mail(*lines), trusted).authentic is Authentic.UNKNOWN


@pytest.mark.parametrize(
    ("lines", "proposed"),
    [(MICROSOFT, "-"), (GMAIL, "mx.google.com"), (OWN_WITH_FILTER, "mail.example.org")],
    ids=["microsoft", "gmail", "own-server-with-filter"],
)
def test_the_name_that_a_server_writes_is_proposed(lines: tuple[str, ...], proposed: str) -> None:
    mails = [_mail(*lines, sender=f"x@{name}.example") for name in ("one", "two", "three")]
    assert [found.authserv_id for found in genuine.proposals(mails)] == [proposed]


def test_many_machines_of_a_provider_are_proposed_by_their_domain() -> None:
    mails = [
        _mail(*(line.replace("mx-05", f"mx-0{number}") for line in FASTMAIL), sender=f"x@{number}.example")
        for number in range(4)
    ]
    assert [found.authserv_id for found in genuine.proposals(mails)] == ["messagingengine.com"]
