"""Promise: a template's block is read line by line; each mistake has its line and its remedy, and all are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.domain.front_matter import DAYS, LONGEST, Asks, Condition, parse

WHOLE = """---
# how recruiters are answered
subject: Re: {{ subject }}
when headline: Recruit*,  talent acquisition , recruit*
When Weekday: sat, Sunday
---
Hi {{ inviter.name }}
"""


def test_a_block_is_taken_apart_and_the_text_keeps_its_lines() -> None:
    matter = parse(WHOLE)
    assert (matter.subject, matter.subject_line, matter.when_line) == ("Re: {{ subject }}", 3, 4)
    assert matter.when == (
        Condition(Asks.HEADLINE, ("recruit*", "talent acquisition")),
        Condition(Asks.WEEKDAY, ("saturday", "sunday")),
    )
    assert matter.flaws == ()
    assert matter.text.split("\n")[6:] == WHOLE.split("\n")[6:]
    assert matter.text.strip() == "Hi {{ inviter.name }}"


@pytest.mark.parametrize(
    "source",
    ["", "Hi\n---\nsubject: x\n---\n", "---- 8< ----\nHi\n", " ---\nHi", "\n---\nx: y\n---\n"],
)
def test_a_file_without_a_block_is_all_text(source: str) -> None:
    matter = parse(source)
    assert (matter.subject, matter.when) == ("", ())
    assert matter.text.strip("\n- ") in source


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_an_editor_ends_them(end: str) -> None:
    matter = parse(f"---{end}subject: Hello{end}---{end}Hi{end}{end}you{end}")
    assert (matter.subject, matter.text, matter.flaws) == ("Hello", "\n\n\nHi\n\nyou\n", ())


@pytest.mark.parametrize(
    ("lines", "line", "what", "remedy"),
    [
        (["subject"], 2, "'subject' is no `name: value`", "write `subject: …`"),
        (["", "subject:"], 3, "`subject` has no value", "write one behind the colon"),
        (["subject: a", "subject: b"], 3, "`subject` stands in line 2 already", "make one line of the two"),
        (["when verdict: generic", "when verdict: unsure"], 3, "stands in line 2 already", "one line"),
        (["headline: recruiter"], 2, "`headline` is not known", "write `when headline: recruiter`"),
        (["to: x@example.test"], 2, "`to` is not known", "there are `subject` and `when …`"),
        (["when moon: full"], 2, "`when moon` is not known", "language, headline, company, weekday or verdict"),
        (["when weekday: caturday"], 2, "`when weekday` does not know 'caturday'", "write any of monday,"),
        (["when weekday: sa"], 2, "does not know 'sa'", "saturday or sunday"),
        (["when verdict: dull"], 2, "does not know 'dull'", "write any of generic, personalised or unsure"),
        (["when headline: ,"], 2, "`when headline` names nothing", "write words with commas between"),
        (["when headline: *"], 2, "does not know '*'", "its beginning and a *"),
        (["- a: b"], 2, "is no `name: value`", "write"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(lines: list[str], line: int, what: str, remedy: str) -> None:
    (flaw,) = parse("\n".join(["---", *lines, "---", "Hi"])).flaws
    assert flaw.line == line
    assert what in flaw.what
    assert remedy in flaw.remedy


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    flaws = parse("---\nsubject: a\nsubject: b\nwhen moon: full\nnothing\n---\n").flaws
    assert [flaw.line for flaw in flaws] == [3, 4, 5]


@pytest.mark.parametrize("source", ["---\nsubject: a\nHi\n", "---\n", "---\n" + "x: y\n" * LONGEST + "---\n"])
def test_a_block_without_end_is_told_where_it_begins(source: str) -> None:
    (flaw,) = parse(source).flaws
    assert (flaw.line, flaw.what) == (1, "the block that begins here has no end")


@pytest.mark.parametrize("day", DAYS)
def test_a_day_may_be_cut_to_three_letters(day: str) -> None:
    assert parse(f"---\nwhen weekday: {day[:3].upper()}\n---\n").when == (Condition(Asks.WEEKDAY, (day,)),)


def test_a_long_value_is_read_in_one_go() -> None:
    value = f"a{' ' * 300_000}b"
    assert parse(f"---\nsubject: {value}\n---\nHello\n").subject == value


@given(
    st.text()
    | st.lists(st.sampled_from(["---", "\n", "when ", "headline", ":", "*", ",", "subject", "x"])).map("".join)
)
def test_whatever_stands_in_a_file_it_is_taken_apart(source: str) -> None:
    matter = parse(source)
    assert all(flaw.line >= 1 and flaw.what and flaw.remedy for flaw in matter.flaws)
    assert all(condition.words for condition in matter.when)
    assert "\n" not in matter.subject
