"""BODYSTRUCTURE → the text parts worth fetching, whatever a server answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.adapters.imap.structure import MOST_PARTS, WHOLE, text_parts

PLAIN = (b"text", b"plain", (b"charset", b"UTF-8"), None, None, b"quoted-printable", 120, 4)
HTML = (b"TEXT", b"HTML", (b"CHARSET", b"iso-8859-1"), None, None, b"8BIT", 900, 30)
PICTURE = (b"image", b"png", None, None, None, b"base64", 5000)
NAMED = (b"text", b"plain", (b"name", b"x.txt"), None, None, b"7bit", 10, 1)
ATTACHED = (*PLAIN, None, (b"attachment", (b"filename", b"y.txt")), None)
FORWARDED = (b"message", b"rfc822", None, None, None, b"7bit", 700, (b"env",), PLAIN, 20)


def _sections(structure: object) -> list[tuple[str, str]]:
    return [(part.section, part.content_type) for part in text_parts(structure)]


@pytest.mark.parametrize(
    ("structure", "found"),
    [
        (PLAIN, [("1", "text/plain")]),
        (([PLAIN, HTML], b"alternative"), [("1", "text/plain"), ("2", "text/html")]),
        (([([PLAIN, HTML], b"alternative"), PICTURE], b"mixed"), [("1.1", "text/plain"), ("1.2", "text/html")]),
        (([PICTURE, PLAIN], b"mixed"), [("2", "text/plain")]),
        (([NAMED, ATTACHED, FORWARDED], b"mixed"), []),
        (PICTURE, []),
        ((PLAIN, HTML, b"alternative"), [("1", "text/plain"), ("2", "text/html")]),
    ],
)
def test_text_and_nothing_else(structure: object, found: list[tuple[str, str]]) -> None:
    assert _sections(structure) == found


def test_what_a_part_tells_of_itself() -> None:
    (part,) = text_parts(HTML)
    assert (part.charset, part.encoding, part.octets) == ("iso-8859-1", "8bit", 900)


@pytest.mark.parametrize("odd", [None, (), "text", b"text", 7, []])
def test_what_cannot_be_understood_is_fetched_as_one(odd: object) -> None:
    assert text_parts(odd) == (WHOLE,)


def test_parts_are_bounded_in_number_and_depth() -> None:
    deep: object = PLAIN
    for _ in range(3000):
        deep = ([deep], b"mixed")
    assert text_parts(deep) == ()
    assert len(text_parts(([PLAIN] * 500, b"mixed"))) == MOST_PARTS


LEAVES = st.none() | st.binary(max_size=8) | st.integers() | st.just(PLAIN) | st.just(HTML)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=9) | st.lists(inner, max_size=9).map(tuple)))
def test_no_answer_of_a_server_raises(structure: object) -> None:
    assert len(text_parts(structure)) <= MOST_PARTS
