"""Checks of what the program works with: ledger, clock, templates, judges, address book, sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from watcher.doctor.checks import Check, Health, attention, good, not_checked, tried, troubles
from watcher.domain.tokens import Standing, foretold
from watcher.domain.values import Reading
from watcher.errors import TryAgain, WatcherError
from watcher.person import pausing
from watcher.person.trial import findings
from watcher.ports import AccessTokens, AddressBook, Ledger, Templates
from watcher.steps.drafting import Voice
from watcher.steps.opinions import SecondJudge

AHEAD = timedelta(minutes=5)
"""So far apart clocks may be."""

_DISK = "see that the disk has room and that no other program holds the file, then run `watcher doctor` again"


def ledger(opened: Callable[[], Ledger], account: str, now: datetime) -> Iterator[Check]:
    """The memory of the program, and what it says of the clock, of a pause and of LinkedIn's mail."""
    try:
        found = list(_in_ledger(opened(), account, now))
    except WatcherError as error:
        yield from troubles("ledger", error, _DISK)
        yield not_checked("clock", "the ledger tells of it, of a pause and of LinkedIn's mail")
    else:
        yield from found


def _in_ledger(kept: Ledger, account: str, now: datetime) -> Iterator[Check]:
    last = kept.last_pass(account, completed=True)
    yield good("ledger", f"last completed pass {last.ended:%F %T %Z}" if last else "ready, no pass yet")
    if last is not None and last.ended > now + AHEAD:
        found = f"it is {now:%F %T}, yet a pass ended {last.ended:%F %T}"
        yield Check("clock", Health.BAD, found, "set the clock of this machine")
    else:
        yield good("clock", f"{now:%F %T %Z}")
    pause = kept.paused(account, now)
    if pause is not None:
        yield attention("pause", pausing.told(pause), "`watcher resume` ends it")
    drifts = kept.drifts(account)
    if drifts:
        found = f"{len(drifts)} genuine mails were not understood, the last {drifts[0].at:%F}: {drifts[0].why}"
        yield attention("LinkedIn's mail", found, "see `watcher drift`: it has samples to report")
    else:
        yield good("LinkedIn's mail", "every genuine invitation was understood")


def templates(opened: Callable[[], Templates], readings: Sequence[Reading], voice: Voice) -> Iterator[Check]:
    """Those of the languages that the person answers in."""
    try:
        known = opened()
    except WatcherError as error:
        yield from troubles("templates", error)
        return
    broken = [one for one in findings(known, readings, voice.me, set(voice.languages)) if one.is_error]
    for code in voice.languages:
        problem = next((one for one in broken if one.language == code), None)
        if problem:
            what = f"{problem.where}: {problem.what}"
            yield Check(f"templates {code}", Health.BAD, what, f"{problem.remedy}; see `watcher templates check`")
        else:
            count = sum(1 for one in known.listing() if one.language == code)
            yield good(f"templates {code}", f"{count} render on every sample")


def judge(made: Callable[[], object]) -> Iterator[Check]:
    """What tells the meaning of notes, where it is wanted; the shipped judge needs nothing."""
    try:
        wanted = made()
    except WatcherError as error:
        yield from troubles("judge of notes", error)
        return
    if wanted is not None:
        yield good("judge of notes", "reads the meaning of notes, on this machine")


def model(made: Callable[[], SecondJudge | None]) -> Iterator[Check]:
    """The language model, where one is wanted: whether it answers, and where notes go."""
    try:
        second = made()
    except WatcherError as error:
        yield from troubles("language model", error)
        return
    if second is not None:
        yield _of_model(second)


def _of_model(second: SecondJudge) -> Check:
    what, host = "language model", second.model.host
    goes = f"notes go to {host}, with names replaced" if host else "on this machine: notes do not leave it"
    try:
        is_good = second.answers_well()
    except TryAgain as failure:
        return attention(what, f"{failure}; {goes}", "until it answers, verdicts are our own")
    if not is_good:
        found = f"what it said of a note with a plain reason was no answer or a wrong one; {goes}"
        return attention(what, found, "choose another in WATCHER_LLM_MODEL")
    if host:
        remedy = "that is as you set it; take WATCHER_LLM_URL out to keep notes on this machine"
        return attention(what, f"answers well; {goes}", remedy)
    return good(what, f"answers well; {goes}")


def book(made: Callable[[], AddressBook | None]) -> Iterator[Check]:
    """The address book, where there is one."""
    try:
        opened = made()
    except WatcherError as error:
        yield from troubles("address book", error)
        return
    if opened is not None:
        yield from tried("address book", lambda: _people(opened))


def _people(opened: AddressBook) -> str:
    found = opened.read()
    people = found.people
    told = f"{len(people.names)} full names, {len(people.addresses)} addresses, {len(people.profiles)} profiles"
    unread = f"; {found.broken} could not be read" if found.broken else ""
    return f"cards read: {found.cards}, with {told}{unread}"


def notices(made: Callable[[], Sequence[str]]) -> Iterator[Check]:
    """Where alarms and notices go; nothing is sent to try it."""
    try:
        places = made()
    except WatcherError as error:
        yield from troubles("alarms", error)
        return
    if places:
        yield good("alarms", f"told by {', '.join(places)}")


def sign_in(made: Callable[[], AccessTokens | None], now: datetime) -> Iterator[Check]:
    """How long the sign-in by OAuth will hold; asks nobody, the login after it does."""
    try:
        tokens = made()
        standing = tokens.standing() if tokens else None
    except WatcherError as error:
        yield from troubles("sign-in", error)
        return
    if tokens is not None:
        yield _of_sign_in(standing, now)


def _of_sign_in(standing: Standing | None, now: datetime) -> Check:
    if standing is None or standing.over is not None:
        ended = f"{standing.provider} ended it on {standing.over:%F}" if standing else "nobody has signed in yet"
        return Check("sign-in", Health.BAD, ended, "run `watcher login`")
    found = f"by {standing.provider} since {standing.since:%F}"
    if ending := foretold(standing, now):
        remedy = "publish the project in the Google console, then run `watcher login` once more (docs/sign-in.md)"
        return attention("sign-in", f"{found}; {ending}", remedy)
    return good("sign-in", f"{found}, renewed by itself")
