"""What a person does with an invitation that the ledger knows. The command line and the page share these.

Only here may a draft be removed, and only ours, untouched, because the person said so. A new revision is written down
when nothing of the one before lies in Drafts any more: first the removal, then `discarded`, then the intent. Whatever
breaks between two of these leaves no draft or one, and a row from which the person gets exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from watcher.domain import message, own_words, pasting
from watcher.domain.acquaintances import People, how_known, is_full, kept_as, own_addresses, people
from watcher.domain.choosing import base_of
from watcher.domain.forgotten import is_forgotten
from watcher.domain.kinds import Authentic, RouteBy
from watcher.domain.lifecycle import CAN_BE_LEFT, LASTING, By, State, legal
from watcher.domain.reply import KNOWN, PASTE, template_name
from watcher.domain.traces import Found, Trace
from watcher.domain.values import Draft, Invitation, Person
from watcher.errors import GiveUp, NotStored, TryAgain
from watcher.ports import Clock, Ledger, Record, Templates
from watcher.ports.removal import DraftRemoval, Removal
from watcher.steps.account import Account, Ports, acquaintances
from watcher.steps.answers import Answers
from watcher.steps.drafting import Drafting, Template
from watcher.steps.leasing import leased
from watcher.steps.whereabouts import Whereabouts
from watcher.steps.writing import paste_block


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


@dataclass(frozen=True, slots=True)
class Choice:
    """Which template and language a new revision takes; None leaves it to the verdict, and to the invitation."""

    template: str | None = None
    language: str | None = None


ANY = Choice()


def redraft(number: int, account: Account, ports: Ports, removal: DraftRemoval, choice: Choice = ANY) -> Record:
    """Put a new revision in the place of our untouched draft, or of one that was thrown away. Raises GiveUp."""
    with commanded(number, account, ports) as command:
        return command.redraft(removal, choice)


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's own words for a draft; `revision` is the one that they had before them while they wrote."""

    words: str
    revision: int


def save(number: int, edit: Edit, account: Account, ports: Ports, removal: DraftRemoval) -> Record:
    """Put the person's own words in the place of our untouched draft, or of one that was thrown away.

    The block that is not to be mailed ends them as before. Raises GiveUp where the draft is not provably ours and
    untouched, was replaced meanwhile, or there are no words: nothing is changed then.
    """
    with commanded(number, account, ports) as command:
        return command.save(removal, edit)


def discard(number: int, account: Account, ports: Ports, removal: DraftRemoval) -> Record:
    """Remove our untouched draft; leave what is held, uncertain or unreadable. Raises GiveUp where it is theirs."""
    with commanded(number, account, ports) as command:
        return command.discard(removal)


def pasted(number: int, ledger: Ledger, clock: Clock) -> Record:
    """Keep the person's word that they answered on LinkedIn. Raises GiveUp where the answer goes by mail, or there is
    no draft that they could have pasted. The draft itself stays where it is.
    """
    record = find(ledger, number)
    if record.reading.route is None or record.reading.route.by is not RouteBy.LINKEDIN:
        raise GiveUp(f"no. {number} is answered by mail: there is nothing to paste on LinkedIn")
    if not legal(record.state, State.PASTED, By.PERSON):
        raise GiveUp(f"no. {number} is {record.state}: only a draft that was made can be pasted")
    return ledger.move(number, State.PASTED, "you pasted it on LinkedIn", clock.now(), By.PERSON)


def leave(number: int, ledger: Ledger, clock: Clock) -> Record:
    """Let one that was held, or could not be read, go without an answer. Raises GiveUp where it is neither."""
    record = find(ledger, number)
    if record.state not in CAN_BE_LEFT:
        raise GiveUp(f"no. {number} is {record.state}: only what is held or could not be read can be left")
    return ledger.move(number, State.SKIPPED, "you left it", clock.now(), By.PERSON)


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of drafts that were to be removed: the numbers, and beside those that were left, why."""

    removed: tuple[int, ...]
    left: tuple[tuple[int, str], ...]


def untouched(ledger: Ledger, account: str) -> tuple[Record, ...]:
    """Rows of an account whose draft the person has not touched, as far as the ledger knows; the oldest first."""
    return tuple(row for row in reversed(ledger.listing(State.DRAFTED)) if row.account == account and is_untouched(row))


def is_untouched(row: Record) -> bool:
    """Whether a draft lies there as the program worded it, as far as the ledger knows."""
    return row.state is State.DRAFTED and row.draft is not None and row.draft.intent.template != own_words.NAME


def discard_untouched(account: Account, ports: Ports, removal: DraftRemoval) -> Cleared:
    """Remove every draft that nobody touched, one by one, as `discard` does: each that is not provably ours stays.

    Where the connection breaks, those after it are left too. Raises TryAgain where it broke at the first.
    """
    removed: list[int] = []
    left: list[tuple[int, str]] = []
    for row in (rows := untouched(ports.ledger, account.name)):
        try:
            removed.append(_discard_untouched(row.id, account, ports, removal).id)
        except GiveUp as why:
            left.append((row.id, str(why)))
        except TryAgain as trouble:
            if not removed and not left:
                raise
            done = {*removed, *(number for number, _ in left)}
            left += [(one.id, f"not tried: {trouble}") for one in rows if one.id not in done]
            break
    return Cleared(tuple(removed), tuple(left))


def _discard_untouched(number: int, account: Account, ports: Ports, removal: DraftRemoval) -> Record:
    with commanded(number, account, ports) as command:
        if not is_untouched(command.record):
            raise GiveUp("it has changed meanwhile")
        return command.discard(removal)


def words(record: Record, me: Person, templates: Templates) -> str:
    """What a row's draft says to the inviter: its text without the block that is for the person alone."""
    assert record.draft is not None, "a row whose draft is shown has one"
    intent = record.draft.intent
    text = message.parse(intent.content).text or ""
    try:
        block = paste_block(record.reading, me, intent.language, templates)
    except GiveUp:  # a template of the person's own is broken just now: the draft is shown whole
        block = ""
    return pasting.without_block(text.replace("\r\n", "\n"), block)


