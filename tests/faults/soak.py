"""Left running through trouble without end: a fault every five seconds, mail all along, one process, one ledger.

`python tests/faults/soak.py --minutes 20` starts `watcher run` behind the proxy, delivers an invitation every few
seconds, lets chance name a fault and a step every five, and samples the process's memory and open files. At the end it
waits until all is quiet, prints what came out with the slope of both, and ends with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, median

sys.path[:0] = [str(Path(__file__).parents[1])]

from faults import proxy as faulty  # noqa: E402 - found by the path above
from faults.proxy import ANY, GREETING, Fault, Kind, Proxy  # noqa: E402 - found by the path above
from imapclient import IMAPClient  # noqa: E402 - after the path, as the others
from model.world import invitation, name_of  # noqa: E402 - found by the path above
from servers import dovecot as dovecot_server  # noqa: E402 - found by the path above
from servers.dovecot import Dovecot  # noqa: E402 - found by the path above
from servers.posts import imap_post  # noqa: E402 - found by the path above
from shell.program import Home  # noqa: E402 - found by the path above

EVERY_FAULT = 5.0
EVERY_MAIL = 4.0
EVERY_SAMPLE = 5.0
WARM_UP = 0.2
"""The share of the time after which memory is expected to be flat: until then what is loaded once is loaded."""

# A server that asks to be left alone for five minutes is left alone: that is no trouble to soak in.
KINDS = tuple(kind for kind in Kind if kind not in {Kind.BACK_OFF, Kind.TRICKLE})
VERBS = (GREETING, "LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH", "STATUS", *["APPEND"] * 3, *[ANY] * 6)
"""Half of all faults strike at once; the others wait for a step that comes more seldom."""


@dataclass
class Sample:
    """One look at the process: seconds since the start, kilobytes, open files."""

    at: float
    kilobytes: int
    files: int


@dataclass
class Soak:
    """One process in trouble, and what was seen of it."""

    server: Dovecot
    proxy: Proxy
    process: subprocess.Popen[bytes]
    chance: random.Random
    started: float = field(default_factory=time.monotonic)
    delivered: int = 0
    faults: int = 0
    samples: list[Sample] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        due = {self._strike: EVERY_FAULT, self._deliver: EVERY_MAIL, self._sample: EVERY_SAMPLE}
        next_at = dict.fromkeys(due, 0.0)
        while (now := time.monotonic() - self.started) < seconds:
            assert self.process.poll() is None, "the program ended"
            for act, every in due.items():
                if now >= next_at[act]:
                    act()
                    next_at[act] = now + every
            time.sleep(0.1)
        self.proxy.fault = None

    def _strike(self) -> None:
        self.faults += self.proxy.struck
        self.proxy.release()
        self.proxy.struck = 0
        self.proxy.fault = Fault(self.chance.choice(KINDS), self.chance.choice(VERBS), nth=0)

    def _deliver(self) -> None:
        self.delivered += 1
        with IMAPClient(self.server.host, self.server.port, ssl=False) as client:
            client.login(self.server.user, self.server.password)
            client.append("INBOX", invitation(self.delivered), msg_time=datetime.now(UTC))

    def _sample(self) -> None:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        files = len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))
        self.samples.append(Sample(time.monotonic() - self.started, kilobytes, files))

    def until_quiet(self, home: Home) -> Counter[str]:
        """What became of each invitation, when every one has come to its end."""
        deadline = time.monotonic() + 240
        while True:
            states = {
                entry["invitation_id"]: entry["state"] for entry in home.run("drafts", "--json", timeout=200).lines
            }
            settled = Counter(states.values())
            if settled["drafted"] + settled["uncertain"] == self.delivered or time.monotonic() > deadline:
                return settled
            time.sleep(1)

    def answers(self) -> Counter[str]:
        drafts = imap_post(self.server).stored("Drafts").values()
        known = [name_of(number).encode() for number in range(1, self.delivered + 1)]
        return Counter(name.decode() for draft in drafts for name in known if b"In-Reply-To: " + name in draft.content)

    def told(self) -> Sequence[str]:
        steady = [one for one in self.samples if one.at >= self.samples[-1].at * WARM_UP]
        lines = [f"{len(self.samples)} samples, the first fifth of the time left out of the slopes"]
        for what, values, unit in (
            ("memory", [one.kilobytes / 1024 for one in steady], "MB"),
            ("open files", [float(one.files) for one in steady], ""),
        ):
            slope = linear_regression([one.at / 3600 for one in steady], values).slope
            fifths = [values[part * len(values) // 5 : (part + 1) * len(values) // 5] for part in range(5)]
            parts = ", ".join(f"{median(part):.1f}" for part in fifths if part)
            lines.append(f"{what}: median of each fifth {parts} {unit}; slope {slope:+.2f} {unit} an hour")
        return lines


def main() -> int:
    wishes = argparse.ArgumentParser(description=__doc__)
    wishes.add_argument("--minutes", type=float, default=20)
    wishes.add_argument("--seed", type=int, default=1)
    wishes.add_argument("--keep", type=Path, help="a new folder for the ledger, the log and the names answered")
    wish = wishes.parse_args()
    with (
        dovecot_server.packages() as root, dovecot_server.running(root) as server, faulty.running(server.port) as proxy,
        tempfile.TemporaryDirectory(prefix="iw-soak-") as folder,
    ):  # fmt: skip
        home = _home(server, proxy, Path(folder))
        process = _started(home)
        try:
            soak = Soak(server, proxy, process, random.Random(wish.seed))
            soak.run(wish.minutes * 60)
            states = soak.until_quiet(home)
        except AssertionError:
            sys.stderr.write((home.folder / "log").read_text("utf-8")[-3000:])
            raise
        finally:
            process.terminate()
            process.wait(30)
        answers = soak.answers()
        if wish.keep:
            shutil.copytree(home.folder, wish.keep)
            (wish.keep / "answers").write_text("\n".join(sorted(answers)) + "\n")
    twice = sum(times > 1 for times in answers.values())
    lost = soak.delivered - states["drafted"] - states["uncertain"]
    unanswered = states["drafted"] - sum(times >= 1 for times in answers.values())
    told = [
        f"{wish.minutes:g} minutes, {soak.faults} faults struck, {proxy.connections} connections",
        f"{soak.delivered} invitations: {dict(states)}",
        f"{twice} with two drafts, {lost} lost, {max(unanswered, 0)} said to be drafted and not there",
        *soak.told(),
    ]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if twice or lost or unanswered > 0 else 0


def _home(server: Dovecot, proxy: Proxy, folder: Path) -> Home:
    changes = {
        "WATCHER_IMAP_PORT": str(proxy.port), "WATCHER_TRUSTED_AUTHSERV": "mx.example.test",
        "WATCHER_POLL_EVERY": "10 s", "WATCHER_MAX_DRAFTS_PER_PASS": "1000",
    }  # fmt: skip
    return Home(folder, {**server.environment(), **changes})


def _started(home: Home) -> subprocess.Popen[bytes]:
    words = [sys.executable, str(Path(__file__).with_name("launch.py")), "run"]
    settings = home.environment({"FAULTS_TIMEOUT": "2"})
    with (home.folder / "log").open("wb") as log:
        return subprocess.Popen(words, cwd=home.folder, env=settings, stderr=log, stdout=log)


if __name__ == "__main__":
    sys.exit(main())
