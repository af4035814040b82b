"""Erases what is kept of people, because the person of the mailbox says so: of one, or of all that is old.

Whom they name is found by profile, address or name; other rows of the same person, as a pass would tell, go with them.
What waits for a decision is decided by that: it gets no draft, and one that is uncertain is left as it is. A draft that
is on its way just now needs its row, so it is left for the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from watcher.domain import forgotten
from watcher.domain.acquaintances import kept_as
from watcher.domain.identity import same_person
from watcher.domain.lifecycle import By, State
from watcher.domain.names import compared
from watcher.domain.values import Invitation, Inviter
from watcher.ports import Clock, Ledger, Record
from watcher.steps.leasing import leased

_DECIDED: Mapping[State, State] = MappingProxyType(
    {State.SEEN: State.SKIPPED, State.HELD: State.SKIPPED, State.UNCERTAIN: State.DISCARDED}
)
"""What becomes of a row that cannot be decided any more once nobody knows what it is about."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What is to be erased: rows, and by account how people are kept whom the person said to know.

    `left` are rows whose draft is on its way.
    """

    rows: tuple[Record, ...] = ()
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: tuple[Record, ...] = ()

    @property
    def in_drafts(self) -> tuple[Record, ...]:
        """Rows whose draft lies in the mailbox, where this program erases nothing."""
        return tuple(row for row in self.rows if row.state in {State.DRAFTED, State.EDITED, State.UNCERTAIN})


def of_person(person: str, ledger: Ledger, accounts: Iterable[str]) -> Traces:
    """What is kept of one, over these accounts. Raises GiveUp where that names nobody."""
    kept, names = kept_as(person), frozenset(accounts)
    rows = _kept(ledger, names)
    meant = [row for row in rows if _is(kept, row)]
    people = [inviter for row in meant if (inviter := _inviter(row))]
    theirs = [row for row in rows if row in meant or _is_one_of(people, row)]
    known = {name: _known_as({kept, *_names(people)}, ledger.known(name)) for name in sorted(names)}
    return _sorted(theirs, {name: those for name, those in known.items() if those})


def older_than(moment: datetime, ledger: Ledger, accounts: Iterable[str]) -> Traces:
    """Every invitation that was received before."""
    return _sorted([row for row in _kept(ledger, frozenset(accounts)) if row.received < moment], {})


def forget(traces: Traces, secret: bytes, ledger: Ledger, clock: Clock) -> None:
    """Erase them, one account after the other under its lease. The file is left to `Ledger.wipe`.

    Raises GiveUp and TryAgain; what was erased until then is erased.
    """
    for account in sorted({row.account for row in traces.rows} | set(traces.known)):
        with leased(account, ledger, clock):
            for person in traces.known.get(account, ()):
                ledger.unknow(account, person)
            for number in (row.id for row in traces.rows if row.account == account):
                _erase(number, secret, ledger, clock.now())


def _erase(number: int, secret: bytes, ledger: Ledger, now: datetime) -> None:
    """As it stands now: while the person was asked, a pass may have had its turn."""
    row = ledger.show(number)
    if row is None or row.state is State.INTENDED:
        return
    if row.state in _DECIDED:
        ledger.move(row.id, _DECIDED[row.state], forgotten.REASON, now, By.PERSON)
    ledger.forget({row.id: forgotten.key_of(secret, row.account, row.key)}, now)


def _kept(ledger: Ledger, accounts: frozenset[str]) -> list[Record]:
    return [row for row in ledger.listing() if row.account in accounts and not forgotten.is_forgotten(row.reading)]


def _sorted(rows: Sequence[Record], known: Mapping[str, tuple[str, ...]]) -> Traces:
    on_its_way = tuple(row for row in rows if row.state is State.INTENDED)
    return Traces(tuple(row for row in rows if row.state is not State.INTENDED), known, on_its_way)


def _is(kept: str, row: Record) -> bool:
    """Whether a row is of whom the person named."""
    inviter, route = _inviter(row), row.reading.route
    ways = {row.reading.source.sender.lower(), (route.to or "").lower() if route else ""}
    return kept in ways | (_names([inviter]) if inviter else set())


def _names(people: Iterable[Inviter]) -> set[str]:
    """How these may be kept among those whom the person knows."""
    profiles = {inviter.profile_url.lower() for inviter in people if inviter.profile_url}
    return profiles | {compared(inviter.name) for inviter in people}


def _is_one_of(people: Iterable[Inviter], row: Record) -> bool:
    inviter = _inviter(row)
    return inviter is not None and any(same_person(one, inviter) for one in people)


def _known_as(theirs: set[str], known: Iterable[str]) -> tuple[str, ...]:
    return tuple(person for person in known if person in theirs)


def _inviter(row: Record) -> Inviter | None:
    found = row.reading.found
    return found.inviter if isinstance(found, Invitation) and found.inviter.name else None
