"""The main job on a mailbox as people have it: real invitations among 2,000 other mails, on a real server."""

import json
import re
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.posts import imap_post
from shell.program import Home, Ran

from watcher import wiring
from watcher.cycle import run_pass

CORPUS = Path(__file__).parents[1] / "corpus"
EXPECTED = {
    entry["file"]: entry for entry in map(json.loads, (CORPUS / "expected.jsonl").read_text("utf-8").splitlines())
}
INVITATIONS = sorted(name for name, entry in EXPECTED.items() if entry["kind"] in ("invitation", "reminder"))
OTHERS = 2000
# A line of the raw log is a moment, the client's tag, and the verb.
FORBIDDEN = re.compile(rb"(?im)^[\d.]+ [A-Z]{4}\d+ (?:UID )?(?:STORE|EXPUNGE|MOVE|DELETE|COPY|SELECT|CLOSE)\b")
UNPEEKED = re.compile(rb"(?i)FETCH\s.*(?:BODY\[|RFC822(?!\.SIZE))")


def _other(number: int) -> bytes:
    words = "Lorem ipsum dolor sit amet, consectetur.\r\n" * 40
    head = f"From: Person {number} <p{number}@d{number % 97}.example>\r\nTo: me@example.test\r\n"
    return f"{head}Subject: Message {number}\r\nMessage-ID: <bulk{number}@example>\r\n\r\n{words}".encode()


@pytest.fixture
def size(dovecot: Dovecot) -> int:
    """Octets of the mailbox, filled."""
    corpus = [file.read_bytes() for file in sorted(CORPUS.glob("*.eml"))]
    others = [_other(number) for number in range(OTHERS)]
    mixed = [*others[:1000], *corpus, *others[1000:]]
    dovecot.bulk(mixed, time.time() - 3600)
    return sum(map(len, mixed))


def _summary(ran: Ran) -> dict[str, object]:
    return ran.lines[-1]


def _assert_no_trace(dovecot: Dovecot) -> None:
    log = dovecot.raw_log()
    assert b"APPEND" in log or b"EXAMINE" in log, "the raw log is empty"
    assert FORBIDDEN.findall(log) == []
    assert UNPEEKED.findall(log) == []


@pytest.mark.usefixtures("size")
def test_every_invitation_is_drafted_once(dovecot: Dovecot, home: Home) -> None:
    post = imap_post(dovecot)
    flags = {uid: mail.flags for uid, mail in post.stored("INBOX").items()}
    settings = {"WATCHER_AUTHENTICITY": "warn", "WATCHER_MAX_DRAFTS_PER_PASS": "1000", "WATCHER_LANGUAGES": "en,de"}
    dovecot.forget_raw_log()

    first = home.run("once", "--json", **settings)
    assert first.code == 0, first.err
    _assert_no_trace(dovecot)
    found = first.lines[:-1]
    skipped = [(one["inviter"]["name"], one["state_reason"]) for one in found if one["state"] == "skipped"]
    assert len(found) == len(INVITATIONS)
    assert {one["state"] for one in found} == {"drafted", "skipped"}
    assert all("within 90 days" in reason for _, reason in skipped)
    drafts = post.stored("Drafts")
    assert len(drafts) == len(found) - len(skipped) == _summary(first)["drafted"]
    assert [one["draft"]["uid"] for one in found if one["draft"]] == sorted(drafts)

    for _ in range(2):
        again = home.run("once", "--json", **settings)
        assert (again.code, _summary(again)["drafted"], len(again.lines)) == (0, 0, 1)
    assert post.stored("Drafts") == drafts
    assert {uid: mail.flags for uid, mail in post.stored("INBOX").items()} == flags


