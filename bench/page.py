"""What the page costs with 5,000 invitations in the ledger, beside a bare Starlette application, in one run.

Both are served by uvicorn in this process, as `watcher run` serves the page, and asked over a connection that is kept.
The questions take turns: a page of the list (the first, one in the middle, the last, narrowed by verdict, state and
language), a search (rare words, frequent ones, several, none that are found), one invitation, and `hello`. Prints
milliseconds at the median and at p95, and how many times `hello` that is; ends with 1 where p95 is over its bar.
"""

from __future__ import annotations

import gc
import random
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Never

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from watcher.adapters.clock import SystemClock
from watcher.adapters.ledger import open_ledger
from watcher.adapters.templates import FileTemplates
from watcher.domain.kinds import Kind
from watcher.domain.lifecycle import State
from watcher.domain.plan import Policy
from watcher.domain.reading import Trust
from watcher.domain.values import Invitation, Reading
from watcher.person.trial import sample_readings
from watcher.ports import Ledger, Location, Sighting
from watcher.samples import RECIPIENT, sample_mails
from watcher.steps.account import Account
from watcher.steps.drafting import Voice
from watcher.web import cookies
from watcher.web.desk import Office, Watched
from watcher.web.keys import Keys
from watcher.web.link import Link
from watcher.web.serving import serving

INVITATIONS = 5_000
ROUNDS = 60
BARS = {"list": 100.0, "search": 150.0}
ME = "me@example.test"
LISTS = (
    "/", "/?page=50", "/?page=100", "/?verdict=generic", "/?state=waiting", "/?language=en&verdict=personalised&page=2",
)  # fmt: skip
SEARCHES = (
    "/?text=ghent", "/?text=network", "/?text=M%C3%BCller", "/?text=sales+lead", "/?text=nothing+like+it", "/?text=a",
    "/?text=person+4321", "/?text=synergies&verdict=generic",
)  # fmt: skip


def furnish(ledger: Ledger) -> None:
    """Invitations like the samples, of as many people, over some years."""
    readings = sample_readings([mail.content for mail in sample_mails()])
    chance = random.Random(1)
    for number in range(INVITATIONS):
        reading = _of_another_person(chance.choice(readings), number)
        received = datetime.now(UTC) - timedelta(hours=5 * number)
        sighting = Sighting(ME, f"linkedin:{number}", reading, Location("INBOX", 1, number + 1), received)
        state = State.HELD if number % 100 == 0 else State.SKIPPED
        ledger.record(sighting, state, "WATCHER_SKIP names example.net", received)


def _of_another_person(reading: Reading, number: int) -> Reading:
    found = reading.found
    assert isinstance(found, Invitation), "samples of invitations alone"
    named = replace(found.inviter, name=f"{found.inviter.name} {number}")
    return replace(reading, found=replace(found, kind=Kind.INVITATION, inviter=named, invitation_id=str(number)))


@contextmanager
def hello() -> Iterator[tuple[str, int]]:
    """The least that Starlette and uvicorn can do."""
    app = Starlette(routes=[Route("/", _hello)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, loop="asyncio", http="h11", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join(5)


def _hello(_request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html><title>hello</title><p>hello")


def asked(connection: HTTPConnection, path: str, headers: dict[str, str]) -> float:
    """Milliseconds until the whole answer is there."""
    started = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - started) * 1000
    assert answer.status == 200, (path, answer.status)
    assert body
    return taken


def measured(page: HTTPConnection, bare: HTTPConnection, cookie: dict[str, str]) -> dict[str, list[float]]:
    """All questions, in turns."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        found["hello"].append(asked(bare, "/", {}))
        found["list"] += [asked(page, path, cookie) for path in LISTS]
        found["search"] += [asked(page, path, cookie) for path in SEARCHES]
        found["one"].append(asked(page, f"/invitations/{1 + number * 80}?verdict=generic", cookie))
    return found


def told(found: dict[str, list[float]]) -> int:
    usual = statistics.median(found["hello"])
    over = 0
    print(f"{INVITATIONS:,} invitations; milliseconds, and times a bare Starlette page")
    for name in ("hello", "list", "search", "one"):
        median, p95 = statistics.median(found[name]), statistics.quantiles(found[name], n=20)[-1]
        bar = BARS.get(name)
        verdict = f"bar {bar:.0f}: {'met' if p95 < bar else 'MISSED'}" if bar else ""
        over |= bar is not None and p95 >= bar
        print(f"{name:8} median {median:6.1f}  p95 {p95:6.1f}  {median / usual:5.1f} x   {verdict}")
    return int(over)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'data' / 'ledger.sqlite'}")
        furnish(ledger)
        trust = Trust("mx.example.test")
        account = Account(Voice(ME, RECIPIENT, ("en",), b"k" * 32), ("INBOX",), timedelta(days=14), Policy(), trust)
        watched = Watched(account, FileTemplates(), _nobody, _nobody, _nobody, _nobody)
        link = Link("127.0.0.1", _free_port(), "a-token-for-this-run-alone")
        with serving(Office(ledger, SystemClock(), lambda: [watched]), link), hello() as bare:
            cookie = {"Cookie": f"watcher-{link.port}={cookies.cookie(Keys(link.token), datetime.now(UTC))}"}
            page, other = HTTPConnection(link.host, link.port), HTTPConnection(*bare)
            asked(page, "/", cookie)
            gc.collect()
            code = told(measured(page, other, cookie))
        ledger.close()
    return code


def _nobody(*_: object) -> Never:
    raise AssertionError("nobody logs in here")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
