"""Tokens that a provider gave for a person's consent (RFC 6749 §1.4, §1.5): how long each serves, and what follows it.

No token stands in any `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

AHEAD = timedelta(minutes=5)
"""A token is renewed so long before it ends, as a login may take its time and clocks differ."""

A_TEST = timedelta(days=7)
"""How long Google keeps the consent for a project whose publishing status is "Testing"
(https://developers.google.com/identity/protocols/oauth2#expiration).
"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sign-in. `ends` is None where the provider does not tell; `since` is when the person consented.

    `refresh` is None where the provider gave none: then the person has to sign in again each time. `refresh_ends` is
    when even that comes to nothing, where the provider says so.
    """

    access: str = field(repr=False)
    ends: datetime | None
    refresh: str | None = field(repr=False)
    since: datetime
    refresh_ends: datetime | None = None

    def serves(self, now: datetime, ahead: timedelta = AHEAD) -> bool:
        """Whether the access token is good for the next `ahead`."""
        return self.ends is None or now + ahead < self.ends

    def renewed(self, answer: Tokens) -> Tokens:
        """What counts after a renewal: the consent is as old as ever, and a refresh token that was not replaced goes on
        (RFC 6749 §6).
        """
        kept = replace(answer, since=self.since)
        if answer.refresh is None:
            kept = replace(kept, refresh=self.refresh)
        return kept if answer.refresh_ends is not None else replace(kept, refresh_ends=self.refresh_ends)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a sign-in, without its secrets: `over` is when the provider ended it."""

    provider: str
    since: datetime
    ends: datetime | None = None
    over: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types in where they have a browser (RFC 8628 §3.2); `every` is how often to ask meanwhile."""

    code: str = field(repr=False)
    user_code: str
    address: str
    whole_address: str | None
    ends: datetime
    every: timedelta


def foretold(standing: Standing, now: datetime) -> str:
    """In words that and when a sign-in will end, "" where nothing foretells an end.

    Google tells the end of a consent that it gave for a time (`refresh_token_expires_in`); where it does not, only a
    week that has passed proves that the project is not in testing. What others tell so is put off with each renewal.
    """
    if standing.provider != "google":
        return ""
    if standing.ends is not None:
        return f"it ends on {standing.ends:%F %H:%M} UTC: Google gives it for a week only while a project is in testing"
    last = standing.since + A_TEST
    return f"it ends on {last:%F} if your Google project is still in testing" if now < last else ""
