"""The file that `watcher init` fills in: what is written is read back as it was, and what was there stays."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.config import load
from watcher.config.sheet import Sheet, line

HARD = [
    "$HOME",
    "a # b",
    "#",
    "it's",
    '"',
    "\\",
    "ends with \\",
    "\\'",
    " blanks around ",
    "a=b",
    "Grüße 🔑",
    "\\n",
    "''",
    "x'#'",
]
ANSWERS = {
    "WATCHER_IMAP_HOST": "imap.example.test",
    "WATCHER_IMAP_USER": "me@example.test",
    "WATCHER_IMAP_PASSWORD": "secret",
    "WATCHER_MY_NAME": "Robin Ashdown",
}

# No terminal lets one type NUL or a line's end, and no half of a surrogate pair is UTF-8.
typed = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1, max_size=40)


@pytest.fixture(autouse=True)
def _nothing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings-here"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheet")


def _sheet(folder: Path, text: str = "") -> Sheet:
    return Sheet(folder / ".env", text, {})


def _written(folder: Path, text: str) -> Path:
    place = folder / ".env"
    place.write_bytes(text.encode())
    place.chmod(0o600)
    return place


def _comes_through(folder: Path, password: str, name: str, before: str = "") -> None:
    answers = {**ANSWERS, "WATCHER_IMAP_PASSWORD": password, "WATCHER_MY_NAME": name}
    sheet = _sheet(folder, before)
    _written(folder, sheet.filled(answers))
    read = load({}, folder)
    assert read.imap_password is not None
    assert (read.imap_password.get_secret_value(), read.my_name) == (password, name)
    assert read == sheet.settings(answers), "what was tried is what was written"


@pytest.mark.parametrize("hard", HARD)
def test_every_value_is_read_back_as_it_was(folder: Path, hard: str) -> None:
    _comes_through(folder, hard, f"x{hard}")


@given(typed.filter(str.strip), typed.filter(str.strip))
@example("'", "\\")
def test_any_value_is_read_back_as_it_was(folder: Path, password: str, name: str) -> None:
    _comes_through(folder, password, name)


@given(typed.filter(str.strip), typed.filter(str.strip))
def test_any_value_takes_the_place_of_any_other(folder: Path, before: str, after: str) -> None:
    old = _sheet(folder).filled({**ANSWERS, "WATCHER_IMAP_PASSWORD": before, "WATCHER_MY_NAME": before})
    _comes_through(folder, after, after, old)


@pytest.mark.parametrize(("value", "bare"), [("imap.example.test", True), ("a b", False), ("a,b", False), ("", False)])
def test_quotes_stand_only_where_they_are_needed(value: str, bare: bool) -> None:
    assert line("WATCHER_X", value) == (f"WATCHER_X={value}" if bare else f"WATCHER_X='{value}'")


OWN = """\
# the person's own words
OTHER_PROGRAM='keep'
export WATCHER_SKIP="example.net, example.org" # mine

WATCHER_IMAP_HOST=old.example.test
WATCHER_IMAP_USER=me@example.test
WATCHER_IMAP_PASSWORD_FILE=/run/secrets/x
WATCHER_MY_NAME=Robin
"""


def test_what_the_person_wrote_stays_to_the_octet(folder: Path) -> None:
    answers = {**ANSWERS, "WATCHER_IMAP_PASSWORD_FILE": ""}
    after = _sheet(folder, OWN).filled(answers)
    kept = OWN.replace("=old.example.test", "=imap.example.test").replace(
        "WATCHER_IMAP_PASSWORD_FILE=/run/secrets/x\n", ""
    )
    assert after.startswith(kept.replace("=Robin\n", "='Robin Ashdown'\n"))
    assert re.findall("^WATCHER_IMAP_PASSWORD=.*", after, re.MULTILINE) == ["WATCHER_IMAP_PASSWORD=secret"]


def test_what_says_the_same_is_not_touched(folder: Path) -> None:
    text = _sheet(folder).filled(ANSWERS)
    assert _sheet(folder, text).filled(ANSWERS) == text
    assert _sheet(folder, text).difference(ANSWERS) == ()


def test_what_is_taken_out_takes_our_own_words_along(folder: Path) -> None:
    with_drafts = _sheet(folder).filled({**ANSWERS, "WATCHER_DRAFT_FOR": "generic"})
    without = _sheet(folder, with_drafts).filled({**ANSWERS, "WATCHER_DRAFT_FOR": ""})
    assert without.split() == _sheet(folder).filled(ANSWERS).split()


def test_of_a_name_that_stands_there_twice_one_line_is_left(folder: Path) -> None:
    twice = "WATCHER_MY_NAME=One\nWATCHER_MY_NAME=Two\n"
    assert re.findall("WATCHER_MY_NAME=.*", _sheet(folder, twice).filled({"WATCHER_MY_NAME": "Three"})) == [
        "WATCHER_MY_NAME=Three"
    ]
    assert _sheet(folder, twice).filled({"WATCHER_MY_NAME": "Two"}).count("WATCHER_MY_NAME=Two") == 1


@pytest.mark.parametrize(
    "before",
    ["#WATCHER_IMAP_PASSWORD=hunter2\n", "# OLD_TOKEN = hunter2 # of May\n", "WATCHER_IMAP_PASSWORD='hunter2\n"],
)
def test_a_secret_is_not_shown_either_where_nothing_reads_it(folder: Path, before: str) -> None:
    shown = "\n".join(_sheet(folder, before).difference({"WATCHER_MY_NAME": "Robin"}))
    assert "hunter2" not in shown
    assert "+WATCHER_MY_NAME=Robin" in shown


def test_a_difference_shows_no_secret_but_that_it_is_another(folder: Path) -> None:
    before = "OTHER_TOKEN=hunter2\nWATCHER_IMAP_PASSWORD='old\nsecret'\nWATCHER_LLM_KEY=sk-hidden\n"
    shown = "\n".join(_sheet(folder, before).difference({"WATCHER_IMAP_PASSWORD": "newer"}))
    assert [word for word in ("hunter2", "old", "secret", "newer", "sk-hidden") if word in shown] == []
    assert "+WATCHER_IMAP_PASSWORD=(not shown), another one" in shown
