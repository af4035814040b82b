"""Left running: passes on a schedule, an end within 10 seconds of the order; a server that is away is waited for."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot, free_port
from servers.posts import imap_post
from shell.program import Home

NO_NOTE = (Path(__file__).parents[2] / "watcher" / "samples" / "01-no-note.eml").read_bytes()
OFTEN = {"WATCHER_POLL_EVERY": "10 s", "WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LOG": "json"}


@contextmanager
def _running(home: Home, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = home.start("run", **{**OFTEN, **settings})
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def _until(holds: Callable[[], bool], seconds: float = 40) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


def _ended(process: subprocess.Popen[str], order: signal.Signals = signal.SIGTERM) -> tuple[int, float, str]:
    started = time.monotonic()
    process.send_signal(order)
    _, err = process.communicate(timeout=20)
    return process.returncode, time.monotonic() - started, err


def test_new_mail_is_drafted_and_the_order_to_stop_is_followed(dovecot: Dovecot, home: Home) -> None:
    post = imap_post(dovecot)
    with _running(home) as process:
        assert _until(lambda: b"EXAMINE" in dovecot.raw_log())
        post.deliver(NO_NOTE, datetime.now(UTC))
        assert _until(lambda: len(post.stored("Drafts")) == 1)
        code, seconds, err = _ended(process)
    assert (code, seconds < 10) == (0, True), err
    events = [json.loads(line) for line in err.splitlines()]
    assert {"invitation", "stopping"} <= {event["event"] for event in events}
    assert "Ottoline" not in err  # no personal data above debug


def test_interrupt_ends_it_too(dovecot: Dovecot, home: Home) -> None:
    with _running(home) as process:
        assert _until(lambda: b"EXAMINE" in dovecot.raw_log())
        code, seconds, err = _ended(process, signal.SIGINT)
    assert (code, seconds < 10) == (0, True), err
    assert "Traceback" not in err


def test_a_server_that_is_away_is_waited_for(unpacked: Path, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "WATCHER_IMAP_HOST": "127.0.0.1", "WATCHER_IMAP_SECURITY": "none", "WATCHER_IMAP_PORT": str(port),
        "WATCHER_IMAP_USER": dovecot_server.USER, "WATCHER_IMAP_PASSWORD": dovecot_server.PASSWORD,
        "WATCHER_MY_NAME": "Robin Ashdown",
    }  # fmt: skip
    home = Home(tmp_path, settings)
    with _running(home) as process:
        time.sleep(3)
        assert process.poll() is None
        with dovecot_server.running(unpacked, port=port) as server:
            post = imap_post(server)
            post.deliver(NO_NOTE, datetime.now(UTC))
            assert _until(lambda: len(post.stored("Drafts")) == 1, 60)
        # The server goes while the program watches: still no end.
        time.sleep(11)
        assert process.poll() is None, process.communicate()[1]
        code, seconds, err = _ended(process)
    assert (code, seconds < 10) == (0, True), err
    assert "cannot be reached" in err


def test_what_the_person_has_to_change_ends_it_with_2(home: Home) -> None:
    with _running(home, WATCHER_IMAP_PASSWORD="wrong") as process:
        _, err = process.communicate(timeout=20)
        assert process.returncode == 2
    assert "WATCHER_IMAP_PASSWORD" in err
