"""Name and password on the wire: each stays one word, whatever it holds, and goes where the server takes it."""

import imaplib
import re
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.adapters.imap.password import InTurn, Way, literals, plain_words, quoted, way_in

QUOTED_STRING = re.compile(r'"(?:[^"\\\r\n]|\\["\\])*"')
"""RFC 3501 §9, `quoted`."""

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
WORDS = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"))


@pytest.mark.parametrize(
    ("offered", "user", "password", "way"),
    [
        (set(), "anna smith", 'a"b', Way.QUOTED),
        ({"AUTH=PLAIN"}, "anna", "secret", Way.QUOTED),
        ({"AUTH=PLAIN"}, "anna", "wörd", Way.PLAIN),
        ({"AUTH=PLAIN"}, "änne", "word", Way.PLAIN),
        ({"AUTH=PLAIN"}, "anna", "a\tb", Way.PLAIN),
        ({"AUTH=LOGIN"}, "anna", "wörd", Way.LITERAL),
        ({"LOGINDISABLED", "AUTH=PLAIN"}, "anna", "secret", Way.PLAIN),
        ({"LOGINDISABLED", "AUTH=XOAUTH2"}, "anna", "secret", None),
        ({"LOGINDISABLED"}, "anna", "wörd", None),
    ],
)
def test_the_way_in_is_one_that_the_server_takes(offered: set[str], user: str, password: str, way: Way | None) -> None:
    assert way_in(offered, user, password) is way


@given(PRINTABLE)
def test_a_quoted_word_is_one_word_and_the_same(word: str) -> None:
    told = quoted(word)
    assert QUOTED_STRING.fullmatch(told)
    assert re.sub(r"\\(.)", r"\1", told[1:-1]) == word


@given(WORDS, WORDS)
def test_literals_are_as_long_as_they_were_announced(user: str, password: str) -> None:
    first, rest = literals(user, password)
    told = first.encode() + b"\r\n" + rest.process(b"") + b"\r\n" + rest.process(b"")
    for word in (user, password):
        announced, told = told.removeprefix(b" ").split(b"\r\n", 1)
        length = int(announced.strip(b"{}"))
        assert told[:length].decode() == word
        told = told[length:]
    assert told == b""


@given(WORDS, WORDS)
def test_plain_has_both_behind_nul(user: str, password: str) -> None:
    assert b64decode(plain_words(user, password)).decode().split("\0") == ["", user, password]


def test_who_asks_on_gets_nothing_twice() -> None:
    told = InTurn([b"secret"])
    assert "secret" not in repr(told)
    assert told.process(b"") == b"secret"
    with pytest.raises(imaplib.IMAP4.abort):
        told.process(b"")
