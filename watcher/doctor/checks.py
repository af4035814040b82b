"""One check: what was looked at, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from watcher.errors import Show, WatcherError

AGAIN = "mend it and run `watcher doctor` again"


class Health(StrEnum):
    """How a check came out. `NOT_CHECKED`: something before it has to be mended first."""

    GOOD = "ok"
    ATTENTION = "attention"
    BAD = "bad"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, what was found, and what to do ("" where nothing is)."""

    what: str
    health: Health
    found: str
    remedy: str = ""


def good(what: str, found: str) -> Check:
    """Nothing to do."""
    return Check(what, Health.GOOD, found)


def attention(what: str, found: str, remedy: str) -> Check:
    """To be looked at; passes go on."""
    return Check(what, Health.ATTENTION, found, remedy)


def not_checked(what: str, found: str) -> Check:
    """Something else comes first."""
    return Check(what, Health.NOT_CHECKED, found)


def troubles(what: str, error: WatcherError, remedy: str = AGAIN) -> Iterator[Check]:
    """One check for each thing that is wrong; `remedy` is for an error that knows none."""
    if not isinstance(error, Show):
        yield Check(what, Health.BAD, str(error), remedy)
        return
    for problem in error.problems:
        yield Check(what, Health.BAD, f"{problem.where}: {problem.what}", problem.remedy)


def tried(what: str, look: Callable[[], str], remedy: str = AGAIN) -> Iterator[Check]:
    """Good where `look` finds something and does not raise."""
    try:
        found = look()
    except WatcherError as error:
        yield from troubles(what, error, remedy)
    else:
        yield good(what, found)
