"""`watcher web`, `watcher open`, and the page beside `watcher run`: on this machine, ended soon, never in the way."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import pytest
from servers.dovecot import Dovecot
from servers.loopback import free_port
from shell.program import PROGRAM, Home, ended, until

LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/enter\?token=[\w-]{43}")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def served(home: Home, port: int) -> Home:
    return Home(home.folder, {**home.settings, "WATCHER_WEB": f"127.0.0.1:{port}", "WATCHER_LOG": "json"})


@contextmanager
def _running(home: Home, *words: str, **changes: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=home.folder,
        env=home.environment(changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def _await(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"nobody listens: {process.communicate()[1] if process.poll() is not None else ''}")


def _get(url: str) -> tuple[int, str]:
    found = re.fullmatch(r"http://([^/]+)(/.*)", url)
    assert found
    connection = HTTPConnection(found[1], timeout=10)
    connection.request("GET", found[2])
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_the_page_is_served_alone_and_its_link_is_printed(served: Home, port: int, order: signal.Signals) -> None:
    with _running(served, "web") as process:
        _await(port, process)
        opened = served.run("open", "--print")
        kept = HTTPConnection("127.0.0.1", port)  # a browser that stays
        kept.request("GET", "/")
        assert kept.getresponse().status == 403
        status, _ = _get(opened.out.strip())
        ran = ended(process, order)
    assert ran.code == 0, ran.err
    assert LINK.fullmatch(ran.out.strip())
    assert (opened.code, opened.out) == (0, ran.out)
    assert status == 303
    assert "Traceback" not in ran.err


def test_the_token_is_for_its_owner_alone_and_stays(served: Home, port: int) -> None:
    links = []
    for _ in range(2):
        with _running(served, "web") as process:
            _await(port, process)
            links.append(ended(process).out)
    assert links[0] == links[1]
    token = served.ledger.with_name("page-token")
    assert token.stat().st_mode & 0o777 == 0o600
    token.chmod(0o644)
    ran = served.run("web")
    assert (ran.code, "may be read by others" in ran.err) == (2, True)


def test_where_nobody_serves_it_that_is_told(served: Home) -> None:
    ran = served.run("open")
    assert (ran.code, ran.out) == (2, "")
    assert "start `watcher run`" in ran.err


def test_another_program_at_the_port_is_handed_nothing(served: Home, port: int, tmp_path: Path) -> None:
    heard = bytearray()
    with socket.create_server(("127.0.0.1", port)) as another:

        def answer() -> None:
            for _ in range(4):  # two connections for each `watcher open`
                asked, _ = another.accept()
                with asked:
                    asked.settimeout(10)
                    heard.extend(asked.recv(4096))
                    with suppress(OSError):  # who only looked whether anybody is there has gone
                        asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nwatcher open")

        thread = Thread(target=answer)
        thread.start()
        browser = tmp_path / "browser"
        browser.write_text(f"#!/bin/sh\ntouch {tmp_path}/opened\n")
        browser.chmod(0o755)
        tried = [served.run("open", *words, BROWSER=f"{browser} %s") for words in ((), ("--print",))]
        thread.join(30)
    assert [(ran.code, ran.out) for ran in tried] == [(2, ""), (2, "")]
    assert all("taken by another program, which was handed nothing" in ran.err for ran in tried)
    assert not (tmp_path / "opened").exists()
    assert heard.count(b"GET ") == heard.count(b"GET /proof?number=") == 2
    assert b"token" not in heard
    assert b"ticket" not in heard


def test_beside_ones_own_page_no_second_one_is_served_and_none_is_to_be_ended(served: Home, port: int) -> None:
    with _running(served, "web") as process:
        _await(port, process)
        ran = served.run("web")
        ended(process)
    assert (ran.code, ran.out) == (2, "")
    assert f"the page is served already, at http://127.0.0.1:{port}/" in ran.err
    assert "`watcher open` opens it" in ran.err


def test_it_can_be_off(home: Home) -> None:
    ran = home.run("web", WATCHER_WEB="off")
    assert (ran.code, "WATCHER_WEB" in ran.err, "is off" in ran.err) == (2, True, True)


def test_it_is_served_to_no_other_machine(home: Home) -> None:
    ran = home.run("web", WATCHER_WEB="0.0.0.0:8765")
    assert (ran.code, "would let other machines in" in ran.err) == (2, True)


def test_a_port_that_is_taken_is_told_with_the_setting(served: Home, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ran = served.run("web")
    assert ran.code == 2
    assert "WATCHER_WEB" in ran.err
    assert "is taken by another program" in ran.err


def test_beside_the_watch_the_log_says_how_to_open_it_and_not_the_token(
    dovecot: Dovecot, served: Home, port: int
) -> None:
    with _running(served, "run") as process:
        _await(port, process)
        link = served.run("open", "--print").out.strip()
        assert _get(link)[0] == 303
        assert until(lambda: b"EXAMINE" in dovecot.raw_log())
        ran = ended(process)
    assert (ran.code, ran.out) == (0, ""), ran.err
    events = {event["event"]: event for event in map(json.loads, ran.err.splitlines())}
    assert events["review page: run `watcher open`"]["place"] == f"http://127.0.0.1:{port}/"
    assert link.rpartition("=")[2] not in ran.err


def test_a_port_that_is_taken_does_not_stop_the_watch(dovecot: Dovecot, served: Home, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), _running(served, "run") as process:
        assert until(lambda: b"EXAMINE" in dovecot.raw_log())
        ran = ended(process)
    assert ran.code == 0
    assert "the review page is not served" in ran.err
    assert "WATCHER_WEB" in ran.err


def test_in_a_terminal_the_link_is_shown_at_once(served: Home, port: int) -> None:
    ours, theirs = pty.openpty()
    environment = served.environment({})
    with subprocess.Popen(
        [*PROGRAM, "run"], cwd=served.folder, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        while b"token=" not in said or not said.endswith(b"\n"):
            said += os.read(ours, 4096)
        process.terminate()
        assert process.wait(15) == 0
    os.close(ours)
    found = LINK.search(said.decode())
    assert found
    assert int(found[1]) == port


def test_a_browser_that_can_be_opened_is_opened(served: Home, port: int, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    with _running(served, "web") as process:
        _await(port, process)
        ran = served.run("open", BROWSER=f"{browser} %s")
        opened = (tmp_path / "opened").read_text().strip()
        first, again = (_get(opened)[0] for _ in range(2))
        out = ended(process).out
    assert (ran.code, ran.out) == (0, "")
    assert f"opened http://127.0.0.1:{port}/" in ran.err
    assert (first, again) == (303, 403), "what stands on a browser's command line lets in once"
    token = out.strip().partition("token=")[2]
    assert token
    assert token not in opened


def test_in_a_terminal_the_demo_offers_its_page(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    home = Home(tmp_path, {})
    with subprocess.Popen(
        [*PROGRAM, "demo"], cwd=tmp_path, env=home.environment(), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        while b"Press a key" not in said:
            said += os.read(ours, 4096)
        (link,) = re.findall(r"http://127\.0\.0\.1:\d+/enter\?token=[\w-]{43}", said.decode())
        assert _get(link)[0] == 303
        os.write(ours, b"x")
        assert process.wait(15) == 0
    os.close(ours)
