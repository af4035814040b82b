"""The sessions of docs/setup.md, typed again from top to bottom on servers that are well and on some that are not."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from documents import ROOT, blocks
from servers.dovecot import Dovecot
from servers.loopback import free_port
from servers.odd import CAPABLE, certified, greeting_with
from sessions import LANGUAGE, Reader
from shell.program import Home

DOCUMENT = ROOT / "docs/setup.md"
DAY = timedelta(days=1)


@pytest.fixture
def reader(dovecot: Dovecot, tmp_path: Path) -> Iterator[Reader]:
    dovecot.bulk([file.read_bytes() for file in sorted((ROOT / "watcher/samples").glob("*.eml"))], time.time() - 60)
    (tmp_path / "expired").mkdir()
    now = datetime.now(tz=UTC)
    expired = certified(tmp_path / "expired", not_before=now - 90 * DAY, not_after=now - 3 * DAY)
    home = tmp_path / "robin"
    home.mkdir()
    shutil.copy(dovecot.ca, home / "ca.pem")
    shutil.copy(tmp_path / "expired/ca.pem", home / "expired.pem")
    with ExitStack() as running:
        places = {
            "/home/robin": str(home),
            "1993": str(dovecot.tls_port),
            "1143": str(dovecot.port),
            "1994": str(free_port()),
            "1995": str(running.enter_context(greeting_with(CAPABLE, expired))),
            "1996": str(running.enter_context(greeting_with(b""))),
        }
        yield Reader(home, Home(home, {"WATCHER_WEB": "off"}).environment(), places, dovecot.password)


def test_typed_again_every_session_shows_what_the_document_shows(reader: Reader) -> None:
    shown = [block for block in blocks(DOCUMENT.read_text("utf-8")) if block.language == LANGUAGE]
    assert len(shown) > 5
    for block in shown:
        reader.follow(block)
