"""What is kept of opinions: found under its key alone, and no more questions a day than there may be."""

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from twins.language_model import KeptInMemory

from watcher.adapters.language_model import OpinionFile
from watcher.errors import Show, TryAgain
from watcher.steps.opinions import KeptOpinions

TODAY = date(2026, 11, 24)
Make = Callable[[Path], KeptOpinions]


@pytest.fixture(params=[OpinionFile, lambda _: KeptInMemory()], ids=["file", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> KeptOpinions:
    make: Make = request.param
    return make(tmp_path / "opinions.sqlite")


def test_what_was_kept_is_found_under_its_key(kept: KeptOpinions) -> None:
    kept.keep(b"one", "first", TODAY)
    kept.keep(b"two", "second", TODAY)
    kept.keep(b"one", "third", TODAY)
    assert [kept.find(key) for key in (b"one", b"two", b"three")] == ["third", "second", None]


def test_a_day_has_so_many_questions_and_the_next_day_again(kept: KeptOpinions) -> None:
    assert [kept.spend(TODAY, 3) for _ in range(5)] == [True, True, True, False, False]
    assert kept.spend(TODAY, 4)
    assert not kept.spend(TODAY, 2)
    assert kept.spend(TODAY + timedelta(days=1), 1)


def test_another_that_opens_the_file_knows_the_same(tmp_path: Path) -> None:
    place = tmp_path / "opinions.sqlite"
    OpinionFile(place).keep(b"one", "first", TODAY)
    assert OpinionFile(place).spend(TODAY, 1)
    assert OpinionFile(place).find(b"one") == "first"
    assert not OpinionFile(place).spend(TODAY, 1)


def test_many_at_once_spend_no_more_than_there_is(tmp_path: Path) -> None:
    place = tmp_path / "opinions.sqlite"
    with ThreadPoolExecutor(4) as threads:
        spent = list(threads.map(lambda _: OpinionFile(place).spend(TODAY, 10), range(24)))
    assert spent.count(True) == 10


def test_what_is_old_goes(tmp_path: Path) -> None:
    kept = OpinionFile(tmp_path / "opinions.sqlite")
    kept.keep(b"old", "x", TODAY)
    kept.keep(b"new", "x", TODAY + timedelta(days=400))
    assert (kept.find(b"old"), kept.find(b"new")) == (None, "x")


def test_the_file_is_private_and_one_that_is_not_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "opinions.sqlite"
    OpinionFile(place).keep(b"one", "first", TODAY)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    place.chmod(0o644)
    with pytest.raises(Show, match="chmod 600"):
        OpinionFile(place).find(b"one")


@pytest.mark.parametrize("content", [b"no database at all, and long enough to be looked at" * 40, None])
def test_a_file_that_cannot_be_used_is_told(content: bytes | None, tmp_path: Path) -> None:
    place = tmp_path / "opinions.sqlite"
    if content is None:
        place = tmp_path / "nowhere" / "opinions.sqlite"
    else:
        place.write_bytes(content)
        place.chmod(0o600)
    with pytest.raises(TryAgain, match=r"opinions\.sqlite cannot be used"):
        OpinionFile(place).spend(TODAY, 1)


def test_a_file_that_is_held_by_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "opinions.sqlite"
    monkeypatch.setattr("watcher.adapters.language_model.kept.PATIENCE", 0.1)
    OpinionFile(place).spend(TODAY, 1)
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TryAgain):
        OpinionFile(place).spend(TODAY, 5)
    other.close()
