"""A person's command breaks off in the middle: nothing of theirs goes, and there are never two drafts of ours."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import Fault, Kind
from faults.rounds import EVERY_STEP, Launcher, Round
from servers.dovecot import Dovecot
from shell.program import Ran

BROKEN = [
    Fault(kind, verb)
    for verb in ("SELECT", "STORE", "EXPUNGE")
    for kind in (Kind.CUT_BEFORE, Kind.LOSE_ANSWER, Kind.OVERQUOTA, Kind.UNAVAILABLE)
    if EVERY_STEP or (verb, kind) in {("SELECT", Kind.UNAVAILABLE), ("STORE", Kind.LOSE_ANSWER)} or verb == "EXPUNGE"
]


# The old draft is marked, it is gone, the row says so, a new one is intended, handed over, stored, and known as stored.
DANGEROUS = {
    "after UID STORE", "after UID EXPUNGE", "commit of move", "commit of intend", "after APPEND", "commit of hand_over",
    "commit of drafted", "commit of release",
}  # fmt: skip


def _name(fault: Fault) -> str:
    return f"{fault.verb}: {fault.kind}"


class _Person:
    """Somebody at the command line of one round, with one draft in mind."""

    def __init__(self, one: Round) -> None:
        self.round = one
        assert one.once().code == 0
        self.before = one.drafts()
        row = next(row for row in self._rows() if row["state"] == "drafted")
        self.number, self.invitation = str(row["id"]), self._answers(row["draft"]["message_id"])

    def _rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.say("drafts", "--json").out.splitlines()]

    def _answers(self, message_id: str) -> bytes:
        """The line by which every revision of this draft is known."""
        content = next(content for content, _ in self.before.values() if message_id.encode() in content)
        return next(line for line in content.splitlines() if line.startswith(b"In-Reply-To:"))

    def say(self, *words: str, **changes: str) -> Ran:
        self.round.ahead += 1
        return self.round.program.run(self.round.home, *words, FAULTS_CLOCK=str(self.round.ahead), **changes)

    @property
    def state(self) -> str:
        return str(next(row["state"] for row in self._rows() if str(row["id"]) == self.number))

    def living(self) -> list[int]:
        """The UIDs of its drafts that nobody has marked as deleted."""
        found = self.round.drafts().items()
        return [uid for uid, (content, flags) in found if self.invitation in content and b"\\Deleted" not in flags]

    def check(self) -> None:
        """Nothing else was touched, and there are never two."""
        left = self.round.drafts()
        others = {uid: mail for uid, mail in self.before.items() if self.invitation not in mail[0]}
        assert {uid: left.get(uid) for uid in others} == others
        assert len(self.living()) <= 1

    def until_drafted(self) -> None:
        """What a person does who reads what the program says."""
        for _ in range(6):
            match self.state:
                case "drafted" if self.living():
                    return
                case "drafted":
                    self.say("discard", self.number)
                case "discarded":
                    self.say("redraft", self.number)
                case "uncertain":
                    self.say("draft", self.number)
                case "intended":
                    self.round.later()
            self.check()


@pytest.mark.parametrize("fault", BROKEN, ids=_name)
def test_a_removal_that_breaks_off_is_done_when_it_is_said_again(one_round: Round, fault: Fault) -> None:
    person = _Person(one_round)
    with faulty.running(one_round.server.port, fault) as proxy:
        ran = person.say("discard", person.number, WATCHER_IMAP_PORT=str(proxy.port), FAULTS_TIMEOUT="2")
        assert proxy.struck == 1
    assert ran.code in {2, 3}, ran.err
    assert "not foreseen" not in ran.err
    person.check()
    if fault.kind in {Kind.OVERQUOTA, Kind.UNAVAILABLE}:
        assert one_round.drafts() == person.before, "the mark was taken back"
    assert person.say("discard", person.number).code == 0
    assert (person.state, person.living()) == ("discarded", [])
    person.check()
    one_round.later()
    assert (person.state, person.living()) == ("discarded", [])


def _points(person: _Person, *words: str) -> list[str]:
    log = person.round.folder / "points"
    assert person.say(*words, FAULTS_POINTS=str(log)).code == 0
    return log.read_text("utf-8").splitlines()


@pytest.fixture
def person_of(mailboxes: Dovecot, program: Launcher, tmp_path: Path) -> Callable[[str], _Person]:
    return lambda name: _Person(Round(mailboxes, program, tmp_path / name))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("passes", [False, True], ids=["by commands alone", "passes between"])
def test_killed_at_any_point_of_a_redraft_the_person_gets_exactly_one(
    person_of: Callable[[str], _Person], passes: bool
) -> None:
    person = person_of("whole")
    points = _points(person, "redraft", person.number)
    dangerous = [number for number, point in enumerate(points) if point in DANGEROUS]
    assert {points[number] for number in dangerous} == DANGEROUS
    tried = range(len(points)) if EVERY_STEP else dangerous[passes::2]
    for point in tried:
        person = person_of(f"killed-{point}")
        assert person.say("redraft", person.number, FAULTS_KILL_AT=str(point)).code == -9, points[point]
        person.check()
        if passes:
            person.round.later()
            person.check()
        person.until_drafted()
        person.check()
        assert (person.state, len(person.living())) == ("drafted", 1), points[point]
