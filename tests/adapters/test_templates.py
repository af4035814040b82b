"""Templates: a mistake names file, line and variable; a template reaches nothing; a mail's text stays text."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from builders import ME, a_reading, an_invitation
from hypothesis import given
from hypothesis import strategies as st

from watcher.adapters.rendering.limits import LONGEST
from watcher.adapters.templates import FileTemplates, shipped_folder
from watcher.domain import reply
from watcher.domain.kinds import RouteBy
from watcher.domain.values import Invitation, Inviter, Person, Reading
from watcher.errors import GiveUp
from watcher.person import trial
from watcher.samples import RECIPIENT, sample_mails

VALUES: Mapping[str, object] = reply.template_values(a_reading(), an_invitation(note="a note"), ME, "en")
SAMPLES = trial.sample_readings([mail.content for mail in sample_mails()])
SHIPPED = [(entry.language, entry.name) for entry in FileTemplates().listing()]
LANGUAGES = ("da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv")
HELLO = {
    "da": ("Hej {}", "Hej"),
    "de": ("Hallo {},", "Hallo,"),
    "en": ("Hi {},", "Hi,"),
    "es": ("Hola, {}:", "Hola:"),
    "fr": ("Bonjour {},", "Bonjour,"),
    "it": ("Buongiorno {},", "Buongiorno,"),
    "nl": ("Hallo {},", "Hallo,"),
    "pl": ("Dzień dobry,", "Dzień dobry,"),
    "pt": ("Olá, {},", "Olá,"),
    "sv": ("Hej {}!", "Hej!"),
}
SIGNED = Person("Robin Ashdown", "me@example.test", "Mail engineer", "Robin Ashdown\nMail engineer")

Render = Callable[..., str]


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the person whose templates `render` renders."""
    return tmp_path_factory.mktemp("mine")


@pytest.fixture(scope="module")
def render(mine: Path) -> Iterator[Render]:
    """Render a text as the person's own en/generic."""
    shelf = FileTemplates(mine)

    def as_own(text: str, **changes: object) -> str:
        _own(mine, text)
        return shelf.render("en", "generic", {**VALUES, **changes})

    yield as_own
    shelf.close()


def _own(folder: Path, text: str | bytes, key: str = "en/generic") -> Path:
    path = folder / f"{key}.txt.j2"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _values(reading: Reading, me: Person, language: str) -> Mapping[str, object]:
    assert isinstance(reading.found, Invitation)
    return reply.template_values(reading, reading.found, me, language)


@pytest.mark.parametrize(
    ("text", "line", "told", "meant"),
    [
        ("Hi\n\n{{ inviter.frist_name }}\n", 3, "'frist_name'", "'inviter.first_name'"),
        ("{{ inviter.compani }}", 1, "'compani'", "'inviter.company'"),
        ("Hi\n{% if noet %}x{% endif %}", 2, "'noet' is undefined", "'note'"),
        ("{{ signature }}", 1, "'signature' is undefined", "'me.signature'"),
        ("a\nb\n{{ me.nmae | upper }}\n", 3, "'nmae'", "'me.name'"),
        ("a\n{% for x in [1] %}\n{{ inviter.frist_name }}\n{% endfor %}", 3, "'frist_name'", "'inviter.first_name'"),
    ],
)
def test_an_unknown_variable_is_told_with_template_line_and_the_one_that_was_meant(
    render: Render, mine: Path, text: str, line: int, told: str, meant: str
) -> None:
    with pytest.raises(GiveUp) as broken:
        render(text)
    assert str(broken.value).startswith(f"{mine}/en/generic.txt.j2, line {line}: ")
    assert told in str(broken.value)
    assert "object" not in str(broken.value)
    assert f"(did you mean {meant}?)" in str(broken.value)


