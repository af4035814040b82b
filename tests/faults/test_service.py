"""Left running through trouble on the wire: it comes back by itself, with a fresh connection, and drafts once."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import GREETING, Fault, Kind
from faults.rounds import EVERY_STEP, Round

TROUBLE = [Fault(Kind.HALF_OPEN, "EXAMINE")]
if EVERY_STEP:
    TROUBLE += [Fault(Kind.SILENCE, GREETING), Fault(Kind.BYE, "FETCH"), Fault(Kind.TRICKLE, "SEARCH")]


@pytest.mark.parametrize("fault", TROUBLE, ids=lambda fault: f"{fault.verb}: {fault.kind}")
def test_left_running_it_comes_back_by_itself(one_round: Round, fault: Fault) -> None:
    words = [sys.executable, str(Path(__file__).with_name("launch.py")), "run"]
    with faulty.running(one_round.server.port, replace(fault)) as proxy:
        one_round.port = proxy.port
        settings = one_round.home.environment({"FAULTS_TIMEOUT": "1"})
        process = subprocess.Popen(words, cwd=one_round.folder, env=settings, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while list(one_round.states().values()).count("drafted") < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
        finally:
            process.terminate()
            process.wait(20)
        assert (proxy.struck, proxy.connections) == (1, 2)
    one_round.port = None
    one_round.once()
    assert one_round.check() == {"drafted": 4, "held": 1, "skipped": 1}
