"""Reply templates from files: the shipped ones, and a person's own that stand before them, file by file.

A template is code. A person's own may have been copied from anywhere, so it is rendered in a process with hard limits;
the shipped ones are this program's own code and are rendered where they stand, by the same function, so that who has
no other never starts that process. A mail's text only ever arrives as a value: it is never compiled, and controls are
taken out of it first. Every fault names file, line and variable, as far as they are known.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

from watcher.adapters.rendering import reading, sandbox
from watcher.adapters.rendering.limits import LARGEST
from watcher.adapters.rendering.process import RenderingProcess
from watcher.adapters.rendering.words import told
from watcher.domain import front_matter
from watcher.domain.choosing import Variant
from watcher.domain.front_matter import Matter
from watcher.domain.misplaced import SUFFIX, Entry, Lying
from watcher.errors import GiveUp
from watcher.ports import BrokenTemplate, TemplateSource

# What cannot stand in a mail: controls, and halves of surrogate pairs, which UTF-8 cannot write.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# Bidi overrides and isolates, zero-width space and BOM. Joiners stay: scripts and emoji need them.
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _File:
    """A template's file; `is_own`: it is the person's, and not this program's own code."""

    shown: str
    path: Path
    is_own: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """A template's text, and the file that it stands in or is meant for."""

    shown: str
    text: str
    is_own: bool


