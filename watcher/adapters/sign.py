"""The file by which `watcher status` finds a service that runs: `running.json` beside the ledger.

A file, not a table: it tells of a process and is worth nothing after it, is written after each pass without a wait for
the disk, and can be read where the ledger cannot. A process that ended, by kill -9 too, is known to be gone.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from watcher.adapters.ledger.holder import is_gone, this_process
from watcher.ports import Clock, Failure, OnWatch, Presence

NAME = "running.json"

FRESH = timedelta(minutes=3)
"""How old a sign may be whose process cannot be asked for, as it is of another container: it is renewed each minute."""


class FileSign:
    """Implements `ports.Sign`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._place = folder / NAME
        self._clock = clock
        self._holder = this_process()

    def show(self, presence: Presence) -> None:
        """See `ports.Sign`: whole or not at all, for whoever reads meanwhile."""
        boxes = {name: asdict(one) for name, one in presence.mailboxes.items()}
        text = json.dumps({"holder": self._holder, "at": presence.at, "mailboxes": boxes}, default=_moment)
        beside = self._place.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            with os.fdopen(
                os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(text)
            beside.replace(self._place)

    def seen(self) -> Presence | None:
        """See `ports.Sign`."""
        try:
            found = json.loads(self._place.read_text("utf-8"))
            presence = _presence(found)
            is_there = self._is_there(found["holder"], presence.at)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return presence if is_there else None

    def take_down(self) -> None:
        """See `ports.Sign`: that of another service is left."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(self._place.read_text("utf-8"))["holder"] == self._holder:
                self._place.unlink()

    def _is_there(self, holder: str, at: datetime) -> bool:
        return not is_gone(holder) and abs(self._clock.now() - at) < FRESH


def _presence(found: dict[str, Any]) -> Presence:
    return Presence(
        _read(found["at"]),
        {
            name: OnWatch(_read(one["due"]) if one["due"] else None, str(one["condition"]), _failure(one["failure"]))
            for name, one in found["mailboxes"].items()
        },
    )


def _failure(found: dict[str, Any] | None) -> Failure | None:
    return Failure(_read(found["at"]), str(found["problem"]), int(found["times"])) if found else None


def _moment(moment: datetime) -> str:
    return moment.isoformat()


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
