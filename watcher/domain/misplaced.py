"""What lies in a person's folder of templates and is used for nothing: told by where it lies, its name and its kind.

A template is a file `LANGUAGE/NAME.txt.j2`. A slip in that raises no error anywhere: the shipped one answers on, and
the person believes that theirs does. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from watcher.domain.choosing import base_of

SUFFIX = ".txt.j2"

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
"""What the folder of a language is called."""

_ENDING = re.compile(r"(?:\.(?:txt|text|md|j2|jinja2?|tmpl))+\Z", re.IGNORECASE)
_PUT_AWAY = re.compile(r"\..*|.*~|.*\.bak[0-9]*|.*\.orig")
"""Hidden files, what editors leave, and what `watcher templates` itself moved aside: nobody takes these for in use."""


class Lying(StrEnum):
    """What kind of thing lies there; in words."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a link that leads nowhere"
    OTHER = "a pipe, a device, or closed to you"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing in the folder: the language's folder that it is in, "" at the top, its name, and its kind."""

    folder: str
    name: str
    kind: Lying


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Why nothing uses it, and what to do; `is_error`: by its name it is a template."""

    what: str
    remedy: str
    is_error: bool = False


def misplaced(entry: Entry, known: Collection[str]) -> Misplaced | None:
    """Why a thing is used for nothing; None where it is a template's file, or nobody would take it for one.

    `known` are the names of templates that something is answered with.
    """
    if _PUT_AWAY.fullmatch(entry.name):
        return None
    if not entry.folder:
        return _at_the_top(entry, known)
    if entry.name.endswith(SUFFIX):
        return _no_file(entry) if entry.kind is not Lying.FILE else None
    if entry.kind is Lying.FILE and LANGUAGE.fullmatch(entry.folder):
        return _of_another_name(entry, known)
    return None


def nearest(name: str, known: Collection[str]) -> str:
    """The name that was meant, a variant's with its own ending; "" where none is like it."""
    base = base_of(name)
    found = get_close_matches(base.lower(), known, 1)
    return f"{found[0]}{name[len(base) :]}" if found else ""


def _at_the_top(entry: Entry, known: Collection[str]) -> Misplaced | None:
    if entry.kind is Lying.FOLDER or not entry.name.lower().endswith(".j2"):
        return None
    wanted = nearest(_ENDING.sub("", entry.name), known) or "NAME"
    what = "nothing uses it: a template lies in the folder of its language"
    return Misplaced(what, f"move it to LANGUAGE/{wanted}{SUFFIX}, such as en/{wanted}{SUFFIX}")


def _no_file(entry: Entry) -> Misplaced:
    what = f"nothing uses it: it is {entry.kind}, and a template is a file"
    return Misplaced(what, "take it away, or put the template's file in its place", is_error=True)


def _of_another_name(entry: Entry, known: Collection[str]) -> Misplaced:
    wanted = nearest(_ENDING.sub("", entry.name), known)
    what = f"nothing uses it: the name of a template ends in {SUFFIX}"
    return Misplaced(what, f"call it {wanted or 'NAME'}{SUFFIX}, or move it out of the folder if it is none")
