"""A person at a terminal: what the program shows there, and what they type."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path

WITHIN = 30.0
_ERASED = re.compile(r"\r?((?:\x1b\[1A)?)\r?\x1b\[2K")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x07|\r(?!\n)")


@dataclass
class Terminal:
    """One command in a terminal of its own; `seen` is all that was shown, without colours and movements."""

    process: int
    descriptor: int
    seen: str = ""
    _read_up_to: int = field(default=0)
    _half: str = ""

    def await_words(self, words: str) -> str:
        """What was shown until these words, which were not read before."""
        deadline = time.monotonic() + WITHIN
        while words not in self.seen[self._read_up_to :]:
            if time.monotonic() > deadline or not self._take():
                raise AssertionError(f"{words!r} does not come; there is\n{self.seen[self._read_up_to :]}")
        end = self.seen.index(words, self._read_up_to) + len(words)
        told = self.seen[self._read_up_to : end]
        self._read_up_to = end
        return told

    def type(self, words: str) -> None:
        os.write(self.descriptor, f"{words}\n".encode())

    def answer(self, prompt: str, words: str) -> None:
        """Wait for the question, then type once the program waits for it."""
        self.await_words(prompt)
        self.await_words("> ")
        self.type(words)

    def break_off(self) -> None:
        """Ctrl-C, once more each second: one that comes just as `input` begins to wait is seen with the next alone."""
        while self._is_alive():
            with suppress(OSError):  # it ends just now
                os.write(self.descriptor, b"\x03")
            deadline = time.monotonic() + 1
            while self._is_alive() and time.monotonic() < deadline:
                self._take(0.05)

    def _is_alive(self) -> bool:
        return os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def end(self) -> int:
        """The exit code, once the program has ended."""
        while self._take():
            pass
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)

    def _take(self, within: float = WITHIN) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], within)
        if not ready:
            return False
        try:
            came = os.read(self.descriptor, 65536)
        except OSError:  # Linux tells the end of the other side so
            return False
        self._show(self._half + came.decode("utf-8", "replace"))
        return bool(came)

    def _show(self, came: str) -> None:
        """A line that is erased was there for a moment only: what is being tried. Half a command waits for the rest."""
        whole = re.sub(r"\x1b(\[[0-9;?]*)?\Z", "", came)
        self._half = came[len(whole) :]
        *erased, last = _ERASED.split(whole)
        for shown, one_up in zip(erased[::2], erased[1::2], strict=True):
            lines = f"{self.seen}{_plain(shown)}"
            self.seen = "".join((lines.removesuffix("\n") if one_up else lines).rpartition("\n")[:2])
        self.seen += _plain(last)


def _plain(shown: str) -> str:
    return _CONTROL.sub("", shown.replace("\r\n", "\n"))


@contextmanager
def at_terminal(words: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """The command runs meanwhile; so wide that no line is broken."""
    process, descriptor = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execve(words[0], words, {**environment, "TERM": "xterm", "COLUMNS": "240"})
    ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 240, 0, 0))
    terminal = Terminal(process, descriptor)
    try:
        yield terminal
    finally:
        _end(process)
        os.close(descriptor)


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        return
