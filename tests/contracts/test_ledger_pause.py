"""What the ledger keeps of a person who wants no passes for a while."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW

from watcher.adapters.ledger import open_ledger
from watcher.ports import Ledger, Pause

ME, OTHER = "me@example.test", "other@example.test"
DAY = timedelta(days=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def test_a_pause_holds_for_one_account_until_it_is_taken_back(ledger: Ledger) -> None:
    assert ledger.paused(ME, NOW) is None
    ledger.pause(ME, Pause(NOW, None))
    assert ledger.paused(ME, NOW + 1000 * DAY) == Pause(NOW, None)
    assert ledger.paused(OTHER, NOW) is None
    assert ledger.resume(ME)
    assert not ledger.resume(ME)
    assert ledger.paused(ME, NOW) is None


@pytest.mark.parametrize(("after", "holds"), [(timedelta(), True), (DAY - timedelta(seconds=1), True), (DAY, False)])
def test_a_pause_for_a_time_ends_by_itself(ledger: Ledger, after: timedelta, holds: bool) -> None:
    pause = Pause(NOW, NOW + DAY)
    ledger.pause(ME, pause)
    assert ledger.paused(ME, NOW + after) == (pause if holds else None)


def test_the_newest_word_counts(ledger: Ledger) -> None:
    ledger.pause(ME, Pause(NOW, None))
    ledger.pause(ME, Pause(NOW + DAY, NOW + 2 * DAY))
    assert ledger.paused(ME, NOW + DAY) == Pause(NOW + DAY, NOW + 2 * DAY)
    assert ledger.paused(ME, NOW + 2 * DAY) is None
