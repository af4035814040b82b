"""`watcher templates`: what answers there are, whether they work, and how one reads."""

from pathlib import Path

import pytest
from cli.command import Watcher

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
SHIPPED = {
    f"{language}/{name}"
    for language in ("da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv")
    for name in ("generic", "boilerplate", "personalised", "unsure", "known", "paste-on-linkedin")
} | {f"{language}/generic.{variant}" for language in ("de", "en") for variant in ("firm", "short")}


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
    assert (ran.code, ran.out, ran.err) == (0, "64 templates: 0 errors, 0 warnings.\n", "")


def test_check_names_template_line_and_variable_of_a_broken_one(watcher: Watcher, own: Path) -> None:
    own.write_text("Hi\n\n{{ inviter.frist_name }}\n")
    ran = watcher("templates", "check")
    assert ran.code == 2
    assert "✗ mine/en/generic.txt.j2:3: 'inviter' has no attribute 'frist_name'" in ran.out
    assert "did you mean 'inviter.first_name'?" in ran.out
    assert "  → docs/templates.md tells" in ran.out
    assert ran.out.endswith("64 templates: 1 error, 0 warnings.\n")


def test_check_tells_a_warning_apart_and_ends_well(watcher: Watcher, own: Path) -> None:
    own.write_text("Hi {{ inviter.first_name }},\n")
    ran = watcher("templates", "check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        "! mine/en/generic.txt.j2:1: where inviter.first_name has nothing it reads “Hi ,”\n  → ask"
    )
    assert ran.out.endswith("64 templates: 0 errors, 1 warning.\n")


def test_check_as_json_tells_each_finding(watcher: Watcher, own: Path) -> None:
    own.write_text("{{ note")
    ran = watcher("templates", "check", "--json")
    assert (ran.code, ran.err) == (2, "")
    (finding,) = ran.lines
    assert set(finding) == {"language", "name", "file", "line", "gravity", "what", "remedy"}
    assert (finding["file"], finding["line"], finding["gravity"]) == ("mine/en/generic.txt.j2", 1, "error")


def test_check_names_what_a_language_of_ones_own_lacks(watcher: Watcher, own: Path) -> None:
    finnish = own.parents[1] / "fi"
    finnish.mkdir()
    (finnish / "generic.txt.j2").write_text("Hei\n")
    ran = watcher("templates", "check")
    assert ran.code == 2
    assert "fi/unsure: it is missing" in ran.out
    assert "`watcher templates copy en/unsure --as fi/unsure`" in ran.out


