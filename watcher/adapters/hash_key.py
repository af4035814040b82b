"""The secret behind keyed hashes and Message-IDs: a file of its own, never in the ledger."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from watcher.errors import Problem, Show

LENGTH = 32


def read_or_make(folder: Path) -> bytes:
    """The key in `folder/key`, made on first use with mode 0600. Raises Show where others may read it."""
    place = folder / "key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(place)
        return _read(place)
    except OSError as error:
        raise Show(
            Problem(str(place), error.strerror or "cannot be read", "let the program read and write it")
        ) from error


def _make(place: Path) -> None:
    try:
        opened = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(opened, "wb") as file:
        file.write(secrets.token_bytes(LENGTH))
        file.flush()
        os.fsync(file.fileno())


def _read(place: Path) -> bytes:
    mode = stat.S_IMODE(place.stat().st_mode)
    if mode & 0o077:
        raise Show(Problem(str(place), f"may be read by others (mode {mode:o})", f"chmod 600 {place}"))
    key = place.read_bytes()
    if len(key) != LENGTH:
        raise Show(
            Problem(str(place), "is damaged", "restore it from a backup; without it own drafts are not known again")
        )
    return key
