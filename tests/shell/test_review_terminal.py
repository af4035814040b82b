"""`watcher review` in a real terminal, on a real server: every key, a window that changes its size, hostile mail."""

import base64
import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home
from shell.terminals import Terminal, terminal

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
GERMAN = (SAMPLES / "03-default-sentence-german.eml").read_bytes()
GUEST = (SAMPLES / "09-guest-by-own-address.eml").read_bytes()
EVIL = "\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x9b31m gelesen \u202egnp.exe שלום 你好👩‍👩‍👧"
HOSTILE = GERMAN.replace(
    "Ich möchte Sie gerne zu meinem beruflichen Netzwerk auf LinkedIn hinzufügen.".encode(),
    f"Ich habe Ihren Vortrag über Warteschlangen {EVIL} und möchte mit Ihnen darüber sprechen.".encode(),
).replace(b"1795000000000", b"1795000000009").replace(b"7300000000000000003", b"7300000000000000009").replace(
    b"=?utf-8?q?J=C3=B6rn?= Petersilie", b"Anton Rabe"
).replace("Jörn Petersilie".encode(), b"Anton Rabe").replace(b"jorn-petersilie", b"anton-rabe")  # fmt: skip
TRUST = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LANGUAGES": "en,de"}


@pytest.fixture
def looked(dovecot: Dovecot, home: Home) -> Home:
    """A mailbox with one that is held (no. 2) and one that is drafted (no. 1)."""
    dovecot.bulk([GERMAN, GUEST], time.time() - 60)
    ran = home.run("once", "--json", **TRUST)
    assert [line["state"] for line in ran.lines[:-1]] == ["drafted", "held"], ran.err
    return home


@pytest.fixture
def walk(looked: Home) -> Iterator[Terminal]:
    with terminal(looked, "review", **TRUST) as one:
        one.shows("1 of 2")
        yield one


def _drafts(dovecot: Dovecot) -> list[str]:
    """What the drafts that lie there say."""
    return [_said(mail.content) for _, mail in sorted(imap_post(dovecot).stored("Drafts").items())]


def _said(content: bytes) -> str:
    body = message_from_bytes(content, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _editor(home: Home, script: str) -> str:
    """A program that does this to the file it is given."""
    editor = home.folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    editor.chmod(0o700)
    return str(editor)


def _told_at_the_end(walk: Terminal) -> str:
    """What stays in the terminal once it is given back."""
    return walk.octets.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2]


TOO_MANY = "{ echo 'Meine Worte'; head -c 20001 /dev/zero | tr '\\0' x; } > \"$1\""
"""An editor's script: more than one draft holds, so that it is not saved."""


def _state(home: Home, number: int) -> str:
    return str(home.run("show", str(number), "--json").lines[0]["state"])


def test_each_is_shown_whole_and_the_end_is_told(walk: Terminal) -> None:
    for words in ("Leocadia Finch", "Have an answer drafted, or leave it.", "Not proven genuine", "Their note (en)"):
        assert words in walk.text
    shown = walk.press("j", "2 of 2")
    for words in ("Jörn Petersilie", "Their note (de)", "hinzufügen.[1]", "template generic · de", "Hallo Jörn,"):
        assert words in shown
    assert "Kopieren Sie" not in shown, "the block for the person alone is not among the words"
    walk.press("j", "That was the last one")
    walk.press("k", "1 of 2")
    walk.press("k", "This is the first one")
    walk.press("?", "correct the verdict")
    walk.press("x", "1 of 2")
    walk.process.send("q")
    assert walk.ended() == 0


def test_drafting_and_taking_it_back_reach_the_mailbox(walk: Terminal, dovecot: Dovecot, looked: Home) -> None:
    walk.press("d", "Done: its draft lies in Drafts")
    assert len(_drafts(dovecot)) == 2
    walk.press("u", "Taken back")
    assert len(_drafts(dovecot)) == 1
    assert _state(looked, 2) == "discarded"


def test_what_nothing_takes_back_asks_once_more(walk: Terminal, looked: Home) -> None:
    walk.press("x", "Press y if you mean it")
    walk.press("n", "Nothing was changed")
    assert _state(looked, 2) == "held"
    walk.press("x", "Press y if you mean it")
    walk.press("y", "Left without an answer")
    assert _state(looked, 2) == "skipped"
    walk.press("j", "Jörn Petersilie")
    walk.press("m", "Press y if you mean it")
    walk.press("y", "Kept: you pasted it")
    assert _state(looked, 1) == "pasted"


