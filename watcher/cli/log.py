"""The log: one line an event on standard error, for people or as JSON.

A line names the mailbox and, where it is about one, the invitation by its number. Of who wrote and what, nothing
stands above `debug`: where a mail server's own words name an address, a mark stands in its place.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from watcher.domain.lifecycle import State
from watcher.steps.acting import Outcome
from watcher.watching.happenings import (
    GaveUp,
    Happening,
    KeptOld,
    Listening,
    PartBroke,
    PassEnded,
    PassFailed,
    Resting,
    Started,
    Stopping,
)  # fmt: skip

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:]+")

_BROKEN_TEMPLATE = re.compile(r"(?P<file>(?:(?!: )[^\n])+\.txt\.j2)(?:, line (?P<line>\d+))?: ")
"""How a reason begins that is a `ports.BrokenTemplate`; the words of servers stand behind a colon."""

_ACCOUNT = "account"
"""The field that may hold an address: a mailbox without a name of its own is named by it."""


def configure(form: str, level: str) -> None:
    """Set the log up once, before anything is logged. `form` is `text` or `json`."""
    last = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        without_addresses,
    ]
    structlog.configure(
        processors=[*processors, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _take_in_others(processors, last)


def _take_in_others(processors: list[Processor], last: Processor) -> None:
    """Libraries log through the standard library: what they warn of stands on the same stream, in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[strip, last], foreign_pre_chain=[_named, *processors])
    )
    logging.basicConfig(handlers=[handler], level=logging.ERROR, force=True)


def _named(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Which library it is."""
    return {**line, "library": line["_record"].name}


def without_addresses(_logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """What is logged above `debug`, with a mark in the place of each address that others' words name."""
    if method == "debug":
        return line
    return {name: value if name == _ACCOUNT else _marked(value) for name, value in line.items()}


def _marked(value: object) -> object:
    return _ADDRESS.sub("…@…", value) if isinstance(value, str) else value


def trouble(part: str, problem: str) -> None:
    """Something beside the passes failed. Never raises: who tells of it has more to do than the log."""
    with suppress(OSError, ValueError):  # nobody reads standard error any more
        structlog.get_logger().warning("beside the passes, something failed", part=part, problem=problem)


class Log:
    """Writes down what happens; no personal data above debug."""

    def __init__(self) -> None:
        self._log: FilteringBoundLogger = structlog.get_logger()
        self._failing: set[str] = set()

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        match happening:
            case PassEnded():
                self._ended(happening)
            case PassFailed(account, at, problem, next_at):
                self._failing.add(account)
                self._log.warning("pass failed", account=account, problem=problem, again_in_seconds=_gap(at, next_at))
            case GaveUp(account, _, problem):
                self._failing.add(account)
                told = "stopped: something has to be changed first"
                self._log.error(told, account=account, problem=str(problem))
            case KeptOld(account, _, problem):
                told = "new settings cannot be used: the old ones go on"
                self._log.error(told, account=account or "all", problem=str(problem))
            case PartBroke(part, at, problem, again_at):
                told = "a part of the program broke and is begun anew"
                self._log.error(told, part=part, problem=problem, again_in_seconds=_gap(at, again_at))
            case Resting(account, _, why, until):
                shown = until.isoformat(timespec="minutes") if until else "told otherwise"
                self._log.info("resting", account=account, why=str(why), until=shown)
            case Started(account):
                self._log.info("watching", account=account)
            case Listening(account):
                self._log.debug("listening", account=account)
            case Stopping():
                self._log.info("stopping")

    def _ended(self, ended: PassEnded) -> None:
        """At `info` where the pass found something, else at `debug`."""
        report, log = ended.report, self._log.bind(account=ended.account)
        summary = report.summary
        if summary.completed and ended.account in self._failing:
            self._failing.discard(ended.account)
            log.info("works again")
        say = log.info if report.outcomes else log.debug
        skipped = sum(summary.skipped.values())
        say("pass", looked_at=summary.looked_at, drafted=summary.drafted, held=summary.held, skipped=skipped)
        if report.unheard:
            log.warning("no second opinion of the language model", problem=report.unheard)
        for (file, line), held in _broken_templates(report.outcomes).items():
            told = "a template is broken, so invitations are held: `watcher templates check` says how"
            log.warning(told, template=file, line=line, held=held)
        for outcome in report.outcomes:
            number = outcome.record.id if outcome.record else None
            log.info("invitation", id=number, state=str(outcome.state))


def _broken_templates(outcomes: Iterable[Outcome]) -> Counter[tuple[str, int | None]]:
    """File and line of each template that failed, and how many invitations are held by it. What is wrong there is left
    out: Jinja's words may quote a note.
    """
    reasons = [_BROKEN_TEMPLATE.match(one.reason) for one in outcomes if one.state is State.HELD]
    return Counter((found["file"], int(found["line"]) if found["line"] else None) for found in reasons if found)


def _gap(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds(), 1)
