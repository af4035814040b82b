"""Writes the file of settings: private, whole or not at all, with what stood there kept beside it."""

from __future__ import annotations

from pathlib import Path

from watcher.adapters import whole_files
from watcher.errors import Problem, Show

KEPT = ".bak"


def write(path: Path, text: str) -> Path | None:
    """Put this in the place of what is there; returns where that lies now, None where there was nothing. Raises Show.

    A link of the person's stays one.
    """
    place = path.resolve()
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = place.read_bytes() if place.exists() else None
        kept = path.with_name(f"{path.name}{KEPT}") if before is not None else None
        if kept is not None and before is not None:
            whole_files.replace(kept, before)
        whole_files.replace(place, text.encode("utf-8"))
    except OSError as error:
        remedy = "make room there, let the program write, or go to another folder"
        raise Show(Problem(str(path), f"cannot be written: {error.strerror}", remedy)) from error
    return kept
