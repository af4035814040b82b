"""A person's own template that only wastes time and memory: it is given up, alone, and within its limits.

Each of these is real Jinja that the sandbox lets through, in compiling or rendering.
"""

import os
import re
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from adapters.processes import Ours, children
from builders import ME, a_reading, an_invitation

from watcher.adapters import templates
from watcher.adapters.rendering.limits import LARGEST, LONGEST
from watcher.adapters.templates import FileTemplates
from watcher.domain import reply
from watcher.errors import GiveUp

VALUES = reply.template_values(a_reading(), an_invitation(note="a note"), ME, "en")
GOOD = "Hi {{ inviter.name }}\n"

MEMORY = "it needs more than 128 MB of memory"
TIME = "it computes for more than 2 seconds|it is not done after 5 seconds"  # the clock comes first on a busy machine
DEPTH = "it is nested too deeply"
LENGTH = "the text grows over 32,768 characters"

# One step of the interpreter without an end: the lists differ, so all their 10^12 entries are compared.
LISTS = "{% set n = note | length %}{% set a, b = [[[n] * 9999] * 9999] * 9999, [[[n] * 9999] * 9999] * 9999 %}"
ONE_STEP = LISTS + "{{ a == b }}"


@dataclass(frozen=True)
class Shelf:
    """The templates of a person who has an `en/generic` of their own."""

    folder: Path
    templates: FileTemplates

    @property
    def file(self) -> Path:
        return self.folder / "en" / "generic.txt.j2"

    def render(self, text: str) -> str:
        self.file.write_text(text, "utf-8")
        return self.templates.render("en", "generic", VALUES)

    def given_up(self, text: str) -> str:
        """Why it is given up, after the file's name; the next template is rendered as ever."""
        with pytest.raises(GiveUp) as told:
            self.render(text)
        assert self.render(GOOD) == "Hi Tilda Moreau\n"
        why = str(told.value)
        assert why.startswith(str(self.file))
        assert why.endswith(". See docs/templates.md, then `watcher templates check`")
        return why.removeprefix(str(self.file))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("mine")
    (folder / "en").mkdir()
    mine = FileTemplates(folder)
    yield Shelf(folder, mine)
    mine.close()


@pytest.fixture
def ours() -> Ours:
    return Ours()


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a\n{{ 'a' * 10**9 }}", 2, MEMORY),
        ("a\n{{ 'a' * 10**15 }}", 2, MEMORY),
        ("{{ note * 10**9 }}", 1, MEMORY),
        ("a\nb\n{{ '%1000000000d' % 1 }}", 3, MEMORY),
        ("{{ '{:>1000000000}'.format(1) }}", 1, MEMORY),
        ("{{ note | center(10**9) }}", 1, MEMORY),
        ("{{ ('a' * 10**6) | replace('a', 'b' * 1000) }}", 1, MEMORY),
        ("a\n{% set all = range(99999) | list * 1000 %}", 2, MEMORY),
        ("{% macro m() %}\n{{ m() }}\n{% endmacro %}\n{{ m() }}", 2, DEPTH),
        ("{% macro m() %}{{ caller() }}{% endmacro %}\n{% call m() %}{{ m() }}{% endcall %}", 1, "caller"),
    ],
)
def test_what_takes_too_much_is_told_with_its_line(shelf: Shelf, text: str, line: int, told: str) -> None:
    assert re.match(rf", line {line}: .*{told}", shelf.given_up(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a\n{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}\n{% endfor %}",
            rf", line [23]: {TIME}",
        ),
        ("{{ 9 ** (9 ** 9) }}", TIME),  # while what is constant is computed
        ("{{ note | length ** (9 ** 9) }}", TIME),
        (ONE_STEP, TIME),
    ],
)
def test_what_takes_too_long_is_ended(shelf: Shelf, text: str, told: str) -> None:
    assert re.search(told, shelf.given_up(text))


