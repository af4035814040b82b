"""The main job on a Maildir: the same drafts as over a server, nothing else touched, whatever syncs it meanwhile."""

import json
import os
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from servers.dovecot import Dovecot
from servers.posts import MaildirPost, imap_post
from shell.program import Home, Ran

TESTS = Path(__file__).parents[1]
CORPUS = TESTS / "corpus"
SAMPLES = TESTS.parent / "watcher" / "samples"
EXPECTED = [json.loads(line) for line in (CORPUS / "expected.jsonl").read_text("utf-8").splitlines()]
INVITATIONS = [entry for entry in EXPECTED if entry["kind"] in ("invitation", "reminder")]
ME = {"WATCHER_MY_ADDRESS": "me@example.test", "WATCHER_MY_NAME": "Robin Ashdown"}
ALL_OF_THEM = {"WATCHER_AUTHENTICITY": "warn", "WATCHER_MAX_DRAFTS_PER_PASS": "1000", "WATCHER_LANGUAGES": "en,de"}
OTHERS = 500


@pytest.fixture(params=["maildir++", "plain"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> MaildirPost:
    return MaildirPost(tmp_path / "mail", tmp_path / "numbers-of-the-tests", is_plain=request.param == "plain")


@pytest.fixture
def home(post: MaildirPost, tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, {"WATCHER_MAILBOX": f"maildir:{post.root}", **ME})


def _once(home: Home, settings: dict[str, str]) -> Ran:
    return Home(home.folder, {**home.settings, **settings}).run("once", "--json")


def _mails() -> list[bytes]:
    """Real invitations among other mail."""
    others = [
        f"From: p{number}@d{number % 97}.example\r\nSubject: Message {number}\r\n\r\nLorem ipsum\r\n".encode()
        for number in range(OTHERS)
    ]
    corpus = [file.read_bytes() for file in sorted(CORPUS.glob("*.eml"))]
    return [*others[: OTHERS // 2], *corpus, *others[OTHERS // 2 :]]


def _fill(post: MaildirPost, mails: list[bytes]) -> None:
    begin = time.time() - 3600
    for number, content in enumerate(mails):
        name = f"new/{number}.a.example" if number % 2 else f"cur/{number}.a.example,U={number}:2,"
        file = post.place("INBOX") / name
        file.write_bytes(content)
        os.utime(file, (begin + number, begin + number))


def _inbox(post: MaildirPost) -> dict[str, tuple[int, int, bytes]]:
    """All of it but the drafts: names, times of change and contents."""
    found = {}
    for place in [post.place("INBOX"), *post.root.rglob("*")]:
        if not place.is_relative_to(post.place("Drafts")):
            facts = place.stat()
            found[str(place)] = (facts.st_mtime_ns, facts.st_ctime_ns, b"" if place.is_dir() else place.read_bytes())
    return found


def _drafts(post: MaildirPost) -> list[Path]:
    return [file for file in post.place("Drafts").rglob("*") if file.is_file()]


def _told(ran: Ran) -> list[tuple[Any, ...]]:
    """Each invitation, in the order of the mailbox, as far as it has nothing to do with where it lies."""
    fields = ("kind", "verdict", "because", "language", "state", "state_reason", "note")
    return [
        (one["inviter"]["name"], *(one[field] for field in fields), one["draft"] and one["draft"]["template"])
        for one in ran.lines[:-1]
    ]


def test_every_invitation_is_drafted_once_and_nothing_else_is_touched(post: MaildirPost, home: Home) -> None:
    _fill(post, _mails())
    before = _inbox(post)
    first = _once(home, ALL_OF_THEM)
    assert first.code == 0, first.err
    found = first.lines[:-1]
    assert Counter(one["kind"] for one in found) == Counter(entry["kind"] for entry in INVITATIONS)
    assert {one["state"] for one in found} == {"drafted", "skipped"}
    drafted = [one for one in found if one["state"] == "drafted"]
    files = _drafts(post)
    assert {(file.parent.name, file.name.partition(":2,")[2]) for file in files} == {("cur", "DS")}
    ids = {message_from_bytes(file.read_bytes())["Message-ID"] for file in files}
    assert ids == {one["draft"]["message_id"] for one in drafted}
    assert len(files) == len(drafted) == first.lines[-1]["drafted"]
    assert first.lines[-1]["round_trips"] == 0
    assert _inbox(post) == before


def test_the_drafts_are_those_that_a_server_would_have_had(
    post: MaildirPost, home: Home, dovecot: Dovecot, tmp_path: Path
) -> None:
    mails = _mails()
    _fill(post, mails)
    dovecot.bulk(mails, time.time() - 3600)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    over_imap = _once(Home(elsewhere, dovecot.environment()), ALL_OF_THEM)
    in_files = _once(home, ALL_OF_THEM)
    assert (in_files.code, over_imap.code) == (0, 0)
    assert _told(in_files) == _told(over_imap)
    assert len(_drafts(post)) == len(imap_post(dovecot).stored("Drafts")) > 0


def _read_all(post: MaildirPost) -> None:
    """A mail program opens everything, and the sync notes its own numbers."""
    box = post.place("INBOX")
    for number, file in enumerate([*box.glob("new/*"), *box.glob("cur/*")]):
        file.rename(box / "cur" / f"{file.name.partition(',')[0].partition(':')[0]},U={number + 7000}:2,S")


def _lose_index(home: Home) -> None:
    for file in home.ledger.parent.glob("maildir-*"):
        file.unlink()


@pytest.mark.parametrize("meanwhile", ["nothing", "all is read", "the index is lost", "both"])
def test_whatever_happens_between_two_passes_there_is_no_second_draft(
    post: MaildirPost, home: Home, meanwhile: str
) -> None:
    _fill(post, [(CORPUS / entry["file"]).read_bytes() for entry in INVITATIONS])
    first = _once(home, ALL_OF_THEM).lines[-1]["drafted"]
    if meanwhile in {"all is read", "both"}:
        _read_all(post)
    if meanwhile in {"the index is lost", "both"}:
        _lose_index(home)
    again = _once(home, ALL_OF_THEM)
    assert (again.code, again.lines[-1]["drafted"]) == (0, 0), again.err
    assert len(_drafts(post)) == first > 0


def test_new_mail_after_the_first_pass_is_drafted(post: MaildirPost, home: Home) -> None:
    late = SAMPLES / "05-own-words-reason.eml"
    trusting = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LOOK_BACK": "36500 days"}
    _fill(post, [file.read_bytes() for file in sorted(SAMPLES.glob("*.eml")) if file != late])
    first = _once(home, trusting).lines[-1]
    file = post.place("INBOX") / "new" / "999.later.example"
    file.write_bytes(late.read_bytes())
    second = _once(home, trusting).lines[-1]
    assert (second["looked_at"], second["drafted"]) == (1, 1)
    assert len(_drafts(post)) == first["drafted"] + 1


def test_doctor_is_green(post: MaildirPost, home: Home) -> None:
    _fill(post, [file.read_bytes() for file in sorted(SAMPLES.glob("*.eml"))])
    before = _inbox(post)
    ran = home.run("doctor", "--json", WATCHER_TRUSTED_AUTHSERV="mx.example.test")
    checks = {check["what"]: check for check in ran.lines}
    assert ran.code == 0
    assert {check["health"] for check in checks.values()} == {"ok"}, ran.out
    assert checks["Drafts folder"]["found"] == "Drafts"
    assert "folder INBOX" in checks
    assert (_inbox(post), _drafts(post)) == (before, [])


@pytest.mark.parametrize("command", ["once", "doctor"])
def test_a_maildir_that_is_not_there_names_the_setting(home: Home, command: str) -> None:
    ran = home.run(command, WATCHER_MAILBOX="maildir:/nowhere/Mail")
    assert ran.code == 2
    assert "WATCHER_MAILBOX" in ran.out + ran.err
    assert "/nowhere/Mail" in ran.out + ran.err


def test_a_folder_that_is_not_there_is_told_with_those_there_are(home: Home) -> None:
    ran = home.run("once", WATCHER_FOLDERS="INBOX,Elsewhere")
    assert ran.code == 2
    assert "Elsewhere" in ran.err
    assert "Drafts, INBOX, Sent" in ran.err
