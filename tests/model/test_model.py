"""Whatever a server, a person and a crash do in whatever order: at most one draft, nothing lost, nothing touched.

A state machine (Hypothesis) draws the orders. What must hold is checked after each step; at the end of each run all is
left in peace for a while, and then every genuine invitation must have come to an end of its own.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from model.world import WATCHED, Fate, World, name_of
from twins.mailbox import StoredMail

from watcher import review
from watcher.adapters.ledger import open_ledger
from watcher.domain import message
from watcher.domain.lifecycle import State, legal
from watcher.ports import Record
from watcher.ports.removal import DraftRemoval
from watcher.steps.account import Account, Ports

ENDS = {State.DRAFTED, State.EDITED, State.SENT, State.DISCARDED, State.HELD, State.SKIPPED, State.UNCERTAIN}
IS_LONG = os.environ.get("FAULTS") == "all"


def _save(number: int, account: Account, ports: Ports, removal: DraftRemoval) -> Record:
    draft = review.find(ports.ledger, number).draft
    edit = review.Edit("Words of my own", draft.intent.revision if draft else 1)
    return review.save(number, edit, account, ports, removal)


WISHES: dict[str, Callable[[int, Account, Ports, DraftRemoval], Record]] = {
    "draft": lambda number, account, ports, _: review.draft(number, account, ports),
    "redraft": review.redraft,
    "save": _save,
    "discard": review.discard,
}

folders = st.sampled_from(WATCHED)
fates = st.lists(st.sampled_from(list(Fate)), max_size=3)
points = st.sampled_from(["intended", "handed over", "appended"])
waits = st.sampled_from([timedelta(seconds=30), timedelta(minutes=3), timedelta(hours=2), timedelta(days=3)])


@pytest.fixture(scope="module", autouse=True)
def _empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Made once: that takes longer than a pass."""
    place = tmp_path_factory.mktemp("empty") / "ledger.sqlite"
    open_ledger(f"sqlite:///{place}").close()
    Mailbox.empty_ledger = place


