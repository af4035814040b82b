"""The table of mail providers: every row whole, no domain twice, each with its source."""

import re
from collections import Counter

import pytest

from watcher.domain.providers import (
    MailProvider,
    Protection,
    Way,
    all_providers,
    provider_of,
    without_imap,
)

NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
ROWS = all_providers()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_whole(row: MailProvider) -> None:
    assert NAME.fullmatch(row.host)
    assert all(NAME.fullmatch(name) for name in row.domains)
    assert row.domains
    assert row.ways
    assert row.hint
    assert re.match(r"autoconfig |provider-db |https://", row.source)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_usual_ports_go_with_their_protection(row: MailProvider) -> None:
    if row.host != "127.0.0.1":
        assert (row.port, row.security) in {(993, Protection.TLS), (143, Protection.STARTTLS)}


def test_there_are_forty_and_no_domain_is_served_twice() -> None:
    assert len(ROWS) >= 40
    domains = Counter([domain for row in ROWS for domain in row.domains] + list(without_imap()))
    assert [domain for domain, times in domains.items() if times > 1] == []


@pytest.mark.parametrize(
    ("domain", "host", "ways"),
    [
        ("gmail.com", "imap.gmail.com", (Way.APP_PASSWORD, Way.GOOGLE)),
        ("googlemail.com", "imap.gmail.com", (Way.APP_PASSWORD, Way.GOOGLE)),
        ("hotmail.co.uk", "outlook.office365.com", (Way.MICROSOFT,)),
        ("live.com", "outlook.office365.com", (Way.MICROSOFT,)),
        ("icloud.com", "imap.mail.me.com", (Way.APP_PASSWORD,)),
        ("t-online.de", "secureimap.t-online.de", (Way.APP_PASSWORD,)),
        ("pm.me", "127.0.0.1", (Way.PASSWORD,)),
    ],
)
def test_who_serves_a_domain(domain: str, host: str, ways: tuple[Way, ...]) -> None:
    found = provider_of(domain)
    assert found is not None
    assert (found.host, found.ways) == (host, ways)


@pytest.mark.parametrize("domain", ["example.org", "notgmail.com", "mail.gmail.com", "com", ""])
def test_a_domain_that_only_looks_like_one_is_not_known(domain: str) -> None:
    assert provider_of(domain) is None


def test_some_want_the_name_before_the_at_alone() -> None:
    free, gmail = provider_of("free.fr"), provider_of("gmail.com")
    assert free is not None
    assert gmail is not None
    assert free.login("robin.ashdown@free.fr") == "robin.ashdown"
    assert gmail.login("robin.ashdown@gmail.com") == "robin.ashdown@gmail.com"