def test_one_that_is_near_nothing_is_told_without_a_guess(render: Render) -> None:
    with pytest.raises(GiveUp, match="line 1: 'xyzzy' is undefined"):
        render("{{ xyzzy }}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hi {{ inviter.name }\n", 1),
        ("Hi\n{% if note %}\nx\n", 3),  # where the end is missed
        ("Hi\n\n{% endif %}\n", 3),
        ("a\n{{ note | no_such_filter }}", 2),
        ("a\nb\n{{ 1 // 0 }}", 3),
        ("a\n{{ note.nothing.at_all }}", 2),
    ],
)
def test_any_other_mistake_is_told_with_template_and_line(render: Render, mine: Path, text: str, line: int) -> None:
    with pytest.raises(GiveUp) as broken:
        render(text)
    found = re.match(r"(.*), line (\d+): ", str(broken.value))
    assert found, broken.value
    assert found[1] == f"{mine}/en/generic.txt.j2"
    assert int(found[2]) == line


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ (''|attr('__class__')) ~ '' }}",
        "{{ inviter.__init__.__globals__ }}",
        "{{ inviter.items.__self__ }}",
        "{{ range.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{{ self._TemplateReference__context ~ '' }}",
        "{{ '{0.__class__}'.format(note) }}",
        "{{ '{x.__class__}'.format_map({'x': note}) }}",
        "{{ ''.join.__func__ }}",
        "{% include '/etc/hostname' %}",
        "{% import 'generic.txt.j2' as other %}",
        "{% extends 'generic.txt.j2' %}",
        "{{ config }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(render: Render, text: str) -> None:
    with pytest.raises(GiveUp):
        render(text)


@pytest.mark.parametrize(
    "text",
    [
        "{% set found = [] %}{{ found.append(1) }}{{ found }}",
        "{% set found = {} %}{{ found.update({'a': 1}) }}",
        "{{ inviter.update({'name': 'x'}) }}",
        "{{ inviter.clear() }}",
        "{{ me.pop('name') }}",
    ],
)
def test_a_template_changes_nothing(render: Render, text: str) -> None:
    with pytest.raises(GiveUp):
        render(text)
    assert render("{{ inviter.name }} {{ me.name }}") == "Tilda Moreau Robin Ashdown\n"


@pytest.mark.parametrize(
    "code", ["{{ 7 * 7 }}", "{% for x in range(9) %}x{% endfor %}", "{# gone #}", "{{ undefined }}"]
)
def test_jinja_in_a_mails_text_is_not_run(render: Render, code: str) -> None:
    assert render("{{ note }}", note=code) == f"{code}\n"
    assert render("{{ inviter.name }}", inviter={"name": code}) == f"{code}\n"


def test_html_in_a_mails_text_stays_as_it_is(render: Render) -> None:
    assert render("{{ note }}", note="<b>you & me</b>") == "<b>you & me</b>\n"


