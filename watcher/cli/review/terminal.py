"""A terminal that is drawn whole and read key by key. It is left as it was found, whatever happens.

click reads the keys. What it does not do is wake when the window changes its size: a handler of SIGWINCH breaks its
read off, once, and a look at the size before each read finds a change that came in between.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import sys
import termios
import tty
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import click
from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.segment import Segment, Segments

RESIZED = ""
"""In the place of a key: the window has another size."""

DOWN, UP, PAGE_DOWN, PAGE_UP, RIGHT, LEFT, ESCAPE, ENTER = (
    "down", "up", "page down", "page up", "right", "left", "escape", "enter",
)  # fmt: skip
_NAMES = {
    "\x1b[A": UP, "\x1bOA": UP, "\x1b[B": DOWN, "\x1bOB": DOWN, "\x1b[C": RIGHT, "\x1bOC": RIGHT, "\x1b[D": LEFT,
    "\x1bOD": LEFT, "\x1b[5~": PAGE_UP, "\x1b[6~": PAGE_DOWN, " ": PAGE_DOWN, "\x1b": ESCAPE, "\r": ENTER, "\n": ENTER,
}  # fmt: skip
_SEQUENCE = re.compile(r"\x1b\[[0-9;]*[ -/]*[@-~]|\x1bO.", re.DOTALL)
_BEGUN = re.compile(r"\x1b(?:\[[0-9;]*[ -/]*|O)?\Z")
_KEY = re.compile(f"{_SEQUENCE.pattern}|.", re.DOTALL)
_MOVES = frozenset({"j", "k", DOWN, UP, PAGE_DOWN, PAGE_UP, RIGHT, LEFT})


def keys(read: str) -> tuple[str, ...]:
    """The keys of what came in one go. Typed ahead or pasted by mistake, they count only where they all just move."""
    pressed = tuple(_NAMES.get(key, key) for key in _KEY.findall(read))
    return pressed if len(pressed) < 2 or _MOVES.issuperset(pressed) else ()


def joined(before: str, read: str) -> str:
    """What came now, with what came before where that began the same key: over a slow line its octets part."""
    begun = _BEGUN.search(before)
    whole = f"{begun[0]}{read}" if begun else read
    return whole if _SEQUENCE.match(whole) or _BEGUN.match(whole) else read


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown: the body between the other two is what can be scrolled."""

    top: Sequence[RenderableType]
    body: Sequence[RenderableType]
    foot: Sequence[RenderableType]


@dataclass(frozen=True, slots=True)
class Room:
    """How many lines a body can be scrolled by at most, and how many of it are seen at a time."""

    most: int = 0
    page: int = 1


class _Resized(Exception):  # noqa: N818 - no error, but what breaks off a wait
    pass


class Terminal:
    """The one that standard input and output are."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._typed: deque[str] = deque()
        self._last = ""
        self._before = termios.tcgetattr(sys.stdin)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The whole screen, without an echo of keys; given back at the end."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Give it back meanwhile: to an editor, or for text that is to stay in it."""
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def draw(self, screen: Screen, scroll: int = 0) -> Room:
        """Show it, its body from line `scroll` on; returns how far it can be scrolled."""
        console = self._console()
        parts = (screen.top, screen.body, screen.foot)
        above, middle, below = (console.render_lines(Group(*part), pad=False) for part in parts)
        page = max(self._size[1] - len(above) - len(below), 1)
        most = max(len(middle) - page, 0)
        shown = middle[min(scroll, most) :][:page]
        filled = [*shown, *[[] for _ in range(page - len(shown))]]
        self._put(console, [*above, *filled, *below][: self._size[1]])
        return Room(most, page)

    def key(self) -> str:
        """The next key by its name, or `RESIZED`. Raises EOFError where the terminal is gone, or at Ctrl-D."""
        while not self._typed:
            try:
                read = self._read()
            except _Resized:
                return RESIZED
            if not read:
                raise EOFError
            self._last = joined(self._last, read)
            self._typed.extend(keys(self._last))
        return self._typed.popleft()

    def copy(self, text: str) -> None:
        """Put a text into the clipboard of the machine at which the person sits, also over ssh: OSC 52 of xterm's.

        Terminals that do not know it, or do not allow it, ignore it.
        """
        octets = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
        sys.stdout.write(f"\x1b]52;c;{octets}\x07")
        sys.stdout.flush()

    def _take(self) -> None:
        tty.setcbreak(sys.stdin)
        console = Console(file=sys.stdout)
        console.set_alt_screen(True)
        console.show_cursor(False)

    def _give_back(self) -> None:
        console = Console(file=sys.stdout)
        console.show_cursor(True)
        console.set_alt_screen(False)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def _console(self) -> Console:
        """Of the size that the window has now: rich would believe COLUMNS, which shells set once."""
        self._size = _size()
        return Console(file=sys.stdout, highlight=False, width=self._size[0], height=self._size[1])

    @staticmethod
    def _put(console: Console, lines: Sequence[Sequence[Segment]]) -> None:
        console.control(Control.home(), Control.clear())
        joined = [segment for line in lines for segment in (*line, Segment.line())]
        console.print(Segments(joined[:-1]), end="", soft_wrap=True)
        console.file.flush()

    def _read(self) -> str:
        before = signal.signal(signal.SIGWINCH, _break_off)
        try:
            if _size() != self._size:
                raise _Resized
            return click.getchar()
        finally:
            signal.signal(signal.SIGWINCH, before)


def _break_off(_number: int, _frame: FrameType | None) -> None:
    # Once alone: a second one might come while the terminal is being put back.
    signal.signal(signal.SIGWINCH, signal.SIG_IGN)
    raise _Resized


def _size() -> tuple[int, int]:
    try:
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        columns, lines = 0, 0
    return max(columns or 80, 20), max(lines or 24, 5)
