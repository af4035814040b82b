"""What the person said: verdicts, whom they know, what is to be forgotten, pauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, update

from watcher.adapters.ledger import erasing, rows, said, schema, steps
from watcher.adapters.ledger.failing import told
from watcher.adapters.ledger.transactions import Transactions
from watcher.domain import forgotten
from watcher.domain.corrections import Correction
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Verdict
from watcher.errors import GiveUp
from watcher.ports import (
    Pause,
    Record,
)

_invitation = schema.invitation


class PersonsWord(Transactions):
    """What the person said: verdicts, whom they know, what is to be forgotten, pauses."""

    def judge(self, record_id: int, verdict: Verdict, at: datetime) -> Record:
        """The row of an invitation that waits for its turn takes what the program thinks by now."""
        with self._transaction() as sql:
            waiting = and_(_invitation.c.id == record_id, _invitation.c.state == str(State.SEEN))
            if sql.execute(update(_invitation).where(waiting).values(**rows.of_verdict(verdict))).rowcount != 1:
                raise GiveUp(f"no. {record_id} does not wait to be judged")
            sql.execute(update(_invitation).where(waiting).values(updated_at=at))
            return steps.one(sql, record_id)

    def correct(self, record_id: int, verdict: Verdict, words: str, at: datetime) -> Record:
        """The row takes the person's verdict, its history a line; the newest word on an invitation is kept."""
        with self._transaction() as sql:
            said.correct(sql, record_id, verdict, words, at)
            step = steps.Step(steps.state_of(sql, record_id), By.PERSON, f"you judged it {verdict.kind}", at)
            steps.note(sql, record_id, step.end, step)
            return steps.one(sql, record_id)

    def corrections(self, account: str) -> tuple[Correction, ...]:
        """Every correction of this account, newest first."""
        with self._transaction() as sql:
            return said.corrections(sql, account)

    def know(self, account: str, person: str, at: datetime) -> bool:
        """Keep that the person knows somebody; False where that is kept."""
        with self._transaction() as sql:
            return said.know(sql, account, person, at)

    def unknow(self, account: str, person: str) -> bool:
        """Take it back; False where it was not kept."""
        with self._transaction() as sql:
            return said.unknow(sql, account, person)

    def known(self, account: str) -> tuple[str, ...]:
        """Whom the person said to know, in alphabetical order."""
        with self._transaction() as sql:
            return said.known(sql, account)

    def forget(self, keys: Mapping[int, str], at: datetime) -> None:
        """Erase from these rows all that tells of people."""
        with self._transaction() as sql:
            for record_id, key in keys.items():
                state = steps.state_of(sql, record_id)
                erasing.erase(sql, record_id, key, at)
                steps.note(sql, record_id, state, steps.Step(state, By.PERSON, forgotten.REASON, at))

    def wipe(self) -> None:
        """Leave no octet in the file of what was erased."""
        with told(self._place):
            erasing.wipe(self._engine)

    def pause(self, account: str, pause: Pause) -> None:
        """Keep that the person wants no passes for now."""
        with self._transaction() as sql:
            said.pause(sql, account, pause)

    def resume(self, account: str) -> bool:
        """Take it back; False where nothing was kept."""
        with self._transaction() as sql:
            return said.resume(sql, account)

    def paused(self, account: str, now: datetime) -> Pause | None:
        """What the person said, as long as it holds."""
        with self._transaction() as sql:
            return said.paused(sql, account, now)