def test_check_names_a_language_of_the_settings_that_has_none(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_LANGUAGES", "en, Fi")
    ran = watcher("templates", "check")
    assert ran.code == 2
    assert "✗ fi/: there are no templates in this language" in ran.out


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
        (("en/generic/x",), "write LANGUAGE/NAME, such as en/generic"),
        (("en/polite",), "there is no template en/polite: there are da/boilerplate"),
        (("polite",), "there is no template en/polite"),
        (("en/../de/generic",), "is no template"),
        (("en/generic", "--language", "de"), "names its language already"),
        (("en/generic", "--for", "nowhere.eml"), "No such file or directory"),
        (("en/generic", "--for", "²"), "No such file or directory"),
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


def test_preview_takes_the_invitations_language_or_another(watcher: Watcher) -> None:
    german = str(SAMPLES / "03-default-sentence-german.eml")
    assert "Hallo " in watcher("templates", "preview", "generic", "--for", german).out
    ran = watcher("templates", "preview", "generic", "--for", german, "--language", "fr", "--json")
    (made,) = ran.lines
    assert (made["language"], made["template"], made["to"]) == ("fr", "generic", None)
    assert made["from"] == "Robin Ashdown <me@example.test>"
    assert made["text"].startswith("Bonjour ")


def test_copy_puts_a_template_where_it_is_used_at_once(watcher: Watcher, folder: Path) -> None:
    ran = watcher("templates", "copy", "en/generic", "--as", "en/generic.brief")
    place = folder / ".config" / "invitation-watcher" / "templates" / "en" / "generic.brief.txt.j2"
    assert (ran.code, ran.out) == (0, f"{place}\n")
    assert "Used from now on" in ran.err
    assert "watcher templates preview en/generic.brief" in ran.err
    listed = {f"{one['language']}/{one['name']}": one["origin"] for one in watcher("templates", "list", "--json").lines}
    assert listed["en/generic.brief"] == str(place)
    assert watcher("templates", "check").out == "65 templates: 0 errors, 0 warnings.\n"


def test_copy_never_overwrites_without_being_told_to(watcher: Watcher, own: Path) -> None:
    own.write_text("Mine.\n")
    ran = watcher("templates", "copy", "en/generic")
    assert (ran.code, ran.out) == (2, "")
    assert "--force moves it aside" in ran.err
    assert own.read_text() == "Mine.\n"
    ran = watcher("templates", "copy", "en/unsure", "--as", "en/generic", "--force")
    assert (ran.code, ran.out) == (0, "mine/en/generic.txt.j2\n")
    assert "what you had there is now mine/en/generic.txt.j2.bak" in ran.err
    assert own.with_name("generic.txt.j2.bak").read_text() == "Mine.\n"


def test_diff_shows_ones_own_beside_the_shipped(watcher: Watcher, own: Path) -> None:
    assert "You have no templates of your own" in watcher("templates", "diff").err
    watcher("templates", "copy", "en/generic")
    assert watcher("templates", "diff").out.startswith("en/generic: the same as the shipped one")
    text = own.read_text()
    own.write_text(text.replace("Kind regards", "Best wishes").replace(text.split()[-2], "0" * 12))
    ran = watcher("templates", "diff", "en/generic")
    assert ran.code == 0
    for words in ("the shipped one has changed since you copied it", "-Kind regards", "+Best wishes"):
        assert words in ran.out
    (told,) = watcher("templates", "diff", "--json").lines
    assert (told["template"], told["shipped"], told["shipped_has_changed"]) == ("en/generic", "en/generic", True)
    assert "+Best wishes" in told["diff"]
    assert watcher("templates", "diff", "de/generic").code == 2


def test_restore_uses_the_shipped_one_again_and_keeps_ones_words(watcher: Watcher, own: Path) -> None:
    own.write_text("Mine.\n")
    ran = watcher("templates", "restore", "en/generic")
    assert (ran.code, ran.out) == (0, "mine/en/generic.txt.j2.bak\n")
    assert own.with_name("generic.txt.j2.bak").read_text() == "Mine.\n"
    again = watcher("templates", "restore", "en/generic")
    assert (again.code, again.out) == (2, "")
    assert "what is used is the shipped one" in again.err


def test_restore_of_a_variant_that_is_shipped_nowhere_says_that_it_is_gone(watcher: Watcher, own: Path) -> None:
    own.with_name("generic.a.txt.j2").write_text("Mine.\n")
    ran = watcher("templates", "restore", "en/generic.a")
    assert (ran.code, ran.out) == (0, "mine/en/generic.a.txt.j2.bak\n")
    assert ran.err == "There is no en/generic.a any more. Your text is kept:\n"


def test_check_tells_of_files_that_nothing_uses(watcher: Watcher, own: Path) -> None:
    own.with_name("generc.txt.j2").write_text("Hi\n")
    own.with_name("generic.txt").write_text("Hi\n")
    own.symlink_to("nowhere")
    ran = watcher("templates", "check")
    assert ran.code == 2
    assert "! mine/en/generc.txt.j2: nothing is answered with generc" in ran.out
    assert "! mine/en/generic.txt: nothing uses it" in ran.out
    assert "✗ mine/en/generic.txt.j2: nothing uses it: it is a link that leads nowhere" in ran.out
    assert ran.out.endswith("65 templates: 1 error, 2 warnings.\n")
    copied = watcher("templates", "copy", "en/generic")
    assert (copied.code, copied.out) == (2, "")
    assert "is a link that leads nowhere: nothing was changed" in copied.err
    assert not own.with_name("nowhere").exists()
