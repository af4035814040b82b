"""Promise: what nobody filled in is found with its line; what a letter may well say is not."""

import pytest

from watcher.domain.leftovers import find


@pytest.mark.parametrize(
    "words",
    ["[Name]", "[first name]", "[Ihr Name]", "{name}", "{first_name}", "<company>", "<Your Name>",
     "%NAME%", "${name}", "$NAME", "XXX", "xxxx", "TODO", "FIXME", "TBD", "Lorem ipsum", "____"],
)  # fmt: skip
def test_a_place_to_fill_in_is_found_in_its_line(words: str) -> None:
    (found,) = find(f"Hi {{{{ inviter.name }}}}\n\n{{% if note %}}\nDear {words},{{% endif %}}\n")
    assert (found.line, found.words) == (4, words)


@pytest.mark.parametrize(
    "line",
    [
        "{{ inviter.name }} {% if a < b and c > d %}x{% endif %} {# TODO: say it better [Name] #}",
        '{{ "[sic]" }}',
        "<https://example.test/me> and <me@example.test>",
        "5 < 6 and 7 > 3",
        "It cost $5, or [1] as the note says.",
        "50 % of it, 100%",
        "- - - - - 8< - - - - - for you only - - - - - 8< - - - - -",
        "Axxxel went to XX. A to-do list, todos",
    ],
)
def test_what_a_letter_may_say_is_none(line: str) -> None:
    assert list(find(line)) == []


@pytest.mark.parametrize("mark", ["{{", "{%", "{#"])
def test_marks_without_an_end_are_looked_through_once(mark: str) -> None:
    (found,) = find(f"{mark * 150_000} TODO")
    assert found.words == "TODO"


def test_several_are_told_in_their_order_and_a_tag_over_lines_keeps_the_count() -> None:
    found = list(find("{% if\n note %}[A] {b}\n{# \n\n #}TODO"))
    assert [(one.line, one.words) for one in found] == [(2, "[A]"), (2, "{b}"), (5, "TODO")]
