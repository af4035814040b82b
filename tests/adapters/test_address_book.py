"""The address book: names, addresses and profiles of every card that can be read, whoever wrote the file."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.adapters.address_book import LARGEST, VcardBook, contacts_in
from watcher.domain.acquaintances import People
from watcher.errors import TryAgain
from watcher.ports import Contacts

PHOTO = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["/9j/4AAQSkZJRgABAQAAAQ" * 3] * 400)

# As programs write them, with invented people.
PHONE = f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//Example Inc.//Phone 18.1//EN
N:Moreau;Tilda;Anne;Dr.;
FN:Dr. Tilda Anne Moreau
ORG:Nordkai;Planning
EMAIL;type=INTERNET;type=WORK;type=pref:Tilda.Moreau@Nordkai.example
item1.EMAIL;type=INTERNET:tilda@example.test
item1.X-ABLabel:_$!<Other>!$_
item2.URL;type=pref:https\\://www.linkedin.com/in/Tilda-Moreau/
TEL;type=CELL;type=VOICE;type=pref:+49 170 1234567
{PHOTO}
X-SOCIALPROFILE;type=linkedin;x-user=tilda:http://www.linkedin.com/in/tilda-m
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS=Quay
 \\"North\\" 551;X-TITLE=Quay:geo:40.5,22.9
END:VCARD
"""
DESKTOP = """BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1
FN;PID=1.1:Jörg Müller-
 Lüdenscheidt
N:Müller-Lüdenscheidt;Jörg;;;
EMAIL;PREF=1;TYPE=work:mailto:joerg@example.test
SOCIALPROFILE;SERVICE-TYPE=LinkedIn:https://de.linkedin.com/in/joerg-ml
URL:https://example.test/joerg
KIND:individual
END:VCARD
"""
OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:S=C3=B8rensen;Bj=C3=B8rn;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Bj=C3=B8rn=20=
=53=C3=B8rensen
EMAIL;INTERNET;PREF:bjorn@example.test
ADR;WORK;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=65=66=
=31=37=30=31=;;;;
END:VCARD
"""


def _people(*texts: str) -> People:
    return contacts_in("".join(texts).replace("\n", "\r\n").encode()).people


def test_a_card_of_a_phone() -> None:
    assert _people(PHONE) == People(
        frozenset({"dr. tilda anne moreau", "tilda moreau"}),
        frozenset({"tilda.moreau@nordkai.example", "tilda@example.test"}),
        frozenset({"https://www.linkedin.com/in/tilda-moreau", "https://www.linkedin.com/in/tilda-m"}),
    )


def test_a_card_of_version_4() -> None:
    assert _people(DESKTOP) == People(
        frozenset({"jörg müller-lüdenscheidt"}),
        frozenset({"joerg@example.test"}),
        frozenset({"https://www.linkedin.com/in/joerg-ml"}),
    )


def test_a_card_of_version_2_1() -> None:
    assert _people(OLD) == People(frozenset({"bjørn sørensen"}), frozenset({"bjorn@example.test"}), frozenset())


def test_one_word_is_no_full_name() -> None:
    assert _people("BEGIN:VCARD\nVERSION:3.0\nFN:Tilda\nN:;Tilda;;;\nEND:VCARD\n") == People()


@pytest.mark.parametrize(
    "broken",
    [
        "BEGIN:VCARD\nVERSION:3.0\nFN:Never Closed\n",
        'BEGIN:VCARD\nVERSION:3.0\nFN\nN;:;\nEMAIL;TYPE="x:y\n:z\n\x00\nEND:VCARD\n',
        "END:VCARD\nEND:VCARD\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCARD\nN:" + ";" * 1500 + "\nFN:" + "x" * 5_000_000 + "\nEND:VCARD\n",
        "BEGIN:VCARD\n" + "EMAIL:a@example.test\n" * 100_000 + "END:VCARD\n",
        "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:=\n" + "=\n" * 10_000 + "END:VCARD\n",
        "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=no-such-set:=FF=FE\nEND:VCARD\n",
    ],
)  # fmt: skip
def test_what_is_broken_stops_no_other_card(broken: str) -> None:
    found = _people(broken, DESKTOP, PHONE)
    assert {"joerg@example.test", "tilda@example.test"} <= found.addresses
    assert "tilda moreau" in found.names


def test_a_broken_line_costs_that_line_alone() -> None:
    found = _people(DESKTOP.replace("EMAIL;", 'FN;X="a:b\nEMAIL;'))
    assert (found.addresses, len(found.names), len(found.profiles)) == (frozenset({"joerg@example.test"}), 1, 1)


def test_cards_and_what_could_not_be_read_are_counted() -> None:
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Never Closed\n" + DESKTOP + OLD
    assert [(one.cards, one.broken) for one in (contacts_in(text.encode()), contacts_in(b""))] == [(2, 1), (0, 0)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_come_in_several_encodings(encoding: str) -> None:
    assert "jörg müller-lüdenscheidt" in contacts_in(DESKTOP.encode(encoding)).people.names


@given(st.binary(max_size=600) | st.text(max_size=600).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_octets_are_read_or_left(content: bytes) -> None:
    card = b"BEGIN:VCARD\r\nFN:" + content + b"\r\nEMAIL:" + content + b"\r\nURL:" + content + b"\r\nEND:VCARD\r\n"
    found = contacts_in(card)
    assert found.cards + found.broken == 1
    assert contacts_in(content).people == People()


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    contacts_in(b'BEGIN:VCARD\r\nFN;A="x:y\r\nEND:VCARD\r\n')
    assert capfd.readouterr() == ("", "")


# --------------------------------------------------------------------------------------------------- files and folders


def _write(place: Path, text: str, at: int = 1_700_000_000) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
    os.utime(place, (at, at))


def test_a_folder_is_read_with_all_its_folders(tmp_path: Path) -> None:
    _write(tmp_path / "work" / "a.vcf", DESKTOP)
    _write(tmp_path / "b.VCF", OLD)
    _write(tmp_path / "notes.txt", PHONE)
    (tmp_path / "folder.vcf").mkdir()
    (tmp_path / "nowhere.vcf").symlink_to(tmp_path / "gone")
    found = VcardBook(tmp_path).read()
    assert (found.people.addresses, found.cards) == (frozenset({"joerg@example.test", "bjorn@example.test"}), 2)


def test_what_changes_is_read_again_and_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    first, second = tmp_path / "a.vcf", tmp_path / "b.vcf"
    _write(first, DESKTOP)
    book = VcardBook(tmp_path)
    assert book.read().people.addresses == {"joerg@example.test"}
    _write(first, DESKTOP.replace("joerg@", "jo@"), at=1_700_000_001)
    _write(second, OLD)
    assert book.read().people.addresses == {"jo@example.test", "bjorn@example.test"}
    first.unlink()
    assert book.read().people.addresses == {"bjorn@example.test"}


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    place = tmp_path / "a.vcf"
    _write(place, DESKTOP)
    book = VcardBook(place)
    before = book.read()
    _write(place, DESKTOP.replace("joerg", "greoj"))  # as long, and of the same time
    assert book.read() == before


def test_a_file_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    _write(tmp_path / "a.vcf", DESKTOP)
    with (tmp_path / "b.vcf").open("wb") as file:
        file.truncate(LARGEST + 1)
    found = VcardBook(tmp_path).read()
    assert (found.cards, found.broken) == (1, 1)
    assert VcardBook(tmp_path / "b.vcf").read() == Contacts(People(), 0, 1)


def test_where_there_is_no_book_the_pass_tries_again(tmp_path: Path) -> None:
    with pytest.raises(TryAgain, match=r"contacts.vcf cannot be read"):
        VcardBook(tmp_path / "contacts.vcf").read()
    os.mkfifo(tmp_path / "pipe.vcf")
    with pytest.raises(TryAgain, match=r"pipe.vcf cannot be read: is no file"):
        VcardBook(tmp_path / "pipe.vcf").read()
    assert VcardBook(tmp_path).read().cards == 0
