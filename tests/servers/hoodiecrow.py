"""A throw-away hoodiecrow on loopback: a server written for tests of mail programs, in node, with mail in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.facts import Facts
from servers.loopback import PASSWORD, USER, Listening, NotHere, await_greeting, free_port, private_folder, started
from servers.unpacked import BUILD, copied

FACTS = Facts(cuts_each=False)


@contextmanager
def packages() -> Iterator[Path]:
    """A copy of what npm fetched. Raises NotHere."""
    if shutil.which("node") is None:
        raise NotHere("this machine has no node to run hoodiecrow with")
    if not (BUILD / "hoodiecrow" / "node_modules").is_dir():
        raise NotHere("`make matrix` fetches hoodiecrow; plain pytest does not")
    with copied(BUILD / "hoodiecrow") as root:
        yield root


@contextmanager
def running(root: Path) -> Iterator[Listening]:
    """A fresh server from `packages()`, gone at the end."""
    with private_folder("iw-") as home:
        server = Listening(free_port(), FACTS)
        words = ["node", str(root / "serve.js"), str(server.port), USER, PASSWORD]
        with started(words, {"HOME": str(home)}, home / "log") as process:
            await_greeting(server.port, process, home / "log")
            yield server
