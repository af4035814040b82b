"""`watcher templates try`: what a wording would have made of invitations that were answered; nothing is changed."""

import os
import time
from pathlib import Path

import pytest
from servers.posts import MaildirPost
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
NAMES = ("01-no-note.eml", "02-default-sentence.eml", "03-default-sentence-german.eml", "05-own-words-reason.eml")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A person four of whose invitations were answered a moment ago."""
    post = MaildirPost(tmp_path / "mail", tmp_path / "numbers-of-the-tests", is_plain=False)
    for number, name in enumerate(NAMES):
        file = post.place("INBOX") / "cur" / f"{number}.a.example,U={number + 1}:2,"
        file.write_bytes((SAMPLES / name).read_bytes())
        os.utime(file, (time.time() - 3600 + number,) * 2)
    folder = tmp_path / "home"
    folder.mkdir()
    settings = {
        "WATCHER_MAILBOX": f"maildir:{post.root}",
        "WATCHER_MY_ADDRESS": "me@example.test",
        "WATCHER_MY_NAME": "Robin Ashdown",
        "WATCHER_LANGUAGES": "en,de",
        "WATCHER_AUTHENTICITY": "warn",
    }
    one = Home(folder, settings)
    assert one.run("once").code == 0
    return one


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name}


def test_the_words_of_now_beside_the_drafts_that_were_made(home: Home) -> None:
    ran = home.run("templates", "try")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Tried on 4 of the last 4 invitations: different 0, the same 4.\n"
    ran = home.run("templates", "try", WATCHER_MY_NAME="Edda Holm")
    assert ran.out.count("+Edda Holm") == 4
    assert ran.out.endswith(": different 4, the same 0.\n")


def test_a_file_beside_the_template_that_it_would_replace(home: Home) -> None:
    before = _files(home.folder.parent)
    new = home.folder / "new.txt"
    new.write_text("Hello {{ inviter.name }}, and why?\n")
    ran = home.run("templates", "try", "new.txt", "--as", "en/generic", "--last", "3", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(one["who"] for one in ran.lines) == ["Caspian Doyle"]
    assert ran.lines[0]["before"] == ran.lines[0]["after"] == "en/generic"
    assert "+Hello Caspian Doyle, and why?" in ran.lines[0]["diff"]
    new.write_text("Hello {{ inviter.nmae }}\n")
    ran = home.run("templates", "try", "new.txt", "--as", "en/generic")
    assert ran.code == 2
    assert "line 1: 'inviter' has no attribute 'nmae'" in ran.out
    assert "Tried on 2 of the last 4 invitations: different 0, the same 0, failed 2." in ran.out
    new.unlink()
    assert _files(home.folder.parent) == before, "nothing is changed"


def test_a_file_tells_by_its_place_which_template_it_is_for(home: Home) -> None:
    place = home.folder / "work" / "de" / "generic.txt.j2"
    place.parent.mkdir(parents=True)
    place.write_text("Guten Tag\n")
    ran = home.run("templates", "try", str(place))
    assert "de/generic" in ran.out
    assert "+Guten Tag" in ran.out
    stray = home.folder / "notes.txt"
    stray.write_text("x")
    assert "say with --as which template" in home.run("templates", "try", "notes.txt").err


def test_a_name_looks_at_those_alone_that_it_answered(home: Home) -> None:
    assert "Tried on 1 of the last 4" in home.run("templates", "try", "de/generic").out
    assert home.run("templates", "try", "nowhere.txt").code == 2


def test_a_variant_that_is_nowhere_is_told_as_the_setting_it_is(home: Home) -> None:
    ran = home.run("once", WATCHER_VARIANT="frm")
    assert (ran.code, ran.out) == (2, "")
    assert "WATCHER_VARIANT" in ran.err
    assert "choose among firm, short, or write a file en/generic.frm.txt.j2" in ran.err


def test_a_variant_of_the_settings_is_what_try_compares_with(home: Home) -> None:
    ran = home.run("templates", "try", "en/generic.short", WATCHER_VARIANT="short")
    assert "en/generic → en/generic.short" in ran.out
