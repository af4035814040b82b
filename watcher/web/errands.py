"""Commands that a person gave, each in a thread of its own, so that a slow server keeps nobody from reading.

Whoever gives one waits for it for `PATIENCE`; what takes longer goes on by itself, and its page tells of it. For one
invitation there is one at a time: a second click changes nothing. What came of the last ones is kept until the program
ends, so that a page which is loaded again tells it again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from threading import Event, Lock, Thread
from time import monotonic

import structlog

from watcher.errors import GiveUp, Show, TryAgain

PATIENCE = timedelta(seconds=5)
"""So long a person waits for an answer before they are told that the server is slow."""

MOST_AT_ONCE = 4
MOST_KEPT = 100


class Ending(StrEnum):
    """How a command ended: done, refused for good, failed for now, or the person has to change something first."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a command, in words; `lines` where there is more to tell than one sentence."""

    words: str
    lines: Sequence[str] = ()
    ending: Ending = Ending.DONE


@dataclass(slots=True)
class Errand:
    """One command under way. `about` is what it changes; `told` is None until it ended.

    `unsaved` are words that the person wrote, so that they are not lost where saving them fails.
    """

    id: str
    about: str
    unsaved: str = ""
    told: Told | None = None
    ended: Event = field(default_factory=Event)


@dataclass(slots=True)
class Errands:
    """The commands of one page."""

    patience: timedelta = PATIENCE
    _kept: OrderedDict[str, Errand] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def run(self, about: str, work: Callable[[], Told], unsaved: str = "") -> Errand:
        """Do `work`, or wait for what is done about the same thing already. Returns after `patience` at the latest.

        Words that something else under way does not save are put off, and kept.
        """
        with self._lock:
            errand = self.under_way(about)
            if errand is None:
                errand = self._begun(about, work, unsaved)
            elif unsaved and unsaved != errand.unsaved:
                errand = self._put_off(about, unsaved)
        errand.ended.wait(self.patience.total_seconds())
        return errand

    def find(self, number: str) -> Errand | None:
        """One of the last, by its id."""
        return self._kept.get(number)

    def under_way(self, about: str) -> Errand | None:
        """What is being done about this just now."""
        return next((one for one in tuple(self._kept.values()) if one.about == about and one.told is None), None)

    def wait(self, within: timedelta) -> None:
        """Wait for all that is under way, for so long in all at most."""
        ends = monotonic() + within.total_seconds()
        for one in tuple(self._kept.values()):
            one.ended.wait(max(0.0, ends - monotonic()))

    def _kept_as(self, about: str, unsaved: str) -> Errand:
        errand = Errand(secrets.token_urlsafe(9), about, unsaved)
        self._kept[errand.id] = errand
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return errand

    def _put_off(self, about: str, unsaved: str) -> Errand:
        errand = self._kept_as(about, unsaved)
        words = "Not saved: another command was under way. Look at what came of it, then save your words again."
        errand.told = Told(words, ending=Ending.FAILED)
        errand.ended.set()
        return errand

    def _begun(self, about: str, work: Callable[[], Told], unsaved: str) -> Errand:
        errand = self._kept_as(about, unsaved)
        if sum(one.told is None for one in self._kept.values()) > MOST_AT_ONCE:
            words = "Several commands wait for your mail server already: try again when they are done."
            errand.told = Told(words, ending=Ending.FAILED)
            errand.ended.set()
        else:
            Thread(target=_do, args=(errand, work), name="page command", daemon=True).start()
        return errand


def _do(errand: Errand, work: Callable[[], Told]) -> None:
    try:
        errand.told = work()
    except GiveUp as why:
        errand.told = Told(_sentence(str(why)), ending=Ending.REFUSED)
    except TryAgain as trouble:
        errand.told = Told(f"It failed for now: {trouble}. Try again in a while.", ending=Ending.FAILED)
    except Show as shown:
        lines = [f"{problem.where}: {problem.what}. {_sentence(problem.remedy)}" for problem in shown.problems]
        errand.told = Told("Something has to be changed first.", lines, Ending.WRONG)
    except Exception as error:  # noqa: BLE001 - a fault of the program's own must be told too, not waited for
        kind = type(error).__name__
        words = f"An error that was not foreseen ({kind}): look at what stands below before you try again."
        errand.told = Told(words, ending=Ending.FAILED)
        structlog.get_logger().error("a command of the page failed", kind=kind)  # told first: the log may be broken
    finally:
        errand.ended.set()


def _sentence(words: str) -> str:
    """Words with a capital and a full stop."""
    return words[:1].upper() + words[1:].rstrip(".") + "."
