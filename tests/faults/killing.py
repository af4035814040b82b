"""kill -9 at every point: before, in the middle of and after each write to the server, after each commit.

`python tests/faults/killing.py --points 2000 --jobs 2` goes round the points of a pass, and once it is through kills
the passes that clean up as well, at points that chance names. It prints what came out and ends with 1 where something
did not hold. A round that fails is told with its points, by which `--again 41,7` repeats it.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from faults.rounds import Launcher, Round, launcher, many_mailboxes, points_of  # noqa: E402 - found by the path above
from servers import dovecot as dovecot_server  # noqa: E402 - found by the path above
from servers.dovecot import Dovecot  # noqa: E402 - found by the path above

Kills = tuple[int, ...]


def points(server: Dovecot, program: Launcher, folder: Path) -> tuple[str, ...]:
    """The points of an undisturbed first pass, by name."""
    return points_of(Round(server, program, folder))


def killed(one: Round, kills: Kills) -> Counter[str]:
    """Kill each pass at its point, then run until all is quiet, and check."""
    for number, point in enumerate(kills):
        # The passes that clean up are killed within the quiet period and after it.
        run = one.later if number % 2 else one.once
        ran = run(FAULTS_KILL_AT=str(point))
        assert ran.code in {-signal.SIGKILL, 0, 1}, ran.err
    one.until_quiet()
    return one.check()


def plans(total: int, passed: int, seed: int) -> Iterator[Kills]:
    """Every point alone, as often as it takes; every second time round with one to three kills more."""
    chance = random.Random(seed)
    made = 0
    for lap in count():
        for point in range(passed):
            more = tuple(chance.randrange(60) for _ in range(chance.randint(1, 3))) if lap % 2 else ()
            yield (point, *more)
            made += 1 + len(more)
            if made >= total:
                return


def _work(rounds: Sequence[Kills]) -> tuple[Counter[str], list[str]]:
    """Some rounds on a server of one's own: how each ended, and what did not hold."""
    ends, wrong = Counter[str](), list[str]()
    with dovecot_server.packages() as root, many_mailboxes(root) as server, launcher() as program:
        for kills in rounds:
            with tempfile.TemporaryDirectory(prefix="iw-kill-") as folder:
                try:
                    ends += killed(Round(server, program, Path(folder)), kills)
                except AssertionError as broken:
                    wrong.append(f"--again {','.join(map(str, kills))}: {broken}")
    return ends, wrong


def _passed() -> tuple[str, ...]:
    with (
        dovecot_server.packages() as root, many_mailboxes(root) as server, launcher() as program,
        tempfile.TemporaryDirectory(prefix="iw-kill-") as folder,
    ):  # fmt: skip
        return points(server, program, Path(folder))


def _shares(rounds: list[Kills], jobs: int) -> Iterable[list[Kills]]:
    # Small shares: a server keeps no more mailboxes than one share needs.
    size = max(1, min(400, -(-len(rounds) // jobs)))
    return (rounds[start : start + size] for start in range(0, len(rounds), size))


def main() -> int:
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--points", type=int, default=2000)
    wishes.add_argument("--jobs", type=int, default=2)
    wishes.add_argument("--seed", type=int, default=1)
    wishes.add_argument("--again", help="the points of one round, with commas between")
    wish = wishes.parse_args()
    started = time.monotonic()
    names = _passed()
    again = [tuple(map(int, wish.again.split(",")))] if wish.again else None
    rounds = again or list(plans(wish.points, len(names), wish.seed))
    with ProcessPoolExecutor(wish.jobs) as pool:
        done = list(pool.map(_work, _shares(rounds, wish.jobs)))
    ends = sum((one for one, _ in done), Counter[str]())
    wrong = [words for _, some in done for words in some]
    kills = sum(map(len, rounds))
    seconds = time.monotonic() - started
    told = [
        f"{kills} kills in {len(rounds)} rounds over {len(names)} points, {seconds:.0f} s",
        ", ".join(f"{times} {state}" for state, times in sorted(ends.items())),
        f"{len(wrong)} rounds in which something did not hold",
        *wrong,
    ]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
