"""The model alone never turns a verdict into its opposite, and what it adds is evidence in the note's own words."""

import pytest
from builders import ME
from domain.instructed_notes import INSTRUCTED
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.opinion.combining import combine, is_open, unasked
from watcher.domain.opinion.grounds import Ground, Opinion
from watcher.domain.opinion.placeholders import Hidden, hide
from watcher.domain.values import Evidence, Verdict

G, P, U = VerdictKind.GENERIC, VerdictKind.PERSONALISED, VerdictKind.UNSURE
GROUND = {G: Ground.FLATTERY, P: Ground.MET, U: Ground.EITHER_WAY}
BECAUSE = {G: Because.BOILERPLATE, P: Because.REASON, U: Because.UNCLEAR}
SHOWN = hide("Hello Robin, we met in Aarhus", Hidden("Tilda Moreau", ME.name, ()), "en")


def ours(kind: VerdictKind) -> Verdict:
    return Verdict(kind, BECAUSE[kind], (Evidence("Hello", "ours"),), 0.8)


def theirs(kind: VerdictKind) -> Opinion:
    return Opinion(GROUND[kind], ((0, len(SHOWN.text)),))


@pytest.mark.parametrize(
    ("our", "their", "both"),
    [(G, G, G), (G, P, U), (G, U, G), (P, G, U), (P, P, P), (P, U, P), (U, G, G), (U, P, P), (U, U, U)],
)
def test_the_table(our: VerdictKind, their: VerdictKind, both: VerdictKind) -> None:
    found = combine(ours(our), theirs(their), SHOWN)
    assert (found.kind, found.because) == (both, BECAUSE[both])
    assert [one.text for one in found.evidence] == ["Hello", "Hello Robin, we met in Aarhus"]
    assert f"a language model finds it {their}" in found.evidence[1].why
    assert found.confidence == (0.8 if both is our else 0.5 if both is U else 0.6)


@given(st.sampled_from([G, P]), st.sampled_from(VerdictKind))
def test_never_the_opposite(our: VerdictKind, their: VerdictKind) -> None:
    assert combine(ours(our), theirs(their), SHOWN).kind in {our, U}


@pytest.mark.parametrize("because", [Because.NO_NOTE, Because.DEFAULT_NOTE])
@pytest.mark.parametrize("their", VerdictKind)
def test_what_is_certain_stays(because: Because, their: VerdictKind) -> None:
    verdict = Verdict(G, because, (), 0.97)
    assert not is_open(verdict)
    assert combine(verdict, theirs(their), SHOWN) == verdict


@pytest.mark.parametrize("our", VerdictKind)
def test_without_an_opinion_all_stays(our: VerdictKind) -> None:
    assert combine(ours(our), None, SHOWN) == ours(our)


@pytest.mark.parametrize("our", VerdictKind)
def test_a_note_that_gives_orders_stays_with_our_verdict_and_says_so(our: VerdictKind) -> None:
    found = unasked(ours(our), INSTRUCTED["en"])
    assert (found.kind, found.because, found.confidence) == (our, BECAUSE[our], 0.8)
    assert found.evidence[-1].text == INSTRUCTED["en"]
    assert "no language model was asked" in found.evidence[-1].why
