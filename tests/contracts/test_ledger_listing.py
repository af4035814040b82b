"""What the ledger shows a person: the rows that were asked for, in order, page by page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from builders import NOW, a_reading, a_sighting, an_invitation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from watcher.adapters.ledger import open_ledger
from watcher.adapters.ledger.opening import migration_config
from watcher.domain.kinds import Kind, VerdictKind
from watcher.domain.lifecycle import State
from watcher.domain.values import Inviter, NotInvitation
from watcher.ports import Beside, Ledger, Wanted


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'data' / 'ledger.sqlite'}")
    yield opened
    opened.close()


def _add(ledger: Ledger, key: str, state: State = State.SEEN, *, days: int = 0, **changes: object) -> int:
    inviter = Inviter(str(changes.pop("name", "Tilda Moreau")), "Tilda", str(changes.pop("headline", "Planner")))
    invitation = an_invitation(inviter=inviter, note=changes.pop("note", None), language=changes.pop("language", "en"))
    reading = a_reading(found=invitation)
    if (verdict := changes.pop("verdict", None)) is not None:
        assert reading.verdict is not None
        reading = replace(reading, verdict=replace(reading.verdict, kind=verdict))
    sighting = a_sighting(key=key, reading=reading, received=NOW + timedelta(days=days), **changes)
    return ledger.record(sighting, state, "", NOW).id


def _numbers(ledger: Ledger, start: int = 0, count: int = 100, **wanted: object) -> list[int]:
    return [row.id for row in ledger.page(Wanted(**wanted), start, count).rows]  # type: ignore[arg-type]


def test_what_needs_a_person_stands_first_then_the_newest(ledger: Ledger) -> None:
    old = _add(ledger, "old", days=-3)
    held = _add(ledger, "held", State.HELD, days=-9)
    new = _add(ledger, "new", State.SKIPPED)
    unread = _add(ledger, "unread", State.QUARANTINED, days=-1)
    assert _numbers(ledger) == [unread, held, new, old]


def test_pages_follow_one_another_and_tell_how_many_there_are(ledger: Ledger) -> None:
    added = [_add(ledger, str(number), days=-number) for number in range(7)]
    pages = [ledger.page(Wanted(), start, 3) for start in (0, 3, 6, 9)]
    assert [row.id for page in pages for row in page.rows] == added
    assert [(len(page.rows), page.total) for page in pages] == [(3, 7), (3, 7), (1, 7), (0, 7)]


def test_a_row_of_a_page_is_whole_but_for_its_history(ledger: Ledger) -> None:
    number = _add(ledger, "one", note="We met in Ghent")
    (row,) = ledger.page(Wanted(), 0, 1).rows
    shown = ledger.show(number)
    assert shown is not None
    assert row == replace(shown, history=())


def test_every_condition_has_to_hold(ledger: Ledger) -> None:
    both = _add(ledger, "a", State.HELD, language="de", verdict=VerdictKind.UNSURE)
    other = _add(ledger, "b", State.SKIPPED, language="de", verdict=VerdictKind.GENERIC, account="two@example.test")
    assert _numbers(ledger, language="de") == [both, other]
    assert _numbers(ledger, verdict=VerdictKind.UNSURE) == [both]
    assert _numbers(ledger, states=frozenset({State.HELD, State.SEEN})) == [both]
    assert _numbers(ledger, account="two@example.test") == [other]
    assert _numbers(ledger, language="de", verdict=VerdictKind.UNSURE, states=frozenset({State.SKIPPED})) == []


@pytest.mark.parametrize(
    "asked",
    [
        "müller", "MULLER", "mull", "Planner Ankerhof", "hafen", "invitations@linkedin.com", "connect", "ﬀ", "100%",
        "北京", "שלום", "muller muller",
    ],
)  # fmt: skip
def test_words_are_found_whatever_their_case_accents_and_script(ledger: Ledger, asked: str) -> None:
    note = "Effi vom Hafen-Büro: 100% sure that we met in 北京市, שָׁלוֹם"
    found = _add(ledger, "a", name="Sieglinde Müller", headline="Planner at Ankerhof", note=note)
    _add(ledger, "b", name="Quinn Okafor", note="Hello", headline="Baker")
    assert found in _numbers(ledger, text=asked)


@pytest.mark.parametrize("asked", ["zzz", "%", "_", "\\", "müller zzz", "'; DROP TABLE invitation; --"])
def test_what_stands_nowhere_is_not_found(ledger: Ledger, asked: str) -> None:
    _add(ledger, "a", name="Sieglinde Müller", note="We met in Ghent")
    assert _numbers(ledger, text=asked) == []
    assert _numbers(ledger) == [1]


def test_what_is_no_invitation_is_found_by_its_subject(ledger: Ledger) -> None:
    reading = a_reading(found=NotInvitation(Kind.OTHER, "broken"), verdict=None, route=None)
    number = ledger.record(a_sighting(reading=reading), State.QUARANTINED, "", NOW).id
    assert _numbers(ledger, text="i want to connect") == [number]


def test_what_was_read_again_is_found_by_its_new_words(ledger: Ledger) -> None:
    number = _add(ledger, "a", State.HELD, note="About otters")
    again = a_sighting(key="a", reading=a_reading(found=an_invitation(note="About herons")))
    ledger.reread(number, again, NOW)
    assert (_numbers(ledger, text="otters"), _numbers(ledger, text="herons")) == ([], [number])


def test_the_neighbours_are_those_of_the_rows_that_were_asked_for(ledger: Ledger) -> None:
    first, second, third = (_add(ledger, str(number), days=-number) for number in range(3))
    held = _add(ledger, "held", State.HELD, days=-9)
    everything, waiting = Wanted(), Wanted(states=frozenset({State.HELD}))
    assert ledger.beside(everything, held) == Beside(None, first)
    assert ledger.beside(everything, second) == Beside(first, third)
    assert ledger.beside(everything, third) == Beside(second, None)
    assert ledger.beside(waiting, held) == Beside(None, None)
    assert ledger.beside(waiting, first) == Beside(None, None)


def test_states_and_languages_are_counted(ledger: Ledger) -> None:
    _add(ledger, "a", State.HELD, language="de")
    _add(ledger, "b", State.HELD, language="en")
    _add(ledger, "c", State.SKIPPED, language=None)
    tally = ledger.tally()
    assert (dict(tally.states), tally.languages) == ({State.HELD: 2, State.SKIPPED: 1}, ("de", "en"))


def test_what_an_older_version_wrote_is_found_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledger = open_ledger(url)
    number = _add(ledger, "a", name="Sieglinde Müller")
    ledger.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        config = migration_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    engine.dispose()
    ledger = open_ledger(url)
    assert _numbers(ledger, text="muller") == [number]
    ledger.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_no_question_breaks_the_ledger(ledger: Ledger, asked: str) -> None:
    assert ledger.page(Wanted(text=asked), 0, 5).total <= 1
