"""A person with a mailbox on a real server, `watcher run` left running over it, and a browser at its page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request
from servers import dovecot as dovecot_server
from servers.dovecot import Dovecot
from servers.loopback import free_port
from servers.posts import Post, imap_post
from shell.program import Home

from watcher.adapters.ledger import open_ledger
from watcher.domain.values import Invitation
from watcher.ports import Ledger, Record
from watcher.samples import AUTHSERV, sample_mails

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What keeps somebody from reading a page."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@dataclass
class Watching:
    """`watcher run` over a server; its page is at `base`, and `link` opens it."""

    server: Dovecot
    home: Home
    base: str
    link: str
    ledger: Ledger
    post: Post = field(init=False)

    def __post_init__(self) -> None:
        self.post = imap_post(self.server)

    def drafts(self) -> list[bytes]:
        """What lies in Drafts, by a client of the person's own."""
        return [mail.content for mail in self.post.stored("Drafts").values()]

    def draft_to(self, words: str) -> bytes:
        """The one draft that says these words."""
        (found,) = [content for content in self.drafts() if words.encode() in content]
        return found

    def rows(self) -> tuple[Record, ...]:
        """What the program remembers."""
        return self.ledger.listing()

    def row(self, name: str) -> Record:
        """That of one inviter; the one that has a draft where there are two."""
        found = [row for row in self.rows() if _inviter(row) == name]
        return next((row for row in found if row.draft), found[0])


def _inviter(row: Record) -> str:
    return row.reading.found.inviter.name if isinstance(row.reading.found, Invitation) else ""


def _until(holds: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.1)


@contextmanager
def watching(packages: Path, folder: Path) -> Iterator[Watching]:
    """Every sample mail has arrived, and the first pass went over it."""
    with dovecot_server.running(packages) as server, ExitStack() as ended:
        server.bulk([mail.content for mail in sample_mails()], time.time() - 60)
        port = free_port()
        settings = {
            **server.environment(),
            "WATCHER_WEB": f"127.0.0.1:{port}",
            "WATCHER_LANGUAGES": "en,de",
            "WATCHER_TRUSTED_AUTHSERV": AUTHSERV,
            "WATCHER_LOG": "json",
        }
        home = Home(folder, settings)
        with (folder / "log").open("w") as log:
            process = home.start("run", log=log)
        ended.callback(process.wait, 10)
        ended.callback(process.terminate)
        post = imap_post(server)
        _until(lambda: len(post.stored("Drafts")) == 9)
        link = home.run("open", "--print").out.strip()
        ledger = open_ledger(f"sqlite:///{home.ledger}")
        ended.callback(ledger.close)
        yield Watching(server, home, f"http://127.0.0.1:{port}", link, ledger)


@dataclass
class Visit:
    """A page of the browser, and what must never happen on it."""

    page: Page
    watched: Watching
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        answer = self.page.goto(f"{self.watched.base}{path}")
        assert answer is not None
        assert answer.ok, (path, answer.status)
        return self.page

    def open(self, name: str) -> Page:
        """The invitation of somebody."""
        return self.go(f"/invitations/{self.watched.row(name).id}")

    def ready(self) -> Page:
        """Where the page's script has run."""
        self.page.get_by_role("button", name="Keyboard").wait_for()
        return self.page

    def told(self) -> str:
        return " ".join(self.page.locator(".told").inner_text().split())

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def see(self, request: Request) -> None:
        if not request.url.startswith(self.watched.base):
            self.complaints.append(request.url)


@contextmanager
def visiting(context: BrowserContext, watched: Watching) -> Iterator[Visit]:
    """Enter by the link. Afterwards: no other host was asked, and the browser had nothing to complain of."""
    page = context.new_page()
    visit = Visit(page, watched)
    page.on("console", visit.hear)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    context.on("request", visit.see)
    page.goto(watched.link)
    assert page.url == f"{watched.base}/"
    yield visit
    assert visit.complaints == []
