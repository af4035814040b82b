"""The folders of templates, each with the mailboxes that answer by it, and the invitations that a wording is tried on.

All mailboxes share one folder unless their settings name another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from watcher.domain import language, reply
from watcher.domain.choosing import base_of
from watcher.domain.kinds import RouteBy
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.domain.phrases import BECAUSE
from watcher.domain.values import Invitation, Reading
from watcher.person.workshop import Key, Workshop
from watcher.ports import Ledger, Record, Wanted
from watcher.web.desk import Watched

LATEST = 50
"""How many past invitations a wording is tried on."""

_SAMPLE = "sample-"
_SETTLED = frozenset(State) - NEEDS_PERSON


@dataclass(frozen=True, slots=True)
class Shelf:
    """One folder, and by each mailbox that uses it the workshop of its person; there is at least one."""

    workshops: Mapping[str, Workshop]

    @property
    def workshop(self) -> Workshop:
        """Of any of them: the templates are the same."""
        return next(iter(self.workshops.values()))

    @property
    def account(self) -> str:
        """The mailbox that the folder is called by in an address."""
        return next(iter(self.workshops))


@dataclass(frozen=True, slots=True)
class Example:
    """An invitation that a template can be shown on; `value` stands for it in a form."""

    value: str
    label: str
    reading: Reading
    account: str = ""


def shelves(mailboxes: Mapping[str, Watched]) -> tuple[Shelf, ...]:
    """Every folder. What is tried of one is rendered by one process, however many mailboxes use it."""
    folders: dict[str, dict[str, Workshop]] = {}
    for name in sorted(mailboxes):
        workshop = mailboxes[name].workshop()
        there = folders.setdefault(workshop.files.folder, {})
        first = next(iter(there.values()), workshop)
        there[name] = replace(workshop, templates=first.templates)
    return tuple(Shelf(workshops) for workshops in folders.values())


def find(those: Sequence[Shelf], account: str) -> Shelf | None:
    """The folder that a mailbox uses, else the first; None where no mailbox is set up."""
    return next((one for one in those if account in one.workshops), those[0] if those else None)


def latest(shelf: Shelf, ledger: Ledger, count: int = LATEST) -> tuple[Record, ...]:
    """The newest invitations of these mailboxes. Asked for in two parts: the ledger's pages begin with what waits."""
    parts = [Wanted(states=states, account=name) for name in shelf.workshops for states in (NEEDS_PERSON, _SETTLED)]
    rows = [row for wanted in parts for row in ledger.page(wanted, 0, count).rows if _can_be_answered(row.reading)]
    return tuple(sorted(rows, key=lambda row: (row.received, row.id), reverse=True)[:count])


def samples(workshop: Workshop) -> tuple[Example, ...]:
    """The invitations that come with the program."""
    return tuple(Example(f"{_SAMPLE}{at}", _label(one), one) for at, one in enumerate(workshop.samples, 1))


def past(records: Sequence[Record]) -> tuple[Example, ...]:
    """Invitations that came."""
    return tuple(Example(str(one.id), _label(one.reading), one.reading, one.account) for one in records)


def chosen(value: str, key: Key, workshop: Workshop, ledger: Ledger) -> Example:
    """What a form names, else the first sample that this template answers, or else comes nearest to."""
    if value.isascii() and value.isdecimal() and len(value) < 10:
        record = ledger.show(int(value))
        if record is not None and _can_be_answered(record.reading):
            return past([record])[0]
    there = samples(workshop)
    named = next((one for one in there if one.value == value), None)
    return named or min(there, key=lambda one: _distance(one.reading, key))


def _distance(reading: Reading, key: Key) -> tuple[bool, ...]:
    """By what an invitation differs from those that a template answers; what matters more stands first."""
    assert isinstance(reading.found, Invitation), "samples are of invitations alone"
    assert reading.verdict is not None, "an invitation is always judged"
    assert reading.route is not None, "an invitation always has a route"
    is_for_paste = key.name == reply.PASTE and reading.route.by is not RouteBy.LINKEDIN
    is_another = reply.template_name(reading.verdict) != base_of(key.name)
    return is_for_paste, is_another, language.choose(reading.found.language, ["-", key.language]) == "-"


def _can_be_answered(reading: Reading) -> bool:
    return isinstance(reading.found, Invitation) and reading.verdict is not None and reading.route is not None


def _label(reading: Reading) -> str:
    assert isinstance(reading.found, Invitation), "only invitations are chosen among"
    assert reading.verdict is not None, "an invitation is always judged"
    inviter, words = reading.found.inviter, BECAUSE[reading.verdict.because]
    bare = "" if inviter.first_name or inviter.headline else ", nothing but a name"
    code = f" ({reading.found.language})" if reading.found.language else ""
    return f"{inviter.name}: {reading.verdict.kind}, {words}{bare}{code}"
