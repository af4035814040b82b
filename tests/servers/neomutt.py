"""NeoMutt as a person uses it on their drafts, out of Debian's packages, on a terminal of its own."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from servers.loopback import PASSWORD, USER
from servers.unpacked import library_path, unpacked

_SETTINGS = """
set folder = "imap://127.0.0.1:{port}"
set imap_user = "{user}"
set imap_pass = "{password}"
set ssl_starttls = no
set ssl_force_tls = no
set spool_file = "+INBOX"
set postponed = "+Drafts"
set record = "+Sent"
set editor = "{editor}"
set realname = "Robin Ashdown"
set from = "me@example.test"
set fast_reply = yes
set recall = yes
set abort_unmodified = no
set quit = yes
set delete = yes
set header_cache = ""
set use_domain = no
"""

_PATIENCE = 30
"""Seconds by the clock; a busy machine needs two."""


def programs() -> Path:
    """The unpacked packages. Raises NotHere."""
    return unpacked("neomutt", "usr/bin/neomutt")


@dataclass(frozen=True)
class NeoMutt:
    """One person's NeoMutt on an account of a server at this port."""

    root: Path
    home: Path
    port: int

    def edit_the_draft(self, line: str) -> str:
        """Open the one draft, add a line at its end, keep it as a draft again; returns what the editor was given."""
        seen, editor = self.home / "seen", self.home / "editor"
        editor.write_text(f"#!/bin/sh\ncat \"$1\" >'{seen}'\nprintf '%s\\n' '{line}' >>\"$1\"\n")
        editor.chmod(0o700)
        settings = self.home / "neomuttrc"
        settings.write_text(_SETTINGS.format(port=self.port, user=USER, password=PASSWORD, editor=editor))
        # -p opens a draft, in the editor at once; P in the menu that follows keeps it as one.
        self._on_a_terminal(b"Security:", b"P", "-n", "-F", str(settings), "-p")
        return seen.read_text("utf-8")

    def _on_a_terminal(self, menu: bytes, key: bytes, *words: str) -> None:
        """Run it to its end, and press a key once the menu is there."""
        ours, its = pty.openpty()
        environment = {
            "LD_LIBRARY_PATH": library_path(self.root), "HOME": str(self.home), "TERM": "vt100", "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
        }  # fmt: skip
        command = [str(self.root / "usr" / "bin" / "neomutt"), *words]
        with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, cwd=self.home) as running:
            os.close(its)
            shown = _dialogue(running, ours, menu, key)
        assert "Message postponed" in shown, shown


def _dialogue(running: subprocess.Popen[bytes], terminal: int, menu: bytes, key: bytes) -> str:
    """What stood on the screen, for whoever looks why it failed; a program that waits for another key is ended."""
    shown = b""
    deadline = time.monotonic() + _PATIENCE
    while running.poll() is None:
        if time.monotonic() > deadline:
            running.kill()
        is_quiet = not select.select([terminal], [], [], 0.3)[0]
        if is_quiet and menu in shown:
            os.write(terminal, key)
            menu = b"only once"
        elif not is_quiet:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
    os.close(terminal)
    return shown.decode("utf-8", "replace")
