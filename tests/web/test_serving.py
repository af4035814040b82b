"""The page on a real socket: what no well-behaved client sends, and an end that comes soon."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cycle.house import NO_NOTE
from servers.loopback import free_port
from shell.program import until
from structlog.testing import capture_logs
from web.pages import GIVEN, KEYS, LINK, Visitor, visiting

from watcher.domain.lifecycle import State
from watcher.errors import Show
from watcher.web.link import Link
from watcher.web.serving import serving


@dataclass(frozen=True)
class Served:
    """A page that listens; `say` sends octets as they are and returns the status."""

    visitor: Visitor
    link: Link

    @property
    def host(self) -> str:
        return f"{self.link.host}:{self.link.port}"

    @property
    def cookie(self) -> str:
        return f"watcher-{self.link.port}={GIVEN}"

    def say(self, *lines: str, body: bytes = b"") -> int:
        with socket.create_connection((self.link.host, self.link.port), 10) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            answer = connection.recv(4096)
        return int(answer.split(b" ", 2)[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with visiting(tmp_path, NO_NOTE) as visitor:
        link = replace(LINK, port=free_port())
        with serving(visitor.desk, link):
            yield Served(visitor, link)


def test_it_is_read_with_the_cookie(served: Served) -> None:
    assert served.say("GET / HTTP/1.1", f"Host: {served.host}", f"Cookie: {served.cookie}") == 200
    assert served.say("GET / HTTP/1.1", f"Host: {served.host}") == 403


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://evil.example/", {400, 403}), ("/%69nvitations/1", {403}), ("/style.css/%2e%2e/invitations/1", {403}),
        ("//evil.example/", {403}), ("/style.css?/../invitations/1", {200}), ("*", {400, 403}),
    ],
)  # fmt: skip
def test_a_target_that_could_be_read_in_two_ways_is_refused(served: Served, target: str, status: set[int]) -> None:
    assert served.say(f"GET {target} HTTP/1.1", f"Host: {served.host}", f"Cookie: {served.cookie}") in status


@pytest.mark.parametrize("hosts", [["evil.example"], [], ["{ours}", "evil.example"], ["evil.example", "{ours}"]])
def test_a_host_that_is_not_ours_alone_is_refused(served: Served, hosts: list[str]) -> None:
    named = [f"Host: {host.format(ours=served.host)}" for host in hosts]
    assert served.say("GET / HTTP/1.1", *named, f"Cookie: {served.cookie}") in {400, 421}
    assert served.say("GET / HTTP/1.0", *named, f"Cookie: {served.cookie}") in {400, 421}


def test_another_protocol_is_not_spoken(served: Served) -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")
    assert served.say("GET / HTTP/1.1", f"Host: {served.host}", "Origin: http://evil.example", *upgrade) == 403


def test_a_form_without_end_is_cut_off(served: Served) -> None:
    head = (
        "POST /invitations/1/discard HTTP/1.1", f"Host: {served.host}", f"Cookie: {served.cookie}",
        f"Origin: http://{served.host}", "Content-Type: application/x-www-form-urlencoded",
        "Transfer-Encoding: chunked",
    )  # fmt: skip
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert served.say(*head, body=chunk * 5) == 413
    assert served.visitor.house.states() == [State.DRAFTED]


def test_a_form_that_is_broken_off_is_no_fault_of_ours(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    head = (
        "POST /invitations/1/discard HTTP/1.1", f"Host: {served.host}", f"Cookie: {served.cookie}",
        f"Origin: http://{served.host}", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000",
    )  # fmt: skip
    with capture_logs() as logged:
        with socket.create_connection((served.link.host, served.link.port), 10) as connection:
            connection.sendall("\r\n".join([*head, "", "token=x"]).encode())
        assert served.say("GET / HTTP/1.1", f"Host: {served.host}", f"Cookie: {served.cookie}") == 200
    assert ([record.getMessage() for record in caplog.records], logged) == ([], [])
    assert served.visitor.house.states() == [State.DRAFTED]


def test_a_port_that_is_taken_is_told_with_its_setting(served: Served) -> None:
    with pytest.raises(Show, match="is taken by another program"), serving(served.visitor.desk, served.link):
        pass


def test_a_command_that_waits_for_its_server_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with visiting(tmp_path, NO_NOTE) as visitor:
        visitor.door.clear()
        link = replace(LINK, port=free_port())
        with serving(visitor.desk, link):
            page = Served(visitor, link)
            body = f"token={KEYS.form}".encode()
            with socket.create_connection((link.host, link.port)) as connection:
                head = (
                    "POST /invitations/1/discard HTTP/1.1", f"Host: {page.host}", f"Cookie: {page.cookie}",
                    f"Origin: http://{page.host}", "Content-Type: application/x-www-form-urlencoded",
                    f"Content-Length: {len(body)}",
                )  # fmt: skip
                connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
                assert until(lambda: bool(visitor.logins))
        # It still waits at the door: left alone, it would have gone through after 30 seconds.
        assert visitor.house.states() == [State.DRAFTED]
        visitor.door.set()
