"""Promise: of a Received line counts what the server saw itself; what a peer calls itself gains it nothing."""

from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.domain import genuine, message
from watcher.domain.kinds import Authentic
from watcher.domain.received import Hop, parse_received

TLS = "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client certificate requested)"


@pytest.mark.parametrize(
    ("line", "by", "address", "name"),
    [
        # Postfix, sendmail, Gmail: the name is confirmed
        ("from a.test (a.test [192.0.2.1]) by mx.test (Postfix) with ESMTPS id 1", "mx.test", "192.0.2.1", "a.test"),
        (f"from x (a.test [10.0.0.1]) {TLS} by mx.test (Postfix) with ESMTPS", "mx.test", "10.0.0.1", "a.test"),
        ("from [10.0.0.1] (unknown [10.0.0.1]) by mx.test (Postfix)", "mx.test", "10.0.0.1", "unknown"),
        ("from x (a.test [IPv6:2001:db8::1]) by mx.test (8.17.1/8.17.1)", "mx.test", "2001:db8::1", "a.test"),
        ("from x (a.test. [192.0.2.1]) by mx.google.com with ESMTPS id 1", "mx.google.com", "192.0.2.1", "a.test"),
        # Cyrus, Dovecot's LMTP, Fastmail, Haraka: no name, or one that nobody confirmed
        ("from x (a.test [10.0.0.1]) by store (Cyrus 3.11) with LMTPA; Mon", "store", "10.0.0.1", ""),
        ("from mx.test ([127.0.0.1]) by mx.test with LMTP id 1 (envelope-from <a@b.test>)", "mx.test", "127.0.0.1", ""),
        ("from mx-05 ([10.202.2.204]) by compute.internal (MEProxy)", "compute.internal", "10.202.2.204", ""),
        ("from x (a.test [192.0.2.1]) by mx.test (Haraka/3.0) with ESMTP", "mx.test", "192.0.2.1", ""),
        # Exchange, Microsoft 365
        ("from a (2603:10a6::1) by b.outlook.com (2603:10a6::2) with HTTPS", "b.outlook.com", "2603:10a6::1", ""),
        ("from a ([fe80::1:2%3]) by b.test ([fe80::1:2%3]) with mapi id 15", "b.test", "fe80::1:2", ""),
        # Exim
        ("from a.test ([10.0.0.1]) by mx.test with esmtps (Exim 4.96)", "mx.test", "10.0.0.1", ""),
        ("from a.test ([10.0.0.1] helo=x ident=y) by mx.test with esmtps", "mx.test", "10.0.0.1", ""),
        ("from a.test ([10.0.0.1]:25 helo=[10.0.0.1]) by mx.test with esmtps", "mx.test", "10.0.0.1", ""),
        ("from [10.0.0.1] (helo=x) by mx.test with esmtps", "mx.test", "10.0.0.1", ""),
        ("from [10.0.0.1] (port=25 helo=x) by mx.test with esmtps", "mx.test", "10.0.0.1", ""),
        # qmail
        ("from a.test (HELO x) (10.0.0.1) by mx.test with SMTP; Mon", "mx.test", "10.0.0.1", ""),
        ("from unknown (EHLO [10.0.0.1]) ([10.0.0.1]) by mx.test", "mx.test", "10.0.0.1", ""),
        ("from a.test (127.0.0.1) by mx.test with SMTP", "mx.test", "127.0.0.1", ""),
    ],
)
def test_what_the_server_saw_is_read(line: str, by: str, address: str, name: str) -> None:
    assert parse_received(line) == Hop(by, address=ip_address(address), name=name)


@pytest.mark.parametrize(
    "line",
    [
        "from unknown (HELO 10.0.0.1) (203.0.113.9) by mx.test",
        "from [203.0.113.9] (helo=[10.0.0.1]) by mx.test",
        "from x (HELO [10.0.0.1]) ([203.0.113.9]) by mx.test",
        "from evil.test (a.test [203.0.113.9] (may be forged)) by mx.test",
        "from evil.test (a.test [203.0.113.9]) (may be forged) by mx.test",
        "from [10.0.0.1] (evil.test [203.0.113.9]) by mx.test",
        "from [10.0.0.1] (evil.test [999.0.113.9]) by mx.test",
        "from x (10.0.0.1@203.0.113.9) by mx.test",
        "from 10.0.0.1 (EHLO 10.0.0.1) by mx.test",
        "from [10.0.0.1] by mx.test",
        "from x (10.0.0.1 [10.0.0.2]) by mx.test",
        "from x (a.test [203.0.113.9]) (b.test [203.0.113.9]) by mx.test",
        "from x (10.0.0.1",
    ],
)
def test_a_line_of_two_addresses_or_of_no_known_shape_is_not_understood(line: str) -> None:
    assert parse_received(line) in {Hop("mx.test"), Hop("")}


def test_where_the_peer_may_have_written_the_by_it_is_open_who_did() -> None:
    assert parse_received("from x ([10.0.0.1]) by y (evil.test [203.0.113.9]) by mx.test") == Hop("")


