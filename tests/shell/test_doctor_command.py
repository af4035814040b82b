"""`watcher doctor` checks everything a pass needs, and each line that is not well says what to do."""

import time
from pathlib import Path

from servers.dovecot import Dovecot
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"


def _checks(home: Home, **settings: str) -> tuple[int, dict[str, dict[str, str]]]:
    ran = home.run("doctor", "--json", **settings)
    return ran.code, {check["what"]: check for check in ran.lines}


def _deliver(dovecot: Dovecot) -> None:
    dovecot.bulk([file.read_bytes() for file in sorted(SAMPLES.glob("*.eml"))], time.time() - 60)


def test_all_is_green_where_all_is_well(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot)
    code, checks = _checks(home, WATCHER_TRUSTED_AUTHSERV="mx.example.test")
    assert code == 0
    assert {check["health"] for check in checks.values()} == {"ok"}
    assert {
        "settings",
        "login",
        "connection",
        "capabilities",
        "Drafts folder",
        "folder INBOX",
        "ledger",
        "clock",
    } <= set(checks)
    assert b"APPEND" not in dovecot.raw_log()


def test_it_proposes_the_authserv_id_that_the_server_writes(dovecot: Dovecot, home: Home) -> None:
    _deliver(dovecot)
    code, checks = _checks(home)
    assert (code, checks["authenticity"]["health"]) == (0, "attention")
    assert "WATCHER_TRUSTED_AUTHSERV=mx.example.test" in checks["authenticity"]["remedy"]


def test_a_wrong_password_is_one_line_that_says_what_to_do(home: Home) -> None:
    code, checks = _checks(home, WATCHER_IMAP_PASSWORD="wrong")
    assert (code, checks["login"]["health"]) == (2, "bad")
    assert "app password" in checks["login"]["found"]


def test_a_folder_that_is_not_there_does_not_hide_the_other_checks(home: Home) -> None:
    code, checks = _checks(home, WATCHER_FOLDERS="INBOX,Elsewhere", WATCHER_AUTHENTICITY="warn")
    assert code == 2
    assert checks["folder Elsewhere"]["health"] == "bad"
    assert "INBOX" in checks["folder Elsewhere"]["found"]
    assert checks["authenticity"]["health"] == "ok"


def test_a_broken_template_is_found(home: Home) -> None:
    own = home.folder / "own" / "en"
    own.mkdir(parents=True)
    (own / "unsure.txt.j2").write_text("{{ nobody }}")
    code, checks = _checks(home, WATCHER_TEMPLATES=str(own.parent), WATCHER_AUTHENTICITY="warn")
    assert (code, checks["templates en"]["health"]) == (2, "bad")
    assert "nobody" in checks["templates en"]["found"]
