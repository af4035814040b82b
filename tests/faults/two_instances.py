"""Two instances on one account: the first is stopped past its lease, the second does the work, the first wakes up.

`python tests/faults/two_instances.py --rounds 50` stops it at points spread over a whole pass, prints what came out,
and ends with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from faults.rounds import Round, launcher, many_mailboxes, points_of  # noqa: E402 - found by the path above
from servers import dovecot as dovecot_server  # noqa: E402 - found by the path above

LAUNCH = [sys.executable, str(Path(__file__).with_name("launch.py")), "once", "--json"]


def stopped_and_woken(one: Round, point: int) -> Counter[str]:
    """Stop the first at this point, let the second do its pass once the lease ran out, wake the first, check."""
    with _stopped(one, point) as first:
        second = one.later()
        assert second.code in {0, 1}, second.err
        first.send_signal(signal.SIGCONT)
        code = first.wait(60)
        # 3: it was told that another took over. 0 and 1: it had nothing left to lose.
        assert code in {0, 1, 3}, code
    one.until_quiet()
    return one.check()


@contextmanager
def _stopped(one: Round, point: int) -> Iterator[subprocess.Popen[bytes]]:
    settings = one.home.environment({"FAULTS_STOP_AT": str(point)})
    process = subprocess.Popen(
        LAUNCH, cwd=one.folder, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_stopped(process.pid)
        yield process
    finally:
        process.kill()
        process.wait(20)


def _wait_until_stopped(pid: int) -> None:
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < deadline, "the first instance never came to its point"
        time.sleep(0.01)


def spread(points: Sequence[str], rounds: int) -> tuple[int, ...]:
    """Points over a whole pass, from the first write that follows the lease on."""
    first = points.index("commit of lease")
    return tuple(first + number * (len(points) - first) // rounds for number in range(rounds))


def main() -> int:
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--rounds", type=int, default=50)
    wish = wishes.parse_args()
    ends, wrong = Counter[str](), list[str]()
    with dovecot_server.packages() as root, many_mailboxes(root) as server, launcher() as program:
        with tempfile.TemporaryDirectory(prefix="iw-two-") as folder:
            names = points_of(Round(server, program, Path(folder)))
        for point in spread(names, wish.rounds):
            with tempfile.TemporaryDirectory(prefix="iw-two-") as folder:
                try:
                    ends += stopped_and_woken(Round(server, program, Path(folder)), point)
                except AssertionError as broken:
                    wrong.append(f"{names[point]}: {broken}")
    told = [f"{wish.rounds} rounds", str(dict(ends)), f"{len(wrong)} in which something did not hold", *wrong]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
