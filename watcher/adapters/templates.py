"""Reply templates from files: the shipped ones, and a person's own that stand before them, file by file.

A template is code. A person's own may have been copied from anywhere, so it is rendered in a process with hard limits;
the shipped ones are this program's own code and are rendered where they stand, by the same function, so that who has
no other never starts that process. A mail's text only ever arrives as a value: it is never compiled, and controls are
taken out of it first. Every fault names file, line and variable, as far as they are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from watcher.adapters.rendering import sandbox
from watcher.adapters.rendering.limits import LARGEST
from watcher.adapters.rendering.process import RenderingProcess
from watcher.adapters.rendering.words import told
from watcher.errors import GiveUp
from watcher.ports import TemplateSource

SUFFIX = ".txt.j2"

# What cannot stand in a mail: controls, and halves of surrogate pairs, which UTF-8 cannot write.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Bidi overrides and isolates, zero-width space and BOM. Joiners stay: scripts and emoji need them.
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    shown: str
    is_own: bool


class FileTemplates:
    """Implements `ports.Templates` over folders of `LANGUAGE/NAME.txt.j2`."""

    def __init__(self, own: Path | None = None) -> None:
        self._shipped = shipped_folder()
        self._own = own
        self._process = RenderingProcess()

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""
        found = dict.fromkeys(_keys(self._shipped), "shipped")
        if self._own is not None:
            found |= {key: str(self._path(self._own, *key)) for key in _keys(self._own)}
        return tuple(TemplateSource(*key, origin) for key, origin in sorted(found.items()))

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. Raises GiveUp naming template, line and variable, or the limit;
        TryAgain where the machine cannot start the process for a person's own.
        """
        file = self._file(language, name)
        source = _read(file)
        clean = {key: _clean(value) for key, value in values.items()}
        outcome = (self._process if file.is_own else sandbox).render(source, clean)
        if isinstance(outcome, sandbox.Fault):
            raise GiveUp(told(file.shown, outcome, clean, source))
        text = _CONTROLS.sub("", outcome)
        return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip("\n") + "\n"

    def close(self) -> None:
        """End the process that rendered a person's own; never raises."""
        self._process.close()

    def _file(self, language: str, name: str) -> _File:
        for folder, shown in self._folders():
            if (language, name) in _keys(folder):
                path = self._path(folder, language, name)
                return _File(path, f"{shown}/{language}/{name}{SUFFIX}", is_own=folder is self._own)
        known = ", ".join(f"{entry.language}/{entry.name}" for entry in self.listing())
        raise GiveUp(f"there is no template {language}/{name}: there are {known}")

    def _folders(self) -> Iterator[tuple[Path, str]]:
        if self._own is not None:
            yield self._own, str(self._own)
        yield self._shipped, "templates"

    @staticmethod
    def _path(folder: Path, language: str, name: str) -> Path:
        return folder / language / f"{name}{SUFFIX}"


def shipped_folder() -> Path:
    """The templates that come with the program: inside the wheel, or beside the package in a checkout."""
    package = Path(str(files("watcher")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _keys(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.glob(f"*/*{SUFFIX}"):
        if path.is_file():
            yield path.parent.name, path.name.removesuffix(SUFFIX)


def _read(file: _File) -> str:
    try:
        with file.path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise GiveUp(f"{file.shown} is larger than {LARGEST >> 10} KB: a template is one letter, so shorten it")
        return content.decode("utf-8-sig")  # without the mark that some editors begin a file with
    except (OSError, UnicodeDecodeError) as error:
        raise GiveUp(f"{file.shown} cannot be read: {error}. Save it as UTF-8") from error


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _TRICKS.sub("", _CONTROLS.sub("", value))
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    return value
