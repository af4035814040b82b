"""Checks of the mailbox once it is open: what the server can do, the folders, whose word on mail is trusted, clocks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from watcher.doctor.checks import Check, Health, attention, good, tried, troubles
from watcher.domain import message
from watcher.domain.genuine import Proposal, proposals
from watcher.domain.message import Message
from watcher.domain.plan import Strictness
from watcher.domain.raw import RawMessage
from watcher.errors import WatcherError
from watcher.ports import Mailbox, ServerFacts
from watcher.steps.account import Account
from watcher.steps.whereabouts import sent_folder

NEWEST = 200
"""So many of the newest mails, whoever wrote them, are looked at for the server's authserv-id."""

APART = timedelta(minutes=5)
"""So far apart the clocks of this machine and of the server may be."""

_TRY_AGAIN = "try again: the server was asked and failed"


def newest(mailbox: Mailbox, folders: Sequence[str]) -> tuple[Message, ...]:
    """Few headers of the newest mails, for what the mailbox's own server writes. Raises Show and TryAgain."""
    headers = (header for folder in folders for header in mailbox.newest(folder, NEWEST))
    return tuple(message.assemble(RawMessage(header, (), len(header))) for header in headers)


@dataclass(frozen=True, slots=True)
class Examination:
    """Of an open mailbox. `every` is how often passes are made, in words."""

    mailbox: Mailbox
    account: Account
    idle: str
    every: str
    now: datetime

    def checks(self) -> Iterator[Check]:
        """What the server can do, then the folders, then the mail."""
        try:
            facts = self.mailbox.facts()
        except WatcherError as error:
            yield from troubles("capabilities", error, _TRY_AGAIN)
            return
        yield from self._server(facts)
        yield from self._junk()
        drafts = list(tried("Drafts folder", self.mailbox.drafts, _TRY_AGAIN))
        yield from drafts
        # Where there is no Drafts folder, nothing can be mistaken for it.
        is_known = all(check.health is Health.GOOD for check in drafts)
        yield from _sent(partial(sent_folder, self.mailbox) if is_known else self.mailbox.sent)
        readable = yield from self._folders()
        yield from self._mail(readable)

    def _folders(self) -> Generator[Check, None, list[str]]:
        """Those that are looked over; returns those that can be."""
        readable = []
        for folder in self.account.folders:
            for check in tried(f"folder {folder}", partial(_looked, self.mailbox, folder), _TRY_AGAIN):
                yield check
                readable += [folder] if check.health is Health.GOOD else []
        return readable

    def _server(self, facts: ServerFacts) -> Iterator[Check]:
        if "MAILDIR" in facts.capabilities:
            yield good("mailbox", f"a Maildir on this machine with {len(facts.folders)} folders")
            return
        yield good("login", "the server let us in")
        yield good("connection", f"encrypted, {facts.tls}" if facts.tls else "not encrypted: on this machine only")
        yield _capabilities(facts.capabilities)
        yield self._news(is_offered="IDLE" in facts.capabilities)

    def _news(self, *, is_offered: bool) -> Check:
        passes = f"a pass {self.every} finds new mail"
        if self.idle == "off":
            return good("IDLE", f"off (WATCHER_IDLE): {passes}")
        if is_offered:
            return good("IDLE", f"the server tells at once of new mail in {self.account.folders[0]}")
        if self.idle == "on":
            found = "the server cannot tell of new mail, and WATCHER_IDLE is on: `watcher run` would stop"
            return Check("IDLE", Health.BAD, found, f"set WATCHER_IDLE=auto: then {passes}")
        return good("IDLE", f"the server cannot: {passes}")

    def _junk(self) -> Iterator[Check]:
        try:
            folder = self.mailbox.junk()
        except WatcherError as error:
            yield from troubles("Junk folder", error, _TRY_AGAIN)
            return
        if not self.account.searches_junk:
            yield good("Junk folder", f"{folder or 'there is none'}; not looked over (WATCHER_JUNK)")
        elif folder is None:
            remedy = "name the folder in WATCHER_FOLDERS beside INBOX, or take WATCHER_JUNK out"
            yield attention("Junk folder", "WATCHER_JUNK is on, and no folder is known for junk", remedy)
        else:
            yield from tried("Junk folder", lambda: f"{folder}, {_looked(self.mailbox, folder)}", _TRY_AGAIN)

    def _mail(self, folders: Sequence[str]) -> Iterator[Check]:
        try:
            mails = newest(self.mailbox, folders)
        except WatcherError as error:
            yield from troubles("authenticity", error, _TRY_AGAIN)
            return
        yield authenticity(self.account, proposals(mails))
        yield from clocks(mails, self.now)


