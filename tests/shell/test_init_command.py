"""`watcher init` at a terminal: every answer is tried on a real server, and nothing is written before a yes."""

import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.dovecot import Dovecot, Style
from servers.loopback import free_port
from shell.program import PROGRAM, Home
from shell.terminal import Terminal, at_terminal

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, {})


@contextmanager
def _asked(home: Home, *words: str, **changes: str) -> Iterator[Terminal]:
    with at_terminal([*PROGRAM, "init", *words], home.folder, home.environment(changes)) as terminal:
        yield terminal


def _answer_all(terminal: Terminal, dovecot: Dovecot, **others: str) -> None:
    """From the server on; the mailbox's name was answered."""
    terminal.answer("Your mail server", f"127.0.0.1:{dovecot.port} none")
    terminal.answer("Your password", others.get("password", dovecot.password))
    _answer_rest(terminal, **others)


def _answer_rest(terminal: Terminal, **others: str) -> None:
    terminal.answer("Your name", others.get("name", "Robin Ashdown"))
    terminal.answer("The languages", "en, de")
    terminal.answer("Which invitations", "")


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_from_nothing_to_the_first_pass(dovecot: Dovecot, home: Home) -> None:
    dovecot.bulk([file.read_bytes() for file in sorted(SAMPLES.glob("*.eml"))], time.time() - 60)
    with _asked(home) as terminal:
        terminal.answer("Your e-mail address", "me@example.test")
        _answer_all(terminal, dovecot)
        terminal.answer("Whose word", "")
        assert "would be drafted" in terminal.await_words("Write ")
        assert _files(home.folder) == set(), "nothing is written before a yes"
        terminal.type("y")
        assert terminal.end() == 0
    written = home.folder / ".env"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert dovecot.password not in terminal.seen
    assert b"APPEND" not in dovecot.raw_log()
    ran = home.run("once", "--json", WATCHER_LOOK_BACK="36500 days", WATCHER_WEB="off")
    assert (ran.code, ran.lines[-1]["mailbox"], ran.lines[-1]["drafted"]) == (0, "me@example.test", 9)


@pytest.mark.parametrize("after", ["Your password", "Write "])
def test_broken_off_it_leaves_nothing_behind(dovecot: Dovecot, home: Home, after: str) -> None:
    with _asked(home) as terminal:
        for prompt, words in (
            ("Your e-mail address", "me@example.test"),
            ("Your mail server", f"127.0.0.1:{dovecot.port} none"),
            ("Your password", dovecot.password),
            ("Your name", "Robin"),
            ("The languages", "en"),
            ("Which invitations", ""),
            ("Write ", ""),
        ):
            terminal.await_words(prompt)
            if prompt == after:
                terminal.break_off()
                break
            terminal.await_words("> ")
            terminal.type(words)
        assert terminal.end() == 130
    assert _files(home.folder) == set()


def test_a_no_at_the_end_writes_nothing(dovecot: Dovecot, home: Home) -> None:
    with _asked(home) as terminal:
        terminal.answer("Your e-mail address", "me@example.test")
        _answer_all(terminal, dovecot)
        terminal.await_words("Write ")
        terminal.type("n")
        terminal.await_words("Nothing was written")
        assert terminal.end() == 0
    assert _files(home.folder) == set()


def test_each_failure_says_what_to_do_and_nothing_typed_is_lost(dovecot: Dovecot, home: Home) -> None:
    closed = free_port()
    with _asked(home) as terminal:
        terminal.answer("Your e-mail address", "nobody")
        assert "is no e-mail address" in terminal.await_words("Your e-mail address")
        terminal.await_words("> ")
        terminal.type("me@example.test")
        terminal.answer("Your mail server", f"127.0.0.1:{closed} none")
        assert "cannot be reached" in terminal.await_words(f"[127.0.0.1:{closed} none] > ")
        terminal.type(f"127.0.0.1:{dovecot.tls_port}")
        terminal.await_words("The PEM file of your own authority")
        terminal.await_words("> ")
        terminal.type(str(home.folder / "nowhere.pem"))
        assert "is no file" in terminal.await_words("nowhere.pem] > ")
        terminal.type(str(dovecot.ca))
        terminal.answer("Your password", "wrong")
        assert "does not accept the password" in terminal.await_words("The name you log in with")
        terminal.answer("[me@example.test]", "")
        terminal.answer("Your password", dovecot.password)
        assert "Logged in" in terminal.await_words("Your name")
        terminal.await_words("> ")
        terminal.type("")
        terminal.await_words("> ")
        terminal.type("Robin")
        terminal.answer("The languages", "en, tlh")
        assert "tlh is none of the languages" in terminal.await_words("[en, tlh] > ")
        terminal.type("en")
        terminal.answer("Which invitations", "none")
        assert "none is none of the verdicts" in terminal.await_words("[none] > ")
        terminal.type("generic")
        terminal.await_words("Write ")
        terminal.type("y")
        assert terminal.end() == 0
    assert home.run("doctor", WATCHER_WEB="off").code == 0


