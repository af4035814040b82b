"""What a person does with an invitation that the ledger knows. The command line and the page share these.

Only here may a draft be removed, and only ours, untouched, because the person said so. A new revision is written down
when nothing of the one before lies in Drafts any more: first the removal, then `discarded`, then the intent. Whatever
breaks between two of these leaves no draft or one, and a row from which the person gets exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from watcher.account import Account, Ports, acquaintances
from watcher.answers import Answers
from watcher.domain.kinds import Authentic
from watcher.domain.lifecycle import LASTING, By, State, legal
from watcher.domain.reply import KNOWN, template_name
from watcher.domain.traces import Found, Trace
from watcher.domain.values import Draft, Invitation
from watcher.drafting import Drafting
from watcher.errors import GiveUp, NotStored
from watcher.leasing import leased
from watcher.ports import Ledger, Record
from watcher.removal import DraftRemoval, Removal
from watcher.whereabouts import Whereabouts


def find(ledger: Ledger, number: int) -> Record:
    """One row with its history. Raises GiveUp where there is none."""
    record = ledger.show(number)
    if record is None:
        raise GiveUp(f"there is no invitation no. {number}: `watcher drafts` lists them")
    return record


def draft(number: int, account: Account, ports: Ports) -> Record:
    """Draft an answer because the person asks for it: to what was held, skipped or thrown away, or is uncertain.

    Where an uncertain draft is there after all, the row says so and no other is made. Raises GiveUp where it is not
    theirs to ask, an answer stands in the mailbox already, or the server refuses.
    """
    with commanded(number, account, ports) as command:
        return command.draft()


def redraft(number: int, account: Account, ports: Ports, removal: DraftRemoval, template: str | None = None) -> Record:
    """Put a new revision in the place of our untouched draft, or of one that was thrown away. Raises GiveUp."""
    with commanded(number, account, ports) as command:
        return command.redraft(removal, template)


def discard(number: int, account: Account, ports: Ports, removal: DraftRemoval) -> Record:
    """Remove our untouched draft; leave an uncertain one as it is. Raises GiveUp where it is the person's by now."""
    with commanded(number, account, ports) as command:
        return command.discard(removal)


@contextmanager
def commanded(number: int, account: Account, ports: Ports) -> Iterator[Command]:
    """One row in the hands of its person, under the lease. Raises GiveUp where there is no such row."""
    record = find(ports.ledger, number)
    if record.account != account.name:
        raise GiveUp(f"no. {record.id} belongs to the mailbox {record.account}, not to {account.name}")
    with leased(account.name, ports.ledger, ports.clock) as lease:
        drafting = Drafting(account.voice, ports.mailbox, ports.ledger, ports.templates, ports.clock, lease)
        yield Command(find(ports.ledger, number), account, ports, drafting)