@pytest.mark.parametrize(
    "trick", ["\0", "\r", "\x1b[31m", "\x07", "\x85", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\udc80"]
)
def test_controls_and_reversed_writing_are_taken_out_of_values(render: Render, trick: str) -> None:
    shown = render("{{ note }}|{{ inviter.name }}", note=f"be{trick}fore", inviter={"name": f"be{trick}fore"})
    rest = trick.removeprefix("\x1b") if trick.startswith("\x1b") else ""
    assert shown == f"be{rest}fore|be{rest}fore\n"


@given(st.text())
def test_whatever_stands_in_a_value_the_text_can_be_mailed(value: str) -> None:
    # A plain copy of the value's place: its text must have no effect but to stand there.
    text = FileTemplates().render("en", "personalised", {**VALUES, "note": value})
    assert text.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", text)


def test_what_scripts_and_emoji_need_stays(render: Render) -> None:
    kept = "می‌خواهم 👩‍💻 “Grüße”"
    assert render("{{ note }}", note=kept) == f"{kept}\n"


def test_values_of_mappings_can_be_read_and_not_replaced(render: Render) -> None:
    frozen = MappingProxyType({"name": "Tilda", "first_name": ""})
    assert render("{{ inviter.name }}{{ inviter['name'] }}", inviter=frozen) == "TildaTilda\n"


def test_a_persons_folder_stands_before_the_shipped_one_file_by_file(tmp_path: Path) -> None:
    own = _own(tmp_path, "My own words, {{ inviter.name }}.\n")
    shelf, shipped = FileTemplates(tmp_path), FileTemplates()
    assert shelf.render("en", "generic", VALUES) == "My own words, Tilda Moreau.\n"
    for language, name in [("en", "unsure"), ("de", "generic")]:
        assert shelf.render(language, name, VALUES) == shipped.render(language, name, VALUES)
    origins = {f"{entry.language}/{entry.name}": entry.origin for entry in shelf.listing()}
    assert origins.pop("en/generic") == str(own)
    assert set(origins.values()) == {"shipped"}


def test_a_language_of_ones_own_is_listed_and_what_it_lacks_is_a_finding(tmp_path: Path) -> None:
    _own(tmp_path, "Hei {{ inviter.first_name or 'sinä' }}\n", "fi/generic")
    found = trial.findings(FileTemplates(tmp_path), SAMPLES, ME)
    assert {one.file for one in found} == {"fi/boilerplate", "fi/personalised", "fi/unsure", "fi/paste-on-linkedin"}
    assert {one.what for one in found} == {"it is missing: every language needs it"}
    assert all(one.is_error for one in found)


@pytest.mark.parametrize("key", [("en", "polite"), ("fi", "generic"), ("en", "../de/generic"), ("..", "x"), ("", "")])
def test_one_that_is_not_there_is_told_with_those_that_are(key: tuple[str, str]) -> None:
    with pytest.raises(GiveUp, match=r"there is no template .*: there are .*en/generic"):
        FileTemplates().render(*key, VALUES)


def test_only_files_count_as_templates(tmp_path: Path) -> None:
    (tmp_path / "en" / "unsure.txt.j2").mkdir(parents=True)
    shelf = FileTemplates(tmp_path)
    assert shelf.listing() == FileTemplates().listing()
    assert shelf.render("en", "unsure", VALUES)


@pytest.mark.parametrize("text", ["{{ 'x' * 40000 }}", "{% for n in range(99999) %}line {{ n }}\n{% endfor %}"])
def test_a_text_that_grows_too_long_is_refused(render: Render, text: str) -> None:
    with pytest.raises(GiveUp, match=f"the text grows over {LONGEST:,} characters"):
        render(text)


def test_a_note_may_not_make_it_too_long_either(render: Render) -> None:
    with pytest.raises(GiveUp, match="grows over"):
        render("{{ note }}{{ note }}", note="x" * (LONGEST // 2 + 1))
    assert len(render("{{ note }}", note="x" * LONGEST)) == LONGEST + 1


@pytest.mark.parametrize("name", ["lipsum", "cycler", "joiner", "namespace", "dict"])
def test_what_jinja_brings_and_no_letter_needs_is_not_there(render: Render, name: str) -> None:
    with pytest.raises(GiveUp, match=f"'{name}' is undefined"):
        render(f"{{{{ {name}() }}}}")


def test_a_note_can_be_quoted_line_by_line(render: Render) -> None:
    text = "{% for line in note.splitlines() %}\n> {{ line }}\n{% endfor %}{{ range(3) | list | length }}"
    assert render(text, note="one\ntwo") == "> one\n> two\n3\n"


def test_what_cannot_stand_in_a_mail_is_taken_out_of_a_template_too(render: Render) -> None:
    assert render("a\0b{{ '\\ud800\\x1b' }}c{{ '\\u200d' }}") == "abc\u200d\n"


def test_a_loop_without_end_is_refused(render: Render) -> None:
    with pytest.raises(GiveUp, match="Range too big"):
        render("{% for n in range(10**12) %}{% endfor %}")


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    own = _own(tmp_path, "Grüße".encode("latin-1"))
    with pytest.raises(GiveUp, match=f"{own}: it cannot be read: .*Save it as UTF-8"):
        FileTemplates(tmp_path).render("en", "generic", VALUES)


def test_byte_order_mark_and_cr_lf_of_an_editor_do_not_reach_the_draft(render: Render) -> None:
    assert render("\ufeffHi\r\n\r\n{{ me.name }}\r\n") == "Hi\n\nRobin Ashdown\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\n\n\n\nb\n\n\n", "a\n\nb\n"),
        ("a\n  \n\t\n \nb", "a\n\nb\n"),
        ("\n\na", "a\n"),
        ("a\n\n{% if not note %}\nx\n{% endif %}\n\nb", "a\n\nb\n"),
        ("a\n-- \nb", "a\n-- \nb\n"),
    ],
)
def test_blank_lines_are_single_and_the_text_ends_with_one_line_end(render: Render, text: str, wanted: str) -> None:
    assert render(text) == wanted


def test_every_shipped_template_renders_for_every_sample_invitation() -> None:
    assert trial.findings(FileTemplates(), SAMPLES, RECIPIENT, LANGUAGES) == ()
    assert {language for language, _ in SHIPPED} == set(LANGUAGES)


