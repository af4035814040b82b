"""The links of a mail, and what LinkedIn's own links give away: template keys, invitation ids, profiles.

Nothing here is ever fetched, and none of these links is kept: they carry `sharedKey`, `midToken` and `otpToken`.
Links that the program shows are built anew from constants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

INVITATION_MANAGER = "https://www.linkedin.com/mynetwork/invitation-manager/"
MAX_LINKS = 400
_OWN = ("lnkd.in", "licdn.com")

_URL = re.compile(r"https?://[^\s<>\"']{1,4000}")
_TEMPLATE_KEY = re.compile(r"^eml-([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)")
_ACCEPT_PATH = re.compile(r"/(?:isd/(\d{4,20})/|mynetwork/invite-accept/invitationId/(\d{4,25})/)")
_ACCEPT_2010 = re.compile(r"/blk/[^/]+/[^/]+/EML_comm_afe/")
_REPLY_2011 = re.compile(r"/blk/[^/]+/[^/]+/mre/")
_SHARED = re.compile(r"^/(?:in|company|school|showcase|groups|posts|pulse|feed/update|events|newsletters)/")
_PROFILE = re.compile(r"^/(?:comm/)?in/([^/?#]{1,120})/?$")


@dataclass(frozen=True, slots=True)
class Link:
    """One link: where it leads, and the place in LinkedIn's layout that its `trk` parameter names ("" without)."""

    host: str
    path: str
    query: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first value of one query parameter, "" where it has none."""
        return next((value for known, value in self.query if known == name), "")

    @property
    def is_linkedin(self) -> bool:
        """Whether it leads to linkedin.com itself or a name below it."""
        return self.host == "linkedin.com" or self.host.endswith(".linkedin.com")

    @property
    def is_linkedins_own(self) -> bool:
        """Whether it leads to any of LinkedIn's hosts, its short links and pictures too."""
        return self.is_linkedin or any(self.host == own or self.host.endswith("." + own) for own in _OWN)

    @property
    def is_shared(self) -> bool:
        """Whether people pass it on: a profile, a company, a post, without the tracking of LinkedIn's mail."""
        return bool(_SHARED.match(self.path)) and not (self.spot or self.value("midToken"))

    @property
    def spot(self) -> str:
        """Where in LinkedIn's layout it stands: `invitation~card-0-inviter~name`, `pymk-0-cta`, …; "" unknown."""
        trk = self.value("trk").lower()
        return trk if trk.startswith("eml-") else ""


def link(url: str) -> Link | None:
    """Parse one URL; None for what is no web link."""
    try:
        parts = urlsplit(unescape(url))
        query = parse_qs(parts.query, max_num_fields=60)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    flat = tuple((name, values[0]) for name, values in query.items())
    return Link((parts.hostname or "").lower().rstrip("."), unquote(parts.path), flat)


def links_in_text(text: str) -> tuple[Link, ...]:
    """Every link of a plain text."""
    found = (link(match.group().rstrip(".,;)>")) for match in _URL.finditer(text))
    return tuple(one for one in found if one is not None)[:MAX_LINKS]


def template_keys(links: Iterable[Link]) -> tuple[str, ...]:
    """The keys of LinkedIn's mail templates that its links name (`trk=eml-KEY-…`, `ek=KEY`), each once."""
    keys: dict[str, None] = {}
    for one in links:
        if one.is_linkedin:
            keys.update(dict.fromkeys(_keys(one)))
    return tuple(keys)


def _keys(one: Link) -> list[str]:
    tracked = [_TEMPLATE_KEY.match(one.value(name)) for name in ("trkEmail", "trk")]
    return [match.group(1) for match in tracked if match] + [key for key in [one.value("ek")] if key]


def accept_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """The links that would accept an invitation, of every year."""
    return tuple(one for one in links if one.is_linkedin and _accepts(one))


def _accepts(one: Link) -> bool:
    by_path = _ACCEPT_PATH.search(one.path) or _ACCEPT_2010.search(one.path)
    by_query = one.value("invitationId") and one.value("sharedKey")
    return bool(by_path or by_query)


def reply_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """The links of 2010–2012 that answer a member's message on the site."""
    return tuple(one for one in links if one.is_linkedin and _REPLY_2011.search(one.path))


def invitation_ids(links: Iterable[Link]) -> tuple[str, ...]:
    """The invitation ids that accept links carry, each once; `mboxid` is another number and does not count."""
    ids: dict[str, None] = {}
    for one in accept_links(links):
        match = _ACCEPT_PATH.search(one.path)
        number = next(filter(None, match.groups()), "") if match else one.value("invitationId")
        if number.isdecimal():
            ids[number] = None
    return tuple(ids)


def profile_url(links: Iterable[Link]) -> str | None:
    """The profile that the first of these links shows, without country host and tracking."""
    for one in links:
        slug = one.value("inviterVanityName") or _slug(one)
        if one.is_linkedin and re.fullmatch(r"[\w%.\-]{1,120}", slug):
            return f"https://www.linkedin.com/in/{slug}"
    return None


def _slug(one: Link) -> str:
    match = _PROFILE.match(one.path)
    return match.group(1) if match else ""
