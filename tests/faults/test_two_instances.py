"""One instance sleeps past its lease, another works meanwhile, the first wakes up: never a second draft."""

import subprocess
import sys
from pathlib import Path

import pytest
from faults.rounds import Launcher, Round, points_of
from faults.two_instances import stopped_and_woken
from servers.dovecot import Dovecot
from shell.program import Home

# Around one APPEND: the intent is written, the order to hand over is, its octets are half out, its answer is unread.
DANGEROUS = ("commit of intend", "before APPEND", "commit of hand_over", "half of the draft", "after its end")


@pytest.mark.parametrize("name", DANGEROUS)
def test_who_sleeps_past_its_lease_drafts_nothing_twice(
    mailboxes: Dovecot, program: Launcher, tmp_path: Path, name: str
) -> None:
    points = points_of(Round(mailboxes, program, tmp_path / "first"))
    assert name in points, sorted(set(points))
    ends = stopped_and_woken(Round(mailboxes, program, tmp_path / "second"), points.index(name))
    assert ends["drafted"] + ends["uncertain"] == 4


def test_two_at_the_same_time_share_the_work(mailboxes: Dovecot, program: Launcher, tmp_path: Path) -> None:
    one = Round(mailboxes, program, tmp_path)
    words = [sys.executable, "-m", "watcher", "once", "--json"]
    home: Home = one.home
    both = [
        subprocess.Popen(words, cwd=one.folder, env=home.environment({}), stdout=subprocess.DEVNULL) for _ in range(2)
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert one.check() == {"drafted": 4, "held": 1, "skipped": 1}