class FileTemplates:
    """Implements `ports.Templates` over folders of `LANGUAGE/NAME.txt.j2`.

    `own`: the person's folder, which need not be there. `unsaved` stand before all files; `process` renders what is
    not this program's own code.
    """

    def __init__(
        self,
        own: Path | None = None,
        unsaved: Mapping[_Key, _Source] | None = None,
        process: RenderingProcess | None = None,
    ) -> None:
        self._shipped = shipped_folder()
        self._own = own
        self._unsaved = unsaved or {}
        self._process = process or RenderingProcess()

    def listing(self) -> tuple[TemplateSource, ...]:
        """Every template that can be rendered, by language and name."""
        found = dict.fromkeys(_keys(self._shipped), "shipped")
        if self._own is not None:
            found |= {key: str(file_of(self._own, *key)) for key in _keys(self._own)}
        found |= {key: one.shown for key, one in self._unsaved.items()}
        return tuple(TemplateSource(*key, origin) for key, origin in sorted(found.items()))

    def entries(self) -> tuple[Entry, ...]:
        """Whatever lies in the person's own folder and in the folders of its languages, used or not."""
        if self._own is None:
            return ()
        top = tuple(_lying(self._own, ""))
        folders = [one.name for one in top if one.kind is Lying.FOLDER and _is_plain(one.name)]
        return tuple(sorted((*top, *(entry for folder in folders for entry in _lying(self._own, folder)))))

    def place(self, entry: Entry) -> str:
        """Where that lies, as the person knows it."""
        return str((self._own or Path()) / entry.folder / entry.name)

    def file(self, language: str, name: str) -> str:
        """Its file, as the person knows it. Raises GiveUp where there is none."""
        return self._found(language, name).shown

    def matter(self, language: str, name: str) -> Matter:
        """Its file taken apart, flaws and all. Raises GiveUp, BrokenTemplate where it cannot be read."""
        return front_matter.parse(self._source(language, name).text)

    def variants(self, language: str, base: str) -> tuple[Variant, ...]:
        """What each variant asks for. Raises BrokenTemplate: by a broken block nobody can tell whether it fits."""
        return tuple(self._variant(language, name) for name in sorted(self._variant_names(language, base)))

    def render(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The finished text, ending in one newline. Raises BrokenTemplate naming line and variable, or the limit;
        TryAgain where the machine cannot start the process for a person's own.
        """
        source = self._source(language, name)
        text = self._rendered(source, _whole(source).text, values)
        return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip("\n") + "\n"

    def subject(self, language: str, name: str, values: Mapping[str, object]) -> str:
        """The subject that its front matter makes; "" where it names none. Raises as `render` does."""
        source = self._source(language, name)
        matter = _whole(source)
        if not matter.subject:
            return ""
        return self._rendered(source, _at(matter.subject_line, matter.subject), values).strip()

    def mistakes(self, language: str, name: str, values: Mapping[str, object]) -> tuple[BrokenTemplate, ...]:
        """What is wrong whatever the invitation: its syntax, and names that nothing stands behind, in any branch."""
        source = self._source(language, name)
        matter = front_matter.parse(source.text)
        texts = [_at(matter.subject_line, matter.subject), matter.text] if matter.subject else [matter.text]
        faults = [(fault, text) for text in texts for fault in reading.mistakes(text, values)]
        return tuple(BrokenTemplate(source.shown, fault.line, *told(fault, values, text)) for fault, text in faults)

    def instead(self, language: str, name: str, text: str) -> Self:
        """The same templates with this text in the place of one file; the process that renders is shared."""
        shown = str(file_of(self._own, language, name)) if self._own else f"{language}/{name}{SUFFIX}"
        unsaved = {**self._unsaved, (language, name): _Source(shown, text, is_own=True)}
        return type(self)(self._own, unsaved, self._process)

    def close(self) -> None:
        """End the process that rendered a person's own; never raises."""
        self._process.close()

    def _rendered(self, source: _Source, text: str, values: Mapping[str, object]) -> str:
        clean = {key: _clean(value) for key, value in values.items()}
        outcome = (self._process if source.is_own else sandbox).render(text, clean)
        if isinstance(outcome, sandbox.Fault):
            raise BrokenTemplate(source.shown, outcome.line, *told(outcome, clean, text))
        return _CONTROLS.sub("", outcome)

    def _variant(self, language: str, name: str) -> Variant:
        return Variant(name, _whole(self._source(language, name)).when)

    def _variant_names(self, language: str, base: str) -> set[str]:
        unsaved = {name for code, name in self._unsaved if code == language}
        in_files = {name for folder, _ in self._folders() for name in _names(folder, language)}
        return {name for name in unsaved | in_files if name.startswith(f"{base}.")}

    def _source(self, language: str, name: str) -> _Source:
        found = self._found(language, name)
        if isinstance(found, _File):
            return _Source(found.shown, read(found.path, found.shown), found.is_own)
        _refuse_large(len(found.text.encode("utf-8", "surrogatepass")), found.shown)
        return found

    def _found(self, language: str, name: str) -> _File | _Source:
        """Where its text is to be had. Raises GiveUp where it is nowhere."""
        if (unsaved := self._unsaved.get((language, name))) is not None:
            return unsaved
        for folder, shown in self._folders() if _is_plain(language) and _is_plain(name) else ():
            path = file_of(folder, language, name)
            if _is_file(path):
                return _File(f"{shown}/{language}/{name}{SUFFIX}", path, is_own=folder is self._own)
        known = ", ".join(f"{entry.language}/{entry.name}" for entry in self.listing())
        raise GiveUp(f"there is no template {language}/{name}: there are {known}")

    def _folders(self) -> Iterator[tuple[Path, str]]:
        if self._own is not None:
            yield self._own, str(self._own)
        yield self._shipped, "templates"


def shipped_folder() -> Path:
    """The templates that come with the program: inside the wheel, or beside the package in a checkout."""
    package = Path(str(files("watcher")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def file_of(folder: Path, language: str, name: str) -> Path:
    """Where a template lies in a folder of them."""
    return folder / language / f"{name}{SUFFIX}"


def read(path: Path, shown: str) -> str:
    """The text of a template's file. Raises BrokenTemplate where it is too large, not UTF-8, or cannot be read."""
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        _refuse_large(len(content), shown)
        return content.decode("utf-8-sig")  # without the mark that some editors begin a file with
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenTemplate(shown, None, f"it cannot be read: {error}", "save it as UTF-8") from error


def _refuse_large(octets: int, shown: str) -> None:
    if octets > LARGEST:
        what = f"it is larger than {LARGEST >> 10} KB"
        raise BrokenTemplate(shown, None, what, "a template is one letter, so shorten it")


def _whole(source: _Source) -> Matter:
    """The file taken apart. Raises BrokenTemplate where its block has a flaw."""
    matter = front_matter.parse(source.text)
    for flaw in matter.flaws:
        raise BrokenTemplate(source.shown, flaw.line, flaw.what, flaw.remedy)
    return matter


def _at(line: int, text: str) -> str:
    """A text in its line of the file, so that a mistake in it is told with that."""
    return "\n" * (line - 1) + text


def _is_file(path: Path) -> bool:
    """By itself: one link that leads to itself hides none of the files beside it."""
    try:
        return path.is_file()
    except OSError:  # a home that a service may not look into
        return False


def _keys(folder: Path) -> Iterator[_Key]:
    try:
        languages = [place.name for place in folder.iterdir()]
    except OSError:  # it is not there, or cannot be looked into
        return
    for language in languages:
        yield from ((language, name) for name in _names(folder, language))


def _names(folder: Path, language: str) -> Iterator[str]:
    try:
        found = [one for one in (folder / language).iterdir() if one.name.endswith(SUFFIX)]
    except OSError:  # it is no folder, or cannot be looked into
        return
    names = (one.name.removesuffix(SUFFIX) for one in found if _is_file(one))
    yield from filter(_is_plain, names)


def _lying(own: Path, folder: str) -> Iterator[Entry]:
    try:
        found = list((own / folder).iterdir())
    except OSError:  # it is not there, or cannot be looked into
        return
    yield from (Entry(folder, one.name, _kind(one)) for one in found)


def _kind(path: Path) -> Lying:
    try:
        mode = path.stat().st_mode
    except OSError:  # a link to nothing or to itself, or it is closed to us
        return Lying.LINK if path.is_symlink() else Lying.OTHER
    if stat.S_ISREG(mode):
        return Lying.FILE
    return Lying.FOLDER if stat.S_ISDIR(mode) else Lying.OTHER


def _is_plain(name: str) -> bool:
    """Whether it names a file of this folder and no other place."""
    return bool(name) and not name.startswith(".") and not re.search(r"[/\\\0]", name)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _TRICKS.sub("", _CONTROLS.sub("", value))
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    return value
