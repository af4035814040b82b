"""What the documentation says is so: its commands run and print what it shows, its names, links and tables are true."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import click
import pytest
import sessions
from documents import DOCUMENTS, ROOT, anchors, blocks, is_shown, links, name_of, spans, steps, table
from following import Reader, targets

from watcher import config
from watcher.adapters import demo
from watcher.cli import ending
from watcher.cli.commands import watcher as command_line
from watcher.config import Settings
from watcher.domain import message, reply
from watcher.domain.front_matter import Asks
from watcher.domain.lifecycle import State
from watcher.domain.reading import Trust, read
from watcher.domain.values import Invitation
from watcher.domain.variables import VARIABLES
from watcher.person.trial import NAMES
from watcher.samples import AUTHSERV, RECIPIENT, sample_mails

SETTINGS = frozenset("WATCHER_" + field.upper() for field in Settings.model_fields)
TRIED = frozenset({"sh", "console", "ini", sessions.LANGUAGE})
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with demo.mail_server([mail.content for mail in sample_mails()]) as (port, password):
        account = {
            "WATCHER_IMAP_HOST": "127.0.0.1",
            "WATCHER_IMAP_PORT": str(port),
            "WATCHER_IMAP_SECURITY": "none",
            "WATCHER_IMAP_USER": demo.USER,
            "WATCHER_IMAP_PASSWORD": password,
            "WATCHER_MY_NAME": RECIPIENT.name,
            "WATCHER_LANGUAGES": "en,de",
        }
        yield Reader(tmp_path, account)


# ------------------------------------------------------------------------------------------------- commands and outputs


@each_document
def test_following_a_document_from_top_to_bottom_works(document: Path, reader: Reader) -> None:
    for block in blocks(document.read_text("utf-8")):
        if block.language in {"sh", "console"}:
            for step in steps(block):
                reader.take(step)
        elif block.title and block.language != "screen":  # test_terminal.py looks at those
            reader.write(block)


@each_document
def test_a_document_has_only_blocks_that_are_tried(document: Path) -> None:
    untried = [
        f"line {block.line}: {block.language or 'no language'}"
        for block in blocks(document.read_text("utf-8"))
        if block.language not in TRIED and not block.title and not _is_drawing(block.text)
    ]
    assert untried == []


def _is_drawing(text: str) -> bool:
    return "──►" in text


@each_document
def test_the_settings_it_shows_are_accepted(document: Path, tmp_path: Path) -> None:
    for block in blocks(document.read_text("utf-8")):
        if block.language == "ini":
            settings = _loaded(block.text, tmp_path)
            assert settings.imap_host in block.text


def _loaded(text: str, folder: Path) -> Settings:
    secret = folder / "secret"
    secret.write_text("a password\n", "utf-8")
    secret.chmod(0o600)
    here = re.sub(r"(?<=WATCHER_IMAP_PASSWORD_FILE=).*", str(secret), text)
    place = folder / ".env"
    place.write_text(f"WATCHER_MY_NAME=Robin Ashdown\n{here}", "utf-8")
    place.chmod(0o600)
    return config.load({}, folder)


@each_document
def test_a_command_within_a_sentence_exists_with_its_options(document: Path) -> None:
    for span in spans(document.read_text("utf-8")):
        words = shlex.split(span) if span.startswith(("watcher ", "make ")) else []
        if words[:1] == ["make"]:
            assert set(words[1:]) <= targets(), span
        elif words:
            assert _unknown(words[1:]) == [], span


def _unknown(words: list[str]) -> list[str]:
    """The words that the command line would not understand."""
    command: click.Command = command_line
    unknown = []
    for word in words:
        options = {name for parameter in command.params for name in parameter.opts}
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
        elif (word.startswith("-") and word not in options) or (not _may_stand(word, command)):
            unknown.append(word)
    return unknown


def _may_stand(word: str, command: click.Command) -> bool:
    """A name where a command is wanted is a mistake; an ellipsis and a value are not."""
    takes_value = any(parameter.opts and not getattr(parameter, "is_flag", False) for parameter in command.params)
    return word.startswith("-") or word == "…" or takes_value


def test_every_command_is_told_of() -> None:
    told = " ".join(path.read_text("utf-8") for path in DOCUMENTS)
    assert [name for name in command_line.commands if f"watcher {name}" not in told] == []


# ------------------------------------------------------------------------------------------------------ names and links


@each_document
def test_every_setting_it_names_exists(document: Path) -> None:
    named = set(re.findall(r"WATCHER_[A-Z_]+", document.read_text("utf-8")))
    assert named <= SETTINGS


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in links(document.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), link


@each_document
def test_every_file_it_names_exists(document: Path) -> None:
    folders = r"(watcher|tests|docs|templates|bench)/[a-z0-9_\-./]+"
    named = [span for span in spans(document.read_text("utf-8")) if re.fullmatch(folders, span)]
    assert [name for name in named if not (ROOT / name).exists()] == []


# --------------------------------------------------------------------------------------------------------------- tables


def test_the_table_of_variables_is_what_templates_get_with_true_examples() -> None:
    rows = table((ROOT / "docs/templates.md").read_text("utf-8"), "variable")
    shown = {name.strip("`"): example.strip("`") for name, _, example in rows}
    assert shown == _values_of("02-default-sentence.eml")


def test_the_table_of_variables_tells_what_the_program_tells() -> None:
    rows = table((ROOT / "docs/templates.md").read_text("utf-8"), "variable")
    shown = {name.strip("`"): meaning.replace("`", "") for name, meaning, _ in rows}
    assert shown == {one.name: one.meaning for one in VARIABLES}


def test_the_table_of_conditions_names_each() -> None:
    rows = table((ROOT / "docs/templates.md").read_text("utf-8"), "line")
    assert {row[0].strip("`") for row in rows} == {f"when {asks}:" for asks in Asks}


def _values_of(sample: str) -> Mapping[str, str]:
    content = next(mail.content for mail in sample_mails() if mail.name == sample)
    reading = read(message.parse(content), Trust(AUTHSERV))
    assert isinstance(reading.found, Invitation), "an invitation"
    values = reply.template_values(reading, reading.found, RECIPIENT, "en")
    flat: dict[str, str] = {}
    for name, value in values.items():
        inner = {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}
        flat |= {key: str(each) for key, each in inner.items()}
    return flat


def test_the_table_of_templates_names_those_that_a_language_needs() -> None:
    rows = table((ROOT / "docs/templates.md").read_text("utf-8"), "name")
    assert [row[0].strip("`") for row in rows] == list(NAMES)


def test_the_table_of_exit_codes_is_that_of_the_program() -> None:
    rows = table((ROOT / "README.md").read_text("utf-8"), "code")
    codes = [ending.DONE, ending.ATTENTION, ending.WRONG, ending.AGAIN, ending.INTERRUPTED]
    assert [int(row[0]) for row in rows] == codes


def test_the_table_of_states_names_states() -> None:
    rows = table((ROOT / "README.md").read_text("utf-8"), "state")
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert named <= {str(state) for state in State}


# -------------------------------------------------------------------------------------------------------------- picture


def test_the_picture_shows_what_the_demo_prints() -> None:
    picture = _make_picture()
    now = picture.drawn(picture.demo_output())
    stored = (ROOT / "docs/demo.svg").read_text("utf-8")
    assert _words(stored) == _words(now), "draw it anew: python docs/make_picture.py"


def test_looking_at_the_picture_fetches_nothing() -> None:
    stored = (ROOT / "docs/demo.svg").read_text("utf-8")
    assert re.findall(r"(?:href=|url\()[\"']?(?!#)[^)\"']+", stored) == []


def _make_picture() -> ModuleType:
    found = importlib.util.spec_from_file_location("make_picture", ROOT / "docs/make_picture.py")
    assert found, "the script"
    assert found.loader, "a file"
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _words(svg: str) -> list[str]:
    """The words of the picture in their order; figures change from run to run."""
    texts = (element.text or "" for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))
    return re.sub(r"\d+", "0", " ".join(texts)).split()


# ------------------------------------------------------------------------------------------------- these tests can fail


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("one", "two"), "one\n\n  two  \n", True),
        (("one",), "one\ntwo\n", False),
        (("one", "…"), "one\ntwo\nthree\n", True),
        (("…", "three"), "one\ntwo\nthree\n", True),
        (("at … port …",), "at 12:00 port 993\n", True),
        (("at … port",), "at 12:00 gate\n", False),
        (("two", "one"), "one\ntwo\n", False),
        ((), "one\n", False),
    ],
)
def test_a_shown_output_is_compared_line_by_line(shown: tuple[str, ...], printed: str, same: bool) -> None:
    assert is_shown(shown, printed) is same
