r"""Which folder holds the drafts: the setting, else SPECIAL-USE (RFC 6154), else a name that mail programs give it.

Flags are compared without regard to case: Cyrus writes `\\drafts`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.errors import Problem, Show

# Names that Gmail, Outlook, Apple Mail, Thunderbird and webmails give the folder, most telling first.
KNOWN_NAMES = (
    "Drafts", "Draft", "Entwürfe", "Entwurf", "Brouillons", "Borradores", "Bozze", "Rascunhos", "Concepten", "Kladder",
    "Utkast", "Luonnokset", "Kopie robocze", "Szkice", "Koncepty", "Piszkozatok", "Ciorne", "Mustandid", "Melnraksti",
    "Juodraščiai", "Osnutki", "Nacrti", "Skice", "Esborranys", "Zirriborroak", "Drög", "Taslaklar", "Πρόχειρα",
    "Черновики", "Чернетки", "Чернови", "Нацрти", "下書き", "草稿", "草稿箱", "草稿匣", "임시 보관함", "임시보관함",
    "טיוטות", "مسودات", "پیش‌نویس‌ها", "ड्राफ़्ट", "ฉบับร่าง", "Thư nháp", "Bản nháp", "Draf", "Konsep",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder, as LIST or the disk shows it: flags in lower case, the separator ("" for none), the decoded name."""

    flags: frozenset[str]
    separator: str
    name: str

    @property
    def leaf(self) -> str:
        """The last piece of the name, as it is compared."""
        piece = self.name.rsplit(self.separator, 1)[-1] if self.separator else self.name
        return _plain(piece)

    @property
    def can_hold_mail(self) -> bool:
        """Whether it can be opened at all."""
        return not self.flags & {"\\noselect", "\\nonexistent"}


def find_drafts(folders: Sequence[Folder], setting: str | None) -> str:
    """The Drafts folder's name. Raises Show where there is none."""
    usable = [folder for folder in folders if folder.can_hold_mail]
    if setting is not None:
        return _by_setting(usable, setting)
    special = [folder.name for folder in usable if "\\drafts" in folder.flags]
    found = special or _by_name(usable)
    if not found:
        what = f"there is no Drafts folder among {_listed(usable)}"
        raise Show(Problem("WATCHER_DRAFTS_FOLDER", what, "make one in your mail program, or name the folder to use"))
    return found[0]


def _by_setting(folders: Sequence[Folder], setting: str) -> str:
    if any(folder.name == setting for folder in folders):
        return setting
    what = f"there is no folder {setting!r} among {_listed(folders)}"
    raise Show(Problem("WATCHER_DRAFTS_FOLDER", what, "name one of these, or leave the setting out"))


def _by_name(folders: Sequence[Folder]) -> list[str]:
    """By known name, the folders nearest to the top first."""
    order = {_plain(name): index for index, name in reversed(list(enumerate(KNOWN_NAMES)))}
    known = [folder for folder in folders if folder.leaf in order]
    known.sort(key=lambda folder: (folder.name.count(folder.separator) if folder.separator else 0, order[folder.leaf]))
    return [folder.name for folder in known]


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _listed(folders: Sequence[Folder]) -> str:
    names = ", ".join(folder.name for folder in folders[:20])
    return f"{names}, …" if len(folders) > 20 else names or "no folders at all"