@pytest.mark.parametrize("dovecot_of", [Style(drafts="Letters", special_use="")], indirect=True)
def test_where_no_folder_is_known_for_drafts_one_is_chosen(dovecot_of: Dovecot, home: Home) -> None:
    with _asked(home) as terminal:
        terminal.answer("Your e-mail address", "me@example.test")
        terminal.answer("Your mail server", f"127.0.0.1:{dovecot_of.port} none")
        terminal.answer("Your password", dovecot_of.password)
        offered = terminal.await_words("> ")
        number = next(line.split()[0] for line in offered.splitlines() if line.endswith("Letters"))
        terminal.type(number)
        terminal.await_words("Drafts go to Letters")
        _answer_rest(terminal)
        terminal.await_words("Write ")
        terminal.type("y")
        assert terminal.end() == 0
    assert "WATCHER_DRAFTS_FOLDER=Letters\n" in (home.folder / ".env").read_text("utf-8")


def test_what_stands_there_is_kept_and_what_changes_is_shown(dovecot: Dovecot, home: Home) -> None:
    before = _settings(dovecot, WATCHER_MY_NAME="Robin", WATCHER_SKIP="example.net") + "# mine\nOTHER=1\n"
    env = home.folder / ".env"
    env.write_text(before, "utf-8")
    env.chmod(0o600)
    with _asked(home) as terminal:
        for prompt in ("Your e-mail address", "Your mail server", "Your password"):
            terminal.answer(prompt, "")
        _answer_rest(terminal, name="Robin Ashdown")
        shown = terminal.await_words("Write ")
        assert "-WATCHER_MY_NAME=Robin\n" in shown
        assert "+WATCHER_MY_NAME='Robin Ashdown'\n" in shown
        terminal.type("y")
        assert terminal.end() == 0
    after = env.read_text("utf-8")
    assert "# mine\nOTHER=1\n" in after
    assert "WATCHER_SKIP=example.net" in after
    kept = home.folder / ".env.bak"
    assert (kept.read_text("utf-8"), stat.S_IMODE(kept.stat().st_mode)) == (before, 0o600)
    assert dovecot.password not in terminal.seen


def _settings(dovecot: Dovecot, **others: str) -> str:
    own = {name: value for name, value in dovecot.environment().items() if name != "WATCHER_MY_NAME"}
    return "".join(f"{name}={value}\n" for name, value in {**own, **others}.items())


def test_one_of_several_mailboxes_has_a_file_of_its_own(dovecot: Dovecot, home: Home) -> None:
    (home.folder / "boxes").mkdir()
    changes = {"WATCHER_ACCOUNTS": "boxes", "WATCHER_MY_NAME": "Robin Ashdown", "WATCHER_WEB": "off"}
    with _asked(home, "--account", "work", **changes) as terminal:
        terminal.answer("Your e-mail address", "me@example.test")
        _answer_all(terminal, dovecot)
        terminal.await_words("Write ")
        terminal.type("y")
        terminal.await_words("watcher once --account work")
        assert terminal.end() == 0
    assert _files(home.folder) == {"boxes"}
    ran = home.run("doctor", "--json", **changes)
    assert (ran.code, {check["account"] for check in ran.lines}) == (0, {"work"})


def test_without_a_terminal_it_says_what_to_do(home: Home) -> None:
    ran = home.run("init")
    assert (ran.code, "there is no terminal" in ran.err, "watcher settings > .env" in ran.err) == (2, True, True)
    assert _files(home.folder) == set()


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        ([], {"WATCHER_IMAP_HOST": "imap.example.test"}, "unset WATCHER_IMAP_HOST"),
        ([], {"WATCHER_ACCOUNTS": "."}, "watcher init --account NAME"),
        (["--account", "work"], {"WATCHER_WEB": "off"}, "WATCHER_ACCOUNTS is not set"),
        (["--account", "../x"], {"WATCHER_ACCOUNTS": "."}, "cannot be the name of a mailbox"),
    ],
)
def test_what_would_come_to_nothing_is_told_first(
    home: Home, words: list[str], settings: Mapping[str, str], told: str
) -> None:
    with _asked(home, *words, **settings) as terminal:
        terminal.await_words(told)
        assert terminal.end() == 2
