"""The program's side of the child that renders a person's own templates: started when first asked, kept, replaced.

The child is a fresh interpreter, for a fork of a program with threads inherits locks that nobody holds any more; and it
inherits no variable, no descriptor but its socket and no terminal. What it answers is as untrusted as the template.
"""

from __future__ import annotations

import signal
import socket
import sys
import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from threading import Lock
from time import monotonic

import jinja2
import markupsafe

import watcher
from watcher.adapters.rendering.frames import framed, unframed
from watcher.adapters.rendering.limits import LARGEST, LIFE_SECONDS, LONGEST, WALL_SECONDS
from watcher.adapters.rendering.sandbox import MOST_SAID, Fault, Kind
from watcher.errors import TryAgain

START_SECONDS = 30
"""How long the child may take to be ready; a busy machine needs a second."""

MOST_ANSWERED = 12 * LONGEST + 4096
"""Octets of an answer: JSON takes up to twelve a character."""

CHILD = "import sys; sys.path += sys.argv[1:]; from watcher.adapters.rendering.child import main; main()"
"""What the child runs; its arguments are the folders that it may import from, besides the standard library."""

_HARMLESS = frozenset({Kind.MISTAKE, Kind.LENGTH})


class RenderingProcess:
    """Renders as `sandbox.render` does, within `limits`. May be called from several threads: one render at a time.

    `code`: what the child runs; tests put in what misbehaves.
    """

    def __init__(self, code: str = CHILD) -> None:
        self._code = code
        self._lock = Lock()
        self._child: _Child | None = None

    def render(self, source: str, values: Mapping[str, object]) -> str | Fault:
        """The text, or the fault that stopped it. Raises TryAgain where the machine cannot start the child."""
        request = framed({"source": source, "values": values})
        with self._lock:
            outcome = self._ask(request)
            if isinstance(outcome, Fault) and outcome.kind is Kind.DEATH:
                # Perhaps it was no fault of the template's: a system short of memory kills what lies idle, too.
                outcome = self._ask(request)
            return outcome

    def close(self) -> None:
        """End the child; never raises. Whoever renders again gets a new one."""
        with self._lock:
            if self._child is not None:
                self._child.end()
            self._child = None

    def _ask(self, request: bytes) -> str | Fault:
        # Taken out first: after an exception of any kind nobody knows what the child still has to say.
        child, self._child = self._child or _Child(self._code), None
        outcome = child.ask(request)
        if child.is_worn or (isinstance(outcome, Fault) and outcome.kind not in _HARMLESS):
            child.end()
        else:
            self._child = child
        return outcome


class _Child:
    """One process; it ends with `end`, with this object, or with the program."""

    def __init__(self, code: str) -> None:
        self._channel, self._process = _started(code)
        self._used = 0.0
        self.end = weakref.finalize(self, _end, self._channel, self._process)
        self._await()

    @property
    def is_worn(self) -> bool:
        """Whether its limit for life comes near: it computed at most for as long as it was waited for."""
        return self._used > LIFE_SECONDS / 2

    def ask(self, request: bytes) -> str | Fault:
        """One render."""
        began = monotonic()
        try:
            return self._answer(request, began + WALL_SECONDS)
        except TimeoutError:
            return Fault(Kind.CLOCK)
        except (EOFError, OSError):
            return Fault(Kind.TIME if self._exit_code() == -signal.SIGXCPU else Kind.DEATH)
        except (ValueError, RecursionError):  # no answer of ours: the template has taken the child over
            return Fault(Kind.DEATH)
        finally:
            self._used += monotonic() - began

    def _await(self) -> None:
        try:
            self._read(monotonic() + START_SECONDS)
        except (EOFError, OSError, ValueError) as error:
            code = self._exit_code()
            self.end()
            raise _unstarted("it is never ready" if code is None else f"exit code {code}") from error

    def _answer(self, request: bytes, deadline: float) -> str | Fault:
        self._channel.settimeout(_left(deadline))
        self._channel.sendall(request)
        return _outcome(self._read(deadline))

    def _read(self, deadline: float) -> object:
        def take(count: int) -> bytes:
            taken = bytearray()
            while len(taken) < count:
                self._channel.settimeout(_left(deadline))
                part = self._channel.recv(count - len(taken))
                if not part:
                    raise EOFError
                taken += part
            return bytes(taken)

        return unframed(take, MOST_ANSWERED)

    def _exit_code(self) -> int | None:
        """Of a child that has closed its end; None where it goes on all the same."""
        try:
            return self._process.wait(1)
        except TimeoutExpired:
            return None


def _started(code: str) -> tuple[socket.socket, Popen[bytes]]:
    """The program's end of the channel, and who has the other."""
    # -S: what it imports is named, wherever this program and Jinja are installed, also for one user alone.
    words = [sys.executable, "-I", "-S", "-B", "-c", code, *_import_folders()]
    with ExitStack() as unless_started:
        try:
            ours, its = map(unless_started.enter_context, socket.socketpair())
            process = Popen(  # noqa: S603 - this interpreter and words of this file
                words, stdin=its.fileno(), stdout=DEVNULL, stderr=DEVNULL, env={}, cwd="/", start_new_session=True
            )
        except OSError as error:
            raise _unstarted(str(error)) from error
        its.close()
        unless_started.pop_all()
    return ours, process


def _import_folders() -> list[str]:
    files = [package.__file__ for package in (watcher, jinja2, markupsafe)]
    return list(dict.fromkeys(str(Path(file).absolute().parents[1]) for file in files if file))


def _unstarted(why: str) -> TryAgain:
    return TryAgain(f"the process that renders your own templates does not start ({why})")


def _end(channel: socket.socket, process: Popen[bytes]) -> None:
    channel.close()
    process.kill()
    process.wait()


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _outcome(answer: object) -> str | Fault:
    """Raises ValueError where it is no answer of ours."""
    match answer:
        case {"text": str(text)} if len(text) <= LONGEST:
            return text
        case {"kind": str(kind), "said": str(said), "line": int() | None as line} if len(said) <= MOST_SAID:
            return Fault(Kind(kind), said, line if line in range(1, LARGEST) else None)
    raise ValueError("not an answer")
