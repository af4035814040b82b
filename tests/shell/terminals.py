"""A person's terminal: the program in it is one of the tests' own, and what it shows is read as a person reads it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pexpect
import pyte
from shell.program import PROGRAM, Home

PATIENCE = 40.0
_A_WHILE = 0.15


@dataclass
class Terminal:
    """What the program prints is drawn on `screen`; `octets` are all that it printed."""

    process: pexpect.spawn
    screen: pyte.HistoryScreen
    stream: pyte.ByteStream
    octets: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        """What is to be seen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def is_over(self) -> bool:
        return not self.process.isalive()

    def press(self, key: str, until: str | Callable[[str], bool] = "") -> str:
        """Press a key, and wait until something is to be seen."""
        self.process.send(key)
        return self.shows(until) if until else self.settled()

    def shows(self, wanted: str | Callable[[str], bool]) -> str:
        """Wait until this is to be seen."""
        is_there = wanted if callable(wanted) else lambda text: wanted in text
        end = time.monotonic() + PATIENCE
        while not (is_there(self.text) and self._is_quiet()):
            assert time.monotonic() < end, f"{wanted!r} never came:\n{self.text}"
            self._read()
        return self.text

    def settled(self) -> str:
        """What is to be seen once nothing more comes."""
        while not self._is_quiet():
            pass
        return self.text

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.process.setwinsize(lines, columns)

    def ended(self) -> int:
        """How the program ended."""
        end = time.monotonic() + PATIENCE
        while self.process.isalive():
            assert time.monotonic() < end, f"it goes on:\n{self.text}"
            self._read()
        self._read()
        assert self.process.exitstatus is not None
        return int(self.process.exitstatus)

    def _is_quiet(self) -> bool:
        return not self._read()

    def _read(self) -> bool:
        try:
            read = self.process.read_nonblocking(65536, timeout=_A_WHILE)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.octets += read
        self.stream.feed(read)
        return True


@contextmanager
def terminal(home: Home, *words: str, columns: int = 90, lines: int = 40, **changes: str) -> Iterator[Terminal]:
    """`watcher WORDS` in one, ended at the end."""
    environment = home.environment({"TERM": "xterm-256color", **changes})
    for name in ("COLUMNS", "LINES", "DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    process = pexpect.spawn(
        sys.executable, [*PROGRAM[1:], *words], cwd=str(home.folder), env=environment, dimensions=(lines, columns)
    )
    screen = pyte.HistoryScreen(columns, lines, history=1000)
    try:
        yield Terminal(process, screen, pyte.ByteStream(screen))
    finally:
        process.close(force=True)
