"""What the ledger erases is erased: from its rows, from its file, and from the log beside that."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, a_reading, a_sighting, an_intent, an_invitation

from watcher.adapters.ledger import open_ledger
from watcher.domain import forgotten
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.values import Evidence, Inviter, NotInvitation, Verdict
from watcher.errors import TryAgain
from watcher.ports import Ledger, Move, Wanted

ME = "me@example.test"
LATER = NOW + timedelta(days=400)
WORD = "Quillfeather"
"""Stands in everything that a mail may tell of people."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def ledger(place: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{place}")
    yield opened
    opened.close()


def _told_of(ledger: Ledger) -> int:
    """A drafted row that says the word wherever it can; its number."""
    inviter = Inviter(f"Ada {WORD}", WORD, f"Head of {WORD}", WORD, f"https://www.linkedin.com/in/{WORD}")
    found = an_invitation(inviter=inviter, note=f"{WORD} here", note_raw=f"> {WORD} here", invitation_id=f"{WORD}1")
    reading = a_reading(found=found, problems=(WORD,))
    source = replace(reading.source, message_id=f"<{WORD}@x>", references=(WORD,), subject=WORD, sender=f"{WORD}@x")
    route = replace(reading.route, to=f"{WORD}@x.example")
    sighting = a_sighting(key=f"linkedin:{WORD}", reading=replace(reading, source=source, route=route))
    row = ledger.record(sighting, State.SEEN, f"wait for {WORD}", NOW)
    lease = ledger.lease(ME, NOW)
    ledger.intend(row.id, an_intent(content=f"Hi {WORD}".encode()), lease)
    ledger.release(lease)
    ledger.drafted(row.id, 77, NOW)
    said = Verdict(VerdictKind.PERSONALISED, Because.REASON, (Evidence(WORD, WORD),), 1.0)
    ledger.correct(row.id, said, f"{WORD.lower()} {WORD}", NOW)
    return row.id


def test_a_forgotten_row_tells_what_became_of_it_and_of_nobody(ledger: Ledger) -> None:
    number = _told_of(ledger)
    before = ledger.show(number)
    assert before is not None
    assert before.draft is not None
    assert before.reading.verdict is not None
    ledger.forget({number: "forgotten:1"}, LATER)
    row = ledger.show(number)
    assert row is not None
    assert WORD.lower() not in repr(row).lower()
    assert forgotten.is_forgotten(row.reading)
    kept = (row.account, row.key, row.state, row.received, row.seen_at, row.updated_at, row.location)
    assert kept == (ME, "forgotten:1", before.state, before.received, before.seen_at, LATER, before.location)
    assert row.reading.verdict == replace(before.reading.verdict, evidence=())
    assert (row.reading.kind, row.reading.found.language) == (before.reading.kind, before.reading.found.language)
    assert row.draft is not None
    assert row.draft.intent == replace(before.draft.intent, content=b"", body_hash="")
    assert (row.draft.uid, row.draft.drafted_at) == (before.draft.uid, before.draft.drafted_at)
    steps = [(move.at, move.start, move.end, move.by) for move in before.history]
    assert [(move.at, move.start, move.end, move.by) for move in row.history[:-1]] == steps
    assert row.history[-1] == Move(LATER, State.DRAFTED, State.DRAFTED, By.PERSON, forgotten.REASON)


def test_what_is_counted_stays_counted_and_nothing_finds_it(ledger: Ledger) -> None:
    number = _told_of(ledger)
    tally, (word,) = ledger.tally(), ledger.corrections(ME)
    ledger.forget({number: "forgotten:1"}, LATER)
    assert ledger.tally() == tally
    assert ledger.corrections(ME) == (replace(word, words=""),)
    assert ledger.page(Wanted(), 0, 9).total == 1
    assert ledger.page(Wanted(text=WORD), 0, 9).total == 0
    assert ledger.namesakes(ME, f"Ada {WORD}", f"https://www.linkedin.com/in/{WORD}", NOW - timedelta(days=9)) == ()
    assert ledger.find(ME, f"linkedin:{WORD}") is None


def test_other_rows_stay_as_they_are(ledger: Ledger) -> None:
    other = ledger.record(a_sighting(), State.HELD, "not proven", NOW)
    ledger.forget({_told_of(ledger): "forgotten:1"}, LATER)
    assert ledger.show(other.id) == other


def test_why_a_mail_could_not_be_read_is_erased_with_it_and_its_tries_stay_counted(ledger: Ledger, place: Path) -> None:
    reading = a_reading(found=NotInvitation(a_reading().kind, WORD), verdict=None, route=None)
    row = ledger.record(a_sighting(key="unread:INBOX:11:42", reading=reading), State.QUARANTINED, WORD, NOW)
    assert ledger.failed(ME, row.location, f"ValueError: {WORD}", NOW) == 1
    ledger.forget({row.id: row.key}, LATER)
    ledger.wipe()
    assert WORD.encode() not in _octets(place)
    assert ledger.failed(ME, row.location, "again", NOW) == 2


def test_the_file_and_its_log_hold_no_octet_of_it(ledger: Ledger, place: Path) -> None:
    number = _told_of(ledger)
    assert WORD.encode() in _octets(place)
    ledger.forget({number: "forgotten:1"}, LATER)
    assert WORD.encode() in _octets(place), "or the next line would prove nothing"
    ledger.wipe()
    assert WORD.lower().encode() not in _octets(place).lower()
    assert ledger.show(number) is not None


def test_where_somebody_reads_it_is_told_that_traces_are_left(ledger: Ledger, place: Path) -> None:
    number = _told_of(ledger)
    ledger.forget({number: "forgotten:1"}, LATER)
    with closing(sqlite3.connect(place)) as other:
        other.execute("PRAGMA journal_mode")
        other.execute("BEGIN")
        other.execute("SELECT * FROM invitation").fetchall()
        with pytest.raises(TryAgain, match=r"in use|holds it"):
            ledger.wipe()
    ledger.wipe()
    assert WORD.encode() not in _octets(place)


def _octets(place: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(place.parent.iterdir()) if file.name.startswith(place.name))