def test_removing_and_taking_it_back_leaves_the_same_words(walk: Terminal, dovecot: Dovecot) -> None:
    before = _drafts(dovecot)
    walk.press("j", "Jörn")
    walk.press("x", "Done: removed")
    assert _drafts(dovecot) == []
    walk.press("u", "Taken back")
    assert _drafts(dovecot) == before


def test_the_draft_is_edited_in_the_persons_own_editor(looked: Home, dovecot: Dovecot) -> None:
    editor = _editor(looked, "sed -i 's/Hallo Jörn/Lieber Herr Petersilie/' \"$1\"")
    with terminal(looked, "review", "1", **TRUST, VISUAL=editor) as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "Saved: your words lie in Drafts")
        assert "your own words" in walk.text
        (said,) = _drafts(dovecot)
        assert said.startswith("Lieber Herr Petersilie,")
        assert said.count("8<") == 4, "the block for the person alone is there once"
        walk.press("u", "Taken back")
        assert _drafts(dovecot)[0].startswith("Hallo Jörn,")


def test_words_that_could_not_be_saved_are_not_lost(looked: Home, dovecot: Dovecot) -> None:
    editor = _editor(looked, "echo 'Meine eigenen Worte' >> \"$1\"")
    post = imap_post(dovecot)
    (uid,) = post.stored("Drafts")
    theirs = post.stored("Drafts")[uid].content.replace(b"Hallo", b"Guten Tag")
    post.deliver(theirs, post.stored("Drafts")[uid].received, "Drafts")
    post.remove("Drafts", uid)
    with terminal(looked, "review", "1", **TRUST, EDITOR=editor) as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "What you wrote is kept here")
        assert "Not saved, and not in Drafts" in walk.text
        assert [mail.content for mail in post.stored("Drafts").values()] == [theirs]
        left = walk.press("q", "what could not be saved of no. 1")
        assert "Meine eigenen Worte" in left


def test_an_editor_that_is_left_without_saving_takes_no_unsaved_words_away(looked: Home) -> None:
    opened = looked.folder / "opened"
    with terminal(looked, "review", "1", **TRUST, EDITOR=_editor(looked, TOO_MANY)) as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "kept here: e shows it again")
        _editor(looked, f"grep 'Meine Worte' \"$1\" >> {opened}")
        walk.press("e", "Nothing was changed")
        walk.press("e", "Nothing was changed")
        _editor(looked, 'echo > "$1"')
        walk.press("e", "There were no words")
        walk.process.send("q")
        assert walk.ended() == 0
        assert "Meine Worte" in _told_at_the_end(walk)
    assert opened.read_text("utf-8").splitlines() == ["Meine Worte"] * 2


def test_an_editor_may_write_latin_1_and_leaves_nothing_on_the_disk(looked: Home, dovecot: Dovecot) -> None:
    seen = looked.folder / "seen"
    script = f'stat -c \'%a %n\' "$1" "$(dirname "$1")" > {seen}; printf \'Gr\\374\\337e\\n\' > "$1"; cp "$1" "$1~"'
    with terminal(looked, "review", "1", **TRUST, EDITOR=_editor(looked, script)) as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "Saved: your words lie in Drafts")
    assert _drafts(dovecot)[0].startswith("Grüße\n")
    modes, places = zip(*(line.split() for line in seen.read_text("utf-8").splitlines()), strict=True)
    assert modes == ("600", "700")
    assert not any(Path(place).exists() for place in places)


def _wherever_lines_end(words: str) -> Callable[[str], bool]:
    """Whether these are to be seen: how long a path is before them says where a line is broken."""
    return lambda text: words in " ".join(text.split())


