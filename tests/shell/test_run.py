"""Left running: passes on a schedule, an end within 10 seconds of the order; a server that is away is waited for."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot, free_port
from servers.posts import imap_post
from shell.fleet import arriving
from shell.program import Home, ended, until

OFTEN = {"WATCHER_POLL_EVERY": "10 s", "WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LOG": "json"}


@contextmanager
def _running(home: Home, log: IO[str] | int = subprocess.PIPE, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = home.start("run", log=log, **{**OFTEN, **settings})
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_new_mail_is_drafted_and_the_order_to_stop_is_followed(dovecot: Dovecot, home: Home) -> None:
    post = imap_post(dovecot)
    with _running(home) as process:
        assert until(lambda: b"EXAMINE" in dovecot.raw_log())
        post.deliver(arriving(1), datetime.now(UTC))
        assert until(lambda: len(post.stored("Drafts")) == 1)
        ran = ended(process)
    assert ran.code == 0, ran.err
    events = [json.loads(line) for line in ran.err.splitlines()]
    assert {"invitation", "stopping"} <= {event["event"] for event in events}
    assert "Invented1" not in ran.err  # no personal data above debug


def test_interrupt_ends_it_too(dovecot: Dovecot, home: Home) -> None:
    with _running(home) as process:
        assert until(lambda: b"EXAMINE" in dovecot.raw_log())
        ran = ended(process, signal.SIGINT)
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err


def test_a_server_that_is_away_is_waited_for(unpacked: Path, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "WATCHER_IMAP_HOST": "127.0.0.1", "WATCHER_IMAP_SECURITY": "none", "WATCHER_IMAP_PORT": str(port),
        "WATCHER_IMAP_USER": dovecot_server.USER, "WATCHER_IMAP_PASSWORD": dovecot_server.PASSWORD,
        "WATCHER_MY_NAME": "Robin Ashdown",
    }  # fmt: skip
    home, written = Home(tmp_path, settings), tmp_path / "log"

    def failed() -> int:
        return len(_events(written.read_text(), "pass failed"))

    with written.open("w") as log, _running(home, log) as process:
        assert until(lambda: failed() > 0)
        with dovecot_server.running(unpacked, port=port) as server:
            post = imap_post(server)
            post.deliver(arriving(1), datetime.now(UTC))
            assert until(lambda: len(post.stored("Drafts")) == 1, 90)
            before = failed()
        # The server goes while the program watches: still no end.
        assert until(lambda: failed() > before)
        assert process.poll() is None
        assert ended(process).code == 0
    assert "cannot be reached" in _events(written.read_text(), "pass failed")[-1]["problem"]


def test_what_the_person_has_to_change_ends_it_with_2(home: Home) -> None:
    with _running(home, WATCHER_IMAP_PASSWORD="wrong") as process:
        _, err = process.communicate(timeout=20)
        assert process.returncode == 2
    assert "WATCHER_IMAP_PASSWORD" in err


# ------------------------------------------------------------------------------------------------- told to read again


def _events(err: str, event: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    return [one for one in found if one["event"] == event]


def _account(home: Home, name: str, *lines: str) -> None:
    folder = home.folder / "mailboxes"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.env"
    file.write_text("".join(f"WATCHER_{line}\n" for line in lines))
    file.chmod(0o600)


def _has_passes(home: Home, name: str) -> bool:
    return home.passes().get(f"{name}@example.test", 0) > 0


def test_told_to_read_again_it_takes_up_and_dismisses_mailboxes(dovecot: Dovecot, home: Home) -> None:
    dovecot.admit(f"{name}@example.test" for name in ("anna", "bert"))
    _account(home, "anna", "IMAP_USER=anna@example.test")
    with _running(home, WATCHER_ACCOUNTS="mailboxes", WATCHER_IMAP_USER="") as process:
        assert until(lambda: _has_passes(home, "anna"))
        _account(home, "bert", "IMAP_USER=bert@example.test")
        process.send_signal(signal.SIGHUP)
        assert until(lambda: _has_passes(home, "bert"))
        _account(home, "anna", "IMAP_USER=anna@example.test", "IMAP_PORT=none")
        _account(home, "cleo", "IMAP_USER=cleo@example.test")
        process.send_signal(signal.SIGHUP)
        before = home.passes()["anna@example.test"]
        assert until(lambda: home.passes()["anna@example.test"] > before)
        ran = ended(process)
    assert ran.code == 0, ran.err
    (kept,) = _events(ran.err, "new settings cannot be used: the old ones go on")
    assert (kept["account"], "anna.env line 2" in kept["problem"]) == ("anna", True)
    (gave_up,) = _events(ran.err, "stopped: something has to be changed first")
    assert gave_up["account"] == "cleo"
    assert [event["account"] for event in _events(ran.err, "watching")] == ["anna", "bert", "cleo"]


def test_a_template_that_changes_is_the_next_draft(dovecot: Dovecot, home: Home) -> None:
    own = home.folder / "own" / "en"
    own.mkdir(parents=True)
    template = own / "generic.txt.j2"
    template.write_text("First words.\n")
    post = imap_post(dovecot)
    with _running(home, WATCHER_TEMPLATES=str(own.parent), WATCHER_DRAFT_FOR="generic") as process:
        post.deliver(arriving(1), datetime.now(UTC))
        assert until(lambda: len(post.stored("Drafts")) == 1)
        template.write_text("Other words.\n")
        post.deliver(arriving(2), datetime.now(UTC))
        assert until(lambda: len(post.stored("Drafts")) == 2)
        ended(process)
    assert [b"Other words" in draft.content for _, draft in sorted(post.stored("Drafts").items())] == [False, True]


# ------------------------------------------------------------------------------------------------------- troubles apart


def test_the_order_to_stop_is_followed_while_a_server_hangs(dovecot: Dovecot, home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _account(home, "hangs", f"IMAP_PORT={silent.getsockname()[1]}", "MY_ADDRESS=other@example.test")
        _account(home, "well", f"IMAP_USER={dovecot.user}")
        with _running(home, WATCHER_ACCOUNTS="mailboxes") as process:
            assert until(lambda: bool(home.passes()))
            ran = ended(process)
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
