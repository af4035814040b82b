"""Killed at any moment: at most one draft an invitation, none lost, nothing of the person's touched."""

from pathlib import Path

from faults import killing
from faults.rounds import Launcher, Round
from servers.dovecot import Dovecot

SAMPLE = 40


def _sample(names: tuple[str, ...]) -> list[int]:
    """Every point from one intent to the next, where a draft could become two, and some of all others."""
    first, second = [number for number, name in enumerate(names) if name == "commit of intend"][1:3]
    draft = list(range(first, second))
    others = [number for number in range(len(names)) if number not in draft]
    return draft + others[:: -(-len(others) // (SAMPLE - len(draft)))]


def test_killed_anywhere_it_comes_to_a_good_end(mailboxes: Dovecot, program: Launcher, tmp_path: Path) -> None:
    names = killing.points(mailboxes, program, tmp_path / "quiet")
    chosen = _sample(names)
    for point in chosen:
        ends = killing.killed(Round(mailboxes, program, tmp_path / str(point)), (point,))
        assert sum(ends.values()) == 6, names[point]
        assert ends["uncertain"] <= 1, names[point]


def test_killed_while_it_cleans_up(mailboxes: Dovecot, program: Launcher, tmp_path: Path) -> None:
    for number, kills in enumerate([(40, 10, 12), (44, 14, 30), (53, 20, 45, 22)]):
        ends = killing.killed(Round(mailboxes, program, tmp_path / str(number)), kills)
        assert sum(ends.values()) == 6, kills
