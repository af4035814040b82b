"""The command line as a whole: help, exit codes, what goes to which stream, and how little an error frightens."""

import json
import subprocess
from pathlib import Path

import pytest
from cli.command import Watcher
from shell.program import PROGRAM, Home, Ran

from watcher import __version__
from watcher.errors import GiveUp, Problem, Show, TryAgain

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
ONE = str(SAMPLES / "02-default-sentence.eml")
COMMANDS = ["demo", "doctor", "draft", "drafts", "explain", "once", "run", "show", "templates"]
NEED_SETTINGS = [("once",), ("doctor",), ("run",), ("drafts",), ("show", "1"), ("draft", "1"), ("once", "--json")]


def test_the_version_is_told(watcher: Watcher) -> None:
    assert watcher("--version") == Ran(0, f"watcher, version {__version__}\n", "")


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_lists_the_commands_and_where_to_begin(watcher: Watcher, word: str) -> None:
    ran = watcher(word)
    assert (ran.code, ran.err) == (0, "")
    assert [name for name in COMMANDS if f"\n  {name} " not in ran.out] == []
    assert "watcher demo" in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_without_any_setting(watcher: Watcher, name: str) -> None:
    ran = watcher(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: watcher {name}")


def test_no_command_shows_the_help_as_wrong_use(watcher: Watcher) -> None:
    ran = watcher()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: watcher" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explian",), "No such command 'explian'"),
        (("once", "--jsno"), "No such option"),
        (("once", "--since", "yesterday"), "yesterday"),
        (("drafts", "--state", "lost"), "lost"),
        (("show", "first"), "first"),
        (("templates", "polish"), "polish"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(watcher: Watcher, words: tuple[str, ...], told: str) -> None:
    ran = watcher(*words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "Usage: watcher" in ran.err


@pytest.mark.parametrize("words", NEED_SETTINGS)
def test_without_settings_it_says_what_to_do_next(watcher: Watcher, words: tuple[str, ...]) -> None:
    ran = watcher(*words)
    assert (ran.code, ran.out) == (2, "")
    wanted = ("nothing is set up yet", "watcher settings > .env", "chmod 600 .env", "WATCHER_IMAP_HOST", "watcher demo")
    for said in wanted:
        assert said in ran.err
    assert "Traceback" not in ran.err


def test_every_wrong_setting_is_listed_at_once(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_IMAP_PORT", "imap")
    monkeypatch.setenv("WATCHER_LANGAUGES", "de")
    ran = watcher("once")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("6 things have to be changed first:\n  WATCHER_IMAP_HOST\n    is missing\n    → write ")
    assert "  WATCHER_LANGAUGES, environment\n    is no setting\n    → did you mean WATCHER_LANGUAGES?\n" in ran.err


ERRORS = [
    (
        Show(Problem("here", "is wrong", "mend it")),
        2,
        "Something has to be changed first:\n  here\n    is wrong\n    → mend",
    ),
    (GiveUp("this cannot be read"), 2, "this cannot be read\n"),
    (TryAgain("the server is away"), 3, "failed for now: the server is away\n"),
    (RuntimeError("inner words"), 3, "not foreseen (RuntimeError)"),
    (KeyboardInterrupt(), 130, "interrupted"),
]


@pytest.mark.parametrize(("error", "code", "told"), ERRORS, ids=[type(error).__name__ for error, *_ in ERRORS])
def test_each_kind_of_error_has_its_exit_code_and_no_trace(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, told: str
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("watcher.domain.message.parse", fail)
    ran = watcher("explain", "--json", ONE)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert "inner words" not in ran.err, "an error that was not foreseen may hold anything"


def test_with_debug_the_trace_is_shown(process: Home) -> None:
    assert "Traceback" not in process.run("once").err
    ran = process.run("--debug", "once")
    assert "Traceback" in ran.err
    assert "nothing is set up yet" in ran.err
    assert ran.out == ""


def _read_and_close(process: Home, *words: str, lines: int) -> tuple[int, str]:
    """Run a command whose reader goes away after some lines, as `head` does."""
    running = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=process.folder,
        env=process.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    for _ in range(lines):
        running.stdout.readline()
    running.stdout.close()
    told = running.stderr.read().decode()
    running.stderr.close()
    return running.wait(60), told


@pytest.mark.parametrize(
    "words",
    [("explain", "--json", str(SAMPLES)), ("explain", str(SAMPLES)), ("templates", "list", "--json"), ("--help",)],
)
@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_that_goes_away_is_no_error(process: Home, words: tuple[str, ...], lines: int) -> None:
    assert _read_and_close(process, *words, lines=lines) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_whole_whatever_the_terminal_can_show(process: Home, encoding: str) -> None:
    name = "03-default-sentence-german.eml"
    environment = process.environment({"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    words = [*PROGRAM, "explain", "--json", str(SAMPLES / name)]
    ran = subprocess.run(words, cwd=process.folder, env=environment, capture_output=True, check=True, timeout=60)
    assert json.loads(ran.stdout.decode(encoding))["inviter"]["name"] == "Jörn Petersilie"
    assert ran.stderr == b""


@pytest.mark.parametrize(
    "words", [("explain", str(SAMPLES)), ("templates", "list"), ("templates", "preview", "de/generic")]
)
def test_a_terminal_without_these_characters_still_gets_its_table(process: Home, words: tuple[str, ...]) -> None:
    ran = process.run(*words, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out


@pytest.mark.parametrize("words", [("explain",), ("templates", "preview", "en/generic", "--for")])
def test_terminal_commands_in_a_mail_are_not_run(watcher: Watcher, folder: Path, words: tuple[str, ...]) -> None:
    mail = Path(ONE).read_bytes().replace(b"Caspian Doyle", b"Caspian\x1b[2J\x1b]0;x\x07 Doyle")
    mail = mail.replace(b"please add me", b"\x1b[8m \xc2\x9b8m \xe2\x80\xae")
    (folder / "own.eml").write_bytes(mail)
    ran = watcher(*words, "own.eml")
    assert ran.code == 0
    assert "Caspian" in ran.out
    assert "\u202e" not in ran.out
    assert "\x9b" not in ran.out
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


def test_markup_in_a_mail_is_shown_as_text(watcher: Watcher) -> None:
    mail = Path(ONE).read_bytes().replace(b"Caspian Doyle", b"Caspian [bold]Doyle[/]")
    ran = watcher("explain", "-", stdin=mail)
    assert ran.code == 0
    assert "[bold]" in ran.out


def test_nothing_is_written_by_commands_that_only_look(process: Home) -> None:
    for words in (("explain", ONE), ("templates", "check"), ("templates", "preview", "en/generic")):
        assert process.run(*words).code == 0
    assert list(process.folder.iterdir()) == []
