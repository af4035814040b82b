"""How a name and a password are told to the server: LOGIN (RFC 3501 §6.2.3), or SASL PLAIN (RFC 4616).

imaplib's own `login` sends the name as it stands, so one with a space became two words on the wire.
"""

from __future__ import annotations

import imaplib
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum, auto


class Way(Enum):
    """LOGIN with quoted strings or with literals (RFC 3501 §4.3), or AUTHENTICATE PLAIN."""

    QUOTED = auto()
    LITERAL = auto()
    PLAIN = auto()


def way_in(offered: Collection[str], user: str, password: str) -> Way | None:
    """The way for these words at a server that offers this (in capitals); None where it takes no password at all.

    LOGINDISABLED forbids LOGIN (RFC 3501 §6.2.3). A quoted string holds ASCII alone; for what it cannot hold, PLAIN is
    certain to mean UTF-8 (RFC 4616 §2), and a literal is what is left.
    """
    may_log_in = "LOGINDISABLED" not in offered
    if may_log_in and _is_quotable(user + password):
        return Way.QUOTED
    if "AUTH=PLAIN" in offered:
        return Way.PLAIN
    return Way.LITERAL if may_log_in else None


def _is_quotable(words: str) -> bool:
    return words.isascii() and words.isprintable()


def quoted(word: str) -> str:
    """A word as a quoted string."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(slots=True)
class InTurn:
    """Says one thing after another, each when the server asks for it by `+`."""

    words: list[bytes] = field(repr=False)

    def process(self, _: bytes) -> bytes:
        """The next line to send; imaplib calls it so. Raises abort where all was said: it would be said for ever."""
        if not self.words:
            raise imaplib.IMAP4.abort("the server asks on when all is said")
        return self.words.pop(0)


def literals(user: str, password: str) -> tuple[str, InTurn]:
    """What announces the first literal of LOGIN, and what follows, the announcement of the second at its end."""
    name, word = user.encode(), password.encode()
    return f"{{{len(name)}}}", InTurn([name + b" {%d}" % len(word), word])


def plain_words(user: str, password: str) -> bytes:
    """The message of PLAIN (RFC 4616 §2), in base64."""
    return b64encode(f"\0{user}\0{password}".encode())
