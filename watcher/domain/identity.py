"""Which invitation is this, and is it the same person as before? Never told by a UID.

A proven invitation is its LinkedIn id. One that is not proven is its Message-ID alone, so that a forgery that carries a
real id can never block the real mail. Without either, who, what and when.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode

from watcher.domain.kinds import Authentic
from watcher.domain.names import compared
from watcher.domain.values import Invitation, Inviter, Reading


def invitation_key(reading: Reading) -> str:
    """The identity of an invitation within one account."""
    found = reading.found
    if reading.authentic is Authentic.PASS and isinstance(found, Invitation) and found.invitation_id:
        return f"linkedin:{found.invitation_id}"
    if reading.source.message_id:
        return f"mail:{reading.source.message_id}"
    return f"hash:{_who_what_when(reading)}"


def _who_what_when(reading: Reading) -> str:
    found, source = reading.found, reading.source
    note = found.note or "" if isinstance(found, Invitation) else ""
    when = source.date.isoformat() if source.date else ""
    pieces = "\x1f".join([source.sender, source.subject, when, note, _linkedin_id(reading)])
    return hashlib.sha256(pieces.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _linkedin_id(reading: Reading) -> str:
    return reading.found.invitation_id or "" if isinstance(reading.found, Invitation) else ""


def same_person(first: Inviter, second: Inviter) -> bool:
    """Same profile; else the same name with no headline or profile that contradicts."""
    if first.profile_url and second.profile_url:
        return first.profile_url == second.profile_url
    if compared(first.name) != compared(second.name):
        return False
    headlines = [compared(one.headline) for one in (first, second) if one.headline]
    return len(headlines) < 2 or _agree(*headlines)


def _agree(first: str, second: str) -> bool:
    """Two headlines, either of which LinkedIn may have cut."""
    short, long = sorted((first.rstrip(" .…|"), second.rstrip(" .…|")), key=len)
    return long.startswith(short)


def draft_message_id(secret: bytes, account: str, key: str, revision: int, domain: str) -> str:
    """The Message-ID of a draft: keyed, so that it is known again and tells others nothing."""
    words = "\x1f".join([account, key, str(revision)]).encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, words, hashlib.sha256).digest()[:20]
    return f"<{b32encode(digest).decode('ascii').lower()}@{domain}>"
