"""What machines are told of a service that runs: numbers by schedule, and nothing of any person."""

from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, an_invitation
from prometheus_client.parser import text_string_to_metric_families
from service.world import Clock, refused
from starlette.applications import Starlette
from starlette.testclient import TestClient
from watching.attended import MANNER, a_report, an_outcome

from watcher.domain.lifecycle import State
from watcher.domain.values import Inviter
from watcher.watching.happenings import GaveUp, Listening, PassEnded, PassFailed, Rest, Resting, Started
from watcher.watching.standing import Manner, Standings
from watcher.web.measures import Measures, public_names

MINUTE = timedelta(minutes=1)
Numbers = dict[tuple[str, ...], float]


class Machine:
    """Who asks, of a service with these mailboxes."""

    def __init__(self, *names: str) -> None:
        self.clock = Clock()
        manners: dict[str, Manner] = dict.fromkeys(names, MANNER)
        self.standings = Standings(lambda: manners)
        self.measures = Measures(self.standings, self.clock)
        self.client = TestClient(Starlette(routes=list(self.measures.routes)))

    def hear(self, *happenings: Any) -> None:
        for happening in happenings:
            self.standings.hear(happening)
            self.measures.hear(happening)

    def health(self) -> tuple[int, dict[str, Any]]:
        answer = self.client.get("/healthz")
        return answer.status_code, answer.json()

    def numbers(self) -> Numbers:
        text = self.client.get("/metrics").text
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def machine() -> Machine:
    return Machine("anna", "otto")


def _ended(account: str, **changes: Any) -> PassEnded:
    outcomes = (an_outcome(), an_outcome(), an_outcome(State.HELD))
    return PassEnded(account, NOW, a_report(*outcomes, **changes), NOW + 5 * MINUTE)


def test_health_is_the_age_of_the_last_completed_pass(machine: Machine) -> None:
    machine.hear(Started("anna", NOW), _ended("anna"))
    machine.clock.at += 3 * MINUTE
    anna = {
        "healthy": True, "seconds_since_completed_pass": 180, "failing": False, "given_up": False, "resting": None,
    }  # fmt: skip
    assert machine.health() == (200, {"healthy": True, "mailboxes": {"anna": anna}})
    machine.hear(PassFailed("anna", NOW + 10 * MINUTE, "no answer", NOW + 11 * MINUTE))
    machine.clock.at = NOW + 20 * MINUTE
    status, told = machine.health()
    assert (status, told["mailboxes"]["anna"]["seconds_since_completed_pass"]) == (503, 1200)


def test_one_mailbox_that_is_ill_is_told_by_name(machine: Machine) -> None:
    machine.hear(_ended("anna"), GaveUp("otto", NOW, refused()))
    status, told = machine.health()
    assert (status, [name for name, one in told["mailboxes"].items() if not one["healthy"]]) == (503, ["otto"])


def test_who_rests_by_wish_is_well(machine: Machine) -> None:
    machine.hear(_ended("anna"), Resting("anna", NOW, Rest.PAUSED, None))
    machine.clock.at += timedelta(days=3)
    status, told = machine.health()
    assert (status, told["mailboxes"]["anna"]["resting"]) == (200, "paused")


def test_what_happened_is_counted(machine: Machine) -> None:
    machine.hear(Started("anna", NOW), _ended("anna"), _ended("anna", completed=False), Listening("anna", NOW))
    machine.hear(PassFailed("otto", NOW, "x", NOW), PassFailed("otto", NOW, "x", NOW), GaveUp("otto", NOW, refused()))
    numbers = machine.numbers()
    wanted = {
        ("watcher_passes_total", "anna", "completed"): 1,
        ("watcher_passes_total", "anna", "stopped"): 1,
        ("watcher_passes_total", "otto", "failed"): 2,
        ("watcher_passes_total", "otto", "given_up"): 1,
        ("watcher_invitations_total", "anna", "drafted"): 4,
        ("watcher_invitations_total", "anna", "held"): 2,
        ("watcher_imap_round_trips_total", "anna"): 14,
        ("watcher_imap_bytes_total", "anna", "in"): 1800,
        ("watcher_pass_seconds_count",): 2,
        ("watcher_last_completed_pass_timestamp_seconds", "anna"): NOW.timestamp(),
        ("watcher_next_pass_timestamp_seconds", "anna"): NOW.timestamp() + 300,
        ("watcher_failing_passes", "otto"): 2,
        ("watcher_given_up", "otto"): 1,
        ("watcher_listening", "anna"): 1,
        ("watcher_overdue", "anna"): 0,
        ("watcher_resting", "anna"): 0,
    }
    assert {name: numbers.get(name) for name in wanted} == wanted


def test_two_services_of_one_process_count_apart(machine: Machine) -> None:
    machine.hear(_ended("anna"))
    assert ("watcher_passes_total", "anna", "completed") not in Machine("anna").numbers()


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["me@example.test"], ["mailbox"]),
        (["anna", "otto"], ["anna", "otto"]),
        (["b@example.test", "a@example.test", "otto"], ["mailbox-2", "mailbox-1", "otto"]),
    ],
)
def test_an_address_is_no_name(names: list[str], shown: list[str]) -> None:
    assert [public_names(names)[name] for name in names] == shown


def test_nothing_of_any_person_is_told() -> None:
    machine = Machine("canary@example.test")
    found = an_invitation(inviter=Inviter("Canary Moreau", "Canary", "canary of things"), note="a canary's note")
    report = a_report(an_outcome(found=found), problem="canary")
    machine.hear(PassEnded("canary@example.test", NOW, report, NOW))
    machine.hear(PassFailed("canary@example.test", NOW, "canary@example.test is no user", NOW))
    machine.hear(GaveUp("canary@example.test", NOW, refused("canary")))
    for path in ("/metrics", "/healthz"):
        answer = machine.client.get(path)
        assert "canary" not in (answer.text + str(answer.headers)).lower()
        assert answer.headers["cache-control"] == "no-store"
