"""The ledger is lost, or an old copy comes back: Drafts and Sent tell what has an answer, and there is no flood."""

import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from imapclient import IMAPClient
from servers.dovecot import PASSWORD, USER, Dovecot
from servers.posts import imap_post
from shell.program import Home

SAMPLE = (Path(__file__).parents[2] / "watcher" / "samples" / "01-no-note.eml").read_text("utf-8")
DAYS_AGO = (1, 8, 15, 20, 25, 30, 35, 40, 50, 60)  # 50 invitations on each; look-back reaches the first two
MANY = "1000"


@pytest.fixture
def home(dovecot: Dovecot, tmp_path: Path) -> Home:
    changes = {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LOOK_BACK": "14 days"}
    return Home(tmp_path, {**dovecot.environment(), **changes})


def _invitation(number: int) -> bytes:
    name = f"Invented{number} Person"
    text = SAMPLE.replace("Ottoline Marsh", name).replace("Ottoline", f"Invented{number}")
    text = text.replace("ottoline-marsh", f"invented-{number}").replace("7300000000000000001", f"73{number:017}")
    return text.replace("<1.101.", f"<{number}.101.").encode("utf-8")


def _fill(dovecot: Dovecot) -> None:
    for place, days in enumerate(DAYS_AGO):
        mails = [_invitation(50 * place + number) for number in range(50)]
        dovecot.bulk(mails, time.time() - timedelta(days=days).total_seconds())


def _client(dovecot: Dovecot) -> IMAPClient:
    client = IMAPClient(dovecot.host, dovecot.port, ssl=False)
    client.login(USER, PASSWORD)
    return client


def _answer(draft: bytes, number: int) -> bytes:
    """What a mail program makes of a draft: words of the person's own and another Message-ID."""
    mail = message_from_bytes(draft, policy=default)
    mail.replace_header("Message-ID", f"<changed{number}@example.test>")
    mail.set_content(f"Dear {number}")
    return mail.as_bytes()


def _work_as_a_person(dovecot: Dovecot) -> dict[str, int]:
    """Of 100 drafts 30 are sent, 20 edited, 10 thrown away; 40 stay as they are."""
    drafts = imap_post(dovecot).stored("Drafts")
    uids = sorted(drafts)
    with _client(dovecot) as client:
        client.create_folder("Sent") if not client.folder_exists("Sent") else None
        client.select_folder("Drafts")
        for number, uid in enumerate(uids[:50]):
            content = _answer(drafts[uid].content, number)
            client.append("Sent" if number < 30 else "Drafts", content, [b"\\Seen"], datetime.now(tz=UTC))
        client.delete_messages(uids[:60])
        client.expunge()
    return {"sent": 30, "edited": 20, "thrown away": 10, "left": 40}


def _lose(home: Home, names: Sequence[str]) -> None:
    for name in names:
        for file in home.ledger.parent.glob(name):
            file.unlink()


@pytest.mark.parametrize("lost", [("ledger*",), ("ledger*", "key")], ids=["ledger", "ledger and key"])
def test_500_old_invitations_and_no_ledger_make_no_flood(dovecot: Dovecot, home: Home, lost: Sequence[str]) -> None:
    _fill(dovecot)
    first = home.run("once", "--json", WATCHER_MAX_DRAFTS_PER_PASS=MANY)
    assert (first.code, first.lines[-1]["drafted"]) == (0, 100), first.err
    did = _work_as_a_person(dovecot)
    before = imap_post(dovecot).stored("Drafts")

    _lose(home, lost)
    again = home.run("once", "--json", WATCHER_MAX_DRAFTS_PER_PASS=MANY)
    assert again.code == 0, again.err
    assert again.lines[-1]["drafted"] == did["thrown away"]
    assert again.lines[-1]["skipped"] == {"answered_already": 90}
    after = imap_post(dovecot).stored("Drafts")
    assert {uid: after.get(uid) for uid in before} == before, "a draft that stood there was touched"
    assert home.run("once", "--json").lines[-1]["drafted"] == 0


def test_a_first_pass_over_years_of_mail_is_capped(dovecot: Dovecot, home: Home) -> None:
    _fill(dovecot)
    ran = home.run("once", "--json", WATCHER_LOOK_BACK="3650 days")
    assert ran.lines[-1]["drafted"] == 25


def test_an_older_copy_of_the_ledger_makes_no_second_draft(dovecot: Dovecot, home: Home, tmp_path: Path) -> None:
    dovecot.bulk([_invitation(number) for number in range(3)], time.time() - 3600)
    assert home.run("once", "--json", WATCHER_MAX_DRAFTS_PER_PASS="2").lines[-1]["drafted"] == 2
    shutil.copytree(home.ledger.parent, tmp_path / "copy")
    assert home.run("once", "--json").lines[-1]["drafted"] == 1
    shutil.rmtree(home.ledger.parent)
    shutil.copytree(tmp_path / "copy", home.ledger.parent)
    restored = home.run("once", "--json")
    assert (restored.lines[-1]["drafted"], restored.lines[-1]["skipped"]) == (0, {"answered_already": 1})
    assert len(imap_post(dovecot).stored("Drafts")) == 3


def test_a_ledger_without_its_key_is_refused_before_it_makes_a_second_draft(dovecot: Dovecot, home: Home) -> None:
    """What was forgotten is known by the key alone, and nothing in the mailbox tells of it any more."""
    dovecot.bulk([_invitation(number) for number in range(3)], time.time() - 3600)
    assert home.run("once", "--json").lines[-1]["drafted"] == 3
    assert home.run("forget", "--older-than", "0", "--yes").code == 0
    post = imap_post(dovecot)
    for uid in post.stored("Drafts"):
        post.remove("Drafts", uid)
    everything = ("once", "--since", "2020-01-01", "--json")
    assert home.run(*everything).lines[-1]["drafted"] == 0
    _lose(home, ["key"])
    refused = home.run(*everything)
    assert (refused.code, post.stored("Drafts")) == (2, {}), refused.err
    assert "restore it from a backup" in refused.err
    assert home.run("doctor").code == 2
