"""What the kernel tells of processes (proc(5)), and of those whose parent died."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 30
_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")


class Ours:
    """The children of this process since the test began, dead ones that nobody has waited for among them."""

    def __init__(self) -> None:
        self._before = children(os.getpid())

    def all(self) -> frozenset[int]:
        return children(os.getpid()) - self._before

    def one(self) -> int:
        (pid,) = self.all()
        return pid

    def while_rendering(self, act: Callable[[int], None], times: int = 1) -> threading.Thread:
        """Do something to the child when it is in the middle of a render, each time to another child."""

        def acting() -> None:
            seen = set[int]()
            for _ in range(times):
                while not (new := self.all() - seen):
                    time.sleep(0.005)
                (pid,) = new
                has_computed(pid, 0.25)  # its start takes a tenth
                act(pid)
                seen.add(pid)

        thread = threading.Thread(target=acting)
        thread.start()
        return thread


def children(parent: int) -> frozenset[int]:
    """The children of a process, dead ones that nobody has waited for among them."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return frozenset(pid for pid in pids if _stat(pid)[1:2] == [str(parent)])


def has_computed(pid: int, seconds: float) -> None:
    """Wait until a process has computed for so long since it began."""
    _wait(lambda: sum(map(int, _stat(pid)[11:13])) / _TICKS >= seconds)


def first_child(parent: int) -> int:
    """Wait for a process to have a child."""
    _wait(lambda: bool(children(parent)))
    return next(iter(children(parent)))


@contextmanager
def adopting() -> Iterator[None]:
    """Within it this process becomes the parent of those whose parent dies, so that it learns how they end."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def end_of(pid: int) -> int:
    """Wait for a child to end; its exit code, or its signal as a negative number."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    raise AssertionError(f"{pid} goes on")


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _stat(pid: int) -> list[str]:
    """State, parent and so on: what stands behind the name, which may hold anything."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return []
