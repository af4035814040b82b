"""What rendering one template may use, and how the kernel is told so.

Two limits of time: computing is counted in the child, which is fair on a busy machine; the clock is watched by the
program, and ends what hangs. A system that refuses or ignores the limit of memory (macOS does) has these two to end a
template that only grows.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from contextlib import suppress
from fcntl import F_GETFL, F_SETFL, F_SETOWN, fcntl
from pathlib import Path
from types import FrameType

LONGEST = 32 << 10
"""Characters of a finished text."""

LARGEST = 64 << 10
"""Octets of a template's file."""

CPU_SECONDS = 2
"""Computing, for one render."""

WALL_SECONDS = 5
"""By the clock, for one render: less than the grace of a pass when the service is told to stop (`service.GRACE`)."""

LIFE_SECONDS = 120
"""Computing, for one child and all that it renders; the program replaces it long before."""

MEMORY = 128 << 20
"""Octets, beyond what the interpreter and Jinja take."""

_UNKNOWN_SIZE = 512 << 20  # stands for what the interpreter takes where there is no /proc


class OutOfTime(BaseException):
    """A render computed for too long. No Exception: Jinja swallows those while it computes what is constant."""


def shut_in(channel: int) -> None:
    """Give up for good what no template needs; `channel` is the one descriptor that stays in use.

    No file can be opened from here on, so everything is imported before.
    """
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_AS, _size() + MEMORY),
        (resource.RLIMIT_CPU, LIFE_SECONDS),
    ):
        with suppress(ValueError, OSError):  # refused by this system, or lower already
            resource.setrlimit(what, (most, most))
    fcntl(channel, F_SETOWN, os.getpid())
    signal.signal(signal.SIGPROF, _out_of_time)


class Budget:
    """Within it the computing time of one render is counted, and the end of the program ends the child at once.

    Over the time OutOfTime is raised between two steps of the interpreter, so the template's line is known. A single
    step that never ends (two great lists compared) is ended by the kernel with SIGXCPU, a little later.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._flags = fcntl(channel, F_GETFL)

    def __enter__(self) -> None:
        soft = round(time.process_time()) + CPU_SECONDS + 1  # it knows whole seconds: half a second later, or more
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        # Nothing arrives now but the end of the other side: SIGIO, which ends a process that does not handle it
        # (signal(7); macOS ignores it, there the limits of time do it). PR_SET_PDEATHSIG would follow the thread
        # that started the child, not the program.
        fcntl(self._channel, F_SETFL, self._flags | os.O_ASYNC)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        fcntl(self._channel, F_SETFL, self._flags)


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise OutOfTime


def _size() -> int:
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return _UNKNOWN_SIZE
