"""What lies in one folder now: each mail's number and file, by the index. Nothing is moved, renamed or touched.

`new` is read before `cur`: a mail that another program takes from one to the other meanwhile is then seen at least
once. A rename while a directory is read may hide a mail; so one that is missing is looked for a second time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from watcher.adapters.maildir.index import Index, Numbered
from watcher.adapters.maildir.names import unique_part


class Listed(NamedTuple):
    """One mail that is there: its number, its file, when it was received, and whether it is known as a candidate."""

    uid: int
    path: bytes
    received_ns: int
    is_candidate: bool | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The mails of one folder by number, ascending, and the next number."""

    mails: dict[int, Listed]
    uidnext: int


def list_folder(place: Path, key: bytes, index: Index) -> Listing:
    """Look into a folder, number what is new, and say what is there. Raises OSError, Show and TryAgain."""
    paths = _paths(place)
    known = index.known(key)
    if _missing(known, paths):
        paths |= _paths(place)
    fresh = _received(paths, known)
    if fresh:
        index.number(key, fresh)
    back = [name for name, one in known.items() if one.is_gone and name in paths]
    index.note_presence(key, _missing(known, paths), back)
    if fresh:
        known = index.known(key)
    return _listing(paths, known)


def _missing(known: dict[bytes, Numbered], paths: dict[bytes, bytes]) -> list[bytes]:
    return [name for name, one in known.items() if not one.is_gone and name not in paths]


def _listing(paths: dict[bytes, bytes], known: dict[bytes, Numbered]) -> Listing:
    there = ((known[name], path) for name, path in paths.items() if name in known)
    mails = {one.uid: Listed(one.uid, path, one.received_ns, one.is_candidate) for one, path in there}
    return Listing(dict(sorted(mails.items())), max((one.uid for one in known.values()), default=0) + 1)


def _paths(place: Path) -> dict[bytes, bytes]:
    """Files by the unique part of their names; where a mail lies in both directories, the file in `cur`."""
    found: dict[bytes, bytes] = {}
    with suppress(FileNotFoundError):
        found |= _files(place / "new")
    found |= _files(place / "cur")
    return found


def _files(directory: Path) -> Iterator[tuple[bytes, bytes]]:
    with os.scandir(os.fsencode(directory)) as entries:
        for entry in entries:
            if not entry.name.startswith(b".") and entry.is_file():
                yield unique_part(entry.name), entry.path


def _received(paths: dict[bytes, bytes], known: dict[bytes, Numbered]) -> dict[bytes, int]:
    """When each mail came that has no number yet: its file's time. One that has just been renamed waits a moment."""
    found = {}
    for name, path in paths.items():
        if name not in known:
            with suppress(FileNotFoundError):
                found[name] = os.stat(path).st_mtime_ns  # noqa: PTH116 - names are octets here
    return found
