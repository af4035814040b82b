"""The person's address book: a `.vcf` file or a folder of them, vCard 2.1 to 4.0 (RFC 2426, RFC 6350).

Of each card only the lines of names, addresses and pages are handed to the library, one card at a time: a broken line
costs that line, a broken card costs that card, and photographs cost nothing. A file is read again when its time or
size has changed.
"""

from __future__ import annotations

import codecs
import errno
import logging
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import vobject
from vobject.base import Component, ContentLine

from watcher.domain.acquaintances import ADDRESS, People, is_full, profile
from watcher.domain.names import compared
from watcher.errors import TryAgain
from watcher.ports import Contacts

LARGEST = 64 << 20
"""A file over so many octets is left out; an address book with photographs has a tenth."""

LONGEST_LINE = 2000
MOST_LINES = 200
"""So many lines of one card are looked at."""

_BEGIN = re.compile(r"BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_END = re.compile(r"END\s*:\s*VCARD\s*", re.IGNORECASE)
_WANTED = re.compile(r"(?:[\w-]+\.)?(?:FN|N|EMAIL|URL|(?:X-)?SOCIALPROFILE)(?=[;:])", re.IGNORECASE)
_PRINTABLE = re.compile(r"[;=]QUOTED-PRINTABLE\b", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BROKEN = Contacts(People(), 0, 1)

logging.getLogger("vobject.base").setLevel(logging.CRITICAL)  # it prints what it skips


@dataclass(frozen=True, slots=True)
class _Stamp:
    changed: int
    size: int


@dataclass(slots=True)
class VcardBook:
    """Implements `ports.AddressBook` over the file or folder at `place`."""

    place: Path
    _read: dict[Path, tuple[_Stamp, Contacts]] = field(default_factory=dict, init=False)

    def read(self) -> Contacts:
        """What stands in it now. Raises TryAgain where there is no such file or folder."""
        try:
            self._read = dict(self._files())
        except OSError as error:
            raise TryAgain(f"the address book {self.place} cannot be read: {error.strerror}") from error
        return _together(contacts for _, contacts in self._read.values())

    def _files(self) -> Iterator[tuple[Path, tuple[_Stamp, Contacts]]]:
        if not self.place.is_dir():
            yield self.place, self._file(self.place)
            return
        for path in sorted(self.place.rglob("*.[vV][cC][fF]")):
            try:
                if path.is_file():
                    yield path, self._file(path)
            except OSError:  # one file that may not be read, or is just being replaced, stops no other
                yield path, (_Stamp(-1, -1), _BROKEN)

    def _file(self, path: Path) -> tuple[_Stamp, Contacts]:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
            raise OSError(errno.EINVAL, "is no file")
        stamp = _Stamp(found.st_mtime_ns, found.st_size)
        before = self._read.get(path)
        if before is not None and before[0] == stamp:
            return before
        if found.st_size > LARGEST:
            return stamp, _BROKEN
        return stamp, contacts_in(path.read_bytes())


def contacts_in(content: bytes) -> Contacts:
    """The people of all cards in a file; never raises."""
    return _together(_BROKEN if card is None else _of_card(card) for card in _cards(_text(content)))


def _together(all_of_them: Iterable[Contacts]) -> Contacts:
    names, addresses, profiles = set[str](), set[str](), set[str]()
    cards = broken = 0
    for one in all_of_them:
        names |= one.people.names
        addresses |= one.people.addresses
        profiles |= one.people.profiles
        cards, broken = cards + one.cards, broken + one.broken
    return Contacts(People(frozenset(names), frozenset(addresses), frozenset(profiles)), cards, broken)


def _text(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _cards(text: str) -> Iterator[list[str] | None]:
    """The wanted lines of each card; None for one that does not end."""
    card: list[str] | None = None
    for line in _whole_lines(text):
        if _BEGIN.fullmatch(line):
            if card is not None:
                yield None
            card = []
        elif card is not None and _END.fullmatch(line):
            yield card
            card = None
        elif card is not None and len(card) < MOST_LINES and len(line) < LONGEST_LINE and _WANTED.match(line):
            card.append(line)
    if card is not None:
        yield None


def _whole_lines(text: str) -> Iterator[str]:
    """Lines as they were before they were folded, each up to a limit.

    A blank goes on with the line before; vCard 2.1 ends a line of quoted-printable with a `=` that is to be gone on.
    """
    whole = ""
    for line in _LINE_END.split(text):
        if line.startswith((" ", "\t")):
            whole += line[1:] if len(whole) < LONGEST_LINE else ""
        elif whole.endswith("=") and _PRINTABLE.search(whole.partition(":")[0]) and len(whole) < LONGEST_LINE:
            whole = whole[:-1] + line
        else:
            yield whole
            whole = line
    yield whole


def _of_card(lines: list[str]) -> Contacts:
    card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])
    try:
        found = next(vobject.readComponents(card, ignoreUnreadable=True, allowQP=True))
        return Contacts(_people(found), 1, 0)
    except Exception:  # noqa: BLE001 - on a hostile card the library raises anything
        return _BROKEN


def _people(card: Component) -> People:
    names = {compared(name) for name in (*_values(card, "fn"), *map(_given_and_family, _natives(card, "n")))}
    addresses = {value.strip().lower().removeprefix("mailto:") for value in _values(card, "email")}
    pages = (page for kind in ("url", "x-socialprofile", "socialprofile") for page in _values(card, kind))
    profiles = {shown for shown in (profile(page.replace("\\", "")) for page in pages) if shown}
    return People(
        frozenset(filter(is_full, names)), frozenset(filter(ADDRESS.fullmatch, addresses)), frozenset(profiles)
    )


def _values(card: Component, kind: str) -> Iterator[str]:
    return (value for value in _natives(card, kind) if isinstance(value, str))


def _natives(card: Component, kind: str) -> Iterator[object]:
    return (line.value for line in card.contents.get(kind, ()) if isinstance(line, ContentLine))


def _given_and_family(name: object) -> str:
    given, family = getattr(name, "given", ""), getattr(name, "family", "")
    return f"{given} {family}" if isinstance(given, str) and isinstance(family, str) and given and family else ""
