"""Told to read its settings again (SIGHUP), the whole program heeds them, or says when it will."""

import json
import signal
from pathlib import Path
from typing import Any

from servers.dovecot import free_port
from servers.posts import MaildirPost
from shell.program import Home, until


def _write(home: Home, *lines: str) -> None:
    file = home.folder / ".env"
    file.write_text("".join(f"WATCHER_{line}\n" for line in ("LOG=json", *lines)))
    file.chmod(0o600)


def _lines(log: Path) -> list[dict[str, Any]]:
    *whole, _ = log.read_text("utf-8").split("\n")
    return [json.loads(line) for line in whole]


def test_the_log_changes_at_once_and_of_the_page_it_is_told_that_it_does_not(tmp_path: Path) -> None:
    post = MaildirPost(tmp_path / "mail", tmp_path / "numbers-of-the-tests", is_plain=True)
    settings = {"WATCHER_MAILBOX": f"maildir:{post.root}", "WATCHER_MY_ADDRESS": "me@example.test"}
    home = Home(tmp_path, {**settings, "WATCHER_MY_NAME": "Robin Ashdown", "WATCHER_POLL_EVERY": "10 s"})
    _write(home, "WEB=off")
    written = tmp_path / "log"
    with written.open("w") as log, home.start("run", log=log) as process:
        try:
            assert until(lambda: bool(_lines(written)))
            _write(home, f"WEB=127.0.0.1:{free_port()}", "LOG_LEVEL=debug")
            process.send_signal(signal.SIGHUP)
            assert until(lambda: any(line["event"] == "pass" for line in _lines(written)))
        finally:
            process.terminate()
    changed = "WATCHER_WEB was changed: it takes effect at the next start"
    assert [line["event"] for line in _lines(written) if line["level"] == "warning"] == [changed]
