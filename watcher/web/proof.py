"""A proof that what listens at the page's address is the page of this link: asked for before it is handed anything.

Any program of the machine may listen on the page's port while the page does not, and the browser would bring it the
ticket. So whoever has the token asks first, with a number that was never used: only who has the token too can answer.
The answer holds for one port, lest a listener pass the question on to a page at another one. It opens nothing.
"""

from __future__ import annotations

import re
import socket
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from watcher.ports import Door
from watcher.web.keys import Keys, same
from watcher.web.link import Link

PROOF = "/proof"
FIELD = "number"

_NUMBER = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PATIENCE = 3.0
"""Seconds that a listener has for a word; the page needs milliseconds."""


def proof(link: Link, number: str) -> str:
    """What the page of this link answers; "" where the number is none that is asked with."""
    return Keys(link.token).proof(link.port, number) if _NUMBER.fullmatch(number) else ""


def who_is_at(link: Link, number: str) -> Door:
    """Who listens at the page's address; `number` is random and was never used, 16 letters at least."""
    try:
        socket.create_connection((link.host, link.port), _PATIENCE).close()
    except OSError:
        return Door.NOBODY
    return Door.OURSELVES if same(_answer(link, number), proof(link, number)) else Door.ANOTHER


def _answer(link: Link, number: str) -> str:
    """What a listener says, whoever it is; "" where that is nothing."""
    asked = HTTPConnection(link.host, link.port, timeout=_PATIENCE)
    try:
        asked.request("GET", f"{PROOF}?{FIELD}={number}")
        answer = asked.getresponse()
        return answer.read(128).decode("ascii") if answer.status == HTTPStatus.OK else ""
    except (OSError, HTTPException, UnicodeDecodeError):
        return ""
    finally:
        asked.close()
