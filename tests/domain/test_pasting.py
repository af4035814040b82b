"""What goes to LinkedIn's own fields: the words alone, counted as a browser counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.adapters.templates import shipped_folder
from watcher.domain import own_words, pasting
from watcher.domain.pasting import Fits
from watcher.errors import GiveUp

BLOCK = "- - 8< - - for you only - - 8< - -\nPaste it here:\nhttps://example.test/\n- - 8< - -\n"


@pytest.mark.parametrize(("text", "units"), [("", 0), ("Grüße", 5), ("😀", 2), ("שלום", 4), ("a\nb", 3)])
def test_characters_are_counted_as_browsers_do(text: str, units: int) -> None:
    assert pasting.length(text) == units


@pytest.mark.parametrize(
    ("units", "place"),
    [
        (1, Fits.NOTE), (300, Fits.NOTE), (301, Fits.MESSAGE), (8000, Fits.MESSAGE), (8001, Fits.NOWHERE),
    ],
)  # fmt: skip
def test_a_text_fits_where_it_has_room(units: int, place: Fits) -> None:
    assert pasting.fits("x" * units) is place


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_the_block_is_taken_off_and_nothing_else(text: str) -> None:
    words = pasting.without_block(text, "")
    assert pasting.without_block(f"{words.rstrip()}\n\n{BLOCK}", BLOCK).rstrip() == words.rstrip()


def test_a_block_that_was_written_otherwise_then_is_known_by_its_first_line() -> None:
    older = BLOCK.replace("Paste it here", "Paste this there")
    assert pasting.without_block(f"Hello\n\n{older}", BLOCK) == "Hello\n"


def test_a_shipped_block_is_known_after_the_person_put_their_own_in_its_place() -> None:
    shipped = (shipped_folder() / "de" / "paste-on-linkedin.txt.j2").read_text("utf-8")
    assert pasting.without_block(f"Hello\n\n{shipped}", BLOCK) == "Hello\n"


def test_without_a_block_the_text_stays_whole() -> None:
    assert pasting.without_block("Hello\n\n- - 8< - -\n", "") == "Hello\n\n- - 8< - -\n"


@given(st.text())
def test_own_words_can_stand_in_a_mail(text: str) -> None:
    try:
        words = own_words.cleaned(text)
    except GiveUp:
        return
    assert words.endswith("\n")
    assert words.strip()
    words.encode("utf-8")
    assert own_words.cleaned(words) == words


@pytest.mark.parametrize("text", ["", " \r\n\t\n", "\x00\x07"])
def test_no_words_are_refused(text: str) -> None:
    with pytest.raises(GiveUp, match="no words"):
        own_words.cleaned(text)


def test_far_too_many_words_are_refused() -> None:
    with pytest.raises(GiveUp, match="20,000"):
        own_words.cleaned("x" * 20_001)
    assert own_words.cleaned("x" * 20_000)
