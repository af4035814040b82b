"""Which mail a mail is, which it answers and which it forwards, as four fields of its header say."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.domain import message
from watcher.domain.raw import RawMessage

THREAD_FIELDS = ("Message-ID", "In-Reply-To", "References", "X-Forwarded-Message-Id")


@dataclass(frozen=True, slots=True)
class Thread:
    r"""One mail of a folder: Message-IDs with their brackets, "" and none where the mail names none.

    `in_reply_to`: the last that is named so; those before it stand with the references.
    `forwarded`: what it says that it forwards.
    `is_deleted`: it is marked `\Deleted`, so a client took it away and no EXPUNGE has come by yet.
    """

    uid: int
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    is_deleted: bool = False
    forwarded: frozenset[str] = frozenset()

    @property
    def answered(self) -> frozenset[str]:
        """Every mail that this one names as one before it (RFC 5322 §3.6.4)."""
        return frozenset({self.in_reply_to, *self.references} - {""})

    @property
    def replied_to(self) -> frozenset[str]:
        """The same without what it forwards: Thunderbird names that in In-Reply-To and References as a reply does, and
        in X-Forwarded-Message-Id, which no reply has.
        """
        return self.answered - self.forwarded


def thread_of(uid: int, header: bytes, *, is_deleted: bool) -> Thread:
    """What these fields of a header say, raw; whatever stands there, nothing is raised."""
    mail = message.assemble(RawMessage(header, (), len(header)))
    forwarded = frozenset(mail.message_ids("x-forwarded-message-id"))
    others = tuple(one for one in mail.message_ids("in-reply-to") if one != mail.in_reply_to)
    return Thread(uid, mail.message_id or "", mail.in_reply_to or "", others + mail.references, is_deleted, forwarded)


def names_in_to(address: str, header: bytes) -> bool:
    """Whether `address`, in small letters, is one of those that the To of this header names."""
    mail = message.assemble(RawMessage(header, (), len(header)))
    return any(one.address == address for one in mail.addresses("to"))