@pytest.mark.parametrize("line", ["by 2001:db8::1 with SMTP id 1", "by a.test (by hand)", "(qmail 1 invoked)"])
def test_a_line_without_a_peer_is_local(line: str) -> None:
    assert parse_received(line).local
    assert not parse_received("from x " + line).local


# ------------------------------------------------------------------------------------- the peer's own word for itself

PEER = ("203.0.113.9", "2001:db8::9")
SHAPES = (
    "from {helo} (unknown [{peer}]) by mx.example.test (Postfix) with ESMTP id 1",
    "from {helo} (evil.test [{peer}]) by mx.example.test (Postfix) with ESMTP id 1",
    "from {helo} (evil.test [{peer}]) " + TLS + " by mx.example.test (Postfix) with ESMTP id 1",
    "from {helo} ([{peer}]) by mx.example.test (8.17.1/8.17.1) with ESMTP",
    "from {helo} (mail.linkedin.com [{peer}] (may be forged)) by mx.example.test (8.17.1/8.17.1) with ESMTP",
    "from {helo} (mail.linkedin.com [{peer}]) by mx.example.test (Haraka/3.0) with ESMTP",
    "from {helo} (evil.test. [{peer}]) by mx.google.com with ESMTPS id 1",
    "from {helo} ([{peer}]) by mx.google.com with ESMTPS id 1",
    "from {helo} ({peer}) by x.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server",
    "from {helo} (IPv6:{peer}) by mx.example.test with SMTP",
    "from [{peer}] (helo={helo}) by mx.example.test with esmtp (Exim 4.96)",
    "from [{peer}]:25 (helo={helo}) by mx.example.test with esmtp (Exim 4.96)",
    "from [{peer}] (port=25 helo={helo} ident={helo}) by mx.example.test with esmtp (Exim 4.96)",
    "from mail.linkedin.com ([{peer}] helo={helo}) by mx.example.test with esmtp (Exim 4.96)",
    "from mail.linkedin.com ([{peer}]:25 helo={helo} ident={helo}) by mx.example.test with esmtp (Exim 4.96)",
    "from unknown (HELO {helo}) ({peer}) by mx.example.test with SMTP",
    "from mail.linkedin.com (HELO {helo}) ({helo}@{peer}) by mx.example.test with SMTP",
    "from mail.linkedin.com (EHLO {helo}) ([{peer}]) by mx.example.test with SMTP",
    "from {peer} (EHLO {helo}) by mx.example.test with SMTPs",
)
PIECES = (
    *' ()[]:;@=<>%\\"', " by ", "by", "from ", "helo=", "HELO ", "ident=", "may be forged", "unknown", "x", "IPv6:",
    "::1", "10.0.0.1", "[10.0.0.1]", "127.0.0.1", "([10.0.0.1])", "2603:10a6::1", "mail.linkedin.com",
    "mail.linkedin.com.", "(mail.linkedin.com [10.0.0.1])", "(mail.linkedin.com [203.0.113.9])", "203.0.113.9",
    "[203.0.113.9]", "(Postfix)", "mx.example.test", "mx.google.com",
)  # fmt: skip
FORGED = "dkim=pass header.d=linkedin.com; dmarc=pass header.from=linkedin.com"


def _judged(line: str) -> list[Authentic]:
    """The finding on a result forged below this line, under each name that its writer may be trusted by."""
    found = []
    for trusted in ("mx.example.test", "mx.google.com", "-"):
        result = f"Authentication-Results: {trusted}; {FORGED}".replace(" -;", "")
        mail = "\r\n".join((f"Received: {line}", result, "From: invitations@linkedin.com", "", ""))
        found.append(genuine.judge(message.parse(mail.encode()), trusted).authentic)
    return found


@given(
    st.sampled_from(SHAPES),
    st.sampled_from(PEER),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)
@example(SHAPES[15], PEER[0], "10.0.0.1")
@example(SHAPES[10], PEER[0], "[10.0.0.1]")
@example(SHAPES[17], PEER[0], "[10.0.0.1]")
@example(SHAPES[4], PEER[0], "evil.test")
@example(SHAPES[0], PEER[0], "x (mail.linkedin.com [203.0.113.9])")
@example(SHAPES[0], PEER[0], "x ([10.0.0.1]) by y")
def test_whatever_a_peer_calls_itself_a_forged_result_below_is_not_believed(shape: str, peer: str, helo: str) -> None:
    assert _judged(shape.format(helo=helo, peer=peer)) == [Authentic.UNKNOWN] * 3


@pytest.mark.parametrize("shape", SHAPES)
def test_a_peer_that_the_server_saw_within_is_understood_in_nearly_all_of_these_shapes(shape: str) -> None:
    """Or the property above would be one of lines that are never understood."""
    open_to_doubt = any(part in shape for part in ("may be forged", "@{peer}", "from {peer} "))
    assert (parse_received(shape.format(helo="x", peer="10.0.0.1")).address is None) == open_to_doubt
