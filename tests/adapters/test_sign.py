"""The sign of a service that runs: seen while its process lives, and no moment longer."""

import json
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from service.world import Clock

from watcher.adapters.sign import FRESH, NAME, FileSign
from watcher.ports import Failure, OnWatch, Presence

WATCHED = OnWatch(NOW, "failing", Failure(NOW, "cannot be reached", 3))
PRESENCE = Presence(NOW, {"me@example.test": WATCHED, "other@example.test": OnWatch(None, "given up")})
HANG_OUT = """
import sys, time
sys.path[:0] = {path!r}
from pathlib import Path
from test_sign import PRESENCE, Clock, FileSign
FileSign(Path({folder!r}), Clock()).show(PRESENCE)
print("shown", flush=True)
time.sleep(60)
"""


def test_it_is_seen_as_it_was_shown_and_by_its_owner_alone(tmp_path: Path) -> None:
    FileSign(tmp_path, Clock()).show(PRESENCE)
    assert FileSign(tmp_path, Clock()).seen() == PRESENCE
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [place.name for place in tmp_path.iterdir()] == [NAME]


def test_it_is_taken_down_by_who_hung_it_out(tmp_path: Path) -> None:
    mine, other = FileSign(tmp_path, Clock()), FileSign(tmp_path, Clock())
    mine.show(PRESENCE)
    other.take_down()
    assert mine.seen() == PRESENCE
    mine.take_down()
    assert mine.seen() is None


def test_a_process_that_was_killed_is_not_seen(tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    code = HANG_OUT.format(path=[here, str(Path(here).parent)], folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "shown\n"
        assert FileSign(tmp_path, Clock()).seen() == PRESENCE
        child.send_signal(signal.SIGKILL)
        child.wait(20)
    assert FileSign(tmp_path, Clock()).seen() is None


def test_one_that_nobody_renews_is_not_seen(tmp_path: Path) -> None:
    FileSign(tmp_path, Clock()).show(PRESENCE)
    assert FileSign(tmp_path, Clock(NOW + FRESH)).seen() is None
    assert FileSign(tmp_path, Clock(NOW + FRESH - timedelta(seconds=1))).seen() == PRESENCE


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", '{"holder": 3, "at": "now", "mailboxes": []}', json.dumps({"holder": "x"})]
)
def test_a_file_that_is_no_sign_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content, "utf-8")
    sign = FileSign(tmp_path, Clock())
    assert sign.seen() is None
    sign.take_down()


def test_a_disk_that_takes_nothing_harms_nobody(tmp_path: Path) -> None:
    sign = FileSign(tmp_path / "no" / "such", Clock())
    sign.show(PRESENCE)
    assert sign.seen() is None
