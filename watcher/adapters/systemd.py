"""Word to systemd: sd_notify(3), one datagram to the socket that it names in the environment.

Own code, as neither library for it is kept any longer (sdnotify's last release is of 2017), and it is this little.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping
from contextlib import suppress


class Systemd:
    """Implements `minding.Supervisor`. Where systemd did not start the program, every word is lost, at no cost."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Takes what systemd named out of `environ`: it is meant for no child of this process."""
        self._address = environ.pop("NOTIFY_SOCKET", "")
        wanted, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        is_meant = pid in {"", str(os.getpid())}
        self.is_watched = bool(self._address) and is_meant and wanted.isdecimal()

    def ready(self) -> None:
        """The program has begun its work, or has read its settings anew."""
        self._say("READY=1")

    def reloading(self) -> None:
        """The program reads its settings anew; `ready` has to follow."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """The program ends."""
        self._say("STOPPING=1")

    def status(self, words: str) -> None:
        """What `systemctl status` shows."""
        self._say(f"STATUS={' '.join(words.split())}")

    def alive(self) -> None:
        """Where this does not come for as long as WatchdogSec, systemd starts the program anew."""
        if self.is_watched:
            self._say("WATCHDOG=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        # A name that begins with @ is one of the abstract namespace (unix(7)), where that character is a NUL.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.setblocking(False)
            out.sendto(words.encode("utf-8", "replace"), address)
