"""The weekly summary: a draft to oneself, put into Drafts at most once a week, whatever crashes.

What guards it is the moment before its first octet goes out, which is written down first. After that none goes out for
this week again, whatever came of it: a summary that is lost is a smaller harm than two. Its Message-ID is derived, so
that a ledger that was lost makes no second one either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from functools import partial
from queue import SimpleQueue

from watcher.domain import reply
from watcher.domain.identity import draft_message_id
from watcher.domain.lifecycle import NEEDS_PERSON, State
from watcher.domain.values import Draft
from watcher.domain.weeks import Week, last_week
from watcher.errors import GiveUp, NotStored, WatcherError
from watcher.person.report import report
from watcher.ports import Clock, Ledger, Record, Wanted
from watcher.steps.account import Account, Ports
from watcher.steps.answers import Answers
from watcher.steps.leasing import leased
from watcher.watching.happenings import Happening, PassEnded

PAGE = 200
"""So many rows are read at a time."""

MOST_REASONS = 8
"""So many reasons are told."""

Render = Callable[[Mapping[str, object]], str]
"""From what the shipped template may name to the text of the draft."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One mailbox whose person wants a summary on that weekday, by the clock on their wall."""

    account: Account
    ledger: Ledger
    open_ports: Callable[[], Ports]
    weekday: str
    zone: tzinfo


@dataclass(slots=True)
class Summaries:
    """Implements `happenings.Listener`, and is the work of a thread. `subscriptions` are by the name of the log.

    Asks only after a pass that went through, over a connection of its own, so that no pass waits for it.
    """

    subscriptions: Callable[[], Mapping[str, Subscription]]
    clock: Clock
    render: Render
    trouble: Callable[[str, Exception], None]
    _passed: SimpleQueue[str | None] = field(default_factory=SimpleQueue)
    _done: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, happening: Happening) -> None:
        """See `happenings.Listener`."""
        if isinstance(happening, PassEnded) and happening.report.summary.completed:
            self._passed.put(happening.account)

    def work(self) -> None:
        """The thread's work, until `end`."""
        while (name := self._passed.get()) is not None:
            subscription = self.subscriptions().get(name)
            if subscription is not None:
                try:
                    self.look(subscription)
                except WatcherError as error:
                    self.trouble(name, error)

    def end(self) -> None:
        """Have the thread end."""
        self._passed.put(None)

    def look(self, subscription: Subscription) -> None:
        """Put the summary of the week that is over, unless that was done. Raises Show, TryAgain and GiveUp."""
        account, ledger = subscription.account, subscription.ledger
        week = last_week(subscription.weekday, self.clock.now(), subscription.zone)
        this = (account.name, week.name)
        if this in self._done:
            return
        if not ledger.was_summed_up(account.name, week.name):
            values = told(ledger, account.name, week)
            if values is not None:
                self._put(subscription, week, self.render(values), this)
        self._done.add(this)

    def _put(self, subscription: Subscription, week: Week, text: str, this: tuple[str, str]) -> None:
        try:
            put(subscription, week, text)
        except GiveUp:  # the server said NO, and would say it after each pass
            self._done.add(this)
            raise


def told(ledger: Ledger, account: str, week: Week) -> Mapping[str, object] | None:
    """What there is to tell of a week, as the template names it; None where nothing came and nothing waits."""
    rows = tuple(_rows(ledger, account, week))
    came = [row for row in rows if week.has(row.received)]
    waiting = [row for row in rows if row.state in NEEDS_PERSON]
    if not came and not waiting:
        return None
    counted, reasons = report(came, (), ()), Counter(row.reason for row in waiting if row.reason)
    return {
        "begin": week.begin,
        "last_day": week.last_day,
        "came": len(came),
        "verdicts": counted.verdicts,
        "drafts": {**counted.drafts, "answered": sum(row.state is State.ANSWERED for row in came)},
        "skipped": counted.states.get(State.SKIPPED, 0),
        "waiting": dict(Counter(str(row.state) for row in waiting)),
        "reasons": reasons.most_common(MOST_REASONS),
    }


def _rows(ledger: Ledger, account: str, week: Week) -> Iterator[Record]:
    """What waits, which stands first in the ledger's order, then what was received, the newest first."""
    start = 0
    while True:
        page = ledger.page(Wanted(account=account), start, PAGE)
        for row in page.rows:
            if row.state not in NEEDS_PERSON and week.began_after(row.received):
                return
            yield row
        start += PAGE
        if start >= page.total:
            return


def put(subscription: Subscription, week: Week, text: str) -> None:
    """Into Drafts, unless it stands there or in Sent. Raises Show, TryAgain and GiveUp."""
    ports = subscription.open_ports()
    try:
        _put(subscription.account, ports, week, text)
    finally:
        ports.mailbox.close()


def _put(account: Account, ports: Ports, week: Week, text: str) -> None:
    mailbox, ledger, now = ports.mailbox, ports.ledger, ports.clock.now()
    draft = composed(account, week, text, now)
    over = datetime.combine(week.end, time(), week.zone)
    with leased(account.name, ledger, ports.clock) as lease:
        if Answers(mailbox).folder(None, draft.message_id, over) is not None:
            ledger.hand_over_summary(week.name, lease, now)
            return
        try:
            handing_over = partial(ledger.hand_over_summary, week.name, lease, now)
            mailbox.append_draft(mailbox.drafts(), draft.content, now, handing_over)
        except NotStored:
            ledger.take_back_summary(week.name, lease, now)
            raise


def composed(account: Account, week: Week, text: str, now: datetime) -> Draft:
    """The draft to oneself, known again by the week it is of."""
    me = account.voice.me
    domain = me.address.rpartition("@")[2]
    message_id = draft_message_id(account.voice.secret, account.name, f"summary:{week.name}", 1, domain)
    subject = f"Invitations from {_day(week.begin)} to {_day(week.last_day)}"
    return reply.to_oneself(me, subject, text, message_id=message_id, now=now)


def _day(day: date) -> str:
    return f"{day:%d %B %Y}".lstrip("0")
