"""The server of an address: by the table, else by SRV, else by who takes its mail; foreign ones are to be confirmed."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.providers import Protection
from watcher.errors import Show, TryAgain
from watcher.ports import Srv
from watcher.setting_up.discovery import Found, Source, discover


@dataclass
class Zone:
    """DNS in memory."""

    records: dict[str, tuple[Srv, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    def srv(self, name: str) -> tuple[Srv, ...]:
        return self.records.get(self._ask(name), ())

    def _ask(self, name: str) -> str:
        self.asked.append(name)
        if self.is_down:
            raise TryAgain("DNS does not answer")
        return name


def _hosts(found: tuple[Found, ...]) -> list[tuple[str, int, str, bool]]:
    return [(one.host, one.port, one.security.value, one.must_confirm) for one in found]


@pytest.mark.parametrize("address", ["robin@gmail.com", "Robin@GMail.com", " robin@gmail.com ", '"a@b"@gmail.com'])
def test_a_known_domain_asks_nobody(address: str) -> None:
    zone = Zone()
    (found,) = discover(address, zone)
    assert (found.host, found.port, found.source, found.must_confirm) == ("imap.gmail.com", 993, Source.TABLE, False)
    assert found.provider is not None
    assert zone.asked == []


def test_srv_records_tell_of_tls_first_then_starttls() -> None:
    zone = Zone(
        {
            "_imaps._tcp.example.org": (Srv(0, 1, 993, "imap.example.org"),),
            "_imap._tcp.example.org": (Srv(0, 1, 143, "mail.example.org"),),
        }
    )
    assert _hosts(discover("robin@example.org", zone)) == [
        ("imap.example.org", 993, "tls", False),
        ("mail.example.org", 143, "starttls", False),
    ]


def test_the_lowest_priority_is_preferred_and_then_the_greatest_weight() -> None:
    records = (
        Srv(20, 9, 993, "c.example.org"),
        Srv(10, 1, 993, "b.example.org"),
        Srv(10, 5, 993, "a.example.org"),
    )
    found = discover("robin@example.org", Zone({"_imaps._tcp.example.org": records}))
    assert [one.host for one in found] == ["a.example.org", "b.example.org", "c.example.org"]


@pytest.mark.parametrize(
    ("target", "must_confirm"),
    [
        ("imap.example.org", False),
        ("example.org", False),
        ("IMAP.Example.org", False),
        ("imap.evil.example", True),
        ("imap.notexample.org", True),
        ("example.org.evil.example", True),
    ],
)
def test_a_server_in_another_domain_has_to_be_confirmed(target: str, must_confirm: bool) -> None:
    zone = Zone({"_imaps._tcp.example.org": (Srv(0, 1, 993, target),)})
    (found,) = discover("robin@example.org", zone)
    assert found.must_confirm == must_confirm


def test_a_service_that_is_not_offered_is_none() -> None:
    """A target of "." says so (RFC 2782)."""
    zone = Zone({"_imaps._tcp.example.org": (Srv(0, 0, 0, ""),)})
    assert discover("robin@example.org", zone) == ()


def test_where_nobody_says_there_is_none() -> None:
    zone = Zone()
    assert discover("robin@example.org", zone) == ()
    assert zone.asked == ["_imaps._tcp.example.org", "_imap._tcp.example.org"], "nobody else is asked"


def test_dns_without_an_answer_is_told() -> None:
    with pytest.raises(TryAgain):
        discover("robin@example.org", Zone(is_down=True))


def test_a_domain_in_other_letters_is_asked_for_by_its_dns_name() -> None:
    zone = Zone()
    discover("robin@müller.example", zone)
    assert zone.asked[-1] == "_imap._tcp.xn--mller-kva.example"


@pytest.mark.parametrize("address", ["robin", "robin@", "@example.org", "robin@org", "robin@a b.org", "r@..org", ""])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(Show, match="no e-mail address"):
        discover(address, Zone())


def test_a_provider_without_imap_is_told_by_name() -> None:
    with pytest.raises(Show, match="Tuta Mail has no IMAP"):
        discover("robin@tuta.com", Zone())


@given(st.text(max_size=40))
def test_whatever_is_typed_asks_for_names_of_dns_alone(address: str) -> None:
    zone = Zone()
    try:
        found = discover(address, zone)
    except Show:
        assert zone.asked == []
    else:
        assert all(one.security is not None and Protection(one.security) for one in found)
        assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._") for name in zone.asked)
