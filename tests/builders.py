"""Small whole values for tests; each takes what should differ."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from watcher.domain.kinds import Authentic, Because, Kind, RouteBy, VerdictKind
from watcher.domain.values import Evidence, Invitation, Inviter, Person, Reading, Route, Source, Verdict
from watcher.ports import Intent, Location, Sighting

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ME = Person("Robin Ashdown", "me@example.test", "Mail engineer", "")


def an_invitation(**changes: Any) -> Invitation:
    inviter = Inviter(
        "Tilda Moreau", "Tilda", "Planner at Nordkai", "Nordkai", "https://www.linkedin.com/in/tilda-moreau"
    )
    invitation = Invitation(Kind.INVITATION, inviter, None, None, "en", "7001")
    return replace(invitation, **changes)


def a_reading(**changes: Any) -> Reading:
    reading = Reading(
        found=an_invitation(),
        authentic=Authentic.PASS,
        source=Source(
            "<one@lva1.prod.linkedin.com>", ("<zero@x.example>",), "I want to connect", "invitations@linkedin.com", NOW
        ),
        verdict=Verdict(VerdictKind.GENERIC, Because.NO_NOTE, (Evidence("a", "b"),), 0.97),
        route=Route(RouteBy.LINKEDIN, None, "https://www.linkedin.com/mynetwork/invitation-manager/"),
        problems=("one",),
    )
    return replace(reading, **changes)


def a_sighting(**changes: Any) -> Sighting:
    sighting = Sighting("me@example.test", "linkedin:7001", a_reading(), Location("INBOX", 11, 42), NOW)
    return replace(sighting, **changes)


def an_intent(**changes: Any) -> Intent:
    intent = Intent(
        revision=1,
        message_id="<draft1@example.test>",
        body_hash="ab" * 32,
        template="generic",
        language="en",
        folder="Drafts",
        uidvalidity=5,
        uidnext=9,
        at=NOW,
        content=b"From: me@example.test\r\n\r\nHello\r\n",
    )
    return replace(intent, **changes)