@pytest.mark.parametrize(
    ("end", "left", "code"), [("exit 1", "\x03", 130), ("kill -INT $PPID; kill -INT $$", "\x04", 0)]
)
def test_words_are_given_back_however_the_editor_and_the_walk_end(looked: Home, end: str, left: str, code: int) -> None:
    editor = _editor(looked, f"echo 'Meine Worte' > \"$1\"; {end}")
    with terminal(looked, "review", "1", **TRUST, EDITOR=editor) as walk:
        walk.shows("Jörn Petersilie")
        shown = walk.press("e", _wherever_lines_end("What you wrote is kept here"))
        assert _wherever_lines_end("Editing failed.")(shown)
        assert "Not saved, and not in Drafts:\n\n  Meine Worte\n\n  11 characters" in shown
        assert "Hallo Jörn" not in shown
        assert "Meine Worte" in walk.press(left, "what could not be saved of no. 1")
        assert walk.ended() == code


def test_an_editor_that_cannot_be_started_is_told_of(looked: Home) -> None:
    with terminal(looked, "review", "1", **TRUST, VISUAL="vim '") as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "names no program: No closing quotation")


def test_a_draft_that_came_meanwhile_is_seen_before_it_is_replaced(looked: Home, dovecot: Dovecot) -> None:
    theirs = looked.folder / "theirs"
    theirs.write_text("Worte von der Seite\n", "utf-8")
    editor = _editor(looked, "echo 'Meine Worte' > \"$1\"")
    with terminal(looked, "review", "1", **TRUST, EDITOR=editor) as walk:
        walk.shows("Jörn Petersilie")
        assert looked.run("drafts", "save", "1", str(theirs), **TRUST).code == 0
        shown = walk.press("e", "got another draft while you wrote")
        mine, came = shown.split("A draft that came meanwhile")
        assert "Not saved, and not in Drafts:\n\n  Meine Worte\n\n  11 characters" in mine
        assert "in Drafts · your own words · de\n\n  Worte von der Seite\n\n  19 characters" in came
        walk.press("e", "Which do you edit?")
        walk.press("q", "Nothing was changed")
        assert _drafts(dovecot)[0].startswith("Worte von der Seite\n")
        walk.press("e", "Which do you edit?")
        walk.press("1", "Saved: your words lie in Drafts")
        assert _drafts(dovecot)[0].startswith("Meine Worte\n")
        assert "Not saved" not in walk.text


def test_words_that_are_not_saved_are_never_taken_for_a_later_draft(looked: Home, dovecot: Dovecot) -> None:
    with terminal(looked, "review", "1", **TRUST, EDITOR=_editor(looked, TOO_MANY)) as walk:
        walk.shows("Jörn Petersilie")
        walk.press("e", "kept here")
        walk.press("r", "Which template?")
        walk.press("\r", "In which language?")
        walk.press("\r", "Done: its draft lies in Drafts")
        shown = walk.press("c", "press any key")
        assert "Meine Worte" not in shown
        assert "Hallo Jörn" in shown
        walk.press(" ", "2 of 2")
        _editor(looked, "sed -i 's/Hallo/Guten Tag/' \"$1\"")
        walk.press("e", "Which do you edit?")
        walk.press("2", "Saved: your words lie in Drafts")
        assert "Not saved" not in walk.text
        assert _drafts(dovecot)[0].startswith("Guten Tag")
        walk.process.send("q")
        assert walk.ended() == 0
        assert "Meine Worte" in _told_at_the_end(walk)


def test_another_template_and_language_are_chosen_by_key(walk: Terminal, dovecot: Dovecot) -> None:
    walk.press("j", "Jörn")
    choices = walk.press("r", "Which template?")
    (key,) = re.findall(r"^ +(\w)  unsure$", choices, re.MULTILINE)
    languages = walk.press(key, "In which language?")
    (key,) = re.findall(r"^ +(\w)  en$", languages, re.MULTILINE)
    walk.press(key, "by the template unsure")
    assert _drafts(dovecot)[0].startswith("Hi Jörn,")
    walk.press("r", "Which template?")
    walk.press("Z", "Nothing was changed")
    assert len(_drafts(dovecot)) == 1


def test_verdicts_and_acquaintances_are_kept(walk: Terminal, looked: Home) -> None:
    walk.press("j", "Jörn")
    walk.press("p", "Your word is kept")
    assert "personalised" in walk.text
    walk.press("i", "Kept: you know")
    assert "someone you know" in walk.text
    assert looked.run("know", "--list").out.strip() == "jörn petersilie"
    walk.press("i", "Taken back: ")
    assert looked.run("know", "--list").out == ""


