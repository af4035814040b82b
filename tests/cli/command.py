"""How a test runs one command."""

from typing import Protocol

from shell.program import Ran


class Watcher(Protocol):
    """Run one command to its end."""

    def __call__(self, *words: str, stdin: bytes = b"") -> Ran: ...