@pytest.mark.parametrize(
    "text",
    [
        "{% for n in range(99999) %}{{ note }}{{ note }}{% endfor %}",
        "{% macro m(n) %}{{ m(n - 1) if n }}{{ m(n - 1) if n }}{{ note }}{% endmacro %}{{ m(14) }}",
        "{{ 'x' * 10**7 }}",
        "x" * (LONGEST + 1),
        "{{ note ~ '\N{PILE OF POO}' * 32768 }}",
    ],
)
def test_a_text_without_end_is_ended(shelf: Shelf, text: str) -> None:
    assert re.search(LENGTH, shelf.given_up(text))


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}",
        "{{ " + "[" * 90 + "1" + "]" * 90 + " }}",
        "{{ " + "-" * 30000 + "1 }}",
        "{{ " + "not " * 15000 + "1 }}",
        "{{ note" + " | upper" * 7000 + " }}",
        "{{ note" + ".a" * 15000 + " }}",
        "{{ " + " + ".join(["note"] * 8000) + " }}",
        "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
    ],
)
def test_what_is_too_deep_to_be_compiled_is_given_up(shelf: Shelf, text: str) -> None:
    assert re.search(DEPTH, shelf.given_up(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ inviter['a' * 10**7] }}", "has no attribute 'aaa"),  # its words would be ten million characters
        ("{{ inviter['a' * 60 * 10**6] }}", MEMORY),  # and these more than there is
        ("{{ 10 ** (10 ** 6) }}", "Exceeds the limit"),
        ("{{ note.encode('cp1252') }}", "a template may open no file"),
        ("{{ range(a=1, a=2) }}", "keyword argument repeated: a"),
        ("{% for x in [1] %}" * 25 + "{% endfor %}" * 25, "too many statically nested blocks"),
        ("{{ ''.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ inviter.frist_name" + " " * 9 + "}}{# " + "a" * 60000 + " #}", "did you mean 'inviter.first_name'"),
        ("{# " + "a" * 60000 + " #}{{ inviter.frist_name }}", "'this' has no attribute 'frist_name'"),
    ],
)
def test_an_error_that_cannot_well_be_told_is_told_all_the_same(shelf: Shelf, text: str, told: str) -> None:
    why = shelf.given_up(text)
    assert told in why
    assert len(why) < 1000


@pytest.mark.parametrize("size", [LARGEST + 1, 10 << 20])
def test_a_file_that_is_too_large_is_not_read(shelf: Shelf, size: int) -> None:
    with pytest.raises(GiveUp) as told:
        shelf.render("x" * size)
    assert str(told.value).startswith(
        f"{shelf.file}: it is larger than 64 KB. A template is one letter, so shorten it."
    )


def test_nothing_of_it_is_felt_in_this_process(shelf: Shelf) -> None:
    """Memory: what this process ever took at most. Processes: none is left that nobody waited for."""
    shelf.render(GOOD)
    before, processes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(children(os.getpid()))
    for text in ["{{ 'a' * 10**9 }}", "{{ 'x' * 10**8 }}", "{{ '%200000000d' % 1 }}", "{{ inviter['a' * 10**7] }}"] * 3:
        shelf.given_up(text)
    os.truncate(shelf.file, 1 << 30)
    with pytest.raises(GiveUp, match="is larger than"):
        shelf.templates.render("en", "generic", VALUES)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 << 10, "kilobytes"
    assert len(children(os.getpid())) == processes


def test_a_subject_is_bounded_as_the_text_is(shelf: Shelf) -> None:
    shelf.file.write_text("---\nsubject: {{ 'a' * 10**9 }}\n---\nHi\n", "utf-8")
    with pytest.raises(GiveUp, match=rf"^{shelf.file}, line 2: {MEMORY}"):
        shelf.templates.subject("en", "generic", VALUES)
    assert shelf.templates.render("en", "generic", VALUES) == "Hi\n"


def test_what_is_not_saved_yet_is_rendered_in_the_same_process_and_bounded(shelf: Shelf, ours: Ours) -> None:
    shelf.render(GOOD)
    tried = shelf.templates.instead("en", "generic", "{{ 'a' * 10**9 }}")
    with pytest.raises(GiveUp, match=MEMORY):
        tried.render("en", "generic", VALUES)
    with pytest.raises(GiveUp, match="larger than 64 KB"):
        shelf.templates.instead("en", "generic", "x" * (LARGEST + 1)).render("en", "generic", VALUES)
    assert shelf.render(GOOD) == "Hi Tilda Moreau\n", "the file itself is as it was"
    assert len(ours.all()) <= 1


def test_a_folder_inside_the_shipped_one_is_a_persons_own_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: Ours
) -> None:
    own = tmp_path / "en" / "mine"
    (own / "en").mkdir(parents=True)
    (own / "en" / "generic.txt.j2").write_text(GOOD, "utf-8")
    monkeypatch.setattr(templates, "shipped_folder", lambda: tmp_path)
    shelf = FileTemplates(own)
    assert shelf.render("en", "generic", VALUES) == "Hi Tilda Moreau\n"
    assert ours.one(), "it is rendered by a child"
    shelf.close()
