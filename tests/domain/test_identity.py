"""Promise: one invitation has one key, a forgery never takes a real one's, and a person is known again with care."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, a_reading, an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.identity import draft_message_id, invitation_key, same_person
from watcher.domain.kinds import Authentic, Kind
from watcher.domain.values import Inviter, NotInvitation, Reading

MID = "<one@lva1.prod.linkedin.com>"
HEADLINES = st.none() | st.sampled_from(["Planner at Nordkai", "Planner…", "Baker", "…", ""])
PROFILES = st.none() | st.sampled_from(["https://www.linkedin.com/in/a", "https://www.linkedin.com/in/b"])
INVITERS = st.builds(Inviter, st.sampled_from(["Tilda Moreau", "TILDA  moreau", "Wanda"]), st.just("T"), HEADLINES)
PEOPLE = st.builds(lambda inviter, profile: replace(inviter, profile_url=profile), INVITERS, PROFILES)


def key_of(authentic: Authentic = Authentic.PASS, number: str | None = "7001", **source: Any) -> str:
    reading = a_reading(found=an_invitation(invitation_id=number), authentic=authentic)
    return invitation_key(replace(reading, source=replace(reading.source, **source)))


def test_a_proven_invitation_is_its_linkedin_id_in_whatever_mail_it_comes() -> None:
    assert key_of() == "linkedin:7001"
    assert key_of(message_id="<two@x>", subject="Reminder", sender="else@linkedin.com") == "linkedin:7001"
    reminder = a_reading(found=an_invitation(kind=Kind.REMINDER))
    assert invitation_key(reminder) == "linkedin:7001"


@pytest.mark.parametrize("authentic", [Authentic.UNKNOWN, Authentic.FAIL])
def test_a_forgery_with_a_real_id_is_only_its_message_id(authentic: Authentic) -> None:
    assert key_of(authentic) == f"mail:{MID}"
    assert key_of(authentic, "9999") == f"mail:{MID}"


@given(st.sampled_from([Authentic.UNKNOWN, Authentic.FAIL]), st.none() | st.text(), st.none() | st.text(), st.text())
def test_no_forgery_has_the_key_of_a_proven_one(
    authentic: Authentic, number: str | None, message_id: str | None, subject: str
) -> None:
    assert not key_of(authentic, number, message_id=message_id, subject=subject).startswith("linkedin:")


def test_without_an_id_it_is_the_message_id() -> None:
    assert key_of(number=None) == f"mail:{MID}"
    assert key_of(number=None, message_id="<two@x>") != key_of(number=None)


def _bare(**changes: Any) -> Reading:
    reading = a_reading(found=an_invitation(invitation_id=None, note=changes.pop("note", None)))
    return replace(reading, source=replace(reading.source, message_id=None, **changes))


def test_without_both_it_is_who_what_and_when() -> None:
    assert invitation_key(_bare()) == invitation_key(_bare())
    others = [
        _bare(sender="b@x.test"),
        _bare(subject="Other"),
        _bare(date=NOW + timedelta(seconds=1)),
        _bare(date=None),
        _bare(note="Hello"),
    ]
    assert len({invitation_key(one) for one in [_bare(), *others]}) == len(others) + 1


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_words_make_a_key(subject: str, sender: str) -> None:
    assert invitation_key(_bare(subject=subject, sender=sender)).isascii()


def test_other_mail_has_a_key_too() -> None:
    assert invitation_key(a_reading(found=NotInvitation(Kind.OTHER, "why"))) == f"mail:{MID}"


A, B = "https://www.linkedin.com/in/a", "https://www.linkedin.com/in/b"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        # a profile decides alone
        (("Tilda Moreau", None, A), ("Tilda Berg", None, A), True),
        (("Tilda Moreau", "Planner", A), ("Tilda Moreau", "Planner", B), False),
        # else the name, unless a headline contradicts
        (("Tilda Moreau", None, None), ("Tilda Moreau", None, None), True),
        (("Tilda Moreau", None, A), ("Tilda Moreau", None, None), True),
        (("Tilda Moreau", "Planner", A), ("tilda  MOREAU", "Planner", None), True),
        (("Tilda Moreau", "Planner", None), ("Tilda Moreau", None, None), True),
        (("Tilda Moreau", "Planner", None), ("Tilda Moreau", "Baker", None), False),
        (("Tilda Moreau", "Planner", A), ("Tilda Moreau", "Baker", None), False),
        (("Tilda Moreau", None, None), ("Tilda Berg", None, None), False),
        # LinkedIn cuts a headline
        (("Tilda Moreau", "Planner at Nord…", None), ("Tilda Moreau", "Planner at Nordkai", None), True),
        (("Tilda Moreau", "Planner | …", None), ("Tilda Moreau", "Planner | Harbours", None), True),
        # letters of the same shape and width
        (("Ｔilda Moreau", None, None), ("Tilda Moreau", None, None), True),
        (("Jose\u0301 Ek", None, None), ("José Ek", None, None), True),
    ],
)  # fmt: skip
def test_the_same_person(
    first: tuple[str, str | None, str | None], second: tuple[str, str | None, str | None], same: bool
) -> None:
    one, two = (Inviter(name, name, headline, None, profile) for name, headline, profile in (first, second))
    assert same_person(one, two) is same
    assert same_person(two, one) is same


@given(PEOPLE, PEOPLE)
def test_being_the_same_person_goes_both_ways(first: Inviter, second: Inviter) -> None:
    assert same_person(first, first)
    assert same_person(first, second) == same_person(second, first)


SECRET = b"s" * 32


def test_a_drafts_message_id_is_known_again_and_different_for_all_else() -> None:
    known = draft_message_id(SECRET, "me@example.test", "linkedin:7001", 1, "example.test")
    assert known == draft_message_id(SECRET, "me@example.test", "linkedin:7001", 1, "example.test")
    others = {
        draft_message_id(b"t" * 32, "me@example.test", "linkedin:7001", 1, "example.test"),
        draft_message_id(SECRET, "you@example.test", "linkedin:7001", 1, "example.test"),
        draft_message_id(SECRET, "me@example.test", "linkedin:7002", 1, "example.test"),
        draft_message_id(SECRET, "me@example.test", "linkedin:7001", 2, "example.test"),
        draft_message_id(SECRET, "me@example.test", "linkedin:700", 11, "example.test"),
    }
    assert len(others) == 5
    assert known not in others


@given(st.binary(max_size=40), st.text(st.characters()), st.text(st.characters()), st.integers(1, 99))
def test_any_key_makes_a_message_id_that_tells_nothing(secret: bytes, account: str, key: str, revision: int) -> None:
    made = draft_message_id(secret, account, key, revision, "example.test")
    local, _, domain = made.strip("<>").partition("@")
    assert domain == "example.test"
    assert len(local) == 32
    assert local.isalnum()
    assert local == local.lower()
