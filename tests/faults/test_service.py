"""Left running through trouble: it begins anew with a fresh connection, waits as it is told, and never stays away."""

import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import GREETING, Fault, Kind
from faults.rounds import EVERY_STEP, Round
from twins.mailbox import Store, TwinMailbox

from watcher.account import Account, Ports
from watcher.adapters.clock import SystemClock
from watcher.adapters.dkim import DkimSignatures
from watcher.adapters.imap import Security, Server
from watcher.adapters.ledger import SqlLedger
from watcher.adapters.templates import FileTemplates
from watcher.cycle import PassReport
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.drafting import Voice
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import FolderState
from watcher.samples import RECIPIENT
from watcher.service import LONGEST_GAP, Service

TWO_MINUTES = timedelta(minutes=2)


@dataclass
class Told:
    """What the log hears."""

    passes: int = 0
    problems: list[str] = field(default_factory=list)

    def passed(self, report: PassReport) -> None:
        assert report.summary.completed
        self.passes += 1

    def failed(self, problem: str, again_in: timedelta) -> None:
        assert again_in > timedelta()
        self.problems.append(problem)

    def gave_up(self, problem: Show) -> None:
        self.problems.append(str(problem))


class Failing(TwinMailbox):
    """A mailbox that fails as it is told to, as long as there are failures left."""

    def __init__(self, store: Store, failures: list[Exception]) -> None:
        super().__init__(store)
        self._failures = failures
        self.closed = False

    def look(self, folder: str) -> FolderState:
        assert not self.closed, "a connection that failed is not used again"
        if self._failures:
            raise self._failures.pop(0)
        return super().look(folder)

    def close(self) -> None:
        self.closed = True


class NoDns:
    """DNS that is never asked."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        raise AssertionError(f"nobody asks for {name}")


@dataclass
class Watch:
    """A service over a mailbox that fails; `opened` are its connections."""

    ledger: SqlLedger
    failures: list[Exception] = field(default_factory=list)
    opened: list[Failing] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    every: timedelta = timedelta(hours=1)

    def service(self) -> Service:
        voice = Voice("me@example.test", RECIPIENT, ("en",), b"k" * 32)
        account = Account(voice, ("INBOX",), timedelta(days=14), Policy(), Trust("mx.example.test"))
        return Service(account, self._ports, SystemClock(), self.every, self.told)

    def _ports(self) -> Ports:
        self.opened.append(Failing(Store(), self.failures))
        return Ports(self.opened[-1], self.ledger, FileTemplates(), SystemClock(), DkimSignatures(NoDns()))


@pytest.fixture
def watch(ledger: SqlLedger) -> Watch:
    return Watch(ledger)


@pytest.mark.parametrize("failure", [TryAgain("gone"), RuntimeError("never thought of"), RecursionError()])
def test_after_a_failure_there_is_a_new_connection(watch: Watch, failure: Exception) -> None:
    watch.failures.append(failure)
    service = watch.service()
    assert service.one_pass() is not None
    assert service.one_pass() is None
    assert (len(watch.opened), watch.told.passes, len(watch.told.problems)) == (2, 1, 1)
    assert watch.opened[0].closed


def test_an_error_of_its_own_tells_nothing_personal(watch: Watch) -> None:
    watch.failures.append(RuntimeError("Ottoline Marsh"))
    watch.service().one_pass()
    assert "RuntimeError" in watch.told.problems[0]
    assert "Ottoline" not in watch.told.problems[0]


@pytest.mark.parametrize("seconds", [30.0, 300.0, 3600.0])
def test_a_server_is_left_alone_as_long_as_it_asks(watch: Watch, seconds: float) -> None:
    watch.failures.append(TryAgain("Suggested Backoff Time", wait=seconds))
    wait = watch.service().one_pass()
    assert wait is not None
    assert wait >= timedelta(seconds=seconds)


def test_no_number_of_failures_ends_it_or_keeps_it_away(watch: Watch) -> None:
    watch.failures += [TryAgain("gone")] * 50
    service = watch.service()
    waits = [service.one_pass() for _ in range(50)]
    assert all(wait is not None and wait <= LONGEST_GAP for wait in waits)
    assert (service.stop.is_set(), service.needs_person) == (False, None)
    # A connection that stands but says nothing is noticed within one wait, and the next is tried after this gap.
    assert LONGEST_GAP + timedelta(seconds=Server("", 993, Security.TLS, "", "").timeout) < TWO_MINUTES


def test_what_only_the_person_can_change_ends_it_at_once(watch: Watch) -> None:
    """A wrong password is tried once: no provider locks the account."""
    watch.failures.append(Show(Problem("WATCHER_IMAP_PASSWORD", "is not accepted", "check it")))
    service = watch.service()
    assert service.one_pass() is None
    assert (service.stop.is_set(), service.needs_person is not None, len(watch.opened)) == (True, True, 1)
    assert service.one_pass() is None
    assert len(watch.opened) == 1


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
