"""Errors of the disk, sorted by what the caller does next: rights and names are the person's, the rest may pass."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from watcher.errors import NotStored, Problem, Show, TryAgain

SETTING = "WATCHER_MAILBOX"

# What stays as it is until the person changes something.
_REMEDIES = {
    errno.ENOENT: "is it still there, and its disk mounted? Then name the right folder",
    errno.ENOTDIR: "name the folder that holds cur, new and tmp, or the folder above",
    errno.EACCES: "let the program read it, and write into the Drafts folder",
    errno.EPERM: "let the program read it, and write into the Drafts folder",
    errno.EROFS: "drafts are written there: mount it writable",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.ENAMETOOLONG: "name a shorter path",
}
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn what the operating system raises over the Maildir at `place` into Show or TryAgain."""
    try:
        yield
    except OSError as error:
        raise sorted_error(error, place) from error


def sorted_error(error: OSError, place: str) -> Show | TryAgain:
    """Show for what the person has to change, TryAgain for what a later pass may find well."""
    at = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else place
    words = error.strerror or "fails"
    if error.errno in _REMEDIES:
        return Show(Problem(SETTING, f"{at}: {words}", _REMEDIES[error.errno]))
    if error.errno in _DISK_FULL:
        return TryAgain(f"{at}: the disk is full. Make room, then run again")
    return TryAgain(f"{at}: {words}")


def not_stored(error: OSError, place: str) -> Show | NotStored:
    """The same, where it is certain that nothing of a draft is there."""
    found = sorted_error(error, place)
    return NotStored(str(found)) if isinstance(found, TryAgain) else found
