"""A mail that the server cannot give out, whatever it is asked for, stops no other and is shown to the person."""

from collections.abc import Iterator, Sequence

import pytest
from cycle.house import DEFAULT, GERMAN, NO_NOTE, House
from twins.mailbox import TwinMailbox

from watcher.adapters.templates import FileTemplates
from watcher.cycle import run_pass
from watcher.domain.lifecycle import State
from watcher.domain.raw import RawMessage
from watcher.errors import TryAgain
from watcher.ports import CARD, Envelope
from watcher.steps.account import Ports
from watcher.steps.looking import CAREFUL_AFTER, MOST_BREAKS

ME = "me@example.test"


class Poisoned(TwinMailbox):
    """A server that breaks off when these mails are asked for: at the glance, or at the reading."""

    poison: frozenset[int] = frozenset()
    at_reading = False

    def glance(self, folder: str, uids: Sequence[int]) -> Iterator[Envelope]:
        if not self.at_reading:
            self._break(uids)
        return super().glance(folder, uids)

    def read(self, folder: str, envelopes: Sequence[Envelope], most: int = CARD) -> Iterator[tuple[int, RawMessage]]:
        self._break([envelope.uid for envelope in envelopes])
        return super().read(folder, envelopes, most)

    def _break(self, uids: Sequence[int]) -> None:
        if self.poison & set(uids):
            self.cut()
            raise TryAgain("the server ended the connection")


def _look(house: House, poison: int, *, at_reading: bool = False) -> bool:
    """One pass; whether it came to its end."""
    mailbox = Poisoned(house.store)
    mailbox.poison, mailbox.at_reading = frozenset({poison}), at_reading
    ports = Ports(mailbox, house.ledger, FileTemplates(), house.clock, house.signatures)
    try:
        run_pass(house.account, ports)
    except TryAgain:
        return False
    return True


@pytest.mark.parametrize("at_reading", [False, True], ids=["glance", "reading"])
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "in the middle", "last"])
def test_it_is_quarantined_and_the_others_are_drafted(house: House, place: int, at_reading: bool) -> None:
    uids = house.deliver(NO_NOTE, DEFAULT, GERMAN)
    ended = [_look(house, uids[place], at_reading=at_reading) for _ in range(CAREFUL_AFTER + MOST_BREAKS + 1)]
    assert ended == [False] * (CAREFUL_AFTER + MOST_BREAKS) + [True]
    assert sorted(house.states()) == [State.DRAFTED, State.DRAFTED, State.QUARANTINED]
    (bad,) = house.ledger.listing(State.QUARANTINED)
    assert bad.location.uid == uids[place]
    assert bad.reason.startswith(f"could not be read {MOST_BREAKS} times: the server breaks off")


def test_after_that_passes_are_plain_again(house: House) -> None:
    uids = house.deliver(NO_NOTE)
    for _ in range(CAREFUL_AFTER + MOST_BREAKS + 1):
        _look(house, uids[0])
    house.deliver(DEFAULT, GERMAN)
    assert _look(house, uids[0])
    assert house.ledger.failing(ME) == 0
    assert sorted(house.states()) == [State.DRAFTED, State.DRAFTED, State.QUARANTINED]


def test_a_server_that_was_away_costs_no_mail(house: House) -> None:
    (uid,) = house.deliver(NO_NOTE)
    times = CAREFUL_AFTER + MOST_BREAKS - 1
    assert [_look(house, uid) for _ in range(times)] == [False] * times
    assert _look(house, poison=0)
    assert house.states() == [State.DRAFTED]
    assert house.ledger.failing(ME) == 0
