"""The cookie of a browser that came by the link. It says until when it is good, and proves it.

How long a browser keeps it is asked of the browser alone (RFC 6265, 4.1.2.2), and a copy of it elsewhere asks nobody:
so the time is checked here. One that is used is given anew each day, so that nobody has to come by the link again who
looks once a month.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from watcher.web.keys import Keys, same

LASTS = timedelta(days=30)
IS_YOUNG = timedelta(days=1)

_COOKIE = re.compile(r"(?P<ends>[0-9]{1,12})\.(?P<proof>[0-9a-f]{64})")


def cookie(keys: Keys, now: datetime) -> str:
    """One that is good from now on."""
    ends = int((now + LASTS).timestamp())
    return f"{ends}.{keys.cookie(ends)}"


def is_good(keys: Keys, given: str, now: datetime) -> bool:
    """Whether it is one of ours, and still lasts."""
    left = _left(keys, given, now)
    return left is not None and left > timedelta()


def is_to_be_renewed(keys: Keys, given: str, now: datetime) -> bool:
    """Whether it is good, and was given more than a day ago."""
    left = _left(keys, given, now)
    return left is not None and timedelta() < left < LASTS - IS_YOUNG


def _left(keys: Keys, given: str, now: datetime) -> timedelta | None:
    """How long it still lasts; None where it is none of ours."""
    found = _COOKIE.fullmatch(given)
    if found is None or not same(found["proof"], keys.cookie(int(found["ends"]))):
        return None
    return timedelta(seconds=int(found["ends"]) - now.timestamp())
