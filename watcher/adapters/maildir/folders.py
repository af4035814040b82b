"""Which folders a Maildir has, and where each lies. A folder is a directory that holds `cur`.

Maildir++ keeps INBOX in the root and each folder beside `cur` as `.Name` or `.Above.Name`, in modified UTF-7. Plain
layouts keep `Name` or `Above/Name` below the root, and INBOX there too or in the root. Both may lie in one root.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imapclient import imap_utf7

from watcher.adapters.special_folders import Folder

INBOX = "INBOX"
_DEEPEST = 5
_OF_ONE_FOLDER = {"cur", "new", "tmp"}


@dataclass(frozen=True, slots=True)
class MaildirFolder:
    """One folder: its name as the person writes it, and its directory."""

    name: str
    separator: str
    place: Path

    @property
    def as_listed(self) -> Folder:
        """As the search for Drafts and Sent sees it; a Maildir has no marks of special use."""
        return Folder(frozenset(), self.separator, self.name)


def folders_of(root: Path) -> dict[str, MaildirFolder]:
    """Every folder by name; of two with one name the one nearer to the root. Raises OSError."""
    found: dict[str, MaildirFolder] = {}
    if _is_folder(root):
        found[INBOX] = MaildirFolder(INBOX, "", root)
    for folder in sorted(_below(root, (), 0), key=lambda one: (len(one.place.parts), one.name)):
        found.setdefault(folder.name, folder)
    return found


def _below(place: Path, above: tuple[str, ...], depth: int) -> Iterator[MaildirFolder]:
    for directory in _directories(place):
        dotted = directory.name.startswith(".")
        name = _shown(directory.name.removeprefix("."))
        if _is_folder(directory):
            yield _folder(directory, (*above, name), dotted=dotted)
        if depth < _DEEPEST and _may_hold_more(directory, dotted=dotted):
            yield from _below(directory, (*above, name), depth + 1)


def _folder(directory: Path, pieces: tuple[str, ...], *, dotted: bool) -> MaildirFolder:
    if len(pieces) == 1 and pieces[0].upper() == INBOX:
        return MaildirFolder(INBOX, "", directory)
    if len(pieces) == 1 and (dotted or pieces[0].upper().startswith("INBOX.")):
        return MaildirFolder(pieces[0], ".", directory)
    return MaildirFolder("/".join(pieces), "/", directory)


def _directories(place: Path) -> list[Path]:
    """The directories that may be folders. One that may not be read is none of ours, unless it is the root."""
    try:
        with os.scandir(place) as entries:
            names = [one.name for one in entries if one.is_dir() and one.name not in _OF_ONE_FOLDER]
    except PermissionError:
        return []
    return [place / name for name in sorted(names)]


def _may_hold_more(directory: Path, *, dotted: bool) -> bool:
    # A link may lead in a circle; what is hidden and no folder (.git, .notmuch) is no mail.
    return not directory.is_symlink() and (not dotted or _is_folder(directory))


def _is_folder(place: Path) -> bool:
    return (place / "cur").is_dir()


def _shown(name: str) -> str:
    """A directory's name as the person reads it: modified UTF-7 (RFC 3501 §5.1.3) where it is that, else as it is."""
    try:
        decoded = str(imap_utf7.decode(name.encode("ascii")))
        return decoded if imap_utf7.encode(decoded) == name.encode("ascii") else name
    except (UnicodeError, ValueError):
        return os.fsencode(name).decode("utf-8", "replace")
