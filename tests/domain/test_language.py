"""Free words have a language only where there are enough of them to tell it by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain import language


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("We met at the harbour in spring and talked about sailing boats.", "en"),
        ("Wir haben uns im Frühling am Hafen über Segelboote unterhalten.", "de"),
        ("Мы весной в порту говорили о парусных лодках и погоде.", "ru"),
        ("我们春天在港口谈过帆船和天气的事情。", "zh"),
    ],
)
def test_words_tell_their_language(text: str, told: str) -> None:
    assert language.of_words(text) == told


@pytest.mark.parametrize("text", ["", "Hello there", "1234 5678 9012 3456", "?!… — 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"])
def test_too_few_letters_tell_none(text: str) -> None:
    assert language.of_words(text) is None


@pytest.mark.parametrize(
    "text", ["Hi Ledor, xxx xx xxxxxxx xxx xxxxxxxx xx xxxx xxxxxxx.", "Xxxxx xxx LinkedIn xxxxxxx xxxx"]
)
def test_mostly_masked_words_tell_none(text: str) -> None:
    assert language.of_words(text) is None


def test_a_few_masked_words_do_not_hide_the_language() -> None:
    assert language.of_words("We met at the harbour in xxxxxx and talked about xxxxxxx boats.") == "en"


@given(st.text("Xx .,?\n", max_size=200))
def test_masked_words_tell_none(text: str) -> None:
    assert language.of_words(text) is None


@given(
    st.text("abcdefghijklmnopqrstuvwxyzæøåßñ", min_size=1, max_size=3).flatmap(
        lambda few: st.lists(st.sampled_from([*few, *few.upper(), " "]), min_size=20, max_size=90).map("".join)
    )
)
def test_fewer_than_four_different_letters_tell_none(text: str) -> None:
    assert len({letter for letter in text.casefold() if letter.isalpha()}) < 4
    assert language.of_words(text) is None
