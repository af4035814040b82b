"""`trial`: what is wrong with a template is told with its line, what to do, and whether it must be done."""

import os
from pathlib import Path

import pytest
from builders import ME

from watcher.adapters.templates import FileTemplates
from watcher.domain import pasting
from watcher.person import trial
from watcher.person.trial import Finding
from watcher.samples import RECIPIENT, sample_mails

SAMPLES = trial.sample_readings([mail.content for mail in sample_mails()])
ASK_COMPANY = "ask first: {% if inviter.company %} … {% endif %}"


def found_in(tmp_path: Path, text: str, name: str = "generic") -> tuple[Finding, ...]:
    shelf = FileTemplates(tmp_path).instead("en", name, text)
    try:
        return trial.of_template(shelf, "en", name, SAMPLES, RECIPIENT)
    finally:
        shelf.close()


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("Hi\n{% if note %}\nx", 3, "Unexpected end of template", "docs/templates.md"),
        ("Hi\n{{ inviter.frist_name }}", 2, "'inviter' has no attribute 'frist_name' (did you mean", "docs/templates"),
        ("Hi\n{% if note == 'x' %}{{ nmae }}{% endif %}", 2, "'nmae' is undefined", "docs/templates.md"),
        ("Hi\n{% if note == 'x' %}{{ me.nmae }}{% endif %}", 2, "(did you mean 'me.name'?)", "docs/templates.md"),
        ("Hi [Name]", 1, "'[Name]' looks like a place that nobody filled in", 'write {{ "[Name]" }}'),
        ("---\nsubject: {name}\n---\nHi", 2, "'{name}' looks like", "fill it in"),
        ("---\nsubject: {{ inviter.nme }}\n---\nHi", 2, "'inviter' has no attribute 'nme'", "docs/templates.md"),
        ("---\nwhen moon: full\n---\nHi", 2, "`when moon` is not known", "a condition asks for"),
        ("---\nwhen weekday: sat\n---\nHi", 2, "`when` has an effect in a variant alone", "generic.something"),
        ("{% if inviter.company %}Hi{% endif %}", None, "it comes out empty for the invitation by", "outside of every"),
        ("---\nsubject: x\n---\n", None, "it comes out empty", "write what it says"),
        ("Hi\n\n\nat {{ inviter.company }}!", 4, "where inviter.company has nothing it reads “at None!”", ASK_COMPANY),
        ("---\nsubject: To {{ inviter.headline }}\n---\nHi", 2, "it reads “To None”", "ask first: {% if inviter.h"),
        ("{{ 'x' * 8001 }}", None, "it grows to 8,001 characters: LinkedIn takes 8,000", "shorten it"),
        ("{{ 'x' * 40000 }}", None, "the text grows over 32,768 characters", "shorten it, or what it quotes"),
        ("{{ note.upper() }}", 1, "has no attribute 'upper'", "docs/templates.md"),
    ],
)  # fmt: skip
def test_what_must_be_mended_is_told(tmp_path: Path, text: str, line: int | None, what: str, remedy: str) -> None:
    (finding, *others) = [one for one in found_in(tmp_path, text) if one.is_error]
    assert (finding.file, finding.line) == (str(tmp_path / "en" / "generic.txt.j2"), line)
    assert finding.where == (f"{finding.file}:{line}" if line else finding.file)
    assert what in finding.what
    assert remedy in finding.remedy
    assert [one.what for one in others] == []


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("Hi {{ inviter.first_name }},", 1, "where inviter.first_name has nothing it reads “Hi ,”"),
        ("Hi {{ inviter.greeting }},", 1, "where inviter.first_name has nothing it reads “Hi ,”"),
        ("Hi\n\nYou ({{ inviter.company or '' }}) wrote", 3, "it reads “You () wrote”"),
        ("A {{ inviter.headline or '' }} B", 1, "it reads “A  B”"),
        ("{{ 'x ' * 1000 }}", None, "it grows to 1,999 characters: more than 1,900 are much on LinkedIn"),
        ("{{ 'x ' * 1300 }}", None, "more than 2,500 are much in a mail from a stranger"),
    ],
)
def test_what_is_worth_a_look_is_told_apart(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    found = found_in(tmp_path, text)
    assert [one.is_error for one in found] == [False] * len(found)
    assert [one.line for one in found if what in one.what] == [line]


@pytest.mark.parametrize(
    "text",
    [
        "Hi{% if inviter.greeting %} {{ inviter.greeting }}{% endif %},\n{{ me.name }}",
        "{% set who = inviter.name %}{{ who }}{% for word in note or [] %}{{ loop.index }}{{ word }}{% endfor %}",
        "{% macro hello(name) %}Hi {{ name }}{% endmacro %}{{ hello(inviter.name) }}{{ range(3) | list }}",
        "{% if nickname is defined %}{{ inviter.items() | list | length }}{% endif %} Hi",
        "None of us has met, {{ inviter.name }}: {{ inviter.company or 'nobody' }}",
        "{{ 'Hi , you' }} {{ inviter['name'] }}",
    ],
)
def test_a_good_template_has_no_finding(tmp_path: Path, text: str) -> None:
    assert found_in(tmp_path, text) == ()


def test_everything_is_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = "---\nsubject: [X]\nwhen moon: full\n---\nTODO\n{{ nmae }} {{ me.nmae }}\n{{ inviter.x }}\n"
    assert [one.line for one in found_in(tmp_path, text, "generic.a")] == [2, 3, 5, 6, 6, 7]


@pytest.mark.parametrize(
    ("name", "text", "gravity", "what"),
    [
        ("generic.short", "---\nwhen weekday: sat\n---\nHi", None, ""),
        ("polite.short", "Hi", "warning", "there is no en/polite of which this would be a variant"),
        ("generc", "Hi", "warning", "nothing is answered with generc: there are generic"),
        ("Generic", "Hi", "warning", "nothing is answered with Generic"),
        ("generc.a", "Hi", "warning", "there is no en/generc of which"),
        ("known", "Hi", None, ""),
        ("paste-on-linkedin", "---\nsubject: x\n---\n8<", "error", "neither a subject nor variants"),
        ("paste-on-linkedin.short", "8<", "error", "neither a subject nor variants"),
        ("paste-on-linkedin", "{{ 'x' * 9000 }}", None, ""),
    ],
)
def test_a_name_has_its_place(tmp_path: Path, name: str, text: str, gravity: str | None, what: str) -> None:
    found = found_in(tmp_path, text, name)
    assert [str(one.gravity) for one in found] == ([gravity] if gravity else [])
    assert all(what in one.what for one in found)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("generc", "call it generic.txt.j2"), ("generc.a", "call it generic.a.txt.j2"), ("qq", "nothing uses it, unless")],
)
def test_of_a_name_that_nothing_asks_for_the_nearest_is_told(tmp_path: Path, name: str, remedy: str) -> None:
    (finding,) = found_in(tmp_path, "Hi", name)
    assert finding.remedy.startswith(remedy)


