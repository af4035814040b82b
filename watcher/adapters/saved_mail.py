"""Mail that lies in files: an .eml, a folder of them, an mbox, a Maildir, or one message on standard input.

Nothing is written: a Maildir's `new` is left as it is.
"""

from __future__ import annotations

import mailbox
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import Problem, Show


@dataclass(frozen=True, slots=True)
class SavedMail:
    """One message and where it lies: `path`, or `path:number` within an mbox."""

    source: str
    content: bytes


def read(path: str) -> Iterator[SavedMail]:
    """Every message under `path`. Raises Show where there is nothing to read."""
    if path == "-":
        yield SavedMail("-", sys.stdin.buffer.read())
        return
    place = Path(path)
    try:
        yield from _folder(place) if place.is_dir() else _file(place)
    except OSError as error:
        what = error.strerror or "cannot be read"
        raise Show(Problem(path, what, "name an .eml file, an mbox, a folder, or -")) from error


def _folder(place: Path) -> Iterator[SavedMail]:
    if (place / "cur").is_dir():
        files = sorted([*place.glob("cur/*"), *place.glob("new/*")])
    else:
        files = sorted(place.rglob("*.eml"))
    for file in files:
        if file.is_file():
            yield SavedMail(str(file), file.read_bytes())


def _file(place: Path) -> Iterator[SavedMail]:
    with place.open("rb") as opened:
        is_mbox = opened.read(5) == b"From "
    if not is_mbox:
        yield SavedMail(str(place), place.read_bytes())
        return
    box = mailbox.mbox(place, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            yield SavedMail(f"{place}:{number}", box.get_bytes(key))
    finally:
        box.close()
