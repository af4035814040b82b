"""Starts the program with faults built in from outside; the program itself knows nothing of them.

`launch.py WORDS…` runs one command. `launch.py --serve` imports everything once and forks a process for each line of
JSON on standard input, so that a thousand runs need no thousand imports. What is built in stands in the environment:

FAULTS_KILL_AT  kill -9 at this point, counted from 0: before, in the middle of and after each write to a socket, and
                after each commit to the ledger
FAULTS_STOP_AT  the same, and the process is stopped there (SIGSTOP) until somebody wakes it
FAULTS_POINTS   a file into which the name of each point that was passed is written
FAULTS_CLOCK    seconds by which the clock is ahead
FAULTS_TIMEOUT  seconds for each wait for the server
"""

from __future__ import annotations

import imaplib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alembic.runtime import migration  # noqa: F401 - imported before the fork, as the program does while it runs

from watcher import wiring
from watcher.adapters.clock import SystemClock
from watcher.adapters.imap import Server
from watcher.adapters.ledger import SqlLedger
from watcher.cli.commands import main
from watcher.ports import Mailbox
from watcher.wiring import pieces

COMMITS = (
    "advance", "failed", "_insert", "reread", "move", "lease", "intend", "hand_over", "drafted", "refused", "locate",
    "absent", "looked", "passed", "release",
)  # fmt: skip

LONGEST = 50
"""Seconds after which a run that comes to no end is killed; nothing here takes a tenth of that."""


class Points:
    """The points that a run passes, in order; at one of them it is killed, or stopped."""

    def __init__(self, struck_at: int | None, blow: signal.Signals, log: str | None) -> None:
        self._struck_at = struck_at
        self._blow = blow
        self._log = Path(log).open("a", encoding="utf-8") if log else None  # noqa: SIM115 - open until the process ends
        self._passed = 0

    @property
    def is_next(self) -> bool:
        return self._passed == self._struck_at

    def reach(self, name: str) -> None:
        if self._log:
            self._log.write(f"{name}\n")
            self._log.flush()
        if self.is_next:
            os.kill(os.getpid(), self._blow)
        self._passed += 1


def build_in(environment: dict[str, str]) -> None:
    """Wrap what the environment names. A wrapped program does the very same, until it is killed."""
    if seconds := environment.get("FAULTS_CLOCK"):
        _shift_clock(timedelta(seconds=float(seconds)))
    if seconds := environment.get("FAULTS_TIMEOUT"):
        _shorten_waits(float(seconds))
    kill_at, stop_at = environment.get("FAULTS_KILL_AT"), environment.get("FAULTS_STOP_AT")
    struck_at, log = kill_at or stop_at, environment.get("FAULTS_POINTS")
    if struck_at or log:
        points = Points(int(struck_at) if struck_at else None, signal.SIGKILL if kill_at else signal.SIGSTOP, log)
        _wrap_sends(points)
        for name in COMMITS:
            _wrap_commit(name, points)


def _shift_clock(ahead: timedelta) -> None:
    now = SystemClock.now

    def shifted(self: SystemClock) -> datetime:
        return now(self) + ahead

    SystemClock.now = shifted  # type: ignore[method-assign]


def _shorten_waits(seconds: float) -> None:
    connect: Callable[[Server], Mailbox] = pieces.connect  # type: ignore[attr-defined]

    def hasty(server: Server) -> Mailbox:
        return connect(replace(server, timeout=seconds))

    pieces.connect = hasty  # type: ignore[attr-defined, assignment]


def _wrap_sends(points: Points) -> None:
    send = imaplib.IMAP4.send

    def wrapped(self: imaplib.IMAP4, data: bytes) -> None:
        what = _verb(data)
        points.reach(f"before {what}")
        if points.is_next:
            self.sock.sendall(data[: len(data) // 2])
        points.reach(f"half of {what}")
        send(self, data)
        points.reach(f"after {what}")

    imaplib.IMAP4.send = wrapped  # type: ignore[method-assign, assignment]


def _verb(data: bytes) -> str:
    words = data.split(None, 3)
    if len(data) < 1000 and len(words) > 1 and data.endswith(b"\r\n"):
        return " ".join(word.decode("ascii", "replace") for word in words[1:3] if word.isalpha()) or "command"
    return "the draft" if data.strip() else "its end"


def _wrap_commit(name: str, points: Points) -> None:
    method: Callable[..., Any] = getattr(SqlLedger, name)

    def wrapped(*words: Any, **named: Any) -> Any:
        done = method(*words, **named)
        points.reach(f"commit of {name.strip('_')}")
        return done

    setattr(SqlLedger, name, wrapped)


def serve() -> None:
    """One forked process for each order; answers with its exit code and the most memory it had, in KB."""
    wiring.sample_invitations()  # word lists and language models are in memory before the first fork
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _become(order)
            finally:
                os._exit(70)
        _, status, usage = os.wait4(child, 0)
        ended = {"code": os.waitstatus_to_exitcode(status), "kilobytes": usage.ru_maxrss}
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


def _become(order: dict[str, Any]) -> None:
    signal.alarm(LONGEST)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, name in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - a descriptor, for as long as the process lives
    build_in(order["environment"])
    try:
        main(order["words"])
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        build_in(dict(os.environ))
        main(sys.argv[1:])
