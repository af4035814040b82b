"""A mail server in one line: what is typed is understood, and what is understood can be typed."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.domain.server_line import USUAL_PORT, as_typed, read
from watcher.errors import Show

hosts = st.from_regex(r"[a-z0-9-]+(\.[a-z0-9-]+){0,3}|[0-9a-f]{1,4}:[0-9a-f:]{1,9}", fullmatch=True)


@given(hosts, st.integers(1, 65535), st.sampled_from(sorted(USUAL_PORT)))
@example("imap.example.org", 143, "tls")
@example("::1", 993, "none")
def test_what_it_says_is_understood(host: str, port: int, security: str) -> None:
    assert read(as_typed(host, port, security)) == (host, port, security)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("imap.example.org", ("imap.example.org", 993, "tls")),
        (" imap.example.org:143 ", ("imap.example.org", 143, "starttls")),
        ("imap.example.org starttls", ("imap.example.org", 143, "starttls")),
        ("imap.example.org:1143  STARTTLS", ("imap.example.org", 1143, "starttls")),
        ("[::1]:1143 none", ("::1", 1143, "none")),
    ],
)
def test_what_a_person_types_is_understood(typed: str, understood: tuple[str, int, str]) -> None:
    assert read(typed) == understood


@given(st.text(max_size=30))
def test_anything_else_is_told_and_breaks_nothing(typed: str) -> None:
    with suppress(Show):
        host, port, security = read(typed)
        assert host
        assert 0 < port < 1 << 16
        assert security in USUAL_PORT
