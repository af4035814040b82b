"""The words that the outside of the program uses: kinds of mail, verdicts and their grounds, authenticity.

The values are fixed by the program's interface: people's scripts read them in `--json`.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a mail is."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    ACCEPTED = "accepted"
    DIGEST = "digest"
    MESSAGE = "message"
    OTHER = "other"
    IMITATION = "imitation"
    UNRELATED = "unrelated"


class Authentic(StrEnum):
    """Whether LinkedIn is proven to have sent a mail."""

    PASS = "pass"  # noqa: S105 - the word of RFC 8601, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class VerdictKind(StrEnum):
    """Whether a note gives a reason of its own."""

    GENERIC = "generic"
    PERSONALISED = "personalised"
    UNSURE = "unsure"


class Because(StrEnum):
    """The ground of a verdict."""

    NO_NOTE = "no_note"
    DEFAULT_NOTE = "default_note"
    BOILERPLATE = "boilerplate"
    REASON = "reason"
    UNCLEAR = "unclear"


class RouteBy(StrEnum):
    """How an answer reaches the inviter."""

    EMAIL = "email"
    LINKEDIN = "linkedin"
