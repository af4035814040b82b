"""The words that decided are marked where they stand, and nothing of the note is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.marking import Piece, marked
from watcher.domain.values import Evidence

NOTE = "We met in  Ghent,\nand I liked your talk."


@pytest.mark.parametrize(
    ("evidence", "marks", "ends"),
    [
        (["We met"], ["We met"], {1: "We met"}),
        (["in Ghent, and I"], ["in  Ghent,\nand I"], {1: "in  Ghent,\nand I"}),
        (["WE MET"], ["We met"], {1: "We met"}),
        (["your talk.", "met"], ["met", "your talk."], {1: "your talk.", 2: "met"}),
        (["met in Ghent", "Ghent, and"], ["met in  ", "Ghent", ",\nand"], {1: "Ghent", 2: ",\nand"}),
        (["met", "met"], ["met"], {1: "met", 2: "met"}),
        (["never said", "", "  ", "We"], ["We"], {4: "We"}),
        ([".*"], [], {}),
    ],
)
def test_what_counted_is_marked_and_its_number_stands_at_its_end(
    evidence: list[str], marks: list[str], ends: dict[int, str]
) -> None:
    pieces = marked(NOTE, [Evidence(words, "why") for words in evidence])
    assert [piece.text for piece in pieces if piece.is_marked] == marks
    assert {number: piece.text for piece in pieces for number in piece.ends} == ends
    assert "".join(piece.text for piece in pieces) == NOTE


def test_without_evidence_it_is_one_piece() -> None:
    assert marked(NOTE, ()) == (Piece(NOTE),)
    assert marked("", ()) == ()


@given(st.text(), st.lists(st.text()))
def test_no_note_is_changed(note: str, words: list[str]) -> None:
    pieces = marked(note, [Evidence(one, "") for one in [*words, note[1:4]]])
    assert "".join(piece.text for piece in pieces) == note
    assert all(piece.text for piece in pieces)
