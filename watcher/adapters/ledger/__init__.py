"""What the program remembers: SQLAlchemy Core over SQLite, migrated by Alembic, one transaction a method."""

from watcher.adapters.ledger.opening import open_ledger
from watcher.adapters.ledger.sql import SqlLedger

__all__ = ["SqlLedger", "open_ledger"]
