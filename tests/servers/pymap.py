"""pymap on loopback: the server of `watcher demo`, inside this process, with mail in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from servers.facts import Facts
from servers.loopback import Listening

from watcher.adapters import demo

FACTS = Facts(marks_drafts=False, keywords=False)


def packages() -> AbstractContextManager[Path]:
    """Nothing to unpack: it is among the locked dependencies."""
    return nullcontext(Path())


@contextmanager
def running(_root: Path) -> Iterator[Listening]:
    """A fresh server, gone at the end."""
    with demo.mail_server([]) as (port, password):
        yield Listening(port, FACTS, demo.USER, password)
