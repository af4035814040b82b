"""What each way to the person promises: it takes a notice as it stands, tells where it could not, and ends in time."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers import json_endpoint

from watcher.adapters.telling import Desktop, desktop
from watcher.adapters.telling.services import Service
from watcher.errors import TryAgain
from watcher.ports import Messenger, Notice

NOTICE = Notice("A line & more", "anna: 3 <wait>, `watcher drafts` lists them; $(rm -rf /) \u2019")
SECRET = "hush-4711"


@dataclass
class Way:
    """A messenger, what has arrived at its end, and what makes that end refuse or hang."""

    messenger: Messenger
    arrived: Callable[[], list[tuple[str, str]]]
    refuse: Callable[[], None] = lambda: None
    hang: Callable[[], None] = lambda: None


def _program(folder: Path, name: str, script: str) -> None:
    place = folder / name
    place.write_text(f"#!{sys.executable}\n{script}", "utf-8")
    place.chmod(0o700)


@pytest.fixture
def on_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    told, name = tmp_path / "told", "osascript" if sys.platform == "darwin" else "notify-send"
    keep = f"import json, sys\nopen({str(told)!r}, 'a').write(json.dumps(sys.argv[-2:]) + '\\n')\n"
    _program(tmp_path, name, keep)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(desktop, "LIMIT", 1.0)

    def arrived() -> list[tuple[str, str]]:
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        return [(title, body) for title, body in map(json.loads, lines)]

    way = Way(Desktop(), arrived)
    way.refuse = lambda: _program(tmp_path, name, "raise SystemExit(1)")
    way.hang = lambda: _program(tmp_path, name, "import time\ntime.sleep(60)")
    return way


@pytest.fixture
def by_service() -> Iterator[Way]:
    with json_endpoint.running() as endpoint:
        url = f"json://user:{SECRET}@127.0.0.1:{endpoint.port}/?rto=1&cto=1"
        way = Way(Service(url), lambda: endpoint.told)
        way.refuse = lambda: setattr(endpoint, "status", 500)
        way.hang = lambda: setattr(endpoint, "status", 0)
        yield way


@pytest.fixture(params=["on_desktop", "by_service"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.getfixturevalue(request.param)
    return found


def test_a_refusal_is_told_without_secrets(way: Way) -> None:
    way.refuse()
    with pytest.raises(TryAgain) as failure:
        way.messenger.tell(NOTICE)
    assert SECRET not in str(failure.value)


def test_what_hangs_is_left_within_the_limit(way: Way) -> None:
    way.hang()
    with pytest.raises(TryAgain):
        way.messenger.tell(NOTICE)


def test_its_name_holds_no_secret(way: Way) -> None:
    assert SECRET not in way.messenger.name
    assert way.messenger.name


def test_a_service_is_told_the_very_words(by_service: Way) -> None:
    by_service.messenger.tell(NOTICE)
    assert by_service.arrived() == [(NOTICE.title, NOTICE.body)]


def test_the_desktop_is_told_them_without_markup(on_desktop: Way) -> None:
    on_desktop.messenger.tell(NOTICE)
    body = NOTICE.body.replace("<", "&lt;").replace(">", "&gt;")
    assert on_desktop.arrived() == [(NOTICE.title, body)]


def test_a_machine_without_a_desktop_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TryAgain, match="not installed"):
        Desktop().tell(NOTICE)


@pytest.mark.parametrize("url", [f"nothing://{SECRET}", f"slack://{SECRET}", f"discord://{SECRET}"])
def test_an_address_of_no_service_is_refused_and_shown_nowhere(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no service") as refusal:
        Service(url)
    assert SECRET not in str(refusal.value) + "".join(capfd.readouterr())
