"""Checks everything a pass needs and says what to do, one line a check. Changes nothing anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from watcher.cycle import Account
from watcher.domain import message
from watcher.domain.genuine import topmost_authserv_id
from watcher.domain.kind import may_be_invitation
from watcher.domain.plan import Strictness
from watcher.domain.raw import RawMessage
from watcher.domain.values import Reading
from watcher.errors import WatcherError
from watcher.ports import Clock, Ledger, Mailbox, Templates, Window
from watcher.trial import findings

NEWEST = 20
"""So many of the newest LinkedIn mails are looked at for the server's authserv-id."""

LOOKED_AT = timedelta(days=60)


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

    def checks(self) -> Iterator[Check]:
        """All checks, in the order in which a pass needs them."""
        yield from self._ledger_checks()
        yield from self._template_checks()
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
        yield good("login", "the server let us in")
        tls = f"encrypted, {facts.tls}" if facts.tls else "not encrypted: on this machine only"
        yield good("connection", tls)
        yield self._capabilities(facts.capabilities)
        for what, look in (("Drafts folder", mailbox.drafts), *self._folder_looks(mailbox)):
            yield _tried(what, look)
        yield self._authenticity(mailbox)

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
        seen = Counter(authserv for authserv in self._authserv_ids(mailbox) if authserv)
        if trusted is None:
            return _unpinned(seen)
        if seen and trusted.lower() not in seen:
            found = f"{trusted!r} is trusted, but the newest LinkedIn mails name {seen.most_common(1)[0][0]!r}"
            return Check(
                "authenticity", Health.ATTENTION, found, "set WATCHER_TRUSTED_AUTHSERV to your server's own id"
            )
        return good("authenticity", f"results of {trusted!r} are trusted")

    def _authserv_ids(self, mailbox: Mailbox) -> Iterator[str | None]:
        for folder in self.account.folders:
            mailbox.look(folder)
            uids = mailbox.search(folder, Window(since=(self.clock.now() - LOOKED_AT).date()))
            envelopes = [envelope for envelope in mailbox.glance(folder, uids[-NEWEST:]) if _glanced(envelope.header)]
            for _, raw in mailbox.read(folder, envelopes):
                yield topmost_authserv_id(message.assemble(raw))


def _glanced(header: bytes) -> bool:
    return may_be_invitation(message.assemble(RawMessage(header, (), len(header))))


def _looked(mailbox: Mailbox, folder: str) -> str:
    return f"there, UIDVALIDITY {mailbox.look(folder).uidvalidity}"


def _tried(what: str, look: Callable[[], str]) -> Check:
    try:
        return good(what, look())
    except WatcherError as error:
        return Check(what, Health.BAD, str(error), "mend it and run `watcher doctor` again")


def _unpinned(seen: Counter[str]) -> Check:
    if not seen:
        found = "no server is trusted to prove mail genuine, and no LinkedIn mail was found to learn its id from"
        return Check("authenticity", Health.ATTENTION, found, "run `watcher doctor` again when one has come")
    authserv = seen.most_common(1)[0][0]
    found = f"no server is trusted yet: every invitation will be held. The newest LinkedIn mails name {authserv!r}"
    remedy = f"if that is your mail provider, set WATCHER_TRUSTED_AUTHSERV={authserv}"
    return Check("authenticity", Health.ATTENTION, found, remedy)
