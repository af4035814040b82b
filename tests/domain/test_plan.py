"""Promise: what is done about an invitation follows from a few rules in a fixed order; nobody gets two drafts."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from builders import NOW, a_reading, an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.kinds import Authentic, Because, RouteBy, VerdictKind
from watcher.domain.lifecycle import HAS_DRAFT, State
from watcher.domain.plan import (
    Action,
    Compose,
    Earlier,
    Hold,
    Known,
    Leave,
    Policy,
    Skip,
    SkipReason,
    Strictness,
    Wait,
    oldest_wanted,
    plan,
    received_at,
)
from watcher.domain.values import Inviter, Reading, Route, Verdict

SAME = an_invitation().inviter
NEW = Known(None, (), 0)


def planned(reading: Reading | None = None, known: Known = NEW, policy: Policy | None = None) -> Action:
    return plan(reading or a_reading(), an_invitation(), NOW, known, policy or Policy())


def judged(kind: VerdictKind) -> Reading:
    return a_reading(verdict=Verdict(kind, Because.UNCLEAR, (), 0.5))


def earlier(state: State = State.DRAFTED, ago: timedelta = timedelta(days=1), inviter: Inviter = SAME) -> Known:
    return Known(None, (Earlier(3, inviter, state, NOW - ago),), 0)


def skipped(action: Action) -> SkipReason | None:
    return action.reason if isinstance(action, Skip) else None


def test_a_new_invitation_gets_a_draft() -> None:
    assert planned() == Compose()
    assert planned(known=Known(State.SEEN, (), 24)) == Compose()


@pytest.mark.parametrize("state", sorted(set(State) - {State.SEEN}))
def test_what_has_its_outcome_is_left_alone_whatever_else_is_true(state: State) -> None:
    false = a_reading(authentic=Authentic.FAIL)
    assert planned(false, Known(state, (), 99), Policy(skip=frozenset({"linkedin.com"}))) == Leave()


@pytest.mark.parametrize("strictness", Strictness)
def test_what_is_proven_false_is_never_drafted(strictness: Strictness) -> None:
    false = a_reading(authentic=Authentic.FAIL)
    assert skipped(planned(false, policy=Policy(strictness=strictness))) is SkipReason.FALSE


def test_what_is_not_proven_is_held_unless_the_person_set_otherwise() -> None:
    unknown = a_reading(authentic=Authentic.UNKNOWN, problems=("other", "not proven genuine: no server"))
    assert planned(unknown) == Hold("not proven genuine: no server")
    assert planned(replace(unknown, problems=())) == Hold("not proven genuine")
    for strictness in (Strictness.WARN, Strictness.OFF):
        assert planned(unknown, policy=Policy(strictness=strictness)) == Compose()


@pytest.mark.parametrize(
    ("entry", "matches"),
    [
        ("tilda@example.test", True),
        ("example.test", True),
        ("tilda moreau", True),
        ("invitations@linkedin.com", True),
        ("test", False),
        ("ilda@example.test", False),
        ("tilda", False),
        ("", False),
    ],
)
def test_people_on_the_list_are_never_answered(entry: str, matches: bool) -> None:
    reading = a_reading(route=Route(RouteBy.EMAIL, "Tilda@Example.test", "u"))
    action = planned(reading, policy=Policy(skip=frozenset({entry})))
    assert skipped(action) is (SkipReason.NEVER_ANSWERED if matches else None)


@pytest.mark.parametrize("entry", ["zoë łukasz", "zoe\u0308 łukasz", "zoë\u00a0łukasz", "ZOË  ŁUKASZ\u200b"])
@pytest.mark.parametrize("name", ["Zoë Łukasz", "Zoe\u0308 Łukasz", "Zoë\u00a0Łukasz", "\u2068Zoë Łukasz\u2069"])
def test_a_name_on_the_list_is_compared_as_the_eye_does(entry: str, name: str) -> None:
    named = an_invitation(inviter=replace(SAME, name=name))
    assert skipped(plan(a_reading(), named, NOW, NEW, Policy(skip=frozenset({entry})))) is SkipReason.NEVER_ANSWERED


@pytest.mark.parametrize("entry", ["", " ", "\u200b"])
def test_an_entry_that_names_nobody_skips_nobody(entry: str) -> None:
    reading = a_reading(route=Route(RouteBy.LINKEDIN, None, "u"))
    assert planned(reading, policy=Policy(skip=frozenset({entry}))) == Compose()


def test_who_writes_is_on_the_list_even_where_the_answer_goes_elsewhere() -> None:
    reading = a_reading(route=Route(RouteBy.EMAIL, "uuid@reply.linkedin.com", "u"))
    reading = replace(reading, source=replace(reading.source, sender="tilda@example.test"))
    assert skipped(planned(reading, policy=Policy(skip=frozenset({"example.test"})))) is SkipReason.NEVER_ANSWERED


@pytest.mark.parametrize("kind", VerdictKind)
def test_only_verdicts_that_the_person_wants_get_a_draft(kind: VerdictKind) -> None:
    assert planned(judged(kind), policy=Policy(draft_for=frozenset({kind}))) == Compose()
    refused = planned(judged(kind), policy=Policy(draft_for=frozenset(VerdictKind) - {kind}))
    assert isinstance(refused, Hold if kind is VerdictKind.UNSURE else Skip)
    assert skipped(refused) is (None if kind is VerdictKind.UNSURE else SkipReason.NOT_WANTED)


EDGE = timedelta(days=90)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("ago", "same"),
    [(timedelta(), True), (EDGE, True), (EDGE + TICK, False), (-EDGE, True), (-EDGE - TICK, False)],
)
def test_one_draft_a_person_in_ninety_days_either_way(ago: timedelta, same: bool) -> None:
    assert skipped(planned(known=earlier(ago=ago))) is (SkipReason.SAME_PERSON if same else None)


@pytest.mark.parametrize("state", State)
def test_only_an_earlier_one_that_had_a_draft_counts(state: State) -> None:
    assert (skipped(planned(known=earlier(state))) is SkipReason.SAME_PERSON) == (state in HAS_DRAFT)


def test_somebody_else_of_the_same_name_does_not_count() -> None:
    other = replace(SAME, profile_url="https://www.linkedin.com/in/another-tilda")
    assert planned(known=earlier(inviter=other)) == Compose()
    both = Known(None, (*earlier(inviter=other).others, *earlier().others), 0)
    assert skipped(planned(known=both)) is SkipReason.SAME_PERSON


@given(st.integers(0, 60), st.integers(1, 50))
def test_no_more_drafts_in_a_pass_than_the_cap(drafted: int, cap: int) -> None:
    action = planned(known=Known(State.SEEN, (), drafted), policy=Policy(drafts_per_pass=cap))
    assert isinstance(action, Compose if drafted < cap else Wait)


ORDER = [SkipReason.FALSE, SkipReason.NEVER_ANSWERED, SkipReason.NOT_WANTED, SkipReason.SAME_PERSON]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_first_rule_that_applies_wins(first: int) -> None:
    applying = set(ORDER[first:])
    action = plan(
        a_reading(authentic=Authentic.FAIL if SkipReason.FALSE in applying else Authentic.PASS),
        an_invitation(),
        NOW,
        replace(earlier(), drafted_in_pass=99),
        Policy(
            skip=frozenset({"tilda moreau"} if SkipReason.NEVER_ANSWERED in applying else ()),
            draft_for=frozenset() if SkipReason.NOT_WANTED in applying else frozenset(VerdictKind),
        ),
    )
    assert skipped(action) is ORDER[first]


def test_what_will_be_skipped_does_not_wait_for_the_next_pass() -> None:
    full = replace(earlier(), drafted_in_pass=25)
    assert skipped(planned(known=full)) is SkipReason.SAME_PERSON
    assert isinstance(planned(known=replace(NEW, drafted_in_pass=25)), Wait)


@pytest.mark.parametrize(
    ("date", "internaldate", "received"),
    [
        (None, NOW, NOW),
        (NOW - timedelta(days=3), NOW, NOW - timedelta(days=3)),
        (NOW + timedelta(days=3), NOW, NOW),
        (NOW, NOW, NOW),
        (NOW.astimezone(timezone(timedelta(hours=2))) - timedelta(hours=1), NOW, NOW - timedelta(hours=1)),
    ],
)
def test_an_invitation_came_when_its_date_says_unless_that_lies_in_the_future(
    date: datetime | None, internaldate: datetime, received: datetime
) -> None:
    assert received_at(date, internaldate) == received


@pytest.mark.parametrize(("came", "is_wanted"), [(timedelta(0), True), (timedelta(seconds=-1), False)])
def test_what_is_older_than_what_may_come_is_left(came: timedelta, is_wanted: bool) -> None:
    known = Known(None, (), 0, oldest=NOW - came)
    assert (planned(known=known) == Compose()) is is_wanted
    assert (skipped(planned(known=known)) is SkipReason.OLD) is not is_wanted


def test_what_waits_for_its_turn_grows_old_without_harm() -> None:
    assert planned(known=Known(State.SEEN, (), 0, oldest=NOW + timedelta(days=1))) == Compose()


@pytest.mark.parametrize(
    ("look_back", "back"),
    [(timedelta(0), timedelta(days=5)), (timedelta(days=2), timedelta(days=5)), (timedelta(days=14),) * 2],
)
def test_how_old_mail_may_be_is_counted_from_the_last_pass(look_back: timedelta, back: timedelta) -> None:
    assert oldest_wanted(NOW, look_back) == NOW - back
