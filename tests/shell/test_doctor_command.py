"""`watcher doctor` checks everything a pass needs, and each line that is not well says what to do."""

import time
from pathlib import Path

import pytest
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
    assert "app password" in checks["login"]["remedy"]
    assert checks["mailbox"]["health"] == "not checked"


def test_a_folder_that_is_not_there_does_not_hide_the_other_checks(home: Home) -> None:
    code, checks = _checks(home, WATCHER_FOLDERS="INBOX,Elsewhere", WATCHER_AUTHENTICITY="warn")
    assert code == 2
    assert checks["folder Elsewhere"]["health"] == "bad"
    assert "INBOX" in checks["folder Elsewhere"]["remedy"]
    assert checks["authenticity"]["health"] == "ok"


def test_a_broken_template_is_found(home: Home) -> None:
    own = home.folder / "own" / "en"
    own.mkdir(parents=True)
    (own / "unsure.txt.j2").write_text("{{ nobody }}")
    code, checks = _checks(home, WATCHER_TEMPLATES=str(own.parent), WATCHER_AUTHENTICITY="warn")
    assert (code, checks["templates en"]["health"]) == (2, "bad")
    assert "nobody" in checks["templates en"]["found"]


def test_it_says_which_sent_folder(home: Home) -> None:
    code, checks = _checks(home, WATCHER_AUTHENTICITY="warn")
    assert (code, checks["Sent folder"]["health"], checks["Sent folder"]["found"]) == (0, "ok", "Sent")


@pytest.mark.parametrize("wrong", ["Elsewhere", "Drafts"])
def test_a_sent_folder_that_cannot_be_one_is_told_by_doctor_and_pass(home: Home, wrong: str) -> None:
    code, checks = _checks(home, WATCHER_SENT_FOLDER=wrong)
    assert (code, checks["Sent folder"]["health"]) == (2, "bad")
    assert "WATCHER_SENT_FOLDER" in checks["Sent folder"]["found"]
    ran = home.run("once", WATCHER_SENT_FOLDER=wrong)
    assert (ran.code, "WATCHER_SENT_FOLDER" in ran.err) == (2, True)


def test_without_a_sent_folder_the_rest_goes_on(tmp_path: Path) -> None:
    for folder in ("", ".Drafts"):
        for name in ("cur", "new", "tmp"):
            (tmp_path / "mail" / folder / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "WATCHER_MAILBOX": f"maildir:{tmp_path / 'mail'}",
        "WATCHER_MY_ADDRESS": "me@example.test",
        "WATCHER_MY_NAME": "Robin Ashdown",
    }
    home = Home(tmp_path, settings)
    code, checks = _checks(home)
    assert (code, checks["Sent folder"]["health"]) == (0, "attention")
    assert "WATCHER_SENT_FOLDER" in checks["Sent folder"]["remedy"]
    assert home.run("once").code == 0
