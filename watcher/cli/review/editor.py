"""The person's own editor, on a file of ours: what it holds at the end is read, whatever the editor wrote or told.

click's own file is deleted where the editor ends with an error, and only UTF-8 is read from it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.domain.message import decode_bytes

_FAR_BACK = 2
"""Seconds: FAT and HFS+ keep no finer times, and an editor may be quick."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of it: `words` is None where nothing was saved; `trouble` is "" where the editor ended well."""

    words: str | None
    trouble: str = ""


def edited(words: str) -> Edited:
    """Open these in `$VISUAL` or `$EDITOR`, and wait until it ends. Nothing of them stays on the disk.

    Raises OSError where no file can be written.
    """
    with TemporaryDirectory(prefix="watcher-draft-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "draft.txt"
        place.touch(mode=0o600)
        place.write_text(words if words.endswith("\n") else f"{words}\n", "utf-8", newline="\n")
        os.utime(place, (place.stat().st_atime, place.stat().st_mtime - _FAR_BACK))
        before = _state(place)
        trouble = _opened(place)
        return Edited(_text(place.read_bytes()) if _state(place) not in {before, None} else None, trouble)


def _state(place: Path) -> tuple[int, int, int] | None:
    """What saving changes: also a file that was put in the place of ours. None where it was deleted."""
    try:
        found = place.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _opened(place: Path) -> str:
    try:
        with _interrupted_alone():
            click.edit(filename=str(place))
    except click.ClickException as failed:
        return f"{failed.format_message().rstrip('.')}."
    except ValueError as unreadable:  # a quotation mark too many
        return f"$VISUAL or $EDITOR names no program: {unreadable}."
    return ""


@contextmanager
def _interrupted_alone() -> Iterator[None]:
    """Ctrl-C is the editor's meanwhile: it would end this program and leave the editor, which then writes to nobody."""
    # A handler, and not SIG_IGN: the editor would inherit that.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _text(octets: bytes) -> str:
    return decode_bytes(octets, "windows-1252").removeprefix("\ufeff").replace("\r\n", "\n")
