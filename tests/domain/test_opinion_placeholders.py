"""Names, companies, addresses, numbers and links are not in what is shown, and evidence finds back to the note."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.domain.opinion.placeholders import PLACEHOLDER, Hidden, hide

WHO = Hidden("Anna-Lena Bergström", "José van der Meulen", ("Nordkai Logistics GmbH",))

SHOWN = [
    ("Hi José, Anna-Lena here.", "en", "Hi [Recipient], [Sender] here."),
    ("hi jose, BERGSTROM from nordkai", "en", "hi [Recipient], [Sender] from nordkai"),
    ("Jose\u0301's talk; Nordkai Logistics's office", "en", "[Recipient] talk; [Company] office"),
    ("Nordkai Logistics, NORDKAI LOGISTICS GMBH", "en", "[Company], [Company]"),
    ("Dear Meulen, van and der are words", "en", "Dear [Recipient], van and der are words"),
    ("Mail anna@nordkai.example or @annab", "en", "Mail [Address] or [Address]"),
    ("Call +49 (170) 123-4567 or 0170/1234567.", "en", "Call [Number] or [Number]."),
    ("See https://nordkai.example/x?y=1 and www.nordkai.example/a", "en", "See [Link] and [Link]"),
    ("linkedin.com/in/anna-berg is me", "en", "[Link] is me"),
    ("We met on 12.05.2019, in 2019-2021, in Node.js class", "en", None),
    ("Annabel and Joseph stay, so does Bergen", "en", None),
    ("At 10 000 people and 300 talks in 2024", "en", None),
    ("Cześć, pisze Bergströmem, witaj Josému", "pl", "Cześć, pisze [Sender], witaj [Recipient]"),
]


@pytest.mark.parametrize(("note", "language", "shown"), SHOWN)
def test_what_is_shown(note: str, language: str, shown: str | None) -> None:
    assert hide(note, WHO, language).text == (note if shown is None else shown)


@pytest.mark.parametrize(
    ("hidden", "note", "shown"),
    [
        (Hidden("王小明", "李雷", ()), "李雷您好，我是王小明", "[Recipient]您好，我是[Sender]"),
        (Hidden("王小明", "李雷", ()), "王先生说小明好，王府井", "[Sender]先生说[Sender]好，王府井"),
        (Hidden("田中 太郎", "山本 花子", ("北海",)), "山本様、北海の田中", "[Recipient]様、[Company]の[Sender]"),
        (Hidden("김민수", "박지영", ()), "지영님 안녕하세요, 김민수입니다", "[Recipient]님 안녕하세요, [Sender]입니다"),
        (Hidden("Иван Петров", "Анна Орлова", ()), "Анне от Ивана Петрова", "[Recipient] от [Sender]"),
        (Hidden("دانا", "روبن", ()), "مرحبا روبن، أنا دانا", "مرحبا [Recipient]، أنا [Sender]"),
        (Hidden("דנה", "רובין", ()), "שלום לרובין מדנה", "שלום [Recipient] [Sender]"),
    ],
)  # fmt: skip
def test_names_in_other_letters(hidden: Hidden, note: str, shown: str) -> None:
    assert hide(note, hidden, "ru" if "Иван" in hidden.sender else None).text == shown


def test_a_placeholder_that_the_sender_typed_is_words_of_the_note() -> None:
    shown = hide("[Recipient] is what I typed, Jose", WHO, "en")
    start = shown.text.rindex("[Recipient]")
    assert shown.original((0, 11)) == "[Recipient]"
    assert shown.original((start, len(shown.text))) == "Jose"


_WORDS = st.sampled_from(
    ["José", "jose", "Meulen", "ANNA-LENA", "Anna Lena Bergström", "Nordkai Logistics", "a@b.example",
     "+49 170 1234567",
     "https://x.example/y", "we", "met", "in", "Aarhus", "[Sender]", "on", "12.05.2019", "🎉", "“so”", "e\u0301"]
)  # fmt: skip
_NOTES = st.lists(st.tuples(_WORDS, st.sampled_from([" ", "\n", ", ", ". "])), max_size=12).map(
    lambda pieces: "".join(word + blank for word, blank in pieces)
)


@given(_NOTES)
@example("José")
def test_no_name_is_left(note: str) -> None:
    shown = hide(note, WHO, "en").text
    bare = "".join(char for char in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(char)).casefold()
    assert not re.search(r"jose|meulen|anna|lena|bergstrom|nordkai|example|1234567", bare)


@given(st.one_of(_NOTES, st.text(max_size=120)), st.data())
def test_every_place_in_what_is_shown_leads_back(note: str, data: st.DataObject) -> None:
    shown = hide(note, WHO, data.draw(st.sampled_from(["en", "pl", None])))
    assert shown.note == unicodedata.normalize("NFC", note)
    assert shown.original((0, len(shown.text))) == shown.note
    start = data.draw(st.integers(0, len(shown.text)))
    end = data.draw(st.integers(start, len(shown.text)))
    words, piece = shown.original((start, end)), shown.text[start:end]
    assert words in shown.note
    if not PLACEHOLDER.search(shown.text):
        assert words == piece


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=200))
def test_nothing_in_a_name_breaks_it(sender: str, recipient: str, company: str, note: str) -> None:
    shown = hide(note, Hidden(sender, recipient, (company,)), "pl")
    assert shown.original((0, len(shown.text))) == shown.note
