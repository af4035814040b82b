"""A mailbox moves to another server, all its mail copied there today: no second draft, and no flood of old ones. Or the
folder of the drafts moves, while nobody knows yet what became of one.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot
from servers.loopback import logged_in
from servers.posts import imap_post
from shell.program import Home

SAMPLE = (Path(__file__).parents[2] / "watcher" / "samples" / "01-no-note.eml").read_text("utf-8")
DAYS_AGO = (1, 5, 30, 60, 200, 900)
SINCE_LOOKED_BACK = 2  # of these, look-back reaches the first two


@dataclass(frozen=True)
class Move:
    """The old server, looked over there before, and the new one with copies of everything."""

    old: Dovecot
    new: Dovecot
    home: Home

    def once(self, server: Dovecot) -> dict[str, object]:
        ran = self.home.run("once", "--json", **{**server.environment(), "WATCHER_LOOK_BACK": "14 days"})
        assert ran.code == 0, ran.err
        summary: dict[str, object] = ran.lines[-1]
        return summary


def _invitation(number: int, sent: datetime) -> bytes:
    name = f"Invented{number} Person"
    text = SAMPLE.replace("Ottoline Marsh", name).replace("Ottoline", f"Invented{number}")
    text = text.replace("ottoline-marsh", f"invented-{number}").replace("7300000000000000001", f"73{number:017}")
    text = re.sub("(?m)^Date: .*", f"Date: {format_datetime(sent)}", text)
    return text.replace("<1.101.", f"<{number}.101.").encode("utf-8")


@pytest.fixture
def move(unpacked: Path, tmp_path: Path) -> Iterator[Move]:
    """The new server begins later than the old one: UIDVALIDITY is the second in which a mailbox was made."""
    home = Home(tmp_path, {"WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})
    with dovecot_server.running(unpacked) as old:
        now = datetime.now(tz=UTC)
        for number, days in enumerate(DAYS_AGO):
            sent = now - timedelta(days=days)
            old.bulk([_invitation(number, sent)], sent.timestamp())
        assert Move(old, old, home).once(old)["drafted"] == SINCE_LOOKED_BACK
        time.sleep(1.1)
        with dovecot_server.running(unpacked) as new:
            new.bulk([mail.content for mail in imap_post(old).stored("INBOX").values()], time.time())
            yield Move(old, new, home)


def _take_drafts_along(move: Move) -> None:
    post = imap_post(move.new)
    for mail in imap_post(move.old).stored("Drafts").values():
        post.deliver(mail.content, datetime.now(tz=UTC), "Drafts")


@pytest.mark.parametrize("with_drafts", [True, False], ids=["drafts copied too", "without the drafts"])
def test_nothing_of_the_copied_mail_is_drafted(move: Move, with_drafts: bool) -> None:
    if with_drafts:
        _take_drafts_along(move)
    before = imap_post(move.new).stored("Drafts")
    summary = move.once(move.new)
    old = len(DAYS_AGO) - SINCE_LOOKED_BACK
    assert (summary["drafted"], summary["held"], summary["skipped"]) == (0, 0, {"too_old": old})
    assert move.once(move.new)["invitations"] == 0
    assert imap_post(move.new).stored("Drafts").keys() == before.keys()


def test_what_comes_to_the_new_server_is_drafted(move: Move) -> None:
    move.once(move.new)
    imap_post(move.new).deliver(_invitation(99, datetime.now(tz=UTC)), datetime.now(tz=UTC))
    assert move.once(move.new)["drafted"] == 1
    assert len(imap_post(move.new).stored("Drafts")) == 1


def test_what_came_while_one_moved_is_drafted_there(move: Move) -> None:
    """It was never looked at on the old server, and lies among the copies."""
    hours_ago = datetime.now(tz=UTC) - timedelta(hours=3)
    imap_post(move.new).deliver(_invitation(98, hours_ago), datetime.now(tz=UTC))
    assert move.once(move.new)["drafted"] == 1


@pytest.fixture
def letters(unpacked: Path, tmp_path: Path) -> Iterator[tuple[Dovecot, Home]]:
    """A draft lies in a folder of the person's own, and the ledger does not know yet whether it came there."""
    with dovecot_server.running(unpacked) as server:
        home = Home(tmp_path, {**server.environment(), "WATCHER_TRUSTED_AUTHSERV": "mx.example.test"})
        post = imap_post(server)
        post.make("Letters")
        post.deliver(_invitation(1, datetime.now(tz=UTC)), datetime.now(tz=UTC))
        assert _once(home, "Letters") == (1, 0)
        with closing(sqlite3.connect(home.ledger)) as ledger:
            ledger.execute("UPDATE invitation SET state = 'intended'")
            ledger.execute("UPDATE draft SET uid = 0, drafted_at = NULL")
            ledger.commit()
        post.deliver(_invitation(2, datetime.now(tz=UTC)), datetime.now(tz=UTC))
        yield server, home


def _once(home: Home, drafts: str) -> tuple[object, int]:
    """How many drafts were made or found, and the exit code: 1 where something waits for the person."""
    ran = home.run("once", "--json", WATCHER_DRAFTS_FOLDER=drafts)
    assert ran.code in {0, 1}, ran.err
    return ran.lines[-1]["drafted"], ran.code


def _person_at(server: Dovecot) -> AbstractContextManager[IMAPClient]:
    return logged_in(server.host, server.port, server.user, server.password)


def test_a_draft_is_found_in_the_folder_that_was_renamed(letters: tuple[Dovecot, Home]) -> None:
    server, home = letters
    with _person_at(server) as client:
        client.rename_folder("Letters", "Answers")
    assert _once(home, "Answers") == (2, 0)
    assert home.run("show", "1", "--json").lines[0]["state"] == "drafted"
    assert len(imap_post(server).stored("Answers")) == 2


def test_a_folder_that_was_deleted_stops_nothing(letters: tuple[Dovecot, Home]) -> None:
    server, home = letters
    with _person_at(server) as client:
        client.delete_folder("Letters")
    assert _once(home, "Drafts") == (1, 1)
    assert home.run("show", "1", "--json").lines[0]["state"] == "uncertain"
    assert home.run("draft", "1", "--json").lines[0]["state"] == "drafted"
    assert len(imap_post(server).stored("Drafts")) == 2
