"""Many mailboxes in one process: three that are broken, each in its way, concern none of the others."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot
from shell.fleet import MANY, Fleet, ended

from watcher.service.timetable import WORKERS

THREADS = 6 + sum(WORKERS.values())
"""The main one, the scheduler's, the one that hears servers, one that cuts connections in the end, the one that says
how things stand, that of summaries; and the workers.
"""


@pytest.fixture
def server(unpacked: Path) -> Iterator[Dovecot]:
    with dovecot_server.running(unpacked, MANY) as running:
        yield running


@pytest.mark.parametrize(("idle", "connections"), [("auto", 20 + 2), ("off", 20)])
def test_broken_mailboxes_concern_no_other(server: Dovecot, tmp_path: Path, idle: str, connections: int) -> None:
    fleet = Fleet(server, tmp_path, 20, timedelta(seconds=10), "none", idle)
    with fleet.running() as process:
        deadline = time.monotonic() + 60
        while not _each_passed(fleet, times=3) and time.monotonic() < deadline:
            time.sleep(0.5)
            fleet.look(process)
        code, _ = ended(process)
    assert _each_passed(fleet, times=3), fleet.events()[-10:]
    assert code == 0
    assert fleet.states() == {"drafted": len(fleet.well)}
    assert max(look.threads for look in fleet.looks) <= THREADS
    assert max(look.connections for look in fleet.looks) <= connections
    told = Counter((event.get("account"), event["event"]) for event in fleet.events())
    assert told["refused", "stopped: something has to be changed first"] == 1
    assert told["garbage", "pass failed"] >= 1
    assert {account for account, event in told if event == "pass failed"} <= {"garbage", "hangs"}


def _each_passed(fleet: Fleet, times: int) -> bool:
    return all(len(ends) >= times for ends in fleet.completed().values())
