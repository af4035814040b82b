"""Checks of this machine: who may read the files, the disk, the address of the page."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.doctor.checks import Check, Health, attention, good, troubles
from watcher.errors import WatcherError
from watcher.ports import Door, Premises

LITTLE_ROOM = 500 << 20
NO_ROOM = 20 << 20
"""Octets. A ledger takes some 3 KB an invitation; a disk with less room than this is filled by anything."""


def files(premises: Premises) -> Iterator[Check]:
    """Nobody else may read what holds secrets and other people's words."""
    try:
        found = list(premises.files())
    except WatcherError as error:
        yield from troubles("files", error)
        return
    for one in found:
        if one.mode & 0o077:
            what = f"{one.path} may be read by others (mode {one.mode:o})"
            yield Check("files", Health.BAD, what, f"chmod 600 {one.path}")
    if not any(one.mode & 0o077 for one in found):
        number = f"{len(found)} file{'s' if len(found) != 1 else ''}, yours alone to read"
        yield good("files", number if found else "none yet")


def room(premises: Premises) -> Iterator[Check]:
    """A full disk stops every pass."""
    try:
        free = premises.room()
    except WatcherError as error:
        yield from troubles("disk", error, "let the program write into the folder of WATCHER_LEDGER")
        return
    found = f"{_shown(free)} free where the ledger lies"
    if free < NO_ROOM:
        yield Check("disk", Health.BAD, found, "make room, or name another place in WATCHER_LEDGER")
    elif free < LITTLE_ROOM:
        yield attention("disk", found, "make room before it is full: then passes fail until there is some")
    else:
        yield good("disk", found)


def _shown(octets: int) -> str:
    return f"{octets / (1 << 30):.1f} GB" if octets >= 1 << 30 else f"{octets >> 20} MB"


def page(premises: Premises) -> Iterator[Check]:
    """Where the review page is served, or will be."""
    wanted = premises.page()
    if wanted is None:
        yield good("review page", "off (WATCHER_WEB)")
        return
    place, door = wanted
    if door is Door.ANOTHER:
        remedy = "end that program, or write another port into WATCHER_WEB, such as 127.0.0.1:8766, or off"
        yield attention("review page", f"{place} is taken by another program", remedy)
    elif door is Door.OURSELVES:
        yield good("review page", f"served at {place}: `watcher open` opens it")
    else:
        yield good("review page", f"nobody is at {place}: `watcher run` will serve it there")
