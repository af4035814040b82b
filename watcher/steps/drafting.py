"""At most one draft an invitation: write the intent down, APPEND, write the outcome down.

A crash or a lost answer leaves the row in `intended`. Before the first octet of a draft goes out, that is written down
too. From then on there is no other APPEND: its tail may still arrive, however late. The draft is looked for by its
Message-ID, and where it is not found within a quiet period the row becomes `uncertain` and is shown to the person.
Where nothing went out the APPEND is made again, once the server proves it: the same UIDVALIDITY, an unmoved UIDNEXT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from watcher.domain import language, message, own_words, pasting, reply
from watcher.domain.identity import draft_message_id
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Draft, Invitation, Person, Reading
from watcher.errors import GiveUp, NotStored, Show
from watcher.ports import (
    HANDED_OVER,
    Clock,
    FolderState,
    Intent,
    Lease,
    Ledger,
    Mailbox,
    Move,
    Record,
    Templates,
    Window,
)
from watcher.steps.writing import Hand, Letter, Writing, invitation_of, paste_block

QUIET = timedelta(minutes=2)
"""How long after an APPEND its tail is waited for."""

MOST_REFUSALS = 3
"""After so many NOs to an APPEND the invitation is held for the person."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who answers, in which languages (the first is the fallback), and the secret that keys the Message-IDs.

    `variant` is the one of a template that the person wants where no rule decides; `quotes`: what is mailed quotes the
    invitation below.
    """

    account: str
    me: Person
    languages: Sequence[str]
    secret: bytes
    variant: str = ""
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The template for an answer, by name; unless it `is_exact`, the rules choose among its variants."""

    name: str
    is_exact: bool = False


