"""The thread beside the passes: what it shows, what it feeds; and nothing of it can keep the rest from its turn."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW
from service.world import Server, refused
from watching.attended import MANNER, Attended, ended

from watcher.errors import TryAgain
from watcher.ports import Presence, Sign
from watcher.watching.happenings import GaveUp, PassFailed, Rest, Resting, Started, Stopping
from watcher.watching.minding import STILL, Minding, stands_still, status
from watcher.watching.standing import Standing

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Supervisor:
    """Keeps what it is told."""

    words: list[str] = field(default_factory=list)
    fed: int = 0

    def status(self, words: str) -> None:
        self.words.append(words)

    def alive(self) -> None:
        self.fed += 1

    def stopping(self) -> None:
        self.words.append("stopping")


@dataclass(eq=False)
class KeptSign:
    """Implements `ports.Sign`."""

    shown: Presence | None = None
    fails: bool = False
    times: int = 0

    def show(self, presence: Presence) -> None:
        if self.fails:
            raise OSError("no room")
        self.shown = presence
        self.times += 1

    def seen(self) -> Presence | None:
        return self.shown

    def take_down(self) -> None:
        self.shown = None


@dataclass
class Minded:
    """A minder over a world, and whoever hears of it."""

    attended: Attended
    supervisor: Supervisor = field(default_factory=Supervisor)
    sign: KeptSign = field(default_factory=KeptSign)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    minding: Minding = field(init=False)

    def __post_init__(self) -> None:
        self.minding = Minding(self.attended.standings, self.attended.bell, self._signs, self.supervisor,
            self.attended.world.clock, lambda name, error: self.troubles.append((name, str(error))))  # fmt: skip

    def _signs(self) -> dict[str, tuple[Sign, str]]:
        return {name: (self.sign, f"{name}@example.test") for name in self.attended.manners}


@pytest.fixture
def minded(attended: Attended) -> Minded:
    return Minded(attended)


def test_a_service_that_runs_is_seen_with_its_next_pass(minded: Minded) -> None:
    minded.attended.add("anna")
    minded.attended.service.begin()
    minded.attended.world.run(minded.attended.service, MINUTE)
    minded.minding.turn()
    assert minded.sign.shown is not None
    (watch,) = minded.sign.shown.mailboxes.values()
    assert (list(minded.sign.shown.mailboxes), watch.condition) == (["anna@example.test"], "watched")
    assert watch.due == NOW + 5 * MINUTE
    assert minded.supervisor.words == ["1 mailbox: 1 watched; last completed pass 2026-11-24 09:30:00"]
    minded.minding.end(1)
    assert minded.sign.shown is None


def test_the_sign_is_written_where_it_says_something_new_and_each_minute(minded: Minded) -> None:
    """A program that is left running for months lets a disk sleep."""
    clock, standings = minded.attended.world.clock, minded.attended.standings
    minded.attended.add("anna")
    standings.hear(ended("anna", NOW))
    for _ in range(24):
        minded.minding.turn()
        clock.at += timedelta(seconds=5)
    assert minded.sign.times == 2
    standings.hear(PassFailed("anna", clock.at, "no answer", clock.at))
    minded.minding.turn()
    assert minded.sign.times == 3
    clock.at -= HOUR
    minded.minding.turn()
    assert minded.sign.shown is not None
    assert minded.sign.shown.at == clock.at


def test_a_sign_that_another_service_replaced_and_took_down_is_shown_again_at_once(minded: Minded) -> None:
    minded.attended.add("anna")
    minded.attended.standings.hear(ended("anna", NOW))
    minded.minding.turn()
    minded.sign.take_down()  # the other's end
    minded.minding.turn()
    assert minded.sign.shown is not None


def test_the_last_mailbox_that_is_given_up_is_told_before_the_end(minded: Minded) -> None:
    minded.attended.add("anna", Server(refusal=refused()))
    minded.attended.service.begin()
    minded.attended.world.run(minded.attended.service, MINUTE)
    minded.minding.end(1)
    assert minded.attended.outbox.titles == ["The mail server lets nobody in"]


def test_what_fails_is_told_once_and_keeps_nothing_else_from_its_turn(minded: Minded) -> None:
    minded.attended.add("anna", Server(refusal=refused()))
    minded.attended.service.begin()
    minded.attended.world.run(minded.attended.service, MINUTE)
    minded.sign.fails = True
    for _ in range(3):
        minded.minding.turn()
    assert minded.troubles == [("sign", "no room")]
    assert minded.attended.outbox.titles == ["The mail server lets nobody in"]
    assert minded.supervisor.fed == 3


def test_the_order_to_stop_is_told_at_once(minded: Minded) -> None:
    minded.minding.hear(Stopping(NOW))
    assert minded.supervisor.words == ["stopping"]


def test_before_anything_happened_nothing_is_shown(minded: Minded) -> None:
    minded.minding.turn()
    assert (minded.supervisor.words, minded.supervisor.fed, minded.sign.shown) == ([], 0, None)


# ------------------------------------------------------------------------------------------------------------ watchdog


def _standing(*happenings: Any) -> Standing:
    standing = Standing("anna", NOW, NOW)
    for happening in happenings:
        standing = standing.after(happening)
    return standing


LATER = NOW + STILL + 6 * MINUTE


@pytest.mark.parametrize(
    ("standing", "still"),
    [
        (_standing(Started("anna", NOW)), True),
        (_standing(ended("anna", NOW)), True),
        (_standing(ended("anna", LATER)), False),
        (_standing(PassFailed("anna", LATER, "no answer", LATER)), False),
        (_standing(PassFailed("anna", NOW, "no answer", NOW)), True),
        (_standing(GaveUp("anna", NOW, refused())), False),
        (_standing(Resting("anna", NOW, Rest.PAUSED, None)), False),
        (_standing(Resting("anna", NOW, Rest.QUIET_HOURS, LATER)), False),
    ],
    ids=["never a pass", "none since", "completed", "failing", "no try since", "given up", "paused", "quiet"],
)
def test_a_mailbox_stands_still_where_nothing_is_heard_of_what_was_due(standing: Standing, still: bool) -> None:
    assert stands_still([standing], LATER) is still


def test_one_that_stands_still_is_no_reason_to_end_the_others() -> None:
    assert not stands_still([_standing(Started("anna", NOW)), _standing(ended("otto", LATER))], LATER)
    assert not stands_still([], LATER)


def test_the_status_is_one_line_for_people() -> None:
    failing = _standing(PassFailed("anna", NOW, "no answer", NOW + MINUTE))
    shown = status({"anna": (failing, MANNER), "otto": (_standing(ended("otto", NOW)), MANNER)}, NOW)
    assert shown == "2 mailboxes: 1 failing, 1 watched; last completed pass 2026-11-24 09:30:00"


def test_a_ledger_that_fails_is_told(minded: Minded, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise TryAgain("the disk is full")

    monkeypatch.setattr(type(minded.attended.bell), "look", lambda _self: fail())
    minded.minding.turn()
    assert minded.troubles == [("alarms", "the disk is full")]


def test_work_that_hangs_keeps_neither_passes_nor_the_end_waiting(minded: Minded) -> None:
    with minded.minding._turning:  # noqa: SLF001 - as a turn that hangs holds it
        minded.minding.hear(ended("anna", NOW))
        minded.minding.hear(GaveUp("anna", NOW, refused()))
        minded.minding.end(0.01)
    assert minded.attended.outbox.titles == []
