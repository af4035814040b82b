"""Secrets in files of their own, never in the ledger: the one behind keyed hashes and Message-IDs, and the page's."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import Problem, Show

LENGTH = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by the name of its file; `remedy` is for one that is damaged or gone."""

    name: str
    remedy: str


KEY = Secret(
    "key", "restore it from a backup; without it own drafts are not known again: move key and ledger away to begin anew"
)
PAGE = Secret("page-token", "delete it: a new one is made, and `watcher open` follows its link")


def read_or_make(folder: Path, secret: Secret = KEY) -> bytes:
    """The secret's octets, made on first use with mode 0600. Raises Show as `read` does."""
    place = folder / secret.name
    with _told(place):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(place)
    return read(folder, secret)


def read(folder: Path, secret: Secret = KEY) -> bytes:
    """The secret's octets. Raises Show where it is gone or damaged, or others may read it."""
    place = folder / secret.name
    with _told(place):
        try:
            return _read(place, secret.remedy)
        except FileNotFoundError as error:
            raise Show(Problem(str(place), "is gone", secret.remedy)) from error


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """What the disk says, as what the person does about it."""
    try:
        yield
    except OSError as error:
        what, remedy = error.strerror or "cannot be read", "let the program read and write it"
        raise Show(Problem(str(place), what, remedy)) from error


def _make(place: Path) -> None:
    try:
        opened = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(opened, "wb") as file:
        file.write(secrets.token_bytes(LENGTH))
        file.flush()
        os.fsync(file.fileno())


def _read(place: Path, remedy: str) -> bytes:
    mode = stat.S_IMODE(place.stat().st_mode)
    if mode & 0o077:
        raise Show(Problem(str(place), f"may be read by others (mode {mode:o})", f"chmod 600 {place}"))
    key = place.read_bytes()
    if len(key) != LENGTH:
        raise Show(Problem(str(place), "is damaged", remedy))
    return key
