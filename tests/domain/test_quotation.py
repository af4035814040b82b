"""Promise: what is mailed may quote the invitation; no key to the person's account goes back with it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from builders import ME, a_reading, an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain import quotation
from watcher.domain.own_words import cleaned
from watcher.domain.quoting import own_words

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LANGUAGES = ("da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv")
SIGNED = replace(ME, signature="Robin Ashdown\nMail engineer")


def quoted(note: str | None = "We met in Ghent.", language: str = "en", at: datetime = AT, **inviter: str) -> str:
    invitation = an_invitation(note=note)
    invitation = replace(invitation, inviter=replace(invitation.inviter, **inviter))
    return quotation.quoted(invitation, replace(a_reading().source, date=AT), language, at)


def test_the_inviters_words_are_quoted_with_who_they_are() -> None:
    assert quoted("We met in Ghent.\n\nRemember?") == (
        "On 2026-11-24, Tilda Moreau wrote:\n"
        "> We met in Ghent.\n>\n> Remember?\n>\n> Tilda Moreau\n> Planner at Nordkai"
    )


@pytest.mark.parametrize("note", [None, "", " \n "])
def test_without_words_the_subject_is_quoted(note: str | None) -> None:
    assert quoted(note).splitlines()[1] == "> I want to connect"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "Am 24.11.2026 schrieb Tilda Moreau:"),
        ("fr", "Le 24/11/2026, Tilda Moreau a écrit :"),
        ("pt-br", "Em 24/11/2026, Tilda Moreau escreveu:"),
        ("fi", "2026-11-24, Tilda Moreau:"),
    ],
)
def test_it_is_introduced_in_the_language_of_the_answer(language: str, line: str) -> None:
    assert quoted(language=language).splitlines()[0] == line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quotation_is_known_as_one_again(language: str) -> None:
    assert own_words(f"My answer.\n\n{quoted(language=language)}\n") == "My answer."


def test_the_day_is_that_of_the_persons_time_zone() -> None:
    assert quoted(at=AT.astimezone(timezone(timedelta(hours=-10)))).startswith("On 2026-11-23, ")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("see https://www.linkedin.com/in/tilda?midToken=a&otpToken=x", "see https://www.linkedin.com/in/tilda"),
        ("https://www.linkedin.com/comm/in/x?midToken=1 ok", "ok"),
        ("www.linkedin.com/e/v2?e=1&sharedKey=2 ok", "ok"),
        ("lnkd.in/abc ok", "ok"),
        ("HTTPS://WWW.LINKEDIN.COM/comm/feed?x=midToken ok", "ok"),
        ("https://linkedin.com/?otpToken=1 ok", "ok"),
        ("https://x.test/?to=https://www.linkedin.com/in/x?midToken=3", "https://x.test/?to=https://www.linkedin.com/in/x"),
        ("I like linkedin.com. Write to x@linkedin.com", "I like linkedin.com. Write to x@linkedin.com"),
        ("https://example.test/a?b=c and notlinkedin.com/x?y", "https://example.test/a?b=c and notlinkedin.com/x?y"),
    ],
)  # fmt: skip
def test_links_of_linkedins_lose_what_is_a_key(said: str, kept: str) -> None:
    assert quoted(said).splitlines()[1] == f"> {kept}"
    assert not re.search("(?i)token|sharedkey", quoted(said))


@given(st.text(max_size=300))
def test_each_line_but_the_first_is_quoted_and_no_control_is_left(note: str) -> None:
    first, *lines = quoted(note, name=note).split("\n")
    assert first.startswith("On 2026-11-24, ")
    assert all(line.startswith(">") for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", first + "".join(lines))


def test_long_lines_are_broken_between_words() -> None:
    lines = quoted("word " * 60 + "x" * 200).splitlines()
    assert max(len(line) for line in lines if "word" in line) <= 76
    assert f"> {'x' * 200}" in lines


@pytest.mark.parametrize(
    ("text", "quotation_", "below"),
    [
        ("Why?\n\nRobin Ashdown\n", "", "Why?\n\nRobin Ashdown\n"),
        ("Why?\n\nRobin Ashdown\n", "Q\n> x", "Why?\n\nRobin Ashdown\n\nQ\n> x\n"),
        (
            "Kind regards\nRobin Ashdown\nMail engineer\n",
            "",
            "Kind regards\nRobin Ashdown\n\n-- \nRobin Ashdown\nMail engineer\n",
        ),
        (
            "Kind regards\nRobin Ashdown\nMail engineer\n",
            "Q\n> x",
            "Kind regards\nRobin Ashdown\n\nQ\n> x\n\n-- \nRobin Ashdown\nMail engineer\n",
        ),
        ("Bye, R.\n-- \nRobin Ashdown\nMail engineer\n", "", "Bye, R.\n\n-- \nRobin Ashdown\nMail engineer\n"),
        ("Not Robin Ashdown\nMail engineer, no\n", "", "Not Robin Ashdown\nMail engineer, no\n"),
        ("from Robin Ashdown\nMail engineer\n", "", "from Robin Ashdown\nMail engineer\n"),
    ],
)
def test_the_signature_stands_last_under_its_line(text: str, quotation_: str, below: str) -> None:
    assert quotation.below(text, quotation_, SIGNED) == below


@given(st.text(max_size=200), st.sampled_from(["", "Q\n> x"]))
def test_without_a_signature_in_the_settings_none_is_made(text: str, quote: str) -> None:
    assert quotation.SEPARATOR not in quotation.below(text.replace("-- ", ""), quote, ME).split("\n")


def test_words_that_a_person_saves_keep_the_line_of_their_signature() -> None:
    assert cleaned("Hi \n-- \nRobin\n") == "Hi\n-- \nRobin\n"
