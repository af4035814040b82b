"""Takes people out of rows, and what was taken out of the file.

An UPDATE leaves the old octets in free places of its page and in the write-ahead log. VACUUM writes every page anew,
and a checkpoint that truncates the log takes the old pages away (sqlite.org/lang_vacuum.html, sqlite.org/wal.html).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, and_, select, update

from watcher.adapters.ledger import schema
from watcher.domain.forgotten import REASON
from watcher.errors import TryAgain

_NOTHING = dict.fromkeys(
    (
        "person", "name", "first_name", "headline", "company", "profile_url", "note", "note_raw", "linkedin_id",
        "route_to", "source_message_id", "date",
    )
)  # fmt: skip
_EMPTY: dict[str, object] = {
    "evidence": [], "problems": [], "source_references": [], "reason": "", "subject": "", "sender": "", "sought": "",
}  # fmt: skip

_PATIENCE = 2_000
"""Milliseconds that another process is waited for: this one reads and writes for a few at a time."""


def erase(sql: Connection, record_id: int, key: str, at: datetime) -> None:
    """What a row, its drafts, its history and the person's word on it tell of people."""
    anonymous = {"key": key, "not_because": REASON, "updated_at": at, **_NOTHING, **_EMPTY}
    row, draft, history, word = schema.invitation, schema.draft, schema.history, schema.correction
    sql.execute(update(row).where(row.c.id == record_id).values(anonymous))
    # A hash of the draft's octets could be guessed from a list of names: it goes with them.
    sql.execute(update(draft).where(draft.c.invitation_id == record_id).values(content=b"", body_hash=""))
    sql.execute(update(history).where(history.c.invitation_id == record_id).values(reason=""))
    sql.execute(update(word).where(word.c.invitation_id == record_id).values(words=""))
    _erase_failure(sql, record_id)


def _erase_failure(sql: Connection, record_id: int) -> None:
    """Why a mail could not be read may quote it."""
    row, failure = schema.invitation, schema.failure
    places = [(failure.c[name], row.c[name]) for name in ("account", "folder", "uidvalidity", "uid")]
    same = and_(row.c.id == record_id, *(there == here for there, here in places))
    sql.execute(update(failure).where(select(row.c.id).where(same).exists()).values(why=""))


def wipe(engine: Engine) -> None:
    """Write the file anew and empty its log. Raises TryAgain where another process reads or writes just now."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.detach()  # what is set here holds for this connection alone
        sql.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE}")
        sql.exec_driver_sql("PRAGMA temp_store=MEMORY")  # VACUUM's copy stays off the disk
        sql.exec_driver_sql("VACUUM")
        is_busy, *_ = sql.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if is_busy:
        raise TryAgain("the ledger is in use: traces of what was erased are left in its file until this is run again")
