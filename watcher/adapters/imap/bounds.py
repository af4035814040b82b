"""How much a server may say to one command, and how long it may take, whatever it is or was paid to be.

A huge literal is refused before it is read, an endless line or answer is given up, and one that trickles counts as no
answer at all. Everything that is asked for has a limit of its own far below these.
"""

from __future__ import annotations

import io
import re
import socket
import time
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

LARGEST_LITERAL = 2 << 20  # nothing is asked for without a limit, and none is above 256 KB
LARGEST_ANSWER = 24 << 20
MOST_IN_LINES = 5 << 20  # imapclient makes an object of each word: up to fifteen times their octets
LONGEST_LINE = 1_000_000  # a SEARCH names all it found in one
LONGEST_OF_ONE_MAIL = 8 << 10  # the BODYSTRUCTURE of an invitation has less than 1 KB
DEEPEST = 100  # imapclient follows brackets by recursion
SLOWEST = 2048
"""Octets a second below which a server counts as silent."""

LARGEST_NUMBER = (1 << 32) - 1
"""Of counts, UIDs and UIDVALIDITY (RFC 3501 §9, `number` and `nz-number`)."""

_ABOUT_ONE_MAIL = re.compile(rb"\* \d{1,10} FETCH \(", re.IGNORECASE)
_CONTINUED = re.compile(rb" ?(?=[^ ])")  # the rest of such a line, behind a literal
LITERAL_FOLLOWS = re.compile(rb"\{\d{1,10}\}\r\n\Z")


def is_uid(number: int) -> bool:
    """Whether a number can be a UID, the next one or a UIDVALIDITY (RFC 3501 §2.3.1.1)."""
    return 1 <= number <= LARGEST_NUMBER


@dataclass(slots=True)
class Allowance:
    """What the server may still say to one command: so many octets, and so much time."""

    seconds: float
    began: float = field(default_factory=time.monotonic)
    octets: int = 0
    in_lines: int = 0

    def begin(self) -> None:
        """A command goes out."""
        self.began, self.octets, self.in_lines = time.monotonic(), 0, 0

    def patience(self) -> float:
        """How long to wait for the next octets. Raises TimeoutError where the answer takes too long."""
        left = self.began + self.seconds + self.octets / SLOWEST - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        return min(left, self.seconds)


class BoundedSocket(io.RawIOBase):
    """A socket as what `BufferedReader` reads from; counts what came, and what of it the client was handed."""

    def __init__(self, made: socket.socket, allowance: Allowance) -> None:
        self.made = made
        self.allowance = allowance
        self.received = self.handed_out = 0

    def readable(self) -> bool:
        """As `BufferedReader` asks."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a writable buffer, which Python 3.11 cannot name
        """What comes next, as far as the allowance reaches. Raises TimeoutError."""
        self.made.settimeout(self.allowance.patience())
        count = self.made.recv_into(buffer)
        self.received += count
        self.allowance.octets += count
        return count


def start_of_one_mail(line: bytes) -> bytes | None:
    """What a line about one mail begins with; None for any other line."""
    found = (_ABOUT_ONE_MAIL if line.startswith(b"* ") else _CONTINUED).match(line)
    return found.group() if found else None


def depth(line: bytes) -> int:
    """How deep brackets nest at most; lines with few brackets are not looked at."""
    if line.count(b"(") <= DEEPEST:
        return 0
    return max(accumulate((octet == 40) - (octet == 41) for octet in line))
