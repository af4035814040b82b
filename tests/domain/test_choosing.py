"""Promise: which variant answers is told by its `when` lines, the invitation and the day alone, in whatever order."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from builders import NOW, a_reading, an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.choosing import Occasion, Variant, base_of, chosen, holds
from watcher.domain.front_matter import DAYS, Asks, Condition
from watcher.domain.kinds import VerdictKind

TUESDAY = NOW


def occasion(
    at: datetime = TUESDAY, kind: VerdictKind = VerdictKind.GENERIC, language: str | None = "en", **inviter: str | None
) -> Occasion:
    found = an_invitation(language=language)
    verdict = a_reading().verdict
    assert verdict is not None
    return Occasion(replace(found, inviter=replace(found.inviter, **inviter)), replace(verdict, kind=kind), at)


def variant(name: str, **when: str) -> Variant:
    return Variant(name, tuple(Condition(Asks(asks), tuple(words.split(","))) for asks, words in when.items()))


@pytest.mark.parametrize(
    ("word", "headline", "is_true"),
    [
        ("recruiter", "Senior Recruiter at Nordkai", True),
        ("recruit", "Senior Recruiter at Nordkai", False),
        ("recruit*", "Senior Recruiter at Nordkai", True),
        ("cruiter", "Senior Recruiter", False),
        ("talent acquisition", "Head of Talent\u00a0 Acquisition", True),
        ("talent acquisition", "Talent, Acquisition", False),
        ("c++", "C++ engineer", True),
        ("365", "Office 365 and 3650 more", True),
        ("36", "Office 365", False),
        ("ﬁnance", "Finance", True),
        ("straße", "STRASSE", True),
        ("招聘", "高级招聘经理", True),
        ("مدير", "المدير العام", True),
        ("planner", None, False),
        ("planner", "", False),
        ("a.c", "abc", False),
    ],
)
def test_a_headline_has_a_word_where_a_reader_sees_it(word: str, headline: str | None, is_true: bool) -> None:
    assert holds(Condition(Asks.HEADLINE, (word,)), occasion(headline=headline)) is is_true
    assert holds(Condition(Asks.COMPANY, (word,)), occasion(company=headline)) is is_true


@pytest.mark.parametrize(
    ("wanted", "language", "is_true"),
    [("pt", "pt-br", True), ("pt-br", "pt-BR", True), ("pt-br", "pt", False), ("p", "pt", False), ("fr", None, False)],
)
def test_a_language_is_the_invitations_own(wanted: str, language: str | None, is_true: bool) -> None:
    assert holds(Condition(Asks.LANGUAGE, (wanted,)), occasion(language=language)) is is_true


@given(st.integers(0, 5000), st.integers(-12, 14))
def test_the_day_is_that_of_the_persons_own_time_zone(passed: int, hours: int) -> None:
    at = (NOW + timedelta(hours=passed)).astimezone(timezone(timedelta(hours=hours)))
    true = [day for day in DAYS if holds(Condition(Asks.WEEKDAY, (day,)), occasion(at))]
    assert true == [f"{at:%A}".lower()]


@pytest.mark.parametrize(
    ("variants", "preferred", "name"),
    [
        ([], "", "generic"),
        ([variant("generic.firm")], "", "generic"),
        ([variant("generic.firm")], "firm", "generic.firm"),
        ([variant("generic.firm")], "short", "generic"),
        ([variant("unsure.firm")], "firm", "generic"),
        ([variant("generic.a", weekday="tuesday")], "", "generic.a"),
        ([variant("generic.a", weekday="monday")], "", "generic"),
        ([variant("generic.a", weekday="monday")], "a", "generic"),
        ([variant("generic.a", weekday="tuesday"), variant("generic.firm")], "firm", "generic.a"),
        ([variant("generic.b", weekday="tuesday"), variant("generic.a", verdict="generic")], "", "generic.a"),
        (
            [variant("generic.a", weekday="tuesday"), variant("generic.b", weekday="tuesday", headline="planner")],
            "",
            "generic.b",
        ),
        ([variant("generic.a", weekday="tuesday", headline="pilot")], "", "generic"),
        ([variant("unsure.a", weekday="tuesday")], "", "generic"),
    ],
)
def test_the_most_fitting_variant_answers(variants: list[Variant], preferred: str, name: str) -> None:
    assert chosen("generic", variants, occasion(), preferred) == name


CONDITIONS = st.one_of(
    st.builds(Condition, st.just(Asks.WEEKDAY), st.lists(st.sampled_from(DAYS), min_size=1).map(tuple)),
    st.builds(Condition, st.just(Asks.VERDICT), st.lists(st.sampled_from([*VerdictKind]), min_size=1).map(tuple)),
    st.builds(
        Condition, st.just(Asks.HEADLINE), st.lists(st.sampled_from(["planner", "pilot", "p*"]), min_size=1).map(tuple)
    ),
    st.builds(Condition, st.just(Asks.LANGUAGE), st.just(("en", "de"))),
)
VARIANTS = st.lists(
    st.builds(
        Variant,
        st.sampled_from([f"{base}.{name}" for base in ("generic", "unsure") for name in "abcd"]),
        st.lists(CONDITIONS, max_size=3).map(tuple),
    ),
    max_size=6,
    unique_by=lambda one: one.name,
)
OCCASIONS = st.builds(
    occasion,
    st.integers(0, 6).map(lambda days: NOW + timedelta(days=days)),
    st.sampled_from([*VerdictKind]),
    headline=st.sampled_from(["Planner", "Pilot", "Potter", None]),
)


@given(VARIANTS, OCCASIONS, st.sampled_from(["", "a", "b", "z"]), st.randoms())
def test_the_choice_is_the_same_in_any_order_and_always_one_that_holds(
    variants: list[Variant], at: Occasion, preferred: str, chance: Random
) -> None:
    name = chosen("generic", variants, at, preferred)
    shuffled = variants[:]
    chance.shuffle(shuffled)
    assert chosen("generic", shuffled, at, preferred) == name
    mine = {one.name: one.when for one in variants if base_of(one.name) == "generic"}
    fits = {key: when for key, when in mine.items() if when and all(holds(each, at) for each in when)}
    if fits:
        assert name in fits
        assert len(fits[name]) == max(map(len, fits.values()))
    else:
        assert name == "generic" or (name == f"generic.{preferred}" and mine[name] == ())


@given(VARIANTS, OCCASIONS)
def test_what_does_not_hold_changes_nothing(variants: list[Variant], at: Occasion) -> None:
    never = Variant("generic.zz", (Condition(Asks.COMPANY, ("nobody at all",)),))
    assert chosen("generic", [*variants, never], at) == chosen("generic", variants, at)


@pytest.mark.parametrize(
    ("name", "base"), [("generic", "generic"), ("generic.firm", "generic"), ("own words", "own words")]
)
def test_a_variant_knows_its_base(name: str, base: str) -> None:
    assert base_of(name) == base
