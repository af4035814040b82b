"""At most one draft an invitation: write the intent down, APPEND, write the outcome down.

A crash or a lost answer leaves the row in `intended`. Before the first octet of a draft goes out, that is written down
too. From then on there is no other APPEND: its tail may still arrive, however late. The draft is looked for by its
Message-ID, and where it is not found within a quiet period the row becomes `uncertain` and is shown to the person.
Where nothing went out the APPEND is made again, once the server proves it: the same UIDVALIDITY, an unmoved UIDNEXT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from watcher.domain import language, reply
from watcher.domain.identity import draft_message_id
from watcher.domain.kinds import RouteBy
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Draft, Invitation, Person, Reading
from watcher.errors import GiveUp, NotStored
from watcher.ports import Clock, FolderState, Intent, Ledger, Mailbox, Record, Templates

QUIET = timedelta(minutes=2)
"""How long after an APPEND its tail is waited for."""

HANDED_OVER = 0
"""In the place of the draft's UID, which is never 0 (RFC 3501 §2.3.1.1): octets of it went out, no answer came yet."""

MOST_REFUSALS = 3
"""After so many NOs to an APPEND the invitation is held for the person."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who answers, in which languages (the first is the fallback), and the secret that keys the Message-IDs."""

    account: str
    me: Person
    languages: Sequence[str]
    secret: bytes


@dataclass(slots=True)
class Drafting:
    """Writes drafts into one mailbox during one pass."""

    voice: Voice
    mailbox: Mailbox
    ledger: Ledger
    templates: Templates
    clock: Clock
    _drafts: FolderState | None = field(default=None, init=False)

    def compose(self, key: str, reading: Reading, revision: int = 1, template: str | None = None) -> Draft:
        """Render the reply and build its bytes. Raises GiveUp where a template or an address is broken."""
        invitation = reading.found
        assert isinstance(invitation, Invitation), "only invitations are answered"
        assert reading.verdict is not None, "an invitation is always judged"
        chosen = language.choose(invitation.language, self.voice.languages)
        name = template or reply.template_name(reading.verdict)
        return reply.compose(
            reading,
            invitation,
            me=self.voice.me,
            body=self._body(reading, invitation, chosen, name),
            message_id=self._message_id(key, revision),
            template=name,
            language=chosen,
            now=self.clock.now(),
        )

    def put(self, record: Record, draft: Draft, revision: int = 1, by: By = By.PROGRAM) -> Record:
        """Intent, APPEND, outcome. Raises TryAgain when the outcome is unknown: the row then stays `intended`."""
        intended = self.ledger.intend(record.id, self._intent(draft, revision), by)
        return self._append(intended, draft.content)

    def settle(self) -> tuple[Record, ...]:
        """Find out what became of appends whose outcome was not recorded; returns the rows that moved."""
        rows = self.ledger.unresolved(self.voice.account)
        return tuple(moved for moved in map(self._settle_one, rows) if moved is not None)

    def locate(self, records: Sequence[Record]) -> None:
        """Learn the UIDs of new drafts on a server without UIDPLUS."""
        nameless = [record for record in records if record.draft and record.draft.uid is None]
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
        found = self.mailbox.message_ids(intent.folder, intent.uidnext or 1)
        return {message_id: uid for uid, message_id in found.items()}

    def _body(self, reading: Reading, invitation: Invitation, chosen: str, name: str) -> str:
        assert reading.route is not None, "an invitation always has a route"
        values = reply.template_values(reading, invitation, self.voice.me, chosen)
        text = self.templates.render(chosen, name, values)
        by_mail = reading.route.by is RouteBy.EMAIL
        return reply.body_for(
            reading.route, text, "" if by_mail else self.templates.render(chosen, reply.PASTE, values)
        )

    def _message_id(self, key: str, revision: int) -> str:
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
        if self._drafts is None:
            self._drafts = self.mailbox.state(self.mailbox.drafts())
        return self._drafts

    def _append(self, record: Record, content: bytes) -> Record:
        folder = self._folder()
        try:
            appended = self.mailbox.append_draft(folder.name, content, self.clock.now(), partial(self._mark, record))
        except GiveUp as refusal:
            return self._refused(record, str(refusal))
        except NotStored as trouble:
            self.ledger.refused(record.id, State.SEEN, str(trouble), self.clock.now())
            raise
        if appended.uid is not None and folder.uidnext is not None:
            self._drafts = replace(folder, uidnext=max(folder.uidnext, appended.uid + 1))
        return self.ledger.drafted(record.id, appended.uid, self.clock.now())

    def _mark(self, record: Record) -> None:
        self.ledger.locate(record.id, HANDED_OVER)

    def _refused(self, record: Record, why: str) -> Record:
        now = self.clock.now()
        times = self.ledger.failed(record.account, record.location, why, now)
        end = State.HELD if times >= MOST_REFUSALS else State.SEEN
        return self.ledger.refused(record.id, end, f"the server refused the draft: {why}", now)

    def _settle_one(self, record: Record) -> Record | None:
        assert record.draft is not None, "an intended row has its intent"
        intent, now = record.draft.intent, self.clock.now()
        state = self.mailbox.state(intent.folder)
        if state.uidvalidity != intent.uidvalidity:
            return self.ledger.move(record.id, State.UNCERTAIN, "the Drafts folder was rebuilt meanwhile", now)
        there = self.mailbox.message_ids(intent.folder, intent.uidnext or 1)
        for uid, message_id in there.items():
            if message_id == intent.message_id:
                return self.ledger.drafted(record.id, uid, now)
        if abs(now - intent.at) < QUIET:  # the clock may have been set back: that is no reason to wait for a year
            return None
        return self._absent(record, intent, state)

    def _absent(self, record: Record, intent: Intent, state: FolderState) -> Record:
        assert record.draft is not None, "an intended row has its intent"
        is_unsent = record.draft.uid != HANDED_OVER
        if is_unsent and intent.uidnext is not None and state.uidnext == intent.uidnext:
            return self._append(record, intent.content)
        reason = "nobody can prove whether the draft was made: look for it in Drafts"
        return self.ledger.move(record.id, State.UNCERTAIN, reason, self.clock.now())
