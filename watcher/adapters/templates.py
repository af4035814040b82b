"""Reply templates from files: the shipped ones, and a person's own that stand before them, file by file.

A template is code, so it runs in Jinja's immutable sandbox with undefined names as errors. A mail's text only ever
arrives as a value: it is never compiled, and controls are taken out of it first. Every mistake names file, line and
variable.
"""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from watcher.errors import GiveUp
from watcher.ports import TemplateSource

SUFFIX = ".txt.j2"
LONGEST = 32 << 10

# Bidi overrides and isolates, zero-width space and BOM. Joiners stay: scripts and emoji need them.
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    shown: str


class FileTemplates:
    """Implements `ports.Templates` over folders of `LANGUAGE/NAME.txt.j2`."""

    def __init__(self, own: Path | None = None) -> None:
        self._shipped = shipped_folder()
        self._own = own
        self._jinja: Environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""
        found = dict.fromkeys(_keys(self._shipped), "shipped")
        if self._own is not None:
            found |= {key: str(self._path(self._own, *key)) for key in _keys(self._own)}
        return tuple(TemplateSource(*key, origin) for key, origin in sorted(found.items()))

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. Raises GiveUp naming template, line and variable."""
        file = self._file(language, name)
        source = self._read(file)
        clean = {key: _clean(value) for key, value in values.items()}
        try:
            text = "".join(_bounded(self._jinja.from_string(source).generate(clean)))
        except GiveUp:
            raise
        except Exception as error:
            raise GiveUp(_told(file.shown, error, clean, source)) from error
        return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip("\n") + "\n"

    def _file(self, language: str, name: str) -> _File:
        for folder, shown in self._folders():
            if (language, name) in _keys(folder):
                return _File(self._path(folder, language, name), f"{shown}/{language}/{name}{SUFFIX}")
        known = ", ".join(f"{entry.language}/{entry.name}" for entry in self.listing())
        raise GiveUp(f"there is no template {language}/{name}: there are {known}")

    def _folders(self) -> Iterator[tuple[Path, str]]:
        if self._own is not None:
            yield self._own, str(self._own)
        yield self._shipped, "templates"

    @staticmethod
    def _path(folder: Path, language: str, name: str) -> Path:
        return folder / language / f"{name}{SUFFIX}"

    @staticmethod
    def _read(file: _File) -> str:
        try:
            return file.path.read_text("utf-8-sig")  # without the mark that some editors begin a file with
        except (OSError, UnicodeDecodeError) as error:
            raise GiveUp(f"{file.shown} cannot be read: {error}. Save it as UTF-8") from error


def shipped_folder() -> Path:
    """The templates that come with the program: inside the wheel, or beside the package in a checkout."""
    package = Path(str(files("watcher")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _keys(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.glob(f"*/*{SUFFIX}"):
        if path.is_file():
            yield path.parent.name, path.name.removesuffix(SUFFIX)


def _clean(value: object) -> object:
    if isinstance(value, str):
        kept = (char for char in value if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
        return _TRICKS.sub("", "".join(kept))
    if isinstance(value, Mapping):
        return MappingProxyType({key: _clean(each) for key, each in value.items()})
    return value


def _bounded(chunks: Iterator[str]) -> Iterator[str]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > LONGEST:
            raise ValueError(f"the text grows over {LONGEST:,} characters")
        yield chunk


def _told(shown: str, error: Exception, values: Mapping[str, object], source: str) -> str:
    line = _line(error)
    where = f"{shown}, line {line}" if line else shown
    unknown = re.search(r"has no attribute '(\w+)'|'(\w+)' is undefined", str(error))
    name = (unknown[1] or unknown[2]) if unknown else ""
    owner = _owner(name, source.splitlines()[line - 1 : line] if line else [], values)
    hint = _hint(name, owner, values) if name else ""
    what = " ".join(str(error).split()).rstrip(".").replace("'mappingproxy object'", repr(owner or "this"))
    return f"{where}: {what}{hint}. See docs/templates.md, then `watcher templates check`"


def _line(error: Exception) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    # Jinja rewrites the trace so that a template's own lines stand in it.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return frames[-1].lineno if frames else None


def _owner(name: str, lines: Sequence[str], values: Mapping[str, object]) -> str:
    """What the unknown name was asked of, as the template's line has it: `inviter` in `inviter.frist_name`."""
    found = (owner for line in lines for owner in re.findall(rf"(\w+)\s*\.\s*{name}\b", line) if owner in values)
    return next(found, "") if name else ""


def _hint(name: str, owner: str, values: Mapping[str, object]) -> str:
    names = {full: full.rpartition(".")[2] for full in _names(values) if full.startswith(f"{owner}." if owner else "")}
    close = extractOne(name, names, scorer=ratio, score_cutoff=60)
    return f" (did you mean {close[2]!r}?)" if close else ""


def _names(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
