"""What systemd hears: the very words of sd_notify(3), on the socket that it named, and nothing where it named none."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.adapters.systemd import Systemd


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@watcher-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name.replace("@", "\0", 1))
        ear.settimeout(5)
        yield name, ear


def test_it_hears_each_word(listening: tuple[str, socket.socket]) -> None:
    address, ear = listening
    systemd = Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "180000000", "WATCHDOG_PID": str(os.getpid())})
    systemd.ready()
    systemd.status("2 mailboxes:\n1 failing")
    systemd.alive()
    systemd.stopping()
    systemd.reloading()
    heard = [ear.recv(4096).decode() for _ in range(5)]
    assert heard[:4] == ["READY=1", "STATUS=2 mailboxes: 1 failing", "WATCHDOG=1", "STOPPING=1"]
    state, moment = heard[4].splitlines()
    assert state == "RELOADING=1"
    assert moment.removeprefix("MONOTONIC_USEC=").isdigit()


@pytest.mark.parametrize("watchdog", [{}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}], ids=["none", "another's"])
def test_a_watchdog_that_is_none_of_ours_is_not_fed(
    listening: tuple[str, socket.socket], watchdog: dict[str, str]
) -> None:
    address, ear = listening
    systemd = Systemd({"NOTIFY_SOCKET": address, **watchdog})
    systemd.alive()
    systemd.ready()
    assert ear.recv(4096) == b"READY=1"


def test_no_child_inherits_what_systemd_named(listening: tuple[str, socket.socket]) -> None:
    environ = {"NOTIFY_SOCKET": listening[0], "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "HOME": "/"}
    Systemd(environ)
    assert environ == {"HOME": "/"}


@pytest.mark.parametrize("address", ["", "/no/such/socket"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"})
    systemd.ready()
    systemd.alive()
