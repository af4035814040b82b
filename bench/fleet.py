"""Many mailboxes in one process on a local Dovecot, three of them broken in different ways: what it costs and delays.

`python bench/fleet.py --accounts 200 --minutes 5` prints memory, threads and connections of `watcher run`, how far
apart the completed passes of the others were, and how it ends; 1 where something is out of its bounds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers import dovecot as dovecot_server
from shell.fleet import BROKEN, MANY, Fleet, ended

MOST_MEGABYTES = 250


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=200)
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--every", type=float, default=60, metavar="SECONDS")
    options.add_argument("--idle", choices=["auto", "off"], default="auto")
    options.add_argument("--security", choices=["tls", "none"], default="tls")
    wish = options.parse_args()
    with dovecot_server.packages() as root, dovecot_server.running(root, MANY) as server, _home() as home:
        fleet = Fleet(server, Path(home), wish.accounts, timedelta(seconds=wish.every), wish.security, wish.idle)
        with fleet.running() as process:
            until = time.monotonic() + wish.minutes * 60
            while time.monotonic() < until and process.poll() is None:
                time.sleep(1)
                fleet.look(process)
            code, seconds = ended(process)
        return report(fleet, code, seconds)


def report(fleet: Fleet, code: int, seconds: float) -> int:
    ends = fleet.completed()
    gap, passes = fleet.longest_gap(), [len(times) for times in ends.values()]
    megabytes = max(look.kilobytes for look in fleet.looks) / 1024
    told = Counter(
        (event["account"], event["event"], event["problem"])
        for event in fleet.events()
        if event.get("account") in BROKEN and "problem" in event
    )
    print(f"{fleet.accounts} mailboxes, {len(BROKEN)} of them broken; a pass every {fleet.every.total_seconds():.0f} s")
    print(f"IDLE {fleet.idle}, {fleet.security}; invitations: {dict(fleet.states())}")
    print(f"completed passes of each of the others: {min(passes)} to {max(passes)}, {sum(passes)} in all")
    print(f"longest time between two completed passes of one: {gap.total_seconds():.1f} s")
    print(f"memory (RSS), at most: {megabytes:.0f} MB; in the end {fleet.looks[-1].kilobytes / 1024:.0f} MB")
    print(f"threads, at most: {max(look.threads for look in fleet.looks)}")
    print(f"connections at the same time, at most: {max(look.connections for look in fleet.looks)}")
    for (account, event, problem), times in told.items():
        print(f"  {account}: {event}, {times} times: {problem[:90]}")
    print(f"ended with {code} within {seconds:.1f} s of SIGTERM")
    if not any(passes):
        print(fleet.log.read_text("utf-8")[-3000:])
    is_good = code == 0 and megabytes <= MOST_MEGABYTES and min(passes) >= 1 and seconds < 10
    return 0 if is_good and gap <= fleet.every * 1.1 else 1


def _home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="iw-fleet-")


if __name__ == "__main__":
    sys.exit(main())
