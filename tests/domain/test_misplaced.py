"""What lies in a person's folder of templates and is used for nothing: a slip in a name, told with what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.misplaced import Entry, Lying, misplaced, nearest

KNOWN = ("generic", "boilerplate", "personalised", "unsure", "known", "paste-on-linkedin")


@pytest.mark.parametrize(
    ("folder", "name", "remedy"),
    [
        ("en", "generic.j2", "call it generic.txt.j2,"),
        ("en", "generic.txt", "call it generic.txt.j2,"),
        ("en", "generic.TXT.J2", "call it generic.txt.j2,"),
        ("en", "generc.short.txt", "call it generic.short.txt.j2,"),
        ("pt-br", "unsure", "call it unsure.txt.j2,"),
        ("en", "README.md", "call it NAME.txt.j2, or move it out of the folder if it is none"),
        ("", "generic.txt.j2", "move it to LANGUAGE/generic.txt.j2, such as en/generic.txt.j2"),
        ("", "Generic.j2", "move it to LANGUAGE/generic.txt.j2"),
        ("", "x.txt.j2", "move it to LANGUAGE/NAME.txt.j2"),
    ],
)
def test_a_file_that_is_not_where_or_what_it_should_be_is_worth_a_look(folder: str, name: str, remedy: str) -> None:
    found = misplaced(Entry(folder, name, Lying.FILE), KNOWN)
    assert found is not None
    assert (found.is_error, found.remedy.startswith(remedy)) == (False, True), found.remedy


@pytest.mark.parametrize("kind", [Lying.FOLDER, Lying.LINK, Lying.OTHER])
def test_what_has_the_name_of_a_template_and_is_no_file_is_an_error(kind: Lying) -> None:
    found = misplaced(Entry("en", "generic.txt.j2", kind), KNOWN)
    assert found is not None
    assert (found.is_error, f"it is {kind}" in found.what) == (True, True)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("en", "generic.txt.j2", Lying.FILE),
        Entry("en", "generic.txt.j2.bak", Lying.FILE),
        Entry("en", "generic.txt.j2.bak2", Lying.FILE),
        Entry("en", "generic.txt.j2~", Lying.FILE),
        Entry("en", ".generic.txt.j2.swp", Lying.FILE),
        Entry("en", "old", Lying.FOLDER),
        Entry("notes", "todo.md", Lying.FILE),
        Entry("", "shorter.txt", Lying.FILE),
        Entry("", "README.md", Lying.FILE),
        Entry("", "old.j2", Lying.FOLDER),
    ],
)
def test_what_nobody_takes_for_a_template_in_use_is_left_in_peace(entry: Entry) -> None:
    assert misplaced(entry, KNOWN) is None


@given(st.sampled_from(KNOWN), st.data())
def test_a_letter_left_out_or_a_capital_finds_the_name_that_was_meant(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    assert nearest(name[:at] + name[at + 1 :], KNOWN) == name
    assert nearest(f"{name.capitalize()}.Short", KNOWN) == f"{name}.Short"


@given(st.text(), st.text(), st.sampled_from(Lying))
def test_no_name_is_too_odd(folder: str, name: str, kind: Lying) -> None:
    found = misplaced(Entry(folder, name, kind), KNOWN)
    assert found is None or (found.what and found.remedy)
