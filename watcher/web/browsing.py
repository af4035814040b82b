"""What a person asks a listing for, as it stands in an address: `?state=waiting&text=ghent&page=2`.

Whatever an address says that there is not is left out: an old bookmark shows more than was wanted, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.ports import Wanted

ROWS = 50
"""Rows of one page."""

LONGEST_TEXT = 200
WAITING = "waiting"
"""In the place of a state: all in which the person is waited for."""


@dataclass(frozen=True, slots=True)
class Browsing:
    """A listing as it was asked for; each is "" where all will do. `page` begins at 1."""

    verdict: str = ""
    state: str = ""
    language: str = ""
    account: str = ""
    text: str = ""
    page: int = 1

    @property
    def wanted(self) -> Wanted:
        """The same, as the ledger is asked."""
        return Wanted(
            verdict=VerdictKind(self.verdict) if self.verdict else None,
            states=_states(self.state),
            language=self.language or None,
            account=self.account or None,
            text=self.text,
        )

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return replace(self, page=1) != Browsing()

    def at(self, page: int) -> Browsing:
        """Another page of it."""
        return replace(self, page=page)

    @property
    def query(self) -> str:
        """How it stands in an address, with `?` before it; "" where everything is as usual."""
        given = {name: value for name, value in asdict(self).items() if value and (name, value) != ("page", 1)}
        return f"?{urlencode(given)}" if given else ""


def browsing(query: Mapping[str, str]) -> Browsing:
    """What an address asks for."""
    return Browsing(
        verdict=_one_of(query.get("verdict", ""), map(str, VerdictKind)),
        state=_one_of(query.get("state", ""), [WAITING, *map(str, State)]),
        language=query.get("language", "")[:LONGEST_TEXT],
        account=query.get("account", "")[:LONGEST_TEXT],
        text=" ".join(query.get("text", "")[:LONGEST_TEXT].split()),
        page=_page(query.get("page", "")),
    )


def pages(total: int) -> int:
    """How many pages so many rows make; at least one."""
    return max(1, -(-total // ROWS))


def _one_of(given: str, known: Iterable[str]) -> str:
    return given if given in set(known) else ""


def _page(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and 0 < len(given) < 7 and int(given) else 1


def _states(state: str) -> frozenset[State]:
    if not state:
        return frozenset()
    return NEEDS_PERSON if state == WAITING else frozenset({State(state)})
