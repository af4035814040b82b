"""The screens that the documentation shows are those that the keys lead to, in a terminal, on a real server."""

import time
from pathlib import Path

import pytest
from documents import ROOT, blocks
from servers.dovecot import Dovecot
from shell.program import Home
from shell.terminals import terminal

SAMPLES = ROOT / "watcher" / "samples"
MAILS = ("07-default-sentence-and-reason.eml", "03-default-sentence-german.eml", "09-guest-by-own-address.eml")
SCREENS = [one for one in blocks((ROOT / "docs" / "terminal.md").read_text("utf-8")) if one.language == "screen"]
KEYS = {"enter": "\r"}
CHANGES = {
    "WATCHER_TRUSTED_AUTHSERV": "mx.example.test",
    "WATCHER_LANGUAGES": "en,de",
    "TZ": "UTC",
}


@pytest.fixture
def home(dovecot: Dovecot, tmp_path: Path) -> Home:
    dovecot.bulk([(SAMPLES / name).read_bytes() for name in MAILS], time.time() - 60)
    home = Home(tmp_path, dovecot.environment())
    assert home.run("once", **CHANGES).code == 0
    return home


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_screens_are_what_the_keys_lead_to(home: Home) -> None:
    first, *others = SCREENS
    assert first.title == "watcher review"
    assert others
    with terminal(home, "review", columns=84, lines=34, **CHANGES) as person:
        person.shows("1 of 3")
        assert _lines(person.text) == _lines(first.text)
        for screen in others:
            wanted = _lines(screen.text)
            for key in screen.title.split():
                person.press(KEYS.get(key, key))
            person.shows(wanted[-2])
            assert _lines(person.text) == wanted, screen.title
