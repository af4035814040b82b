"""What is given: `WATCHER_*` of the environment and of one `.env`, with the place where each value stands.

The `.env` is the first that names a setting of ours: in the working folder, then in the user's configuration folder.
The environment wins over it. Values are taken literally, `${HOME}` too: a password may hold anything.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from watcher.errors import Problem, Show

PREFIX = "WATCHER_"
_SECRETS = ("_PASSWORD", "_KEY", "_SECRET")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value and where it stands: `environment`, or `PATH line N`."""

    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Given:
    """All values by full name; `problems` are lines that could not be read.

    `file` is where one mailbox of several has its own; what it leaves out is missing there.
    """

    entries: Mapping[str, Entry]
    problems: tuple[Problem, ...] = ()
    file: str = ""

    def text(self, name: str) -> str | None:
        """A value; an empty one counts as left out."""
        entry = self.entries.get(name)
        return entry.value if entry and entry.value else None


def gather(environ: Mapping[str, str], folders: Sequence[Path]) -> Given:
    """Everything that is given. Raises Show where a `.env` may be read by others or not by us."""
    from_file = next(filter(None, map(_read, folders)), Given({}))
    return with_environment(from_file, environ)


def with_environment(given: Given, environ: Mapping[str, str]) -> Given:
    """What a file gives, and the environment over it."""
    from_environment = {
        name: Entry(value, "environment") for name, value in environ.items() if name.startswith(PREFIX) and value
    }
    return Given({**given.entries, **from_environment}, given.problems)


def _read(folder: Path) -> Given | None:
    """The `.env` of a folder; None where there is none, or where it is some other program's."""
    return read(folder / ".env")


def read(path: Path) -> Given | None:
    """What a file of settings holds; None where it has none of ours. Raises Show, as `gather` does."""
    try:
        if not path.is_file():
            return None
        found = of_text(text_of(path), path)
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {told(error)}"
        raise Show(Problem(str(path), what, "save it as UTF-8, readable by you")) from None
    if found is not None:
        refuse_open_to_others(path, str(path))
    return found


def of_text(text: str, path: Path) -> Given | None:
    """What a text of settings gives that stands, or will stand, in this file; None where it has none of ours."""
    bindings = list(parse_stream(StringIO(text)))
    if not any(_is_ours(binding) or _is_meant_for_us(binding) for binding in bindings):
        return None
    entries = {binding.key: _entry(binding, path) for binding in bindings if binding.key and _is_ours(binding)}
    return Given(entries, tuple(_line_problems(bindings, path)))


def _is_ours(binding: Binding) -> bool:
    return binding.key is not None and binding.key.startswith(PREFIX)


def _is_meant_for_us(binding: Binding) -> bool:
    return binding.error and PREFIX in binding.original.string


def _entry(binding: Binding, path: Path) -> Entry:
    return Entry(binding.value or "", f"{path} line {_line(binding)}")


def _line(binding: Binding) -> int:
    blank = len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
    return binding.original.line + binding.original.string[:blank].count("\n")


def _line_problems(bindings: Sequence[Binding], path: Path) -> Iterator[Problem]:
    for binding in bindings:
        where = f"{path} line {_line(binding)}"
        if binding.error:
            yield Problem(where, "cannot be read", "write NAME=value, with quotes that are closed")
        elif _is_ours(binding) and binding.value is None:
            yield Problem(f"{binding.key}, {where}", "has no value", "write NAME=value")
        elif _is_ours(binding) and _is_cut(binding):
            remedy = "put it in single quotes; inside them write \\' for ' and \\\\ for \\"
            yield Problem(f"{binding.key}, {where}", "the value would end at the blank and #", remedy)


def _is_cut(binding: Binding) -> bool:
    """Whether a secret that stands without quotes loses its end as a comment."""
    if not (binding.key or "").endswith(_SECRETS):
        return False
    raw = binding.original.string.partition("=")[2]
    return not raw.lstrip().startswith(("'", '"')) and re.search(r"\s#", raw) is not None


def text_of(path: Path) -> str:
    """A file's text, without the mark that some editors begin it with. Raises OSError and UnicodeDecodeError."""
    return path.read_text("utf-8-sig")


def told(error: OSError | UnicodeDecodeError) -> str:
    """What is wrong with a file, without a byte of what stands in it."""
    return error.strerror or "it fails" if isinstance(error, OSError) else "it is not UTF-8"


def refuse_open_to_others(path: Path, where: str) -> None:
    """Raises Show where others than the owner may read a file; a secret mounted by root for us passes."""
    found = path.stat()
    mounted = found.st_uid == 0 and os.geteuid() != 0
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077 and not mounted:
        raise Show(Problem(where, f"{path} may be read by others (mode {mode:o})", f"chmod 600 {path}"))
