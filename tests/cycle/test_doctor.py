"""What the doctor makes of what it finds: of files, the disk, the page, clocks, IDLE, Junk, a pause."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from builders import NOW
from service.world import account
from twins.mailbox import Store, StoredFolder, StoredMail, TwinMailbox

from watcher.adapters.ledger import open_ledger
from watcher.adapters.premises import LocalPremises
from watcher.doctor import Check, Health, premises, program
from watcher.doctor.mailbox import Examination
from watcher.errors import TryAgain
from watcher.ports import Door, Pause, PrivateFile, ServerFacts
from watcher.steps.account import Account

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Machine:
    """A machine as it is told to be."""

    kept: Sequence[PrivateFile] = ()
    free: int = 1 << 40
    door: Door | None = None

    def files(self) -> Iterator[PrivateFile]:
        return iter(self.kept)

    def room(self) -> int:
        return self.free

    def page(self) -> tuple[str, Door] | None:
        return ("127.0.0.1:8765", self.door) if self.door else None


def test_a_file_that_others_may_read_is_told_with_the_command_that_mends_it() -> None:
    machine = Machine((PrivateFile("/x/.env", 0o600), PrivateFile("/x/ledger.sqlite", 0o644)))
    (check,) = premises.files(machine)
    assert (check.health, check.remedy) == (Health.BAD, "chmod 600 /x/ledger.sqlite")


@pytest.mark.parametrize(
    ("free", "health"), [(1 << 40, Health.GOOD), (100 << 20, Health.ATTENTION), (5 << 20, Health.BAD)]
)
def test_a_disk_is_told_before_it_is_full(free: int, health: Health) -> None:
    (check,) = premises.room(Machine(free=free))
    assert (check.health, "MB" in check.found or "GB" in check.found) == (health, True)


@pytest.mark.parametrize(
    ("door", "health", "words"),
    [
        (None, Health.GOOD, "off"),
        (Door.NOBODY, Health.GOOD, "will serve"),
        (Door.OURSELVES, Health.GOOD, "watcher open"),
        (Door.ANOTHER, Health.ATTENTION, "another program"),
    ],
)
def test_the_address_of_the_page_is_free_or_ours(door: Door | None, health: Health, words: str) -> None:
    (check,) = premises.page(Machine(door=door))
    assert (check.health, words in check.found) == (health, True)


@pytest.mark.parametrize(
    ("says", "door"), [(b"opened by `watcher open`", Door.OURSELVES), (b"<h1>hi</h1>", Door.ANOTHER)]
)
def test_who_is_at_the_door_is_told_by_what_they_say(tmp_path: Path, says: bytes, door: Door) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.end_headers()
            self.wfile.write(says)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        local = LocalPremises((), tmp_path / "ledger.sqlite", ("127.0.0.1", port))
        assert local.page() == (f"127.0.0.1:{port}", door)
        server.shutdown()
    assert local.page() == (f"127.0.0.1:{port}", Door.NOBODY)


def test_only_files_of_the_program_are_looked_at(tmp_path: Path) -> None:
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "key", "holiday.jpg"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o644)
    found = LocalPremises((tmp_path / "gone.env",), tmp_path / "ledger.sqlite", None).files()
    assert [os.path.basename(one.path) for one in found] == ["key", "ledger.sqlite", "ledger.sqlite-wal"]  # noqa: PTH119 - a text


def test_a_disk_whose_folder_is_not_made_yet_has_room(tmp_path: Path) -> None:
    assert LocalPremises((), tmp_path / "a" / "b" / "ledger.sqlite", None).room() > 0


def test_a_ledger_that_fails_says_what_is_not_known_then() -> None:
    def fail() -> None:
        raise TryAgain("the ledger cannot be written: the disk is full. Make room, then run again")

    bad, after = program.ledger(fail, "me@example.test", NOW)  # type: ignore[arg-type]
    assert (bad.health, "room" in bad.remedy, after.health) == (Health.BAD, True, Health.NOT_CHECKED)


def test_a_pause_is_told_with_what_ends_it(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/data/ledger.sqlite")
    ledger.pause("me@example.test", Pause(NOW, NOW + timedelta(days=3)))
    checks = {check.what: check for check in program.ledger(lambda: ledger, "me@example.test", NOW)}
    ledger.close()
    assert (checks["pause"].health, "watcher resume" in checks["pause"].remedy) == (Health.ATTENTION, True)


class Server(TwinMailbox):
    """A mailbox on a server that can do this."""

    def __init__(self, store: Store, capabilities: frozenset[str]) -> None:
        super().__init__(store)
        self.capabilities = capabilities

    def facts(self) -> ServerFacts:
        return ServerFacts(self.capabilities, "TLSv1.3", tuple(self._store.folders))


def _checks(
    store: Store | None = None, of: Account | None = None, idle: str = "auto", can: frozenset[str] = frozenset()
) -> dict[str, Check]:
    mailbox = Server(store or Store(), can)
    examination = Examination(mailbox, of or account(), idle, "every 5 minutes", NOW)
    return {check.what: check for check in examination.checks()}


@pytest.mark.parametrize(
    ("idle", "can", "health", "words"),
    [
        ("auto", {"IDLE"}, Health.GOOD, "at once"),
        ("auto", set(), Health.GOOD, "every 5 minutes"),
        ("off", {"IDLE"}, Health.GOOD, "off"),
        ("on", {"IDLE"}, Health.GOOD, "at once"),
        ("on", set(), Health.BAD, "would stop"),
    ],
)
def test_how_new_mail_is_heard_of(idle: str, can: set[str], health: Health, words: str) -> None:
    check = _checks(idle=idle, can=frozenset(can))["IDLE"]
    assert (check.health, words in check.found) == (health, True)


@pytest.mark.parametrize(
    ("wanted", "is_there", "health", "words"),
    [
        (False, True, Health.GOOD, "Junk; not looked over"),
        (False, False, Health.GOOD, "there is none"),
        (True, True, Health.GOOD, "UIDVALIDITY"),
        (True, False, Health.ATTENTION, "no folder is known"),
    ],
)
def test_junk_is_told_where_it_is_wanted(wanted: bool, is_there: bool, health: Health, words: str) -> None:
    store = Store()
    if is_there:
        store.folders["Junk"] = StoredFolder()
    check = _checks(store, replace(account(), searches_junk=wanted))["Junk folder"]
    assert (check.health, words in check.found) == (health, True)


@pytest.mark.parametrize(
    ("ahead", "health"),
    [(-999 * MINUTE, Health.GOOD), (4 * MINUTE, Health.GOOD), (6 * MINUTE, Health.ATTENTION)],
)
def test_a_mail_from_the_future_shows_a_wrong_clock(ahead: timedelta, health: Health) -> None:
    store = Store()
    stamp = format_datetime(NOW + ahead)
    mail = f"Received: from a.example by mx.example.test (x; y) id 1; {stamp}\r\nFrom: a@example.net\r\n\r\n".encode()
    store.folders["INBOX"].add(StoredMail(mail, NOW))
    assert _checks(store)["clock and server"].health is health


@pytest.mark.parametrize("line", ["", "Received: nonsense\r\n", "Received: by x; no day\r\n"])
def test_where_no_mail_tells_the_time_nothing_is_said_of_it(line: str) -> None:
    store = Store()
    store.folders["INBOX"].add(StoredMail(f"{line}From: a@example.net\r\n\r\n".encode(), NOW))
    assert "clock and server" not in _checks(store)
