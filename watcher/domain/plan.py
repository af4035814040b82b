"""One invitation, what the ledger knows, and the time: one Action. Nothing is done here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.domain.identity import same_person
from watcher.domain.kinds import Authentic, VerdictKind
from watcher.domain.lifecycle import HAS_DRAFT, State
from watcher.domain.names import compared
from watcher.domain.values import Evidence, Invitation, Inviter, Reading, Verdict

SAME_PERSON_WITHIN = timedelta(days=90)

LATE = timedelta(days=5)
"""So long servers try to hand a mail over (RFC 5321 §4.5.4.1): its Date may lie so far back when it comes."""


class Strictness(StrEnum):
    """What happens to an invitation that is not proven genuine. One that is proven false is never drafted."""

    REQUIRE = "require"
    WARN = "warn"
    OFF = "off"


class ForKnown(StrEnum):
    """What an invitation gets whose inviter the person knows: no draft, or one that does not ask why."""

    SKIP = "skip"
    TEMPLATE = "template"


class SkipReason(StrEnum):
    """Why an invitation gets no draft; these words are counted and shown."""

    SAME_PERSON = "same_person"
    NEVER_ANSWERED = "never_answered"
    NOT_WANTED = "verdict_not_wanted"
    FALSE = "proven_false"
    ANSWERED = "answered_already"
    KNOWN = "known"
    OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person decided about drafting. `skip` holds addresses, domains and names."""

    draft_for: frozenset[VerdictKind] = frozenset(VerdictKind)
    strictness: Strictness = Strictness.REQUIRE
    skip: frozenset[str] = frozenset()
    drafts_per_pass: int = 25
    for_known: ForKnown = ForKnown.TEMPLATE
    known_by_sent: bool = True


@dataclass(frozen=True, slots=True)
class Earlier:
    """An invitation that the ledger knows, as far as the plan needs it."""

    id: int
    inviter: Inviter
    state: State
    received: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows: this invitation's own state, others that may be of the same person, drafts made so far.

    `inviter`: how the person knows who invites; None where they do not. `oldest`: see `oldest_wanted`.
    """

    state: State | None
    others: tuple[Earlier, ...]
    drafted_in_pass: int
    inviter: Evidence | None = None
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing to do: the invitation has its outcome already."""


@dataclass(frozen=True, slots=True)
class Skip:
    """No draft, for good."""

    reason: SkipReason
    words: str


@dataclass(frozen=True, slots=True)
class Hold:
    """No draft until the person decides."""

    words: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A draft, but in a later pass."""

    words: str


@dataclass(frozen=True, slots=True)
class Compose:
    """A draft, now; `for_known`: with the template for people one knows, whatever the verdict."""

    for_known: bool = False


Action = Leave | Skip | Hold | Wait | Compose


def plan(reading: Reading, invitation: Invitation, received: datetime, known: Known, policy: Policy) -> Action:
    """Decide what to do about one invitation; the first rule that applies wins."""
    if known.state not in {None, State.SEEN}:
        return Leave()
    verdict = reading.verdict
    assert verdict is not None, "an invitation is always judged"
    return (
        _by_age(received, known)
        or _by_authenticity(reading, policy)
        or _by_skip_list(reading, invitation, policy)
        or (_by_acquaintance(known.inviter, policy) if known.inviter else _by_verdict(verdict, policy))
        or _by_person(invitation, received, known)
        or _by_cap(known, policy)
        or Compose(for_known=known.inviter is not None)
    )


def answered(folder: str) -> Skip:
    """An answer stands in the mailbox that the ledger does not know of: there is no second one."""
    return Skip(SkipReason.ANSWERED, f"an answer to it stands in {folder} already")


def _by_age(received: datetime, known: Known) -> Action | None:
    if known.state is not None or known.oldest is None or received >= known.oldest:
        return None
    return Skip(SkipReason.OLD, f"it is of {received:%d %B %Y}, so it was moved or copied here")


def _by_authenticity(reading: Reading, policy: Policy) -> Action | None:
    if reading.authentic is Authentic.FAIL:
        return Skip(SkipReason.FALSE, "the mailbox's own server says that LinkedIn did not send this")
    if reading.authentic is Authentic.UNKNOWN and policy.strictness is Strictness.REQUIRE:
        doubt = next(
            (problem for problem in reading.problems if problem.startswith("not proven")),
            "not proven genuine",
        )
        return Hold(doubt)
    return None


def _by_skip_list(reading: Reading, invitation: Invitation, policy: Policy) -> Action | None:
    to = reading.route.to if reading.route else None
    addresses = {reading.source.sender, to or ""}
    names = addresses | {address.rpartition("@")[2] for address in addresses} | {invitation.inviter.name}
    theirs = {compared(name) for name in names} - {""}
    matched = sorted(entry for entry in policy.skip if compared(entry) in theirs)
    return Skip(SkipReason.NEVER_ANSWERED, f"WATCHER_SKIP names {matched[0]}") if matched else None


def _by_acquaintance(how: Evidence, policy: Policy) -> Action | None:
    """Someone the person knows is not asked why, so the verdict does not count."""
    return Skip(SkipReason.KNOWN, how.why) if policy.for_known is ForKnown.SKIP else None


def _by_verdict(verdict: Verdict, policy: Policy) -> Action | None:
    if verdict.kind in policy.draft_for:
        return None
    if verdict.kind is VerdictKind.UNSURE:
        return Hold("the note could be read either way, and WATCHER_DRAFT_FOR leaves those to you")
    return Skip(SkipReason.NOT_WANTED, f"WATCHER_DRAFT_FOR does not name {verdict.kind}")


def _by_person(invitation: Invitation, received: datetime, known: Known) -> Action | None:
    for other in known.others:
        near = abs(other.received - received) <= SAME_PERSON_WITHIN
        if near and other.state in HAS_DRAFT and same_person(other.inviter, invitation.inviter):
            words = f"{invitation.inviter.name} invited within 90 days before (no. {other.id})"
            return Skip(SkipReason.SAME_PERSON, words)
    return None


def _by_cap(known: Known, policy: Policy) -> Action | None:
    if known.drafted_in_pass < policy.drafts_per_pass:
        return None
    return Wait(f"over the {policy.drafts_per_pass} drafts of one pass (WATCHER_MAX_DRAFTS_PER_PASS)")


def received_at(date: datetime | None, internaldate: datetime) -> datetime:
    """When an invitation came: its Date, unless that lies after the server's INTERNALDATE or is missing.

    A mail that was moved or imported has a younger INTERNALDATE; a Date in the future is wrong.
    """
    return min(date, internaldate) if date else internaldate


def among_junk(policy: Policy) -> Policy:
    """What holds there: junk is where forgeries lie, so a mail is proven genuine, whatever else is wanted."""
    return replace(policy, strictness=Strictness.REQUIRE)


def oldest_wanted(looked_over: datetime, look_back: timedelta) -> datetime:
    """What is older than this did not come with today's mail, though it is new in its folder: a mailbox that moved to
    another server or came out of a backup, a folder that was tidied up.

    `looked_over`: when the mailbox last was, to its end; where it never was, now.
    """
    return looked_over - max(look_back, LATE)