@dataclass(slots=True)
class Command:
    """One row in the hands of its person."""

    record: Record
    account: Account
    ports: Ports
    drafting: Drafting

    def draft(self) -> Record:
        """A first draft, or another where none is alive."""
        self._refuse_unanswerable()
        if not legal(self.record.state, State.INTENDED, By.PERSON):
            raise GiveUp(f"no. {self.record.id} is {self.record.state}: it has its draft already")
        composed = self._composed(None)
        if self.record.draft is None:
            self._refuse_answered()
        else:
            look, it = self._look()
            if (turned_up := self._concluded(look, it)) is not None:
                return turned_up
            self._refuse_alive(look, it)
        return self._put(composed)

    def redraft(self, removal: DraftRemoval, template: str | None) -> Record:
        """Compose, remove what is ours, make sure that nothing is left, and only then put the new revision."""
        self._refuse_unanswerable()
        if self.record.state not in {State.DRAFTED, State.DISCARDED} or self.record.draft is None:
            raise GiveUp(f"no. {self.record.id} is {self.record.state}: {_INSTEAD.get(self.record.state, _NOTHING)}")
        composed = self._composed(template)
        look, it = self._look()
        if it.trace is Trace.LYING:
            if self._remove(removal, look, it) is Removal.GONE:
                raise GiveUp("your mail program is changing this draft just now: try again when it is done")
            look, it = self._look()
        elif self.record.state is State.DRAFTED and it.trace in _NOWHERE:
            raise GiveUp(f"it is no longer in Drafts: `watcher discard {self.record.id}`, then redraft it")
        self._refuse_alive(look, it)
        if self.record.state is State.DRAFTED:
            self.move(State.DISCARDED, "removed, to be drafted anew")
        return self._put(composed)

    def discard(self, removal: DraftRemoval) -> Record:
        """Remove what is ours and untouched; where nothing is left, the row alone moves."""
        if self.record.state is State.UNCERTAIN:
            return self.move(State.DISCARDED, "left as it is")
        if self.record.state not in LASTING:
            raise GiveUp(f"no. {self.record.id} is {self.record.state}: it has no draft to discard")
        look, it = self._look()
        reason = "it was no longer in Drafts"
        if it.trace is Trace.LYING:
            reason = "removed" if self._remove(removal, look, it) is Removal.REMOVED else reason
            look, it = self._look()
        self._refuse_alive(look, it)
        return self.move(State.DISCARDED, reason)

    # ------------------------------------------------------------------------------------------------- what is there

    def _look(self) -> tuple[Whereabouts, Found]:
        mailbox = self.ports.mailbox
        look = Whereabouts(mailbox, mailbox.state(mailbox.drafts()), [self.record])
        return look, look.of(self.record)

    def _concluded(self, look: Whereabouts, it: Found) -> Record | None:
        moved = look.conclude(self.ports.ledger, self.record, it, self.ports.clock.now())
        return find(self.ports.ledger, moved.id) if moved else None

    def _refuse_alive(self, look: Whereabouts, it: Found) -> None:
        """Raises GiveUp where a draft or an answer stands there, and writes down what it is."""
        if it.trace not in _NOWHERE:
            self._concluded(look, it)
            raise GiveUp(f"no. {self.record.id}: {_ALIVE[it.trace]}")

    def _refuse_answered(self) -> None:
        source, message_id = self.record.reading.source.message_id, self.drafting.message_id(self.record.key)
        folder = Answers(self.ports.mailbox).folder(source, message_id, self.record.received)
        if folder is not None:
            raise GiveUp(f"no. {self.record.id}: an answer to it stands in {folder} already")

    def _refuse_unanswerable(self) -> None:
        reading = self.record.reading
        if not isinstance(reading.found, Invitation):
            raise GiveUp(f"no. {self.record.id} could not be read, so there is nothing to answer")
        if reading.authentic is Authentic.FAIL:
            raise GiveUp(f"no. {self.record.id} is proven false: it is never answered")

    # -------------------------------------------------------------------------------------------------- what is done

    def _remove(self, removal: DraftRemoval, look: Whereabouts, it: Found) -> Removal:
        assert self.record.draft is not None, "what lies in Drafts was put there"
        assert it.uid is not None, "what lies in Drafts has its UID"
        content_hash = self.record.draft.intent.body_hash
        told = removal.remove_draft(look.drafts.name, look.drafts.uidvalidity, it.uid, content_hash)
        if told in _BY_HAND:
            raise GiveUp(f"{_BY_HAND[told]}. Nothing was removed: delete it yourself in your mail program")
        return told

    def move(self, end: State, reason: str) -> Record:
        """A step that the person makes."""
        self.record = self.ports.ledger.move(self.record.id, end, reason, self.ports.clock.now(), By.PERSON)
        return self.record

    def _revision(self) -> int:
        return self.record.draft.intent.revision + 1 if self.record.draft else 1

    def _composed(self, template: str | None) -> Draft:
        name = template or self.template()
        return self.drafting.compose(self.record.key, self.record.reading, self._revision(), name)

    def template(self) -> str:
        """The template for someone the person knows, else the verdict's."""
        reading, people = self.record.reading, acquaintances(self.account, self.ports)
        assert isinstance(reading.found, Invitation), "only invitations are answered"
        assert reading.verdict is not None, "an invitation is always judged"
        can_greet = self.drafting.has_template(reading.found, KNOWN)
        return (
            KNOWN if can_greet and (people.how(reading) or people.by_mail(reading)) else template_name(reading.verdict)
        )

    def _put(self, composed: Draft) -> Record:
        try:
            made = self.drafting.put(self.record, composed, self._revision(), By.PERSON)
        except NotStored as trouble:
            raise NotStored(f"{trouble}: no. {self.record.id} has no draft now", wait=trouble.wait) from trouble
        self.drafting.locate([made])
        if made.state is not State.DRAFTED:
            raise GiveUp(f"no. {made.id}: {made.reason}")
        return find(self.ports.ledger, made.id)


_NOWHERE = frozenset({Trace.ABSENT, Trace.UNTOLD})

_ALIVE = {
    Trace.LYING: "its draft lies in Drafts, and your mail program is changing it just now: try again when it is done",
    Trace.DOUBLED: "another draft that answers it lies beside ours: keep the one you want, in your mail program",
    Trace.EDITED: "you have changed the draft, so it is yours: nothing was removed. Go on in your mail program",
    Trace.SENT: "an answer stands in Sent: there is nothing to undo",
}

_BY_HAND = {
    Removal.CHANGED: "what lies in Drafts is not octet for octet what was stored: you changed it, or your server did",
    Removal.CANNOT: "your server does not let one mail be removed alone (it has no UIDPLUS, or you may not)",
}

_NOTHING = "there is no draft to replace"
_INSTEAD = {
    State.EDITED: "you have changed the draft, so it is yours. Go on in your mail program",
    State.UNCERTAIN: "`watcher draft` makes it, `watcher discard` leaves it",
    State.HELD: "`watcher draft` makes the first",
    State.SKIPPED: "`watcher draft` makes the first",
    State.SEEN: "`watcher draft` makes the first",
}