def template_names(account: Account, templates: Templates) -> tuple[str, ...]:
    """The templates that a person may choose among, in the alphabet's order: those of the languages they answer in."""
    ours = (one for one in templates.listing() if one.language in account.voice.languages)
    return tuple(sorted({one.name for one in ours if one.name != PASTE}))


def known(record: Record, account: Account, ledger: Ledger) -> str:
    """How the person said to know who invites; "" where they did not say so."""
    if not isinstance(record.reading.found, Invitation):
        return ""
    relays = {*account.trust.answerable, account.voice.me.address}
    told = people(ledger.known(account.name))
    how = how_known(record.reading.found.inviter, own_addresses(record.reading, relays), told, People())
    return how.why if how else ""


def know(number: int, ledger: Ledger, clock: Clock) -> str:
    """Keep that the person knows who sent this invitation; returns how they are kept. Raises GiveUp."""
    record = find(ledger, number)
    kept = _kept_as(record)
    ledger.know(record.account, kept, clock.now())
    return kept


def unknow(number: int, ledger: Ledger) -> str:
    """Take that back. Raises GiveUp where it was not kept so."""
    record = find(ledger, number)
    kept = _kept_as(record)
    if not ledger.unknow(record.account, kept):
        raise GiveUp(f"{kept} was not kept: `watcher know --list` shows who is")
    return kept


def _kept_as(record: Record) -> str:
    """By profile, which is one person; else by a full name."""
    found = record.reading.found
    if not isinstance(found, Invitation):
        raise GiveUp(f"no. {record.id} could not be read, so it names nobody")
    if found.inviter.profile_url is None and not is_full(found.inviter.name):
        raise GiveUp(f"no. {record.id} shows neither a profile nor a full name: say `watcher know PERSON`")
    return kept_as(found.inviter.profile_url or found.inviter.name)


@contextmanager
def commanded(number: int, account: Account, ports: Ports) -> Iterator[Command]:
    """One row in the hands of its person, under the lease. Raises GiveUp where there is no such row."""
    record = find(ports.ledger, number)
    if record.account != account.name:
        raise GiveUp(f"no. {record.id} belongs to the mailbox {record.account}, not to {account.name}")
    if is_forgotten(record.reading):
        raise GiveUp(f"you had no. {number} forgotten: a draft of it is yours to delete, in your mail program")
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
        composed = self._composed(ANY)
        if self.record.draft is None:
            self._refuse_answered()
        else:
            look, it = self._look()
            if (turned_up := self._concluded(look, it)) is not None:
                return turned_up
            self._refuse_alive(look, it)
        return self._put(composed)

    def redraft(self, removal: DraftRemoval, choice: Choice) -> Record:
        """Another template or language in the place of the draft."""
        self._refuse_irreplaceable()
        self._refuse_language(choice.language)
        if choice.template and base_of(choice.template) == PASTE:
            raise GiveUp(f"{choice.template} is for you alone: it answers nobody")
        return self._replace(removal, self._composed(choice))

    def save(self, removal: DraftRemoval, edit: Edit) -> Record:
        """The person's own words in its place."""
        self._refuse_irreplaceable()
        assert self.record.draft is not None, "what can be replaced was made"
        intent = self.record.draft.intent
        if intent.revision != edit.revision:
            raise GiveUp(f"no. {self.record.id} got another draft while you wrote: look at that one first")
        record = self.record
        composed = self.drafting.compose_own(record.key, record.reading, self._revision(), edit.words, intent)
        return self._replace(removal, composed)

    def _refuse_irreplaceable(self) -> None:
        self._refuse_unanswerable()
        if self.record.state not in {State.DRAFTED, State.DISCARDED} or self.record.draft is None:
            raise GiveUp(f"no. {self.record.id} is {self.record.state}: {_INSTEAD.get(self.record.state, _NOTHING)}")

    def _refuse_language(self, code: str | None) -> None:
        answered = self.account.voice.languages
        if code is not None and code not in answered:
            raise GiveUp(f"you do not answer in {code!r}: WATCHER_LANGUAGES names {', '.join(answered)}")

    def _replace(self, removal: DraftRemoval, composed: Draft) -> Record:
        """Remove what is ours, make sure that nothing is left, and only then put the new revision."""
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
        if self.record.state in CAN_BE_LEFT:
            return self.move(State.SKIPPED, "you left it")
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

    def _composed(self, choice: Choice) -> Draft:
        template = Template(choice.template, is_exact=True) if choice.template else Template(self.template())
        record, answer_in = self.record, choice.language or ""
        return self.drafting.compose(record.key, record.reading, self._revision(), template, answer_in)

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
