"""Houses of several mailboxes: what one of them lacks stops that one alone, also what attends to all of them."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from builders import NOW, a_sighting

from watcher import wiring
from watcher.doctor.checks import Check, Health
from watcher.domain.lifecycle import State
from watcher.errors import Show
from watcher.ports import Sighting
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


# ------------------------------------------------------------------------------------------- the ledger and its key


def _begin(folder: Path, *sightings: Sighting) -> Path:
    """A mailbox in which so much was seen before; returns its key."""
    _write(folder, "anna")
    with wiring.open_house() as house:
        for sighting in sightings:
            house.ledger.record(sighting, State.HELD, "", NOW)
    return folder.parent / "data" / "key"


def _examined(what: str) -> Check:
    with wiring.open_doctors() as (doctor,):
        return next(check for check in doctor.checks() if check.what == what)


def test_a_ledger_whose_key_is_gone_is_refused_and_no_other_key_is_made(folder: Path) -> None:
    key = _begin(folder, a_sighting())
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(Show, match="key: is gone — restore it from a backup"), wiring.open_house():
        pass
    assert _examined("ledger").health is Health.BAD
    assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)
    with wiring.open_house() as house:
        assert house.account.voice.secret == kept


def test_for_a_ledger_without_a_row_a_key_is_made(folder: Path) -> None:
    key = _begin(folder)
    kept = key.read_bytes()
    key.unlink()
    with wiring.open_house() as house:
        assert house.account.voice.secret == key.read_bytes() != kept


def test_a_key_outlives_its_ledger(folder: Path) -> None:
    key = _begin(folder, a_sighting())
    kept = key.read_bytes()
    for file in key.parent.glob("ledger*"):
        file.unlink()
    with wiring.open_house() as house:
        assert house.account.voice.secret == kept


def test_a_number_that_no_mailbox_has_may_be_one_of_a_mailbox_that_cannot_be_used(folder: Path) -> None:
    for name in ("anna", "bert", "carl"):
        _write(folder, name)
    with wiring.open_houses() as houses:
        ledger = houses.by_name["carl"].ledger
        number = ledger.record(replace(a_sighting(), account="carl@example.test"), State.HELD, "", NOW).id
    _break(folder, "carl")
    with pytest.raises(Show, match="WATCHER_POLL_EVRY"), wiring.open_house_of(number):
        pass


def _break(folder: Path, name: str) -> None:
    file = folder / f"{name}.env"
    file.write_text(f"{file.read_text()}WATCHER_POLL_EVRY=5 minutes\n")