def test_the_samples_have_a_bare_twin_each() -> None:
    whole, bare = SAMPLES[: len(SAMPLES) // 2], SAMPLES[len(SAMPLES) // 2 :]
    assert len(whole) == len(bare) > 10
    for one, twin in zip(whole, bare, strict=True):
        assert isinstance(one.found, Invitation)
        assert isinstance(twin.found, Invitation)
        assert twin.found.inviter == Inviter(one.found.inviter.name, "")
        assert twin.found.note is None


@pytest.mark.parametrize(
    "text", ["{{ inviter.company.upper() }}", "{{ note | length }}", "{{ inviter.headline + '!' }}"]
)
def test_a_template_that_only_some_cards_break_is_found_out(tmp_path: Path, text: str) -> None:
    own = _own(tmp_path, f"Hi\n{text}\n")
    (found,) = trial.findings(FileTemplates(tmp_path), SAMPLES, ME)
    assert (found.where, found.is_error) == (f"{own}:2", True)


@pytest.mark.parametrize("me", [RECIPIENT, SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize(("language", "name"), SHIPPED)
def test_every_shipped_template_reads_well(language: str, name: str, me: Person) -> None:
    for reading in SAMPLES:
        text = FileTemplates().render(language, name, _values(reading, me, language))
        assert "\n\n\n" not in text
        assert not re.search(r"[{}>\[\]]|(?<!8)<|\bNone\b|mappingproxy|  ", text), text
        assert not re.search(r"[ \t]\n| ,| \.", text), text
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


@pytest.mark.parametrize(("language", "name"), [key for key in SHIPPED if key[1] != reply.PASTE])
def test_a_whole_answer_fits_a_message_on_linkedin_and_is_greeted_and_signed(language: str, name: str) -> None:
    for reading in SAMPLES:
        values = _values(reading, RECIPIENT, language)
        text = FileTemplates().render(language, name, values)
        assert len(text) < 1900
        assert isinstance(reading.found, Invitation)
        first = reading.found.inviter.first_name
        with_name, without = HELLO[language]
        assert text.splitlines()[0] == (with_name.format(first) if first else without)
        assert text.splitlines()[-1] == "Robin Ashdown"
        assert ("?" in text) is (name != reply.KNOWN), "an answer asks, unless they know each other"


@pytest.mark.parametrize(("language", "name"), SHIPPED)
def test_no_answer_says_anything_about_a_company(language: str, name: str) -> None:
    # The company is read out of a headline and may be wrong: an answer must not depend on it.
    invitation = an_invitation()
    with_company = replace(invitation, inviter=replace(invitation.inviter, company="Wrongly Read & Sons"))
    without = replace(invitation, inviter=replace(invitation.inviter, company=None, headline=None))
    shelf = FileTemplates()
    texts = [
        shelf.render(language, name, reply.template_values(a_reading(), found, ME, language))
        for found in (with_company, without)
    ]
    assert texts[0] == texts[1]
    assert "Wrongly" not in texts[0]


@pytest.mark.parametrize(("language", "name"), [key for key in SHIPPED if key[1] == reply.PASTE])
def test_the_marked_block_names_the_place_and_only_it_speaks_to_the_reviewer(language: str, name: str) -> None:
    for reading in SAMPLES:
        assert reading.route is not None
        block = FileTemplates().render(language, name, _values(reading, RECIPIENT, language))
        assert reading.route.url in block.splitlines()
        assert len(block) + 1900 < LONGEST
    linkedin = next(one for one in SAMPLES if one.route and one.route.by is RouteBy.LINKEDIN)
    for other in trial.NAMES[:-1]:
        answer = FileTemplates().render(language, other, _values(linkedin, RECIPIENT, language))
        assert not set(block.splitlines()) & set(answer.splitlines()), "an answer holds nothing of the block"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("note", ["x" * 201, "two\nlines", "", None])
def test_a_long_note_or_none_is_not_quoted(language: str, note: str | None) -> None:
    values = reply.template_values(a_reading(), an_invitation(note=note), ME, language)
    text = FileTemplates().render(language, "personalised", values)
    assert not re.search(r'["„“]', text)
    assert "xx" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_note_is_quoted_as_it_stands(language: str) -> None:
    note = "We met in Ghent & talked of {{ bounces }}."
    values = reply.template_values(a_reading(), an_invitation(note=note), ME, language)
    assert note in FileTemplates().render(language, "personalised", values)


def test_the_shipped_folder_is_there() -> None:
    assert (shipped_folder() / "en" / "generic.txt.j2").is_file()
