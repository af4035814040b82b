"""What tests of passes and commands begin with: a house, and a desk in it where one draft lies."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cycle.desk import Desk
from cycle.house import NO_NOTE, House

from watcher.adapters.ledger import open_ledger


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield House(ledger)
    ledger.close()


@pytest.fixture
def desk(house: House) -> Desk:
    """With one draft."""
    house.deliver(NO_NOTE)
    assert house.look().summary.drafted == 1
    house.clock.wait(timedelta(minutes=5))
    return Desk(house)
