"""`watcher templates`: what answers there are, whether they work, and how one reads."""

from pathlib import Path

import pytest
from cli.command import Watcher

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
SHIPPED = {
    f"{language}/{name}"
    for language in ("de", "en")
    for name in ("generic", "boilerplate", "personalised", "unsure", "known", "paste-on-linkedin")
}


@pytest.fixture
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own en/generic, to be written."""
    place = folder / "mine" / "en" / "generic.txt.j2"
    place.parent.mkdir(parents=True)
    monkeypatch.setenv("WATCHER_TEMPLATES", "mine")
    return place


def test_list_tells_each_template_and_where_it_comes_from(watcher: Watcher, own: Path) -> None:
    own.write_text("Hi")
    ran = watcher("templates", "list", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = {f"{one['language']}/{one['name']}": one["origin"] for one in ran.lines}
    assert set(found) == SHIPPED
    assert found.pop("en/generic") == "mine/en/generic.txt.j2"
    assert set(found.values()) == {"shipped"}


def test_list_for_people(watcher: Watcher) -> None:
    ran = watcher("templates", "list")
    assert ran.code == 0
    assert [key for key in SHIPPED if key not in ran.out] == []


def test_check_finds_nothing_wrong_with_the_shipped_ones(watcher: Watcher) -> None:
    ran = watcher("templates", "check")
    assert (ran.code, ran.out, ran.err) == (0, "12 templates, 0 with a problem.\n", "")


def test_check_names_template_line_and_variable_of_a_broken_one(watcher: Watcher, own: Path) -> None:
    own.write_text("Hi\n\n{{ inviter.frist_name }}\n")
    ran = watcher("templates", "check")
    assert ran.code == 2
    said = " ".join(ran.out.split())
    assert "✗ en/generic: mine/en/generic.txt.j2, line 3: 'inviter' has no attribute 'frist_name'" in said
    assert "did you mean 'inviter.first_name'?" in said
    assert "12 templates, 1 with a problem." in said


def test_check_as_json_tells_each_template(watcher: Watcher, own: Path) -> None:
    own.write_text("{{ note")
    ran = watcher("templates", "check", "--json")
    assert (ran.code, ran.err) == (2, "")
    problems = {f"{one['language']}/{one['name']}": one["problem"] for one in ran.lines}
    assert set(problems) == SHIPPED
    assert [key for key, problem in problems.items() if problem] == ["en/generic"]
    assert "line 1" in problems["en/generic"]


def test_check_names_what_a_language_of_ones_own_lacks(watcher: Watcher, own: Path) -> None:
    french = own.parents[1] / "fr"
    french.mkdir()
    (french / "generic.txt.j2").write_text("Bonjour\n")
    ran = watcher("templates", "check")
    assert ran.code == 2
    assert "fr/unsure is missing" in ran.out


@pytest.mark.parametrize("command", [("list",), ("check",), ("preview", "en/generic")])
def test_a_folder_that_is_not_there_is_told_as_the_setting_it_is(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("WATCHER_TEMPLATES", "/nowhere/mine")
    ran = watcher("templates", *command)
    assert (ran.code, ran.out) == (2, "")
    for words in ("WATCHER_TEMPLATES, environment", "'/nowhere/mine' is no folder", "→ write a folder"):
        assert words in ran.err


def test_preview_shows_the_finished_message(watcher: Watcher) -> None:
    ran = watcher("templates", "preview", "en/generic")
    assert (ran.code, ran.err) == (0, "")
    for words in ("From: Robin Ashdown <me@example.test>", "Subject: Re: ", "Hi Ottoline,", "not to be mailed"):
        assert words in ran.out
    assert "\ufffd" not in ran.out, "line ends of mail are no controls"


def test_preview_shows_it_for_a_saved_mail_and_as_the_person_of_the_settings(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_MY_NAME", "Edda Holm")
    monkeypatch.setenv("WATCHER_MY_ADDRESS", "edda@example.org")
    ran = watcher("templates", "preview", "de/generic", "--for", str(SAMPLES / "10-answerable-by-mail.eml"))
    assert ran.code == 0
    for words in ("From: Edda Holm <edda@example.org>", "To: Matteo Grassi <", "Hallo Matteo,", "Viele Grüße"):
        assert words in ran.out
    assert "nicht zum Absenden" not in ran.out, "an answer that can be mailed holds nothing for the reviewer"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("generic",), "write LANGUAGE/NAME, such as en/generic"),
        (("en/polite",), "there is no template en/polite: there are de/boilerplate"),
        (("en/../de/generic",), "there is no template"),
        (("en/generic", "--for", "nowhere.eml"), "No such file or directory"),
        (("en/generic", "--for", str(SAMPLES / "20-newsletter.eml")), "this mail is no invitation but unrelated"),
        (("en/generic", "--for", "."), ".: no mail in it"),
        (("en/generic", "--for", "1"), "nothing is set up yet"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_previewed_is_told(watcher: Watcher, words: tuple[str, ...], told: str) -> None:
    ran = watcher("templates", "preview", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_broken_template_is_told_by_preview_too(watcher: Watcher, own: Path) -> None:
    own.write_text("Hi\n{{ me.nmae }}\n")
    ran = watcher("templates", "preview", "en/generic")
    assert (ran.code, ran.out) == (2, "")
    assert "mine/en/generic.txt.j2, line 2: 'me' has no attribute 'nmae' (did you mean 'me.name'?)" in ran.err
