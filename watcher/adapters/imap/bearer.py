"""Tokens in the place of a password: the words of XOAUTH2 and OAUTHBEARER, and what a server says where it refuses.

imapclient's own `oauth2_login` and `oauthbearer_login` repeat the token when the server asks for an answer to its
refusal, and know no initial response, so each login would cost one round trip more.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from watcher.ports import AccessTokens


class Mechanism(StrEnum):
    """How a token is told to the server (SASL)."""

    XOAUTH2 = "XOAUTH2"
    OAUTHBEARER = "OAUTHBEARER"


@dataclass(frozen=True, slots=True)
class Bearer:
    """How to log in with a token, and where it comes from."""

    mechanism: Mechanism
    tokens: AccessTokens


def words_of(mechanism: Mechanism, user: str, token: str) -> bytes:
    """What the client says, before base64.

    XOAUTH2: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol. OAUTHBEARER: RFC 7628 §3.1, with the
    name escaped by RFC 5801 §4.
    """
    if mechanism is Mechanism.XOAUTH2:
        return f"user={user}\1auth=Bearer {token}\1\1".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1auth=Bearer {token}\1\1".encode()


def answer_to_refusal(mechanism: Mechanism) -> bytes:
    """What the server waits for before it says NO: nothing, or the one octet of RFC 7628 §3.2.3."""
    return b"" if mechanism is Mechanism.XOAUTH2 else b"\1"


@dataclass(slots=True)
class Dialogue:
    """Answers the server's challenges: the first invites us to speak, unless all was said; any other is a refusal."""

    mechanism: Mechanism
    words: bytes = field(repr=False)
    has_spoken: bool = False
    refusal: bytes = b""

    def process(self, challenge: bytes) -> bytes:
        """The next line to send, in base64; imaplib calls it so."""
        if not self.has_spoken:
            self.has_spoken = True
            return b64encode(self.words)
        self.refusal = challenge
        return b64encode(answer_to_refusal(self.mechanism))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said of a token (RFC 7628 §3.2.2): why it refuses, and for which `scope` it wants one."""

    status: str = ""
    scope: str = ""

    @property
    def is_passing(self) -> bool:
        """Whether the server could not ask whether the token is good: HTTP's 5xx, which Exchange and Gmail write."""
        return len(self.status) == len("503") and self.status.startswith("5")

    def __str__(self) -> str:
        status = f"status {self.status}" if self.status else "no reason given"
        return f"{status}, scope {self.scope}" if self.scope else status


def read_refusal(challenge: bytes) -> Refusal:
    """The server's JSON in words; nothing where it is none."""
    try:
        told = json.loads(b64decode(challenge, validate=True))
    except (ValueError, NotBase64, RecursionError):
        return Refusal()
    if not isinstance(told, dict):
        return Refusal()
    return Refusal(_text(told, "status"), _text(told, "scope"))


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return "".join(filter(str.isprintable, str(value))) if isinstance(value, str | int) else ""
