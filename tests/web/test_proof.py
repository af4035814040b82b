"""Who listens at the page's address proves to be the page, before it is handed anything that opens it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cycle.house import NO_NOTE
from hypothesis import given
from hypothesis import strategies as st
from servers.loopback import free_port
from web.pages import LINK, visiting

from watcher.ports import Door
from watcher.web.link import Link
from watcher.web.proof import proof, who_is_at

NUMBER = "a-number-of-its-own"


def test_the_page_proves_itself_to_who_has_no_cookie_and_shows_nothing(tmp_path: Path) -> None:
    with visiting(tmp_path, NO_NOTE) as visitor:
        visitor.client.cookies.clear()
        answer = visitor.get(f"/proof?number={NUMBER}")
        assert (answer.status_code, answer.text) == (200, proof(LINK, NUMBER))
        assert "set-cookie" not in answer.headers
        assert [visitor.get(path).text for path in ("/proof", "/proof?number=short")] == ["", ""]
        assert visitor.get(f"/enter?token={answer.text}").status_code == 403


@given(st.text(max_size=70))
def test_nothing_else_that_the_token_opens_is_answered_with(number: str) -> None:
    """A question is letters, digits, `-` and `_`: none can be worded as another use of the token."""
    assert (proof(LINK, number) != "") == (16 <= len(number) <= 64 and all(c in LETTERS for c in number))


LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("other", [replace(LINK, port=8766), replace(LINK, token="another"), LINK])
def test_it_holds_for_one_page_at_one_port_and_one_question(other: Link) -> None:
    number = NUMBER if other != LINK else f"{NUMBER}-2"
    assert proof(other, number) != proof(LINK, NUMBER)


@contextmanager
def _listening(says: Callable[[str], str]) -> Iterator[int]:
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(says(self.path.rpartition("=")[2]).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            assert format, args

    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "says",
    [
        lambda _: "",
        lambda _: "opened by `watcher open`",
        lambda number: number,
        lambda _: "\xff" * 64,
        lambda number: proof(LINK, number),  # handed on to the page at another port
        lambda number: proof(LINK, number) * 9,
    ],
    ids=["nothing", "the page's words", "the question", "no letters", "another port's", "much"],
)
def test_whoever_else_listens_is_another(says: Callable[[str], str]) -> None:
    with _listening(says) as port:
        assert who_is_at(replace(LINK, port=port), NUMBER) is Door.ANOTHER


def test_who_has_the_token_is_the_page() -> None:
    place: list[Link] = []
    with _listening(lambda number: proof(place[0], number)) as port:
        place.append(replace(LINK, port=port))
        assert who_is_at(place[0], NUMBER) is Door.OURSELVES


def test_who_hangs_up_is_another_and_where_nobody_listens_that_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:

        def hang_up() -> None:
            for _ in range(2):
                mute.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        assert who_is_at(replace(LINK, port=mute.getsockname()[1]), NUMBER) is Door.ANOTHER
        thread.join()
    assert who_is_at(replace(LINK, port=free_port()), NUMBER) is Door.NOBODY
