"""A world under one service, with a ledger on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from service.world import World

from watcher.adapters.ledger import open_ledger


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield World(ledger)
    ledger.close()
