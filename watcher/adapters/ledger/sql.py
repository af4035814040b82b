"""The ledger's port over SQL, put together from its parts. Every method is one transaction, on the disk at its end."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from watcher.adapters.ledger.drafts import Drafts
from watcher.adapters.ledger.folders import Folders
from watcher.adapters.ledger.holder import this_process
from watcher.adapters.ledger.invitations import Invitations
from watcher.adapters.ledger.lists import Lists
from watcher.adapters.ledger.passes import Passes
from watcher.adapters.ledger.persons_word import PersonsWord
from watcher.adapters.ledger.told import Told

PATIENCE = timedelta(seconds=10)
"""How long another instance's work is waited for: a pass that finds little takes a second."""


class SqlLedger(Folders, Invitations, PersonsWord, Drafts, Lists, Passes, Told):
    """Implements `ports.Ledger`. `place` is the file, for error messages."""

    def __init__(self, engine: Engine, place: str, patience: timedelta = PATIENCE) -> None:
        super().__init__(engine, place)
        self._patience = patience
        self._holder = this_process()
