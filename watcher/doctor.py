"""Checks everything a pass needs and says what to do, one line a check. Changes nothing anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from watcher.account import Account
from watcher.domain import message
from watcher.domain.genuine import Proposal, proposals
from watcher.domain.message import Message
from watcher.domain.plan import Strictness
from watcher.domain.raw import RawMessage
from watcher.domain.values import Reading
from watcher.errors import TryAgain, WatcherError
from watcher.opinions import SecondJudge
from watcher.ports import AddressBook, Clock, Ledger, Mailbox, ServerFacts, Templates
from watcher.trial import findings
from watcher.whereabouts import sent_folder

NEWEST = 200
"""So many of the newest mails, whoever wrote them, are looked at for the server's authserv-id."""


class Health(StrEnum):
    """How a check came out."""

    GOOD = "ok"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, what was found, and what to do ("" where nothing is)."""

    what: str
    health: Health
    found: str
    remedy: str = ""


def good(what: str, found: str) -> Check:
    """Nothing to do."""
    return Check(what, Health.GOOD, found)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Checks one account. `open_mailbox` logs in; `readings` are what templates are tried on."""

    account: Account
    open_mailbox: Callable[[], Mailbox]
    ledger: Ledger
    templates: Templates
    clock: Clock
    readings: Sequence[Reading]
    second: SecondJudge | None = None
    book: AddressBook | None = None

    def checks(self) -> Iterator[Check]:
        """All checks, in the order in which a pass needs them."""
        yield from self._ledger_checks()
        yield from self._template_checks()
        if self.second is not None:
            yield _model_check(self.second)
        if self.book is not None:
            yield _tried("address book", partial(_people, self.book))
        try:
            mailbox = self.open_mailbox()
        except WatcherError as error:
            yield Check("login", Health.BAD, str(error), "mend it and run `watcher doctor` again")
            return
        try:
            yield from self._mailbox_checks(mailbox)
        finally:
            mailbox.close()

    def _ledger_checks(self) -> Iterator[Check]:
        last = self.ledger.last_pass(self.account.name, completed=True)
        now = self.clock.now()
        if last is not None and last.ended > now + timedelta(minutes=5):
            yield Check("clock", Health.BAD, f"it is {now:%F %T}, yet a pass ended {last.ended:%F %T}", "set the clock")
        else:
            yield good("clock", f"{now:%F %T %Z}")
        yield good("ledger", f"last completed pass {last.ended:%F %T %Z}" if last else "ready, no pass yet")

    def _template_checks(self) -> Iterator[Check]:
        me, wanted = self.account.voice.me, set(self.account.voice.languages)
        found = [one for one in findings(self.templates, self.readings, me) if one.language in wanted]
        for code in self.account.voice.languages:
            mine = [one for one in found if one.language == code]
            problem = next((one.problem for one in mine if one.problem), "")
            if problem:
                yield Check(f"templates {code}", Health.BAD, problem, "see `watcher templates check`")
            else:
                yield good(f"templates {code}", f"{len(mine)} render on every sample")

    def _mailbox_checks(self, mailbox: Mailbox) -> Iterator[Check]:
        facts = mailbox.facts()
        if "MAILDIR" in facts.capabilities:
            yield good("mailbox", f"a Maildir on this machine with {len(facts.folders)} folders")
        else:
            yield from self._server_checks(facts)
        yield _tried("Drafts folder", mailbox.drafts)
        yield _sent(mailbox)
        for what, look in self._folder_looks(mailbox):
            yield _tried(what, look)
        yield self._authenticity(mailbox)
        yield self._drift_check()

    def _server_checks(self, facts: ServerFacts) -> Iterator[Check]:
        yield good("login", "the server let us in")
        yield good("connection", f"encrypted, {facts.tls}" if facts.tls else "not encrypted: on this machine only")
        yield self._capabilities(facts.capabilities)

    def _folder_looks(self, mailbox: Mailbox) -> Iterator[tuple[str, Callable[[], str]]]:
        for folder in self.account.folders:
            yield f"folder {folder}", partial(_looked, mailbox, folder)

    def _capabilities(self, known: frozenset[str]) -> Check:
        wanted = {"UIDPLUS": "new drafts are found by search", "SPECIAL-USE": "Drafts is found by its name"}
        missing = [f"no {name}: {instead}" for name, instead in wanted.items() if name not in known]
        return good("capabilities", "; ".join(missing) or "UIDPLUS and SPECIAL-USE")

    def _authenticity(self, mailbox: Mailbox) -> Check:
        trusted, strictness = self.account.trust.authserv_id, self.account.policy.strictness
        if strictness is not Strictness.REQUIRE:
            return good("authenticity", f"WATCHER_AUTHENTICITY={strictness}: mail not proven genuine is drafted too")
        proposed = proposals(self._newest(mailbox))
        if trusted is None:
            return _unpinned(proposed)
        if proposed and trusted.lower() not in {one.authserv_id for one in proposed}:
            found = f"{trusted!r} is trusted, but the newest mails name {proposed[0].authserv_id!r}"
            return Check(
                "authenticity", Health.ATTENTION, found, "set WATCHER_TRUSTED_AUTHSERV to your server's own id"
            )
        return good("authenticity", f"results of {trusted!r} are trusted")

    def _newest(self, mailbox: Mailbox) -> Iterator[Message]:
        for folder in self.account.folders:
            for header in mailbox.newest(folder, NEWEST):
                yield message.assemble(RawMessage(header, (), len(header)))

    def _drift_check(self) -> Check:
        drifts = self.ledger.drifts(self.account.name)
        if not drifts:
            return good("LinkedIn's mail", "every genuine invitation was understood")
        found = f"{len(drifts)} genuine mails were not understood, the last {drifts[0].at:%F}: {drifts[0].why}"
        return Check("LinkedIn's mail", Health.ATTENTION, found, "see `watcher drift`: it has samples to report")


