"""A notice on the desktop, by the program that each desktop has for it.

A program, not a library: it is there where a desktop is, can be ended when it hangs, and nothing is installed for it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from html import escape

from watcher.errors import TryAgain
from watcher.ports import Notice

APP = "invitation-watcher"

LIMIT = 10.0
"""Seconds after which the program is ended: one on the desktop's bus answers at once."""

_SCRIPT = (
    "on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run",
)  # fmt: skip


class Desktop:
    """Implements `ports.Messenger`: `notify-send` of libnotify on free desktops, `osascript` on macOS."""

    name = "desktop"
    is_here = True

    def tell(self, notice: Notice) -> None:
        """See `ports.Messenger`."""
        command = _command(notice)
        if shutil.which(command[0]) is None:
            raise TryAgain(f"{command[0]} is not installed, which shows notices on the desktop")
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; what is told stands in its arguments, never in a shell
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise TryAgain(f"{command[0]} failed ({type(error).__name__})") from error
        if done.returncode:
            raise TryAgain(f"{command[0]} could not show it (exit code {done.returncode}): is there a desktop?")


def _command(notice: Notice) -> list[str]:
    if sys.platform == "darwin":
        return ["osascript", *(word for line in _SCRIPT for word in ("-e", line)), notice.title, notice.body]
    # The body may hold markup (Desktop Notifications Specification 1.3, "Markup"): so `&` and `<` are written as such.
    return ["notify-send", f"--app-name={APP}", "--", notice.title, escape(notice.body, quote=False)]