class Mailbox(RuleBasedStateMachine):
    """One mailbox, its person, and the program."""

    empty_ledger: Path
    world: World

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iw-model-"))
        self.world = World(self.folder, self.empty_ledger)

    # ---------------------------------------------------------------------------------------------- mail comes and goes

    @rule(folder=folders, proven=st.booleans() | st.just(True))
    def mail_arrives(self, folder: str, proven: bool) -> None:
        self.world.deliver(proven=proven, folder=folder)

    @precondition(lambda self: self._mails())
    @rule(data=st.data(), to=folders)
    def mail_is_moved(self, data: st.DataObject, to: str) -> None:
        folder, uid = data.draw(st.sampled_from(self._mails()))
        self.world.store.folders[to].add(self.world.store.folders[folder].mails.pop(uid))

    @precondition(lambda self: self._mails())
    @rule(data=st.data(), to=folders)
    def mail_is_copied(self, data: st.DataObject, to: str) -> None:
        folder, uid = data.draw(st.sampled_from(self._mails()))
        self.world.store.folders[to].add(self.world.store.folders[folder].mails[uid])

    @precondition(lambda self: self._mails())
    @rule(data=st.data())
    def mail_is_deleted(self, data: st.DataObject) -> None:
        folder, uid = data.draw(st.sampled_from(self._mails()))
        self.world.thrown_away.append(self.world.store.folders[folder].mails.pop(uid))

    @precondition(lambda self: self.world.thrown_away)
    @rule(folder=folders)
    def mail_is_restored(self, folder: str) -> None:
        self.world.store.folders[folder].add(self.world.thrown_away.pop())

    @rule(folder=st.sampled_from([*WATCHED, "Drafts"]))
    def a_folder_is_rebuilt(self, folder: str) -> None:
        self.world.rebuild(folder)

    # ---------------------------------------------------------------------------------------------------- the program

    @rule(fates=fates)
    def the_program_looks(self, fates: list[Fate]) -> None:
        self.world.look(fates)

    @rule(fates=fates, point=points)
    def two_instances_look(self, fates: list[Fate], point: str) -> None:
        self.world.look_while_asleep(fates, point)

    @rule(wait=waits)
    def time_goes_by(self, wait: timedelta) -> None:
        self.world.clock.at += wait
        if wait > timedelta(hours=1):
            self.world.tails_arrive()

    @rule()
    def late_tails_arrive(self) -> None:
        self.world.tails_arrive()

    @rule()
    def the_ledger_is_copied(self) -> None:
        place = self.folder / f"copy{len(self.world.copies)}.sqlite"
        with closing(sqlite3.connect(self.world.ledger_file)) as source, closing(sqlite3.connect(place)) as target:
            source.backup(target)
        self.world.copies.append(place)

    @precondition(lambda self: self.world.copies and not self.world.late)
    @rule(data=st.data())
    def an_old_ledger_comes_back(self, data: st.DataObject) -> None:
        self.world.bring_ledger(data.draw(st.sampled_from(self.world.copies)))

    @precondition(lambda self: not self.world.late)
    @rule()
    def the_ledger_is_lost(self) -> None:
        self.world.bring_ledger(self.empty_ledger)

    # ----------------------------------------------------------------------------------------------------- the person

    @precondition(lambda self: self._drafts())
    @rule(data=st.data(), what=st.sampled_from(["edit", "send", "throw_away"]))
    def the_person_takes_a_draft(self, data: st.DataObject, what: str) -> None:
        getattr(self.world, what)(data.draw(st.sampled_from(self._drafts())))

    # Nobody says "make it" before the tail of a draft can have come: that is what the quiet period is for.
    @precondition(lambda self: not self.world.late and self._rows())
    @rule(data=st.data(), fates=fates, wish=st.sampled_from(sorted(WISHES)))
    def the_person_commands(self, data: st.DataObject, fates: list[Fate], wish: str) -> None:
        number = data.draw(st.sampled_from(self._rows())).id
        self.world.commanded(partial(WISHES[wish], number), fates)

    # ------------------------------------------------------------------------------------------------- what must hold

    @invariant()
    def one_answer_an_invitation(self) -> None:
        twice = {name: times for name, times in self.world.answers().items() if times > 1}
        assert not twice, f"two answers: {twice}"

    @invariant()
    def one_draft_a_revision(self) -> None:
        assert max(self.world.names().values(), default=1) == 1

    @invariant()
    def what_the_person_touched_stays(self) -> None:
        there = {message.parse(mail.content).message_id: mail for mail in self._answers()}
        assert {name: there.get(name) for name in self.world.own} == self.world.own

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._leave_in_peace()
            self._check_ends()
            self._check_moves()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def _leave_in_peace(self) -> None:
        """Time enough for every tail, every lease, and every pass that the cap asks for."""
        self.world.tails_arrive()
        for _ in range(6 + len(self.world.genuine)):
            self.world.clock.at += timedelta(minutes=10)
            self.world.look([])

    def _check_ends(self) -> None:
        self.one_answer_an_invitation()
        states = {str(row.reading.source.message_id): row.state for row in self._rows()}
        recent = self.world.clock.at - timedelta(days=13)
        for number in self.world.genuine:
            if any(name_of(number).encode() in mail.content and mail.received > recent for mail in self._watched()):
                assert states.get(name_of(number)) in ENDS, f"{name_of(number)} is lost: {states}"

    def _check_moves(self) -> None:
        for row in self._rows():
            assert all(legal(move.start, move.end, move.by) for move in row.history if move.start), row.history

    # ------------------------------------------------------------------------------------------------- what there is

    def _mails(self) -> list[tuple[str, int]]:
        return [(name, uid) for name in WATCHED for uid in self.world.store.folders[name].mails]

    def _drafts(self) -> list[int]:
        return list(self.world.store.folders["Drafts"].mails)

    def _watched(self) -> list[StoredMail]:
        return [mail for name in WATCHED for mail in self.world.store.folders[name].mails.values()]

    def _answers(self) -> list[StoredMail]:
        return [mail for name in ("Drafts", "Sent") for mail in self.world.store.folders[name].mails.values()]

    def _rows(self) -> list[Record]:
        with self.world.ledger() as ledger:
            shown = [ledger.show(row.id) for row in ledger.listing()]
        return [row for row in shown if row is not None]


TestMailbox = pytest.mark.timeout(3600)(Mailbox.TestCase)
TestMailbox.settings = settings(
    max_examples=1000 if IS_LONG else 25,
    stateful_step_count=40 if IS_LONG else 30,
    deadline=None,
    # A failure is told as it was found: to make it smaller takes longer than to read it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