def _model_check(judge: SecondJudge) -> Check:
    host = judge.model.host
    goes = f"notes go to {host}, with names replaced" if host else "on this machine: notes do not leave it"
    try:
        is_good = judge.answers_well()
    except TryAgain as failure:
        return Check("language model", Health.ATTENTION, f"{failure}; {goes}", "until it answers, verdicts are our own")
    if not is_good:
        found = f"what it said of a note with a plain reason was no answer or a wrong one; {goes}"
        return Check("language model", Health.ATTENTION, found, "choose another in WATCHER_LLM_MODEL")
    if host:
        remedy = "that is as you set it; take WATCHER_LLM_URL out to keep notes on this machine"
        return Check("language model", Health.ATTENTION, f"answers well; {goes}", remedy)
    return good("language model", f"answers well; {goes}")


def _looked(mailbox: Mailbox, folder: str) -> str:
    return f"there, UIDVALIDITY {mailbox.look(folder).uidvalidity}"


def _people(book: AddressBook) -> str:
    found = book.read()
    people = found.people
    told = f"{len(people.names)} full names, {len(people.addresses)} addresses, {len(people.profiles)} profiles"
    unread = f"; {found.broken} could not be read" if found.broken else ""
    return f"cards read: {found.cards}, with {told}{unread}"


def _sent(mailbox: Mailbox) -> Check:
    try:
        folder = sent_folder(mailbox)
    except WatcherError as error:
        return Check("Sent folder", Health.BAD, str(error), "mend it and run `watcher doctor` again")
    if folder is None:
        found = "there is none, so it is not noticed what you send and what you throw away"
        return Check("Sent folder", Health.ATTENTION, found, "if there is one, name it in WATCHER_SENT_FOLDER")
    return good("Sent folder", folder)


def _tried(what: str, look: Callable[[], str]) -> Check:
    try:
        return good(what, look())
    except WatcherError as error:
        return Check(what, Health.BAD, str(error), "mend it and run `watcher doctor` again")


def _unpinned(proposed: Sequence[Proposal]) -> Check:
    if not proposed:
        found = (
            "no server is trusted to prove mail genuine, and the newest mails name none: signatures are checked here"
        )
        return Check("authenticity", Health.ATTENTION, found, "run `watcher doctor` again when more mail has come")
    best = proposed[0]
    found = (
        f"no server is trusted yet: what LinkedIn's signature does not prove is held. "
        f"{best.mails} of the newest mails, of {best.senders} senders, were checked by {best.authserv_id!r}"
    )
    setting = f"WATCHER_TRUSTED_AUTHSERV={best.authserv_id}"
    remedy = f"if that is your provider, set this, then run `watcher rejudge`: {setting}"
    return Check("authenticity", Health.ATTENTION, found, remedy)
