"""A world under one service, with a ledger on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from service.world import World
from watching.attended import Attended

from watcher.adapters.ledger import SqlLedger, open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    opened = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def attended(ledger: SqlLedger) -> Attended:
    return Attended(World(ledger))