def test_what_lies_in_the_folder_and_is_used_for_nothing_is_told_with_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    (folder / "boilerplate.txt.j2").mkdir(parents=True)
    for name in ("generic.txt", "generic.txt.j2.bak", "generc.txt.j2", "../generic.txt.j2", "../shorter.txt"):
        (folder / name).write_text("Hi")
    (folder / "unsure.txt.j2").symlink_to(tmp_path / "nowhere")
    (folder / "known.txt.j2").symlink_to("known.txt.j2")
    os.mkfifo(folder / "personalised.txt.j2")
    found = trial.findings(FileTemplates(tmp_path), SAMPLES, ME)
    assert {Path(one.file).relative_to(tmp_path).as_posix(): one.is_error for one in found} == {
        "generic.txt.j2": False,
        "en/generic.txt": False,
        "en/generc.txt.j2": False,  # the link to itself hides none beside it
        "en/boilerplate.txt.j2": True,
        "en/unsure.txt.j2": True,
        "en/known.txt.j2": True,
        "en/personalised.txt.j2": True,
    }


def test_a_language_of_the_settings_without_templates_is_told(tmp_path: Path) -> None:
    (finding,) = trial.findings(FileTemplates(tmp_path), SAMPLES, ME, ["en", "fi"])
    assert (finding.file, finding.is_error) == ("fi/", True)
    assert "WATCHER_LANGUAGES names it" in finding.remedy


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_tried(tmp_path: Path) -> None:
    place = tmp_path / "en" / "generic.txt.j2"
    place.parent.mkdir()
    place.write_bytes(b"\xff\xfe")
    place.with_name("unsure.txt.j2").write_text("TODO")
    found = trial.findings(FileTemplates(tmp_path), SAMPLES, ME)
    assert [(Path(one.file).name, one.is_error) for one in found] == [("generic.txt.j2", True), ("unsure.txt.j2", True)]


@pytest.mark.parametrize(
    "text",
    ["{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "(" * 60000, "{{ " + "(" * 5000,
     "{{ " + "9" * 5000 + " }}", "{{ a" + ".a" * 9000 + " }}", "{% if 1 %}" * 3000],
)  # fmt: skip
def test_a_hostile_text_is_found_out_and_stops_nothing(tmp_path: Path, text: str) -> None:
    found = found_in(tmp_path, text)
    assert [one for one in found if one.is_error], "told"


def test_the_length_counts_as_a_browser_counts(tmp_path: Path) -> None:
    assert pasting.length("🚀") == 2
    found = found_in(tmp_path, "{{ '🚀' * 4001 }}")
    assert "8,002 characters" in found[0].what
