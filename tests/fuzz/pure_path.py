"""One mail's whole pure way, as every pass takes it, and what must hold of whatever comes out.

Nothing may raise but `GiveUp`, which refuses a draft. All words can be written down; a draft has only its own headers.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from email import message_from_bytes, policy

from watcher.domain import kind, message, reading, reply
from watcher.domain.identity import invitation_key
from watcher.domain.reading import Trust
from watcher.domain.values import Draft, Invitation, Reading
from watcher.errors import GiveUp
from watcher.samples import AUTHSERV, RECIPIENT

TRUST = Trust(AUTHSERV, ("answerable@example.test",))
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HEADERS = frozenset(
    "from to subject date message-id in-reply-to references mime-version content-type content-transfer-encoding".split()
)


def read(content: bytes) -> Reading:
    return reading.read(message.parse(content), TRUST)


def draft(found: Reading) -> Draft | None:
    """The reply to an invitation; None for other mail and where no draft can be made."""
    if not isinstance(found.found, Invitation):
        return None
    words = reply.template_values(found, found.found, RECIPIENT, "en")
    body = f"Hello,\n\n{words['subject']}\n{words['note']}\n"
    try:
        return reply.compose(
            found, found.found, me=RECIPIENT, body=body, message_id="<draft@example.test>", template="generic",
            language="en", now=NOW,
        )  # fmt: skip
    except GiveUp:
        return None


def walk(content: bytes) -> None:
    """All of it. Raises where a promise is broken."""
    parsed = message.parse(content)
    kind.may_be_invitation(parsed)
    found = reading.read(parsed, TRUST)
    invitation_key(found)
    written = "".join(_strings(asdict(found)))
    assert written.encode("utf-8", "surrogatepass").decode("utf-8", "replace") == written, "half a surrogate pair"
    reply_to_it = draft(found)
    if reply_to_it is not None:
        names = [name.lower() for name in message_from_bytes(reply_to_it.content, policy=policy.compat32)]
        assert len(names) == len(set(names)), f"a draft's header stands twice: {names}"
        assert set(names) <= HEADERS, f"a draft has headers that are not its own: {names}"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
