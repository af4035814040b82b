"""Houses of several mailboxes: what one of them lacks stops that one alone, also what attends to all of them."""

from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from builders import NOW

from watcher import wiring
from watcher.errors import Show
from watcher.watching.happenings import Started
from watcher.wiring import pieces
from watcher.wiring.attendance import Attendance

QUIET = "QUIET_HOURS=22:00-07:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where mailboxes are set up, on a machine of whose time zone nobody knows."""

    def nobody_knows() -> None:
        raise ZoneInfoNotFoundError("conflicting time zones")

    monkeypatch.setattr(pieces, "get_localzone", nobody_knows)
    monkeypatch.chdir(tmp_path)
    accounts = tmp_path / "mailboxes"
    accounts.mkdir()
    for name, value in {
        "XDG_CONFIG_HOME": tmp_path / "none", "WATCHER_ACCOUNTS": accounts, "WATCHER_MY_NAME": "Robin Ashdown",
        "WATCHER_LEDGER": f"sqlite:///{tmp_path}/data/ledger.sqlite",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    return accounts


def _write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).mkdir()
    file = folder / f"{name}.env"
    own = (f"MAILBOX=maildir:{folder / name}", f"MY_ADDRESS={name}@example.test", *lines)
    file.write_text("".join(f"WATCHER_{line}\n" for line in own))
    file.chmod(0o600)


@pytest.mark.parametrize("line", [QUIET, "SUMMARY=monday"])
def test_a_time_zone_that_nobody_knows_stops_the_mailbox_that_needs_one(folder: Path, line: str) -> None:
    _write(folder, "anna", line)
    _write(folder, "bert")
    with wiring.open_houses() as houses:
        wanted = houses.service(()).load()
        assert list(wanted.watches) == ["bert"]
        assert "WATCHER_TIME_ZONE" in str(wanted.problems["anna"])
        attendance = Attendance(houses, lambda *_: None)
        for name in ("anna", "bert"):
            attendance.standings.hear(Started(name, NOW))
        assert list(attendance.standings.now()) == ["anna", "bert"]
        assert attendance.summaries.subscriptions() == {}


def test_where_every_mailbox_needs_one_the_person_is_told(folder: Path) -> None:
    _write(folder, "anna", QUIET)
    with wiring.open_houses() as houses, pytest.raises(Show, match="WATCHER_TIME_ZONE"):
        houses.service(()).load()
