"""Who holds a lease: one process of one boot of one machine, told apart from the next that gets its number.

A process that ended, by kill -9 too, is known to be gone at once, so that nobody waits for its lease to run out. Of one
on another machine, or in another container, nothing is known: its lease is waited for.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESSES = Path("/proc/self/ns/pid")


def this_process() -> str:
    """`PLACE PID START TOKEN`: the place is boot and process namespace; START tells two with one PID apart.

    The token tells two ledgers that one process has open apart. A system without /proc has neither place nor start.
    """
    return f"{_place()} {os.getpid()} {_start(os.getpid())} {secrets.token_hex(8)}"


def is_gone(holder: str) -> bool:
    """Whether it is certain that this process ended."""
    place, number, start, _ = holder.split(" ")
    if place == "-" or place != _place():
        return False
    return _start(int(number)) != start


def _place() -> str:
    try:
        return f"{_BOOT.read_text('ascii').strip()}/{_PROCESSES.readlink().name}"
    except (OSError, UnicodeDecodeError):
        return "-"


def _start(number: int) -> str:
    """When a process began, in ticks since the boot (proc_pid_stat(5), field 22); "-" where it ended."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return "-"
    is_zombie = fields[0] in {"Z", "X"}
    return "-" if is_zombie else fields[19]
