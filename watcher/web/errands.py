"""Commands that a person gave, each in a thread of its own, so that a slow server keeps nobody from reading.

Whoever gives one waits for it for `PATIENCE`; what takes longer goes on by itself, and its page tells of it. For one
invitation there is one at a time: a second click is the same command, and any other is put off and told so. What came
of the last ones is kept until the program ends, so that a page which is loaded again tells it again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
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
    """One command under way. `about` is what it changes, `order` what was asked for; `told` is None until it ended.

    `unsaved` are words that the person wrote, so that they are not lost where saving them fails.
    """

    id: str
    about: str
    order: Hashable
    unsaved: str = ""
    told: Told | None = None
    ended: Event = field(default_factory=Event)


@dataclass(slots=True)
class Errands:
    """The commands of one page."""

    patience: timedelta = PATIENCE
    _kept: OrderedDict[str, Errand] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def run(self, about: str, order: Hashable, work: Callable[[], Told], unsaved: str = "") -> Errand:
        """Do `work`, or wait for the same order where it is under way. Returns after `patience` at the latest.

        The deed and its form make an order: an equal one is a double click. Another about the same thing is put off.
        """
        with self._lock:
            errand = self.under_way(about)
            if errand is None:
                errand = self._begun(Errand(secrets.token_urlsafe(9), about, order, unsaved), work)
            elif order != errand.order:
                errand = self._put_off(Errand(secrets.token_urlsafe(9), about, order, unsaved))
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

    def _keep(self, errand: Errand) -> None:
        self._kept[errand.id] = errand
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _put_off(self, errand: Errand) -> Errand:
        what, again = ("saved", "save your words again") if errand.unsaved else ("done", "try again")
        words = f"Not {what}: another command was under way. Look at what came of it, then {again}."
        return self._failed(errand, words)

    def _failed(self, errand: Errand, words: str) -> Errand:
        """One that is not begun at all."""
        errand.told = Told(words, ending=Ending.FAILED)
        errand.ended.set()
        self._keep(errand)
        return errand

    def _begun(self, errand: Errand, work: Callable[[], Told]) -> Errand:
        if sum(one.told is None for one in self._kept.values()) >= MOST_AT_ONCE:
            words = "Several commands wait for your mail server already: try again when they are done."
            return self._failed(errand, words)
        self._keep(errand)
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
