"""What stays of an invitation that a person had forgotten: that it was there, when, and what became of it.

Its key is kept as a keyed hash. So the same mail is known again and gets no second draft, and nobody who has the ledger
without the key file can tell whose it was.
"""

from __future__ import annotations

import hashlib
import hmac

from watcher.domain.values import NotInvitation, Reading

REASON = "you had it forgotten"
"""Stands in the place of all that a forgotten invitation said."""

UNREAD = "unread:"
"""How the key of a mail begins of which nothing is known but where it lies: it names nobody."""

_BEGINS = "forgotten:"


def key_of(secret: bytes, account: str, key: str) -> str:
    """The key that takes the place of `key`; one that tells of nobody stays as it is."""
    if key.startswith((UNREAD, _BEGINS)):
        return key
    words = f"forgotten\x1f{account}\x1f{key}".encode("utf-8", "surrogatepass")
    return _BEGINS + hmac.new(secret, words, hashlib.sha256).hexdigest()


def is_forgotten(reading: Reading) -> bool:
    """Whether nothing of it is kept any more."""
    return isinstance(reading.found, NotInvitation) and reading.found.reason == REASON
