"""Whom a mail speaks of: the words of their names, and the domains of their own addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from watcher.domain.genuine import at_linkedin
from watcher.domain.kind import close_to_linkedin
from watcher.domain.message import Message
from watcher.domain.names import without_via
from watcher.domain.redaction.known import is_linkedin, vocabulary, words_of
from watcher.domain.values import Invitation, Reading

ADDRESS_HEADERS = frozenset(
    "from to cc bcc reply-to sender return-path delivered-to x-original-to envelope-to errors-to resent-from resent-to"
    " x-forwarded-to x-forwarded-for".split()
)

_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost|prod)$")


@dataclass(frozen=True, slots=True)
class People:
    """The people of one mail; `names` case-folded, word by word."""

    names: frozenset[str]
    domains: frozenset[str]


def people(mail: Message, read: Reading) -> People:
    """Learn from a mail whom it speaks of."""
    mailboxes = [*mail.senders, *(one for name in ADDRESS_HEADERS for one in mail.addresses(name))]
    shown = [mailbox.name for mailbox in mailboxes]
    if isinstance(read.found, Invitation):
        shown.append(read.found.inviter.name)
    return People(
        frozenset(word.casefold() for name in shown for word in _name_words(name)),
        frozenset(mailbox.domain for mailbox in mailboxes if is_personal(mailbox.domain)),
    )


def is_personal(domain: str) -> bool:
    """Whether a domain in lower case may tell of a person: not LinkedIn's, none that imitates it, none of tests."""
    return bool(domain) and not (at_linkedin(domain) or close_to_linkedin(domain) or _RESERVED.search(domain))


def _name_words(name: str) -> Iterator[str]:
    words = words_of(without_via(name))
    of_linkedin = any(map(is_linkedin, words))
    return (word for word in words if not of_linkedin or not (is_linkedin(word) or word.casefold() in vocabulary()))
