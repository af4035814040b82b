"""Left running, as a person has it: word by alarms and notices, `watcher status`, measures, the weekly summary."""

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime
from pathlib import Path

import pytest
from servers import json_endpoint
from servers.dovecot import Dovecot, free_port
from servers.json_endpoint import Endpoint
from servers.posts import Post, imap_post
from shell.program import Home, ended, until

from watcher.domain.weeks import WEEKDAYS
from watcher.samples import sample_mails

NO_NOTE = (Path(__file__).parents[2] / "watcher" / "samples" / "01-no-note.eml").read_bytes()
SETTINGS = {"WATCHER_POLL_EVERY": "10 s", "WATCHER_TRUSTED_AUTHSERV": "mx.example.test", "WATCHER_LOG": "json"}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with json_endpoint.running() as found:
        yield found


@pytest.fixture
def post(dovecot: Dovecot) -> Post:
    return imap_post(dovecot)


@contextmanager
def _running(home: Home, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = home.start("run", **{**SETTINGS, **settings})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_sign_in_that_is_refused_is_told_before_the_end(home: Home, endpoint: Endpoint) -> None:
    for _ in range(2):
        with _running(home, WATCHER_IMAP_PASSWORD="wrong", WATCHER_ALARMS=endpoint.url) as process:
            process.communicate(timeout=30)
            assert process.returncode == 2
    ((title, body),) = endpoint.told  # of two runs in a day, one told it
    assert title == "The mail server lets nobody in"
    assert "@" not in body
    ran = home.run("status", "--json")
    assert (ran.code, [alarm["kind"] for alarm in ran.lines[0]["alarms"]]) == (1, ["sign-in"])


def test_a_person_can_try_whether_word_comes_through(home: Home, endpoint: Endpoint) -> None:
    ran = home.run("status", "--tell", WATCHER_ALARMS=endpoint.url, WATCHER_NOTICES=endpoint.url)
    assert (ran.code, ran.out, len(endpoint.told)) == (0, "JSON: took it\n", 1)
    endpoint.status = 500
    ran = home.run("status", "--tell", WATCHER_ALARMS=endpoint.url)
    assert (ran.code, ran.out) == (3, "JSON did not take it\n")


def test_a_notice_of_new_drafts_holds_a_number_and_no_person(home: Home, post: Post, endpoint: Endpoint) -> None:
    post.deliver(NO_NOTE, datetime.now(UTC))
    with _running(home, WATCHER_NOTICES=endpoint.url):
        ((title, body),) = endpoint.waited_for(1)
    assert title == "1 new draft for LinkedIn invitations"
    assert [word for word in ("Ottoline", "@") if word in body] == []


def test_a_way_that_hangs_delays_neither_drafts_nor_the_end(home: Home, post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never says a word
        url = f"json://127.0.0.1:{silent.getsockname()[1]}/?rto=60"
        with _running(home, WATCHER_NOTICES=url) as process:
            for number in (1, 2):
                post.deliver(NO_NOTE.replace(b"6000", b"600%d" % number), datetime.now(UTC))
            assert until(lambda: bool(post.stored("Drafts")))
            ran = ended(process)
    assert ran.code == 0, ran.err


def test_status_sees_a_service_while_it_runs(home: Home) -> None:
    assert home.run("status").code == 1  # no pass was ever made
    with _running(home) as process:
        assert until(lambda: home.run("status").code == 0)
        (shown,) = home.run("status", "--json").lines
        assert (shown["running"], shown["why_none"], shown["alarms"]) == (True, "", [])
        assert datetime.fromisoformat(shown["next_pass"]) - datetime.now(UTC) < timedelta(seconds=11)
        process.kill()
        process.wait(20)
        (gone,) = home.run("status", "--json").lines
        assert (gone["running"], gone["next_pass"]) == (False, None)
        assert "watcher run" in gone["why_none"]


def _asked(port: int, path: str, host: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, ""
    except OSError:
        return 0, ""


def test_machines_ask_without_the_token_and_only_by_a_name_of_ours(home: Home) -> None:
    port = free_port()
    with _running(home, WATCHER_WEB=f"127.0.0.1:{port}"):
        assert until(lambda: "last_completed" in _asked(port, "/metrics")[1])
        assert _asked(port, "/healthz")[0] == 200
        assert "me@" not in _asked(port, "/metrics")[1] + _asked(port, "/healthz")[1]
        assert _asked(port, "/healthz", "evil.example.test")[0] == 421
        assert _asked(port, "/")[0] == 403


def test_systemd_hears_of_it(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(place))
        ear.settimeout(30)
        with _running(home, NOTIFY_SOCKET=str(place), WATCHDOG_USEC="180000000") as process:
            heard = [ear.recv(4096).decode()]
            assert heard == ["READY=1"]
            while not re.search("last completed pass", heard[-1]):
                heard.append(ear.recv(4096).decode())
            while heard[-1] != "WATCHDOG=1":
                heard.append(ear.recv(4096).decode())
            process.send_signal(signal.SIGHUP)
            while "RELOADING=1" not in heard[-1]:
                heard.append(ear.recv(4096).decode())
            while heard[-1] != "READY=1":
                heard.append(ear.recv(4096).decode())
            process.send_signal(signal.SIGTERM)
            while heard[-1] != "STOPPING=1":
                heard.append(ear.recv(4096).decode())


def _passed(home: Home) -> int:
    return home.passes().get("me@example.test", 0)


def _passes_twice(home: Home, post: Post, before: int) -> bool:
    """The look at the summary follows the first pass; the second, which new mail calls, comes after both."""
    first = until(lambda: _passed(home) > before)
    post.deliver(NO_NOTE.replace(b"6000", b"600%d" % before), datetime.now(UTC))
    return first and until(lambda: _passed(home) > before + 1)


def test_a_summary_is_put_once_whatever_ends_the_program(home: Home, post: Post) -> None:
    today = datetime.now(UTC)
    weekday = WEEKDAYS[today.weekday()]
    came = today - timedelta(days=3)
    dated = re.sub(rb"(?m)^Date: .*$", b"Date: %s" % format_datetime(came).encode(), NO_NOTE)
    post.deliver(dated, came)
    wanted = {"WATCHER_SUMMARY": weekday, "WATCHER_TIME_ZONE": "UTC"}

    def summaries() -> list[str]:
        mails = [message_from_bytes(mail.content, policy=default) for mail in post.stored("Drafts").values()]
        return [str(mail["To"]) for mail in mails if str(mail["Subject"]).startswith("Invitations from")]

    with _running(home, **wanted):
        assert until(lambda: bool(summaries()))
    for _ in range(2):  # ended by kill -9 each time
        before = _passed(home)
        with _running(home, **wanted):
            assert _passes_twice(home, post, before)
    assert summaries() == ["Robin Ashdown <me@example.test>"]


def test_the_log_names_no_person_above_debug(home: Home, post: Post) -> None:
    mails = sample_mails()
    for mail in mails:
        post.deliver(mail.content, datetime.now(UTC))
    with _running(home) as process:
        assert until(lambda: home.run("status").code == 0)
        log = ended(process).err
    lines = [json.loads(line) for line in log.splitlines()]
    about = [line for line in lines if line["event"] == "invitation"]
    assert len(about) >= 5
    assert all(line["account"] == "me@example.test" and isinstance(line["id"], int) for line in about)
    rows = home.run("drafts", "--json").lines
    people = {row["inviter"]["name"] for row in rows} | {row["note"] for row in rows if row["note"]}
    assert len(people) > 5
    assert [words for words in people if words in log] == []
    assert set(re.findall(r"[\w.+-]+@[\w.-]+", log)) <= {"me@example.test"}