@pytest.mark.usefixtures("size")
def test_drafts_are_replies_in_the_thread(dovecot: Dovecot, home: Home) -> None:
    ran = home.run("once", "--json", WATCHER_AUTHENTICITY="warn", WATCHER_MAX_DRAFTS_PER_PASS="1000")
    by_uid = {one["draft"]["uid"]: one for one in ran.lines[:-1] if one["draft"]}
    inbox = {uid: message_from_bytes(mail.content, policy=default) for uid, mail in _inbox(dovecot).items()}
    for uid, stored in imap_post(dovecot).stored("Drafts").items():
        outcome = by_uid[uid]
        draft = message_from_bytes(stored.content, policy=default)
        invitation = inbox[int(outcome["source"].rpartition(":")[2])]
        assert isinstance(draft, EmailMessage)
        assert stored.flags - {"\\Recent"} == {"\\Draft", "\\Seen"}
        if invitation["Message-ID"]:
            assert draft["In-Reply-To"] == str(invitation["Message-ID"]).strip()
            assert draft["In-Reply-To"] in draft["References"]
        assert str(draft["Subject"]).startswith("Re: ")
        assert (draft["To"] is not None) == (outcome["route"]["by"] == "email")
        assert draft["Message-ID"] == outcome["draft"]["message_id"]
        assert outcome["inviter"]["first_name"] in draft.get_content()


def _inbox(dovecot: Dovecot) -> dict[int, object]:
    return dict(imap_post(dovecot).stored("INBOX"))


@pytest.mark.usefixtures("size")
def test_what_is_not_proven_genuine_is_held_with_the_reason(dovecot: Dovecot, home: Home) -> None:
    ran = home.run("once", "--json", WATCHER_TRUSTED_AUTHSERV="mx.example.test")
    assert ran.code == 0
    # An archive keeps no Authentication-Results: not one of the corpus is proven.
    assert {(one["authentic"], one["state"]) for one in ran.lines[:-1]} == {("unknown", "held")}
    assert all(one["state_reason"].startswith("not proven genuine: ") for one in ran.lines[:-1])
    assert len(ran.lines) == len(INVITATIONS) + 1
    assert imap_post(dovecot).stored("Drafts") == {}


def test_a_pass_is_frugal(home: Home, size: int) -> None:
    settings = {"WATCHER_AUTHENTICITY": "warn", "WATCHER_MAX_DRAFTS_PER_PASS": "1000"}
    summary = _summary(home.run("once", "--json", **settings))
    assert summary["bytes_in"] < 0.05 * size
    # An APPEND waits twice: for the go-ahead and for the answer.
    assert summary["round_trips"] - 2 * summary["drafted"] <= 12


def test_over_the_cap_the_rest_waits_for_the_next_pass(dovecot: Dovecot, home: Home) -> None:
    corpus = [(CORPUS / name).read_bytes() for name in INVITATIONS]
    dovecot.bulk(corpus, time.time() - 60)
    settings = {"WATCHER_AUTHENTICITY": "warn", "WATCHER_MAX_DRAFTS_PER_PASS": "10"}
    drafted = [_summary(home.run("once", "--json", **settings))["drafted"] for _ in range(4)]
    drafts = imap_post(dovecot).stored("Drafts")
    assert drafted[:2] == [10, 10]
    assert drafted[3] == 0
    assert sum(map(int, map(str, drafted))) == len(drafts)


def test_an_idle_pass_costs_next_to_nothing(dovecot: Dovecot, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.folder)
    for name, value in home.environment().items():
        monkeypatch.setenv(name, value)
    dovecot.bulk([_other(number) for number in range(50)], time.time() - 60)
    with wiring.open_house() as house:
        run_pass(house.account, house.ports())
        idle = run_pass(house.account, house.ports())
    assert idle.traffic.round_trips <= 2
    assert idle.traffic.bytes_in < 1024


def test_an_idle_pass_looks_after_drafts_with_one_question(
    dovecot: Dovecot, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.folder)
    for name, value in {**home.environment(), "WATCHER_AUTHENTICITY": "warn"}.items():
        monkeypatch.setenv(name, value)
    dovecot.bulk([(CORPUS / name).read_bytes() for name in INVITATIONS[:5]], time.time() - 60)
    with wiring.open_house() as house:
        assert run_pass(house.account, house.ports()).summary.drafted > 1
        before = dovecot.raw_log().count(b" STATUS ")
        idle = run_pass(house.account, house.ports())
        assert dovecot.raw_log().count(b" STATUS ") == before + 1
    _assert_no_trace(dovecot)
    assert idle.traffic.round_trips == 2
    assert idle.traffic.bytes_in < 1024
