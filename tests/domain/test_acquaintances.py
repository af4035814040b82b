"""Promise: an address or a profile is certain, a full name alone is told as a doubt, and LinkedIn is nobody."""

import pytest
from builders import a_reading
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.acquaintances import ADDRESS, People, how_known, kept_as, own_addresses, people, was_written_to
from watcher.domain.kinds import RouteBy
from watcher.domain.threads import Thread
from watcher.domain.values import Inviter, Reading, Route, Source
from watcher.errors import GiveUp

TILDA = Inviter("Tilda  Moreau", "Tilda", None, None, "https://www.linkedin.com/in/Tilda-Moreau")
NOBODY = People()


@pytest.mark.parametrize(
    ("person", "kept"),
    [
        ("Tilda Moreau", "tilda moreau"),
        ("  TILDA \u200b MOREAU ", "tilda moreau"),
        ("山田太郎", "山田太郎"),
        ("Tilda.Moreau@Example.test", "tilda.moreau@example.test"),
        ("https://www.linkedin.com/in/Tilda-Moreau/", "https://www.linkedin.com/in/tilda-moreau"),
        ("https://de.linkedin.com/comm/in/tilda-moreau?midToken=AQF", "https://www.linkedin.com/in/tilda-moreau"),
        ("linkedin.com/in/tilda-moreau", "https://www.linkedin.com/in/tilda-moreau"),
        ("http://www.linkedin.com/in/j%C3%B6rg", "https://www.linkedin.com/in/jörg"),
    ],
)
def test_a_person_is_kept_by_name_address_or_profile(person: str, kept: str) -> None:
    assert kept_as(person) == kept
    assert kept_as(kept) == kept
    known = people([kept])
    assert [kept] == [*known.names, *known.addresses, *known.profiles]


@pytest.mark.parametrize(
    "person",
    ["", "  ", "42", "🙂", "a b@example.test", "@example.test", "invitations@linkedin.com", "a@e.linkedin.com",
     "https://www.linkedin.com/company/nordkai", "linkedin.com/feed/"],
)  # fmt: skip
def test_what_names_nobody_is_refused(person: str) -> None:
    with pytest.raises(GiveUp):
        kept_as(person)


@given(st.text(max_size=60))
def test_whatever_a_person_writes_is_kept_or_refused(person: str) -> None:
    try:
        kept = kept_as(person)
    except GiveUp:
        return
    found = people([kept])
    assert len(found.names | found.addresses | found.profiles) == 1


NAME, ADDRESSED, SHOWN = (
    People(names=frozenset({"tilda moreau"})),
    People(addresses=frozenset({"tilda@example.test"})),
    People(profiles=frozenset({"https://www.linkedin.com/in/tilda-moreau"})),
)


@pytest.mark.parametrize(
    ("told", "book", "why"),
    [
        (NAME, NOBODY, "you said that you know a person of this name"),
        (ADDRESSED, NOBODY, "you said that you know this address"),
        (SHOWN, NOBODY, "you said that you know this profile"),
        (NOBODY, NAME, "a person of this name is in your address book"),
        (NOBODY, ADDRESSED, "your address book has this address"),
        (NOBODY, SHOWN, "your address book has this profile"),
        (NAME, SHOWN, "your address book has this profile"),
    ],
)
def test_how_somebody_is_known_is_told_the_surest_first(told: People, book: People, why: str) -> None:
    found = how_known(TILDA, ["tilda@example.test"], told, book)
    assert found is not None
    assert found.why == why


@pytest.mark.parametrize("inviter", [Inviter("Tilda Moreaux", "Tilda"), Inviter("Tilda", "Tilda"), Inviter("", "")])
def test_others_are_not_known(inviter: Inviter) -> None:
    whole = People(
        NAME.names | {"tilda", ""}, ADDRESSED.addresses, SHOWN.profiles
    )  # fmt: skip
    assert how_known(inviter, [], NOBODY, whole) is None
    assert how_known(TILDA, [], NOBODY, NOBODY) is None


def _reading(sender: str, to: str | None) -> Reading:
    by = RouteBy.EMAIL if to else RouteBy.LINKEDIN
    return a_reading(route=Route(by, to, "https://x.test/"), source=Source("<1@x>", (), "", sender, None))


@pytest.mark.parametrize(
    ("sender", "to", "own"),
    [
        ("Tilda@Example.test", "tilda@example.test", ("tilda@example.test",)),
        ("invitations@linkedin.com", "tilda@example.test", ("tilda@example.test",)),
        ("invitations@linkedin.com", None, ()),
        ("member@linkedin.com", "m-1@reply.linkedin.com", ()),
        ("relay@example.test", "relay@example.test", ()),
        ("böse@example.test", "a\r\nX: y@example.test", ()),
        ("", '"a b"@example.test', ()),
    ],
)
def test_only_an_address_of_their_own_is_theirs(sender: str, to: str | None, own: tuple[str, ...]) -> None:
    assert own_addresses(_reading(sender, to), ["Relay@example.test"]) == own


@given(sender=st.text(max_size=80), to=st.none() | st.text(max_size=80) | st.emails())
def test_what_may_go_to_a_server_is_one_plain_word(sender: str, to: str | None) -> None:
    for address in own_addresses(_reading(sender, to)):
        assert ADDRESS.fullmatch(address)
        assert address.isascii()
        assert not set(address) & set('\r\n\0 "\\(){}%*<>')


def _sent(answers: str = "", *references: str, is_deleted: bool = False) -> Thread:
    return Thread(1, "<own@example.test>", answers, references, is_deleted)


@pytest.mark.parametrize(
    ("sent", "knows"),
    [
        ([], False),
        ([_sent()], True),
        ([_sent("<lunch@example.test>", "<before@example.test>")], True),
        ([_sent("<5.1@lva1-app.prod.linkedin.com>")], False),
        ([_sent("<5.1.JavaMail.app@ela4-bed84.prod>")], False),
        ([_sent("<lunch@example.test>", "<5.1@x.linkedin.com>")], False),
        ([_sent("<5.1@x.linkedin.com>"), _sent()], True),
        ([_sent(is_deleted=True)], False),
    ],
)
def test_an_answer_to_linkedins_mail_proves_no_acquaintance(sent: list[Thread], knows: bool) -> None:
    assert (was_written_to("tilda@example.test", sent) is not None) is knows
