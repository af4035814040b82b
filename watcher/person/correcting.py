"""A person judges an invitation: their word is kept first, then its draft follows where that is the program's to do.

Whatever becomes of the draft, the word counts. A draft that was changed or sent is the person's and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.domain import corrections, own_words, verdict
from watcher.domain.choosing import base_of
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.plan import Compose, Hold, Known, Skip, among_junk, plan
from watcher.domain.reply import KNOWN
from watcher.domain.values import Invitation
from watcher.errors import GiveUp, TryAgain
from watcher.ports import Record
from watcher.ports.removal import DraftRemoval
from watcher.review import ANY, Command, commanded, find
from watcher.steps.account import Account, Ports, acquaintances, junk_folder
from watcher.steps.acting import earlier_ones


@dataclass(frozen=True, slots=True)
class Judged:
    """A row after the person's word on it, and what became of its draft, in words for them."""

    record: Record
    told: str


def judge(number: int, kind: VerdictKind, account: Account, ports: Ports, removal: DraftRemoval) -> Judged:
    """Put a person's verdict in the place of ours.

    Raises GiveUp where there is nothing to judge, and TryAgain where the draft could not follow: the word is kept then.
    """
    with commanded(number, account, ports) as command:
        found, thought = command.record.reading.found, command.record.reading.verdict
        if not isinstance(found, Invitation) or thought is None:
            raise GiveUp(f"no. {number} is no invitation, so there is nothing to judge")
        if thought.kind is kind:
            return Judged(command.record, f"it is judged {kind} already, so nothing was changed")
        _correct(command, found, kind)
        told = _Follow(command, found, kind, removal).draft()
        return Judged(find(ports.ledger, number), told)


def _correct(command: Command, found: Invitation, kind: VerdictKind) -> None:
    own, now = verdict.judge(found), command.ports.clock.now()
    said = corrections.on_itself(found, own, kind, now)
    words = corrections.words_of(found, own, command.account.voice.me)
    command.record = command.ports.ledger.correct(command.record.id, said, words, now)


@dataclass(frozen=True, slots=True)
class _Follow:
    """Lets the draft of a row follow its new verdict."""

    command: Command
    found: Invitation
    kind: VerdictKind
    removal: DraftRemoval

    def draft(self) -> str:
        """What became of it."""
        try:
            return self._drafted()
        except GiveUp as why:
            return f"the draft was left alone: {why}"
        except TryAgain as trouble:
            words = f"{trouble}. Your word is kept: `watcher show {self.command.record.id}` tells of its draft"
            raise type(trouble)(words, wait=trouble.wait) from trouble

    def _drafted(self) -> str:
        match self.command.record.state:
            case State.HELD | State.SKIPPED:
                return self._decided_anew()
            case State.DRAFTED:
                return self._replaced()
            case state:
                return _LEFT[state].format(self.command.record.id)

    def _decided_anew(self) -> str:
        """What was held or skipped is taken as if it had just come with this verdict."""
        command, record, policy = self.command, self.command.record, self.command.account.policy
        if record.location.folder == junk_folder(command.account, command.ports.mailbox):
            policy = among_junk(policy)
        how = acquaintances(command.account, command.ports).how(record.reading)
        others = earlier_ones(command.ports.ledger, record.account, self.found, record.received, record)
        action = plan(record.reading, self.found, record.received, Known(None, others, 0, how), policy)
        match action:
            case Compose():
                command.draft()
                return "its draft was made"
            case Skip(_, words) if record.state is State.HELD:
                command.move(State.SKIPPED, words)
                return f"it gets no draft: {words}"
            case Skip(_, words) | Hold(words):
                return f"it gets no draft: {words}"
        raise AssertionError(f"no rule for {action}")

    def _replaced(self) -> str:
        command = self.command
        assert command.record.draft is not None, "a drafted row has its draft"
        if command.record.draft.intent.template == own_words.NAME:
            return "its draft was left alone: it holds your own words"
        template = command.template()
        if template == base_of(command.record.draft.intent.template):
            return f"its draft was left alone: it is of the template {template} already"
        if template != KNOWN and self.kind not in command.account.policy.draft_for:
            command.discard(self.removal)
            return f"its draft was removed: WATCHER_DRAFT_FOR does not name {self.kind}"
        command.redraft(self.removal, ANY)
        return f"its draft was replaced by one of the template {template}"


_ANSWERED = "it is answered, so nothing else was changed"
_LEFT = {
    State.SEEN: "its draft comes with the next pass",
    State.INTENDED: "its draft is on its way just now, and was left alone: the next pass tells what became of it",
    State.EDITED: "its draft was left alone: you have changed it, so it is yours",
    State.SENT: _ANSWERED,
    State.PASTED: _ANSWERED,
    State.ANSWERED: _ANSWERED,
    State.CLOSED: _ANSWERED,
    State.DISCARDED: "its draft is gone: `watcher draft {0}` makes another",
    State.UNCERTAIN: "its draft is uncertain: `watcher draft {0}` makes it, `watcher discard {0}` leaves it",
}
