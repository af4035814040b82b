"""A person before the program: they run `watcher login` on a desktop and open the page that it names."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from faults.launch import LONGEST
from faults.rounds import Launcher
from servers.oauth_provider import visit
from shell.program import PROGRAM, Home, Ran


@dataclass(frozen=True)
class QuickHome(Home):
    """The same, whose commands are forked from one process, so that each needs no imports of its own.

    What fails under `--debug` shows no trace there: whoever wants to see it takes a plain home.
    """

    launcher: Launcher

    def run(self, *words: str, timeout: float = 50, **changes: str) -> Ran:
        """One command to its end, which the launcher sees to within 50 s."""
        assert timeout <= LONGEST
        return self.launcher.run(self, *words, **changes)


ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/authorize\S+")


def signed_in(home: Home, *words: str, **changes: str) -> Ran:
    """`watcher login` on a machine with a desktop, and somebody who opens the page that it names."""
    process = subprocess.Popen(
        [*PROGRAM, "login", *words],
        cwd=home.folder,
        env=home.environment({"DISPLAY": ":99", "BROWSER": "false", **changes}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = _said_until_address(process)
        visit(ADDRESS.findall(said)[0])
        # Not by `communicate`: it knows nothing of what was read ahead with the last line.
        assert process.stderr is not None
        assert process.stdout is not None
        said, out = said + process.stderr.read(), process.stdout.read()
        process.wait(30)
    finally:
        process.kill()
        process.communicate()
    return Ran(process.returncode, out, said)


def _said_until_address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = ""
    while not ADDRESS.search(said):
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def kept(home: Home) -> list[Path]:
    return list(home.ledger.parent.glob("sign-in-*.json"))