@dataclass(slots=True)
class Drafting:
    """Writes drafts into one mailbox during one pass; without a lease it only composes.

    `drafts` is how Drafts stands, as far as this pass has looked and put into it.
    """

    voice: Voice
    mailbox: Mailbox
    ledger: Ledger
    templates: Templates
    clock: Clock
    lease: Lease | None = None
    drafts: FolderState | None = field(default=None, init=False)

    def compose(
        self, key: str, reading: Reading, revision: int = 1, template: Template | None = None, answer_in: str = ""
    ) -> Draft:
        """Render the reply and build its bytes; `answer_in` is the language where the person chose one.

        Without a `template` it is that of the verdict. Raises GiveUp where a template or an address is broken.
        """
        assert reading.verdict is not None, "an invitation is always judged"
        code = answer_in or language.choose(invitation_of(reading).language, self.voice.languages)
        wanted = template or Template(reply.template_name(reading.verdict))
        writing, now = self._writing, self.clock.now()
        name = wanted.name if wanted.is_exact else writing.chosen(reading, wanted.name, code, now)
        letter = writing.letter(reading, code, name, now)
        return writing.message(reading, letter, self.message_id(key, revision), now)

    def compose_own(self, key: str, reading: Reading, revision: int, words: str, before: Intent) -> Draft:
        """The person's own words in the place of a draft, under its subject; the block that is not to be mailed ends
        them too. Raises GiveUp.
        """
        block = paste_block(reading, self.voice.me, before.language, self.templates)
        text, subject = pasting.without_block(words, block), message.parse(before.content).subject
        letter = Letter(own_words.NAME, before.language, own_words.cleaned(text), subject)
        return self._writing.message(reading, letter, self.message_id(key, revision), self.clock.now())

    @property
    def _writing(self) -> Writing:
        return Writing(self.templates, Hand(self.voice.me, self.voice.variant, self.voice.quotes))

    def has_template(self, invitation: Invitation, name: str) -> bool:
        """Whether there is such a template in the language in which this invitation is answered."""
        chosen = language.choose(invitation.language, self.voice.languages)
        return any((one.language, one.name) == (chosen, name) for one in self.templates.listing())

    def put(self, record: Record, draft: Draft, revision: int = 1, by: By = By.PROGRAM) -> Record:
        """Intent, APPEND, outcome. Raises TryAgain when the outcome is unknown: the row then stays `intended`."""
        intended = self.ledger.intend(record.id, self._intent(draft, revision), self._held, by)
        return self._append(intended, draft.content)

    def settle(self) -> tuple[Record, ...]:
        """Find out what became of appends whose outcome was not recorded; returns the rows that moved."""
        rows = self.ledger.unresolved(self.voice.account)
        return tuple(moved for moved in map(self._settle_one, rows) if moved is not None)

    def locate(self, records: Sequence[Record]) -> None:
        """Learn the UIDs of new drafts on a server without UIDPLUS."""
        without_uid = (record for record in records if record.draft and record.draft.uid is None)
        nameless = [record for record in without_uid if _folder_of(record) == self.mailbox.drafts()]
        if not nameless:
            return
        known = self._by_message_id(nameless[0])
        for record in nameless:
            uid = known.get(record.draft.intent.message_id) if record.draft else None
            if uid is not None:
                self.ledger.locate(record.id, uid)

    def _by_message_id(self, first: Record) -> dict[str, int]:
        assert first.draft is not None, "a drafted row has its draft"
        intent = first.draft.intent
        found = self.mailbox.threads(intent.folder, Window(from_uid=intent.uidnext or 1))
        return {thread.message_id: thread.uid for thread in found}

    def message_id(self, key: str, revision: int = 1) -> str:
        """The Message-ID of this revision of the answer to an invitation."""
        domain = self.voice.me.address.rpartition("@")[2]
        return draft_message_id(self.voice.secret, self.voice.account, key, revision, domain)

    def _intent(self, draft: Draft, revision: int) -> Intent:
        folder = self._folder()
        return Intent(
            revision=revision,
            message_id=draft.message_id,
            body_hash=draft.body_hash,
            template=draft.template,
            language=draft.language,
            folder=folder.name,
            uidvalidity=folder.uidvalidity,
            uidnext=folder.uidnext,
            at=self.clock.now(),
            content=draft.content,
        )

    def _folder(self) -> FolderState:
        if self.drafts is None:
            self.drafts = self.mailbox.state(self.mailbox.drafts())
        return self.drafts

    def _append(self, record: Record, content: bytes) -> Record:
        folder = self._folder()
        try:
            appended = self.mailbox.append_draft(folder.name, content, self.clock.now(), partial(self._mark, record))
        except GiveUp as refusal:
            return self._refused(record, str(refusal))
        except NotStored as trouble:
            self.ledger.refused(record.id, self._origin(record), str(trouble), self._held, self.clock.now())
            raise
        self.drafts = folder.after(appended.uid)
        return self.ledger.drafted(record.id, appended.uid, self.clock.now())

    def _mark(self, record: Record) -> None:
        self.ledger.hand_over(record.id, self._held, self.clock.now())

    @property
    def _held(self) -> Lease:
        assert self.lease is not None, "whoever writes drafts holds the lease"
        return self.lease

    def _refused(self, record: Record, why: str) -> Record:
        now = self.clock.now()
        times = self.ledger.failed(record.account, record.location, why, now)
        origin = self._origin(record)
        end = State.HELD if origin is State.SEEN and times >= MOST_REFUSALS else origin
        return self.ledger.refused(record.id, end, f"the server refused the draft: {why}", self._held, now)

    def _origin(self, record: Record) -> State:
        """Where an intent came from: what the server refuses leads back there, be it a person's wish or the pass's."""
        whole = self.ledger.show(record.id)
        starts = [move.start for move in whole.history if _is_intent(move)] if whole else []
        return starts[-1] if starts and starts[-1] else State.SEEN

    def _settle_one(self, record: Record) -> Record | None:
        assert record.draft is not None, "an intended row has its intent"
        intent, now = record.draft.intent, self.clock.now()
        state = self._state_of(intent.folder)
        if state is None:
            return self._without_folder(record, intent)
        if state.uidvalidity != intent.uidvalidity:
            return self.ledger.move(record.id, State.UNCERTAIN, "the Drafts folder was rebuilt meanwhile", now)
        for thread in self.mailbox.threads(intent.folder, Window(from_uid=intent.uidnext or 1)):
            if thread.message_id == intent.message_id:
                return self.ledger.drafted(record.id, thread.uid, now)
        if abs(now - intent.at) < QUIET:  # the clock may have been set back: that is no reason to wait for a year
            return None
        return self._absent(record, intent, state)

    def _state_of(self, folder: str) -> FolderState | None:
        """How the Drafts folder of then stands; None where the server lists it no longer. Raises Show where it is there
        and may not be opened, and TryAgain where it cannot be just now: neither proves anything.
        """
        try:
            return self.mailbox.state(folder)
        except Show:
            if folder in self.mailbox.facts().folders:
                raise
            return None

    def _without_folder(self, record: Record, intent: Intent) -> Record:
        """Who renamed the Drafts folder of then has the draft where the drafts are now, under another UID."""
        now = self.clock.now()
        there = self.mailbox.threads(self.mailbox.drafts(), Window())
        if any(thread.message_id == intent.message_id for thread in there):
            return self.ledger.drafted(record.id, None, now)
        reason = f"its Drafts folder {intent.folder!r} is gone: look for the draft where your drafts are now"
        return self.ledger.move(record.id, State.UNCERTAIN, reason, now)

    def _absent(self, record: Record, intent: Intent, state: FolderState) -> Record:
        assert record.draft is not None, "an intended row has its intent"
        is_unsent = record.draft.uid != HANDED_OVER
        if is_unsent and intent.uidnext is not None and state.uidnext == intent.uidnext:
            return self._append(record, intent.content)
        reason = "nobody can prove whether the draft was made: look for it in Drafts"
        return self.ledger.move(record.id, State.UNCERTAIN, reason, self.clock.now())


def _folder_of(record: Record) -> str:
    """Where its draft was to be put; nowhere where there is none."""
    return record.draft.intent.folder if record.draft else ""


def _is_intent(move: Move) -> bool:
    """A verdict that was corrected meanwhile leaves a line that leads nowhere."""
    return move.end is State.INTENDED and move.start is not State.INTENDED
