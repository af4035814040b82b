"""Canaries: a password and LinkedIn's tokens that must turn up nowhere, whatever happens to the program."""

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import proxy as faulty
from faults.proxy import Fault, Kind
from servers.dovecot import Dovecot, Style
from shell.program import Home, Ran

PASSWORD = "c4n4ry $HOME #'\" \\ word"
TOKENS = ("C4N4RYSHARED", "c4n4rymid", "c4n4ryotp")
CANARIES = ("c4n4ry", *TOKENS)
SAMPLE = (Path(__file__).parents[2] / "watcher" / "samples" / "05-own-words-reason.eml").read_bytes()


def _invitation() -> bytes:
    """LinkedIn's links with tokens of a canary's name in each place where they are known to stand."""
    mail = SAMPLE.replace(b"sharedKey/AAAAAAAA", b"sharedKey/C4N4RYSHARED")
    return mail.replace(b"?trk=", b"?midToken=c4n4rymid&otpToken=c4n4ryotp&trk=")


pytestmark = pytest.mark.parametrize("dovecot_of", [Style(password=PASSWORD)], indirect=True, ids=["canary"])


@pytest.fixture
def home(dovecot_of: Dovecot, tmp_path: Path) -> Home:
    dovecot_of.bulk([_invitation()], time.time() - 3600)
    return Home(tmp_path, {**dovecot_of.environment(), "WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})


def _commands(home: Home) -> Iterator[Ran]:
    """The whole job, then everything that goes wrong, each with its trace."""
    for words in (
        "doctor", "once --dry-run", "once --json", "rejudge", "drafts", "drafts --json", "show 1",
        "judge 1 personalised", "--debug judge 99 generic", "know Nell", "know --list", "report", "settings",
        "--debug once", "--debug draft 1", "--debug draft 99", "drift",
    ):  # fmt: skip
        yield home.run(*words.split())
    port = int(home.settings["WATCHER_IMAP_PORT"])
    yield home.run("--debug", "once", WATCHER_IMAP_PASSWORD=PASSWORD + "wrong")
    yield home.run("--debug", "once", WATCHER_IMAP_PORT="9")
    yield home.run("--debug", "once", WATCHER_DRAFTS_FOLDER="Nowhere")
    yield home.run("once", WATCHER_POLL_EVERY="soon")
    yield home.run("once", WATCHER_IMAP_PORT="9")
    for kind in (Kind.GARBAGE, Kind.CUT_AFTER, Kind.BYE):
        with faulty.running(port, Fault(kind, "LOGIN")) as proxy:
            yield home.run("--debug", "once", WATCHER_IMAP_PORT=str(proxy.port))


def _left(home: Home) -> Iterator[tuple[Path, bytes]]:
    for file in home.folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


def _canaries(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_no_canary_sings(home: Home) -> None:
    heard = [(ran.code, _canaries(ran.out + ran.err)) for ran in _commands(home)]
    assert [canaries for _, canaries in heard if canaries] == []
    assert {0, 2, 3} <= {code for code, _ in heard}, "nothing of all this went well, or nothing went wrong"
    files = list(_left(home))
    assert any(file.name == "ledger.sqlite" for file, _ in files)
    assert [(file.name, _canaries(content.decode("latin-1"))) for file, content in files] == [
        (file.name, []) for file, _ in files
    ]


def test_the_log_of_the_service_is_silent_too(home: Home) -> None:
    process = home.start("run", WATCHER_LOG_LEVEL="debug", WATCHER_LOG="json")
    deadline = time.monotonic() + 30
    while not home.run("drafts", "--json").out and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert '"event"' in log
    assert _canaries(log) == []


def test_all_that_is_kept_is_private(home: Home) -> None:
    assert home.run("once").code == 0
    folder = home.ledger.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert set(modes) >= {"ledger.sqlite", "key"}
    assert set(modes.values()) == {0o600}


def test_no_process_leaves_a_core_dump(home: Home) -> None:
    process = home.start("run")
    try:
        limits = Path(f"/proc/{process.pid}/limits")
        deadline = time.monotonic() + 30
        while _core_line(limits) != ["0", "0"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _core_line(limits) == ["0", "0"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not [name for name in os.listdir(home.folder) if name.startswith("core")]  # noqa: PTH208 - names suffice


def _core_line(limits: Path) -> list[str]:
    """The soft and the hard limit."""
    return next(line for line in limits.read_text().splitlines() if line.startswith("Max core file size")).split()[4:6]
