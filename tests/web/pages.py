"""A page over a mailbox in memory: a person, a ledger on disk, and a browser without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from builders import NOW
from cycle.house import House
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from twins.mailbox import TwinDraftRemoval, TwinMailbox

from watcher.adapters.ledger import open_ledger
from watcher.adapters.template_files import FolderFiles
from watcher.adapters.templates import FileTemplates
from watcher.domain.schedule import Every, Rhythm
from watcher.domain.values import Reading
from watcher.person.trial import sample_readings
from watcher.person.workshop import Workshop
from watcher.ports import Mailbox, OnWatch, Presence
from watcher.ports.removal import DraftRemoval
from watcher.samples import sample_mails
from watcher.steps.account import Ports
from watcher.steps.writing import Hand
from watcher.watching.standing import Manner
from watcher.watching.status import Status, status
from watcher.web import cookies
from watcher.web.application import application
from watcher.web.desk import Office, Watched
from watcher.web.errands import Errands
from watcher.web.keys import Keys
from watcher.web.link import Link

LINK = Link("127.0.0.1", 8765, "a-token-that-nobody-can-guess-in-a-test")
KEYS = Keys(LINK.token)
MANNER = Manner(Rhythm(Every(timedelta(minutes=5))))
BASE = "http://127.0.0.1:8765"
GIVEN = cookies.cookie(KEYS, NOW)
"""What a browser keeps that came by the link."""

COOKIE = f"watcher-8765={GIVEN}"


@dataclass
class Visitor:
    """A browser at the page; `house` is what lies behind it. Whoever logs in to the mailbox waits for `door`."""

    house: House
    desk: Office
    client: TestClient
    errands: Errands
    door: Event = field(default_factory=Event)
    logins: list[str] = field(default_factory=list)

    def again(self) -> Visitor:
        """The same page in a browser that has just come by the link."""
        return replace(self, client=_browser(self.client.app))

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=_named(headers), follow_redirects=False)

    def shown(self, path: str) -> str:
        """What a page says; it has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def send(self, path: str, form: Mapping[str, str], **headers: str) -> Response:
        """A form of the page's own, with what a browser sends beside it."""
        fields = {"token": KEYS.form, **form}
        return self.client.post(path, data=fields, headers={"Origin": BASE, **_named(headers)}, follow_redirects=False)

    def do(self, path: str, **form: str) -> str:
        """Send a form and follow to what it tells."""
        answer = self.send(path, form)
        assert answer.status_code == 303, (path, answer.status_code, answer.text)
        return self.shown(answer.headers["location"])

    @property
    def drafts(self) -> list[bytes]:
        return [mail.content for mail in self.house.drafts.values()]


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def told(page: str) -> str:
    """What a page says of the last command, as text."""
    found = re.search(r'<div class="told[^>]*>(.*?)</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def _browser(app: ASGIApp) -> TestClient:
    return TestClient(app, base_url=BASE, cookies={"watcher-8765": GIVEN})


def _removal(mailbox: Mailbox) -> DraftRemoval:
    assert isinstance(mailbox, TwinMailbox)
    return TwinDraftRemoval(mailbox)


@cache
def _empty_ledger() -> bytes:
    """Made once: that takes longer than a pass."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "ledger.sqlite"
        open_ledger(f"sqlite:///{place}").close()
        return place.read_bytes()


@cache
def _samples() -> tuple[Reading, ...]:
    return sample_readings([mail.content for mail in sample_mails()])


@contextmanager
def visiting(folder: Path, *mails: bytes, looks: bool = True) -> Iterator[Visitor]:
    """Somebody who came by the link, after one pass over these mails."""
    place = folder / "ledger.sqlite"
    place.write_bytes(_empty_ledger())
    place.chmod(0o600)
    ledger = open_ledger(f"sqlite:///{place}")
    house = House(ledger)
    house.deliver(*mails)
    if looks:
        house.look()
        house.clock.wait(timedelta(minutes=5))
    own = folder / "templates"
    templates, door, logins = FileTemplates(own), Event(), list[str]()
    hand, codes = Hand(house.account.voice.me), house.account.voice.languages
    workshop = Workshop(templates, FolderFiles(own), _samples(), hand, codes, house.clock)
    door.set()

    def ports() -> Ports:
        logins.append("in")
        door.wait(30)
        return Ports(TwinMailbox(house.store), ledger, templates, house.clock, house.signatures)

    def standing(now: datetime) -> Status:
        due = OnWatch(house.clock.now() + timedelta(minutes=1), "well")
        return status("me@example.test", ledger, MANNER, Presence(now, {"me@example.test": due}), now)

    def watched() -> list[Watched]:
        return [Watched(house.account, templates, ports, _removal, standing, lambda: workshop)]

    desk, errands = Office(ledger, house.clock, watched), Errands()
    yield Visitor(house, desk, _browser(application(desk, LINK, errands)), errands, door, logins)
    templates.close()
    ledger.close()
