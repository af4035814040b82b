"""The files of a person's own templates: read, saved whole or not at all, moved aside but never deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from watcher.adapters import whole_files
from watcher.adapters.templates import file_of, read, shipped_folder
from watcher.errors import GiveUp

KEPT = ".bak"
"""Behind the name of a file that was moved aside; no template ends so."""


class FolderFiles:
    """Implements `ports.TemplateFiles` over one folder, which is made when it is first written to."""

    def __init__(self, own: Path) -> None:
        self._own = own
        self._shipped = shipped_folder()

    @property
    def folder(self) -> str:
        """The folder of the person's own."""
        return str(self._own)

    def shipped(self, language: str, name: str) -> str | None:
        """The text that comes with the program; None where it has none of this name."""
        path = file_of(self._shipped, language, name)
        return read(path, str(path)) if path.is_file() else None

    def own(self, language: str, name: str) -> str | None:
        """The person's own text; None where they have none. Raises BrokenTemplate where it cannot be read."""
        path = file_of(self._own, language, name)
        return read(path, str(path)) if path.is_file() else None

    def save(self, language: str, name: str, text: str) -> str:
        """Put a text in the place of the person's own: whoever reads meanwhile gets the old or the new, whole.

        Returns its path. Raises GiveUp where the disk refuses, or what lies there is no file.
        """
        path = file_of(self._own, language, name)
        _refuse_no_file(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path.resolve(), text.encode("utf-8"))  # a link of the person's stays one
        except (OSError, UnicodeEncodeError) as error:
            raise GiveUp(f"{path} cannot be written: {error}") from error
        return str(path)

    def set_aside(self, language: str, name: str) -> str:
        """Move the person's own out of the way, over nothing; returns where it lies now. Raises GiveUp."""
        path = file_of(self._own, language, name)
        kept = next(place for place in _places(path) if not os.path.lexists(place))
        try:
            path.rename(kept)
        except OSError as error:
            raise GiveUp(f"{path} cannot be moved aside: {error}") from error
        return str(kept)


def _places(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}{KEPT}")
    yield from (path.with_name(f"{path.name}{KEPT}{number}") for number in count(2))


def _refuse_no_file(path: Path) -> None:
    """What lies under a template's name and is none is the person's: a link that leads nowhere would be followed."""
    if os.path.lexists(path) and not path.is_file():
        what = "a link that leads nowhere" if path.is_symlink() else "no file"
        raise GiveUp(f"{path} is {what}: nothing was changed. Take it away, and try again")


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else whole_files.PRIVATE
    whole_files.replace(path, content, mode)
