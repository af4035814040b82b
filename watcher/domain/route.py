"""Can an invitation be answered by mail, or only on LinkedIn?

Until 2014 the inviter's own address or `member@linkedin.com` carried an answer to the inviter. Mail of
`invitations@linkedin.com` (2013 onward) has no Reply-To, and nothing shows that an answer arrives: those are answered
on LinkedIn's invitation page, which takes a reply without accepting. A Reply-To at `reply.linkedin.com` is answerable.
"""

from __future__ import annotations

from collections.abc import Collection

from watcher.domain.genuine import at_linkedin
from watcher.domain.kinds import RouteBy
from watcher.domain.links import INVITATION_MANAGER
from watcher.domain.message import Address, Message
from watcher.domain.values import Route

REPLY_DOMAIN = "reply.linkedin.com"
ANSWERABLE = frozenset({"member@linkedin.com"})


def find(message: Message, answerable: Collection[str] = (), *, proven: bool = False) -> Route:
    """The way an answer takes; `answerable` are addresses the person knows to reach the inviter.

    A Reply-To at a person's own address counts where the mail is proven to be LinkedIn's, or comes from such an
    address itself: whoever forges a mail would like the answer.
    """
    sender = message.senders[0] if message.senders else None
    reply_to = next(iter(message.addresses("reply-to")), None)
    believed = proven or (sender is not None and _is_own(sender))
    if reply_to and (_reaches(reply_to, answerable) or (believed and _is_own(reply_to))):
        return Route(RouteBy.EMAIL, reply_to.address, INVITATION_MANAGER)
    if sender and (_reaches(sender, answerable) or _is_own(sender)) and not reply_to:
        return Route(RouteBy.EMAIL, sender.address, INVITATION_MANAGER)
    return Route(RouteBy.LINKEDIN, None, INVITATION_MANAGER)


def _reaches(address: Address, answerable: Collection[str]) -> bool:
    known = {entry.lower() for entry in answerable} | ANSWERABLE
    return address.domain == REPLY_DOMAIN or address.address in known


def _is_own(address: Address) -> bool:
    """A person's own address, as far as its domain tells."""
    return bool(address.local and address.domain) and not at_linkedin(address.domain)
