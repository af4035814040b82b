"""Tickets: an address that lets one browser in once, within a minute, in place of the link that lets in for good.

A browser is started with the address on its command line, where every user of the machine can read it for as long as
the browser runs (proc(5), `/proc/PID/cmdline`). So `watcher open` hands it a ticket. Whoever knows the page's token can
write one: the page need not be asked, it only takes the ticket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.web.keys import Keys, same
from watcher.web.link import Link

LASTS = timedelta(minutes=1)
FIELD = "ticket"

_TICKET = re.compile(r"(?P<ends>[0-9]{1,12})\.(?P<number>[A-Za-z0-9_-]{16,64})\.(?P<proof>[0-9a-f]{64})")


def ticket(link: Link, number: str, now: datetime) -> str:
    """The address that lets in once; `number` is random, 16 letters at least, and no other ticket's."""
    ends = int((now + LASTS).timestamp())
    return f"{link.place}enter?{FIELD}={ends}.{number}.{Keys(link.token).ticket(ends, number)}"


@dataclass(slots=True)
class Tickets:
    """Takes each ticket once. Those taken are remembered for as long as they would last.

    One that was written before the page `began` is refused: nobody knows any more whether it was taken.
    """

    keys: Keys
    began: datetime
    _taken: dict[str, int] = field(default_factory=dict)

    def take(self, given: str, now: datetime) -> bool:
        """Whether it is one of ours, still lasts, and was not taken before."""
        moment = now.timestamp()
        self._taken = {number: ends for number, ends in self._taken.items() if ends > moment}
        found = _TICKET.fullmatch(given)
        if found is None:
            return False
        ends, number = int(found["ends"]), found["number"]
        is_ours = same(found["proof"], self.keys.ticket(ends, number))
        is_before = ends - LASTS.total_seconds() < int(self.began.timestamp())  # a ticket tells the second alone
        if not is_ours or is_before or ends <= moment or number in self._taken:
            return False
        self._taken[number] = ends
        return True
