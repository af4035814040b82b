"""How soon it is back at work after each fault, and what the waiting costs: live, with the waits that people have.

`python tests/faults/recovery.py --jobs 8` starts `watcher run` behind the proxy once for each kind of fault, lets it
strike, and measures from the strike to the next pass that came to its end: seconds, the share of one core, megabytes.
It ends with 1 where one of them took longer than two minutes. Most of the time is waiting, so many run side by side.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from faults import proxy as faulty  # noqa: E402 - found by the path above
from faults.proxy import GREETING, Fault, Kind, Proxy  # noqa: E402 - found by the path above
from faults.rounds import Round, launcher, many_mailboxes  # noqa: E402 - found by the path above
from servers import dovecot as dovecot_server  # noqa: E402 - found by the path above

TWO_MINUTES = 120.0
LONGEST = 400.0
DRAFTED = 4
LAUNCH = [sys.executable, str(Path(__file__).with_name("launch.py")), "run"]
TICKS = os.sysconf("SC_CLK_TCK")

# A server that asks to be left alone for five minutes is left alone for five minutes; the others belong to an APPEND.
OTHERS = {Kind.HOLD_TAIL, Kind.LATE_NO, Kind.BACK_OFF}
STEPS = {GREETING: [Kind.SILENCE, Kind.TOO_MANY], "APPEND": [Kind.LOSE_ANSWER, Kind.OVERQUOTA]}
FAULTS = [Fault(kind, "SEARCH") for kind in Kind if kind not in OTHERS] + [
    Fault(kind, verb) for verb, kinds in STEPS.items() for kind in kinds
]


@dataclass(frozen=True)
class Came:
    """How it came back from one fault. `share` is of one core, in percent."""

    fault: Fault
    seconds: float
    share: float
    megabytes: float

    def __str__(self) -> str:
        what = f"{self.fault.verb}: {self.fault.kind}"
        return f"{what:<75} {self.seconds:6.1f} s {self.share:6.2f} % {self.megabytes:+6.1f} MB"


def came_back(one: Round, fault: Fault) -> Came:
    """One service, one fault."""
    with faulty.running(one.server.port, fault) as proxy:
        one.port = proxy.port
        process = subprocess.Popen(
            LAUNCH, cwd=one.folder, env=one.home.environment({}), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            return _measured(one, fault, proxy, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _measured(one: Round, fault: Fault, proxy: Proxy, pid: int) -> Came:
    deadline = time.monotonic() + LONGEST
    while not proxy.struck and time.monotonic() < deadline:
        time.sleep(0.02)
    began, cpu, memory = time.monotonic(), _cpu(pid), _memory(pid)
    most = memory
    while list(one.states().values()).count("drafted") < DRAFTED and time.monotonic() < deadline:
        most = max(most, _memory(pid))
        time.sleep(0.1)
    seconds = time.monotonic() - began
    return Came(fault, seconds, 100 * (_cpu(pid) - cpu) / seconds, (most - memory) / 1024)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> float:
    """In kilobytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def main() -> int:
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--jobs", type=int, default=8)
    wish = wishes.parse_args()
    with (
        dovecot_server.packages() as root, many_mailboxes(root) as server, launcher() as program,
        tempfile.TemporaryDirectory(prefix="iw-back-") as folder,
    ):  # fmt: skip
        rounds = [Round(server, program, Path(folder) / str(number)) for number in range(len(FAULTS))]
        with ThreadPoolExecutor(wish.jobs) as pool:
            back = list(pool.map(came_back, rounds, FAULTS))
    sys.stdout.write("\n".join(map(str, back)) + "\n")
    slow = [came for came in back if came.seconds > TWO_MINUTES]
    sys.stdout.write(f"{len(back)} faults, {len(slow)} of them longer than two minutes\n")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