def _capabilities(known: frozenset[str]) -> Check:
    wanted = {"UIDPLUS": "new drafts are found by search", "SPECIAL-USE": "Drafts is found by its name"}
    missing = [f"no {name}: {instead}" for name, instead in wanted.items() if name not in known]
    return good("capabilities", "; ".join(missing) or "UIDPLUS and SPECIAL-USE")


def _looked(mailbox: Mailbox, folder: str) -> str:
    return f"there, UIDVALIDITY {mailbox.look(folder).uidvalidity}"


def _sent(find: Callable[[], str | None]) -> Iterator[Check]:
    try:
        folder = find()
    except WatcherError as error:
        yield from troubles("Sent folder", error, _TRY_AGAIN)
        return
    if folder is None:
        found = "there is none, so it is not noticed what you send and what you throw away"
        yield attention("Sent folder", found, "if there is one, name it in WATCHER_SENT_FOLDER")
    else:
        yield good("Sent folder", folder)


def authenticity(account: Account, proposed: Sequence[Proposal]) -> Check:
    """Whose word on "LinkedIn sent this" is trusted, and whether the newest mails agree."""
    what, trusted, strictness = "authenticity", account.trust.authserv_id, account.policy.strictness
    if strictness is not Strictness.REQUIRE:
        return good(what, f"WATCHER_AUTHENTICITY={strictness}: mail not proven genuine is drafted too")
    if trusted is None:
        return _unpinned(proposed)
    if proposed and trusted.lower() not in {one.authserv_id for one in proposed}:
        found = f"{trusted!r} is trusted, but the newest mails name {proposed[0].authserv_id!r}"
        return attention(what, found, "set WATCHER_TRUSTED_AUTHSERV to your server's own id")
    return good(what, f"results of {trusted!r} are trusted")


def _unpinned(proposed: Sequence[Proposal]) -> Check:
    if not proposed:
        found = (
            "no server is trusted to prove mail genuine, and the newest mails name none: signatures are checked here"
        )
        return attention("authenticity", found, "run `watcher doctor` again when more mail has come")
    best = proposed[0]
    found = (
        f"no server is trusted yet: what LinkedIn's signature does not prove is held. "
        f"{best.mails} of the newest mails, of {best.senders} senders, were checked by {best.authserv_id!r}"
    )
    setting = f"WATCHER_TRUSTED_AUTHSERV={best.authserv_id}"
    remedy = f"if that is your provider, set this, then run `watcher rejudge`: {setting}"
    return attention("authenticity", found, remedy)


def clocks(mails: Sequence[Message], now: datetime) -> Iterator[Check]:
    """No mail was taken in later than now. The other way round nothing follows: mail may have been late to come.

    The time is what the mailbox's own server wrote into its Received line, which is the topmost (RFC 5321 §4.4).
    """
    stamps = [at for one in mails if (at := message.taken_in(one)) is not None]
    if not stamps:
        return
    ahead = max(stamps) - now
    if ahead > APART:
        minutes = round(ahead.total_seconds() / 60)
        found = f"the mail server took a mail in {minutes} minutes from now: its clock or this one is wrong"
        yield attention("clock and server", found, "set the clock of this machine by the network (NTP)")
    else:
        yield good("clock and server", "no mail comes from the future")