def test_the_text_goes_to_the_clipboard_and_stands_in_the_terminal(walk: Terminal, dovecot: Dovecot) -> None:
    walk.press("j", "Jörn")
    shown = walk.press("c", "press any key")
    (copied,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(walk.octets))
    text = base64.b64decode(copied).decode()
    assert _drafts(dovecot)[0].startswith(text)
    assert "8<" not in text
    shown = shown.replace("\n", "")  # the terminal breaks lines anywhere
    assert "too long for the note of an invitation" in shown
    assert "https://www.linkedin.com/mynetwork/invitation-manager/" in shown
    walk.press(" ", "2 of 2")


def test_over_ssh_a_place_is_told_and_not_opened(looked: Home) -> None:
    with terminal(looked, "review", "1", **TRUST, SSH_CONNECTION="203.0.113.9 22 198.51.100.2 22") as walk:
        walk.shows("Jörn")
        walk.press("o", "Open https://www.linkedin.com/mynetwork/invitation-manager/")


def test_a_window_that_changes_its_size_is_drawn_anew_without_a_key(walk: Terminal) -> None:
    walk.press("j", "Jörn")
    walk.resize(44, 16)
    shown = walk.shows(lambda text: "space read on" in text)
    assert max(map(len, shown.splitlines())) <= 44
    assert "2 of 2" in shown.splitlines()[0]
    assert "Viele Grüße" not in shown
    seen = shown
    while "space read on" in shown:
        shown = walk.press(" ")
        seen += shown
    for words in ("vielen Dank", "Ich nutze", "Schreiben Sie mir", "Viele Grüße", "characters"):
        assert words in seen
    walk.press("\x1b")
    above = walk.press("[A")  # an arrow, from far away
    assert above.splitlines()[-4:] != shown.splitlines()[-4:], "it reads back"
    walk.resize(120, 50)
    walk.shows("Viele Grüße")
    walk.press("k", "1 of 2")


def test_hostile_mail_changes_nothing_but_its_own_lines(dovecot: Dovecot, home: Home) -> None:
    dovecot.bulk([HOSTILE], time.time() - 60)
    assert home.run("once", "--json", **TRUST).lines[-1]["drafted"] == 1
    with terminal(home, "review", **TRUST) as walk:
        shown = walk.shows("1 of 1")
        lines = shown.splitlines()
        assert lines[0].startswith("1 of 1")
        assert lines[1] == "Anton Rabe"
        note = next(line for line in lines if "Warteschlangen" in line)
        assert "\N{REPLACEMENT CHARACTER}[2J" in note
        assert "שלום" in shown
        assert walk.screen.title == ""
        assert b"\x1b]0;" not in walk.octets
        assert all(char.fg == "default" for line in walk.screen.buffer.values() for char in line.values())
        walk.press("\x1b[B")
        walk.process.send("q")
        assert walk.ended() == 0


def test_the_terminal_is_left_as_it_was_found(walk: Terminal) -> None:
    walk.process.sendintr()  # Ctrl-C
    assert walk.ended() == 130
    assert walk.octets.rstrip().endswith(b"interrupted")
    assert walk.octets.count(b"\x1b[?1049h") == walk.octets.count(b"\x1b[?1049l") == 1
    assert walk.octets.rindex(b"\x1b[?25h") > walk.octets.rindex(b"\x1b[?25l")


def test_a_terminal_that_can_do_nothing_shows_the_words(looked: Home) -> None:
    with terminal(looked, "review", "1", **TRUST, TERM="dumb") as walk:
        walk.shows("Jörn Petersilie")
        assert b"\x1b[" not in walk.octets
        walk.process.send("q")
        assert walk.ended() == 0


def test_a_script_gets_what_waits_as_json_and_never_a_screen(looked: Home) -> None:
    ran = looked.run("review", "--json")
    assert [(line["id"], line["decide"]) for line in ran.lines] == [
        (2, "Have an answer drafted, or leave it."), (1, None),
    ]  # fmt: skip
    ran = looked.run("review")
    assert (ran.code, ran.out) == (2, "")
    assert "--json" in ran.err


def test_where_nothing_waits_it_says_so(home: Home) -> None:
    ran = home.run("review")
    assert (ran.code, ran.out) == (0, "")
    assert "Nothing waits for you" in ran.err
