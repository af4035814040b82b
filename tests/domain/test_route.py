"""Promise: an answer goes by mail only where the facts say that it reaches the inviter, else to LinkedIn's page."""

import pytest
from invented_mail import a_letter, a_mail

from watcher.domain import message, route
from watcher.domain.kinds import RouteBy
from watcher.domain.links import INVITATION_MANAGER
from watcher.domain.values import Route

REPLY = "0a1b2c3d-0000-4000-8000-00000000abcd@reply.linkedin.com"


def found(sender: str, reply_to: str | None = None, answerable: tuple[str, ...] = ()) -> Route:
    content = a_mail(text=a_letter(), changes={"From": sender, "Reply-To": reply_to})
    return route.find(message.parse(content), answerable)


@pytest.mark.parametrize(
    ("sender", "reply_to", "to"),
    [
        # the inviter's own address, 2009–14; member@ until 2014
        ("Tilda <tilda@example.test>", None, "tilda@example.test"),
        ("Tilda <Tilda@Example.TEST>", None, "tilda@example.test"),
        ("Tilda <member@linkedin.com>", None, "member@linkedin.com"),
        # a Reply-To that arrives
        ("Tilda <invitations@linkedin.com>", f"Tilda <{REPLY}>", REPLY),
        ("Tilda <member@linkedin.com>", f"Tilda <{REPLY}>", REPLY),
        ("Tilda <tilda@example.test>", "Tilda <else@example.test>", "else@example.test"),
        # 2013 onward: nothing shows that an answer arrives
        ("Tilda <invitations@linkedin.com>", None, None),
        ("Tilda via LinkedIn <invitations@linkedin.com>", None, None),
        ("Tilda <messages-noreply@linkedin.com>", None, None),
        ("Tilda <s-1@bounce.linkedin.com>", None, None),
        ("Tilda <invitations@linkedin.com>", "invitations@linkedin.com", None),
        ("Tilda <invitations@linkedin.com>", f"x@evil.{'linkedin.com'}", None),
        # a Reply-To of LinkedIn's machine overrides an own address
        ("Tilda <tilda@example.test>", "noreply@linkedin.com", None),
        # what is no address reaches nobody
        ("Tilda <invitations@linkedin.com>", "Tilda", None),
        ("Tilda <invitations@linkedin.com>", "x@", None),
        ("", None, None),
        ("(c):", "(c):", None),
    ],
)
def test_the_way_an_answer_takes(sender: str, reply_to: str | None, to: str | None) -> None:
    by = RouteBy.EMAIL if to else RouteBy.LINKEDIN
    assert found(sender, reply_to) == Route(by, to, INVITATION_MANAGER)


@pytest.mark.parametrize(("proven", "to"), [(True, "tilda@example.test"), (False, None)])
def test_a_persons_own_reply_to_counts_where_linkedin_is_proven_to_have_written_it(
    *, proven: bool, to: str | None
) -> None:
    changes = {"From": "Tilda <invitations@linkedin.com>", "Reply-To": "Tilda <tilda@example.test>"}
    assert route.find(message.parse(a_mail(text=a_letter(), changes=changes)), proven=proven).to == to


def test_an_address_that_the_person_knows_to_reach_is_believed() -> None:
    sender, known = "Tilda <invitations@linkedin.com>", ("Invitations@LinkedIn.com",)
    assert found(sender, answerable=known).to == "invitations@linkedin.com"
    assert found(sender, "hit-reply@linkedin.com", ("hit-reply@linkedin.com",)).to == "hit-reply@linkedin.com"
    assert found(sender, answerable=("others@linkedin.com",)).by is RouteBy.LINKEDIN


def test_the_place_to_open_carries_no_token_of_the_mail() -> None:
    assert found("Tilda <invitations@linkedin.com>").url == "https://www.linkedin.com/mynetwork/invitation-manager/"
