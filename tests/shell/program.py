"""The program as a person runs it: a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAM = [sys.executable, "-m", "watcher"]

SOON = 25
"""Seconds within which the program has ended once it is told to. It promises 10; a loaded machine is slower, and what
waits in vain lasts longer still: 30 for a browser that stays, 40 for a server that hangs.
"""


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What `--json` printed."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Home:
    """A person's folders and settings."""

    folder: Path
    settings: Mapping[str, str]

    def environment(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WATCHER_", "XDG_"))}
        return {**kept, "HOME": str(self.folder), "COLUMNS": "120", "NO_COLOR": "1", **self.settings, **(changes or {})}

    def run(self, *words: str, timeout: float = 100, **changes: str) -> Ran:
        """One command to its end; `changes` are settings for this run alone."""
        done = subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=self.environment(changes),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, log: IO[str] | int = subprocess.PIPE, **changes: str) -> subprocess.Popen[str]:
        """One command that goes on; its log is read from `stderr`, unless it goes into a file."""
        return subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=self.environment(changes),
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )

    def passes(self) -> dict[str, int]:
        """How many were completed, by account."""
        counted = "SELECT account, count(*) FROM pass WHERE completed GROUP BY account"
        place = f"file:{self.ledger}?mode=ro"
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(place, uri=True)) as ledger:
            return dict(ledger.execute(counted).fetchall())
        return {}  # the program has not made it yet

    @property
    def ledger(self) -> Path:
        return self.folder / ".local" / "share" / "invitation-watcher" / "ledger.sqlite"


def ended(process: subprocess.Popen[str], order: signal.Signals = signal.SIGTERM) -> Ran:
    """Tell it to stop; how it ended. A test fails where that takes longer than SOON."""
    process.send_signal(order)
    out, err = process.communicate(timeout=SOON)
    return Ran(process.returncode, out or "", err or "")


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it holds before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False
