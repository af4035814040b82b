"""The program as a person runs it: a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAM = [sys.executable, "-m", "watcher"]


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

    @property
    def ledger(self) -> Path:
        return self.folder / ".local" / "share" / "invitation-watcher" / "ledger.sqlite"
