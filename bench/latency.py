"""How long after a mail is delivered its draft lies in Drafts: with IDLE, and by the schedule alone, side by side.

Two `watcher run`, each on a Dovecot of its own. Mail is delivered to the one that hears of it, one every second or two,
and every fifth to the one that does not; a client of the person's own looks for the drafts. Prints the percentiles of
both, and ends with 1 where IDLE is over its bound or the schedule over its interval.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from imapclient import IMAPClient
from model.world import invitation, name_of
from servers import dovecot as dovecot_server
from servers.loopback import logged_in
from shell.program import Home

BOUND = 2.0
"""Seconds within which nineteen of twenty drafts lie there, with IDLE."""

INTERVAL = 10
"""Seconds between two passes of the schedule: the shortest that is allowed."""

LOOKED = 0.05
"""Seconds between two looks into Drafts: what is measured is too long by half of that."""

FIELD = "BODY.PEEK[HEADER.FIELDS (IN-REPLY-TO)]"


@dataclass
class Mailbox:
    """A mailbox under watch, and when each invitation came and its draft was seen, by number."""

    client: IMAPClient
    came: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    def deliver(self, number: int) -> None:
        self.client.append("INBOX", invitation(number), msg_time=datetime.now(UTC))
        self.came[number] = time.monotonic()

    def look(self) -> None:
        """Which drafts lie there by now; the client has Drafts open."""
        self.client.noop()
        missing = {name_of(number).encode(): number for number in self.came.keys() - self.seen.keys()}
        uids = self.client.search(["ALL"]) if missing else []
        for answer in self.client.fetch(uids[-len(missing) * 2 :], [FIELD]).values() if uids else ():
            told = b"".join(value for value in answer.values() if isinstance(value, bytes))
            for name in [name for name in missing if name in told]:
                self.seen[missing.pop(name)] = time.monotonic()

    @property
    def waits(self) -> list[float]:
        return sorted(self.seen[number] - self.came[number] for number in self.seen)


@contextmanager
def watched(root: Path, idle: str) -> Iterator[Mailbox]:
    """`watcher run` over a fresh mailbox, after its first pass."""
    with dovecot_server.running(root) as server, tempfile.TemporaryDirectory(prefix="iw-latency-") as folder:
        settings = {
            "WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_POLL_EVERY": f"{INTERVAL} s", "WATCHER_IDLE": idle,
            "WATCHER_MAX_DRAFTS_PER_PASS": "1000", "WATCHER_WEB": "off", "WATCHER_JITTER": "0 s",
        }  # fmt: skip
        if idle != "off":
            settings["WATCHER_POLL_EVERY"] = "1 hour"
        process = Home(Path(folder), {**server.environment(), **settings}).start("run")
        try:
            with logged_in(server.host, server.port, server.user, server.password) as client:
                client.select_folder("Drafts", readonly=True)
                mailbox = Mailbox(client)
                mailbox.deliver(0)
                until_seen(mailbox, 60)
                time.sleep(1)
                mailbox.came.clear(), mailbox.seen.clear()
                yield mailbox
        finally:
            process.terminate()
            process.wait(20)


def until_seen(mailbox: Mailbox, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while len(mailbox.seen) < len(mailbox.came) and time.monotonic() < deadline:
        mailbox.look()
        time.sleep(LOOKED)


def told(way: str, mailbox: Mailbox) -> float:
    waits = mailbox.waits
    if len(waits) < len(mailbox.came):
        print(f"{way}: {len(mailbox.came) - len(waits)} of {len(mailbox.came)} had no draft in time")
        return float("inf")
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    print(
        f"{way}: {len(waits)} deliveries, seconds until the draft lay there: median {cuts[49]:.2f}, "
        f"95 of 100 within {cuts[94]:.2f}, longest {waits[-1]:.2f}"
    )
    return cuts[94]


def main() -> int:
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--deliveries", type=int, default=100)
    wish = wishes.parse_args()
    chance = random.Random(1)
    with dovecot_server.packages() as root, watched(root, "auto") as heard, watched(root, "off") as polled:
        for number in range(1, wish.deliveries + 1):
            heard.deliver(number)
            if number % 5 == 0:
                polled.deliver(number)
            pause = time.monotonic() + chance.uniform(0.5, 3)
            while time.monotonic() < pause:
                heard.look()
                polled.look()
                time.sleep(LOOKED)
        until_seen(heard, 30)
        until_seen(polled, 30)
        by_idle = told("IDLE, a pass an hour", heard)
        by_schedule = told(f"no IDLE, a pass every {INTERVAL} s", polled)
    print(f"95 of 100: {by_schedule / by_idle:.1f} times as long without IDLE")
    return 0 if by_idle <= BOUND and polled.waits[-1] <= INTERVAL + BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
