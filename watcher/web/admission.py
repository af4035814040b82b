"""Who is let in: decided from what a request says of itself, before any page or form is looked at.

A page on loopback is within reach of every web site that the person has open, and of every user of the machine. So:
the Host is one of ours, else a name that an attacker pointed at 127.0.0.1 (DNS rebinding) would be one origin with us;
a form comes from our own Origin, is of the one type that we send ourselves, and carries a token that no other page can
read; and whoever has no cookie of the link sees nothing. A path is plain letters: so no two readers of it can differ
in what `%2e` means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from watcher.web import cookies
from watcher.web.keys import Keys, same
from watcher.web.link import Link

FORM = "application/x-www-form-urlencoded"
TOKEN_FIELD = "token"  # noqa: S105 - the name of a field

_PATH = re.compile(rb"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
_MEDIA_TYPE = re.compile(r"\s*application/x-www-form-urlencoded\s*(?:;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_SEEN_FROM_HERE = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class House:
    """Where the page lives. `open_paths` are those that need no cookie: they show nothing of the person."""

    link: Link
    keys: Keys
    open_paths: Collection[str] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """What a Host may say: the names of this machine that nobody else can take, with the port."""
        host, port = self.link.host, self.link.port
        names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
        return frozenset(f"{name}:{port}" for name in names) | (names if port == 80 else set())

    @property
    def cookie_name(self) -> str:
        """Of its own for each port: a browser sends the cookies of one port to all others of the machine."""
        return f"watcher-{self.link.port}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of itself; header values as they came, decoded, one entry for each time they were given."""

    method: str
    raw_path: bytes
    headers: Mapping[str, Sequence[str]]
    cookies: Mapping[str, str]

    def all(self, name: str) -> Sequence[str]:
        """Every value of a header."""
        return self.headers.get(name, ())


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody gets in: the status, and words for a person who came here by mistake.

    `is_of_our_page`: the form comes from a page of ours that is out of date, so what was typed there is given back.
    """

    status: HTTPStatus
    words: str
    is_of_our_page: bool = False


def refusal(asked: Asked, house: House, now: datetime) -> Refusal | None:
    """Why a request is not let in; None where it is. What a form holds is asked for by `form_refusal`."""
    return (
        _by_host(asked, house)
        or _by_path(asked)
        or _by_method(asked)
        or _by_origin(asked, house)
        or _by_cookie(asked, house, now)
        or (_by_type(asked) if asked.method == "POST" else None)
    )


def form_refusal(form: Mapping[str, str], house: House) -> Refusal | None:
    """Why a form is not taken; None where it carries our token."""
    if same(form.get(TOKEN_FIELD, ""), house.keys.form):
        return None
    words = "This form is not from this page as it is now: go back, copy your words, then load it anew and try again."
    return Refusal(HTTPStatus.FORBIDDEN, words, is_of_our_page=True)


def has_cookie(asked: Asked, house: House, now: datetime) -> bool:
    """Whether the browser came by the link, and not too long ago."""
    return cookies.is_good(house.keys, asked.cookies.get(house.cookie_name, ""), now)


def _by_host(asked: Asked, house: House) -> Refusal | None:
    given = [value.strip().lower() for value in asked.all("host")]
    if len(given) == 1 and given[0] in house.hosts:
        return None
    words = f"This page answers only as {house.link.place}. Through a tunnel, use the same port at both ends."
    return Refusal(HTTPStatus.MISDIRECTED_REQUEST, words)


def _by_path(asked: Asked) -> Refusal | None:
    if _PATH.fullmatch(asked.raw_path):
        return None
    return Refusal(HTTPStatus.FORBIDDEN, "No page has an address like this.")


def _by_method(asked: Asked) -> Refusal | None:
    if asked.method in {"GET", "HEAD", "POST"}:
        return None
    return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Pages are looked at, and forms are sent.")


def _by_origin(asked: Asked, house: House) -> Refusal | None:
    """A browser names the Origin of every form; an address that a person types has none."""
    given = [value.strip().lower() for value in asked.all("origin")]
    host = asked.all("host")[0].strip().lower()
    is_ours = given == [f"http://{host}"] or (not given and asked.method != "POST")
    is_near = all(value.strip().lower() in _SEEN_FROM_HERE for value in asked.all("sec-fetch-site"))
    if is_ours and (is_near or asked.method != "POST"):
        return None
    return Refusal(HTTPStatus.FORBIDDEN, f"This was sent by another web site, not by {house.link.place}.")


def _by_cookie(asked: Asked, house: House, now: datetime) -> Refusal | None:
    is_form = asked.method == "POST"
    if asked.raw_path.decode("ascii") in house.open_paths and not is_form:
        return None
    if has_cookie(asked, house, now):
        return None
    words = "This page is opened by its link, which `watcher open` follows."
    return Refusal(HTTPStatus.FORBIDDEN, words, is_of_our_page=is_form)


def _by_type(asked: Asked) -> Refusal | None:
    given = asked.all("content-type")
    if len(given) == 1 and _MEDIA_TYPE.fullmatch(given[0]):
        return None
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A form is sent as {FORM}, and nothing else is taken.")
