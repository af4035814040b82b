"""Links: scheme, host and LinkedIn's own words stay, whatever else they carry is replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watcher.domain.kind import close_to_linkedin
from watcher.domain.redaction.addresses import Addresses
from watcher.domain.redaction.inventions import RUN, Inventions
from watcher.domain.redaction.known import vocabulary

URL = r"https?://[^\s<>\"'\\]{1,4000}"

# Words of LinkedIn's links and of its HTML. The words of its lines count besides.
_LINK_WORDS = frozenset(
    "accept act aero afe all answer article b badging beta blk card cc click comm common company connection"
    " connections cs cta customer data digest displayphoto dms e edit email eml en false feed fetch footer glimmer goo"
    " header help hero home href html icon id image img in intended invitation invitationid invitations invite inviter"
    " isd jobs li linkedin m manager media member members message messages messaging mre mynetwork name network new"
    " nhome null of page people picture pixel post posts preheader presentation prof profile psettings pub pulse pymk"
    " reminder reply results rsn s2 sc search send settings sharedkey shrink static svi table test text thread true"
    " unsubscribe url v1 v2 view".split()
)
_ID_FOLLOWS = frozenset("in pub isd sharedkey invitationid company school newsletters pulse posts showcase".split())
_LOGICAL = frozenset("true false null".split())

_PLACES = {"trk": "-null-", "trkEmail": "-null-", "ek": "-null-", "lipi": "%3B"}
"""Parameters that tell where a link stands in LinkedIn's layout, and what ends the place in their value."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one mail."""

    addresses: Addresses
    inventions: Inventions

    def target(self, value: str) -> str:
        """Where a link or a picture leads."""
        if re.match(r"https?://", value):
            return self.url(value)
        scheme, colon, rest = value.partition(":")
        known = scheme in {"mailto", "cid", "data"}
        return scheme + colon + self.inventions.shape(rest) if known else self.inventions.shape(value)

    def url(self, url: str) -> str:
        """A web address."""
        scheme, _, rest = url.partition("://")
        parts = re.match(r"([^/?#]*)([^?#]*)(.*)", rest, re.DOTALL)
        host, path, query = parts.groups() if parts else (rest, "", "")
        own = close_to_linkedin(host.lower())
        plain = re.fullmatch(r"[\w.:-]*", host)
        shown = self.addresses.host(host) if plain else self.inventions.shape(host)
        return f"{scheme}://{shown}{self._path(path, own=own)}{self._query(query, own=own)}"

    def _path(self, path: str, *, own: bool) -> str:
        segments = path.split("/")
        before = ["", *segments]
        return "/".join(
            piece if own and last.lower() not in _ID_FOLLOWS and is_wording(piece) else self.inventions.shape(piece)
            for last, piece in zip(before, segments, strict=False)
        )

    def _query(self, query: str, *, own: bool) -> str:
        pieces = re.split(r"([?#&;])", query)
        return "".join(piece if len(piece) < 2 else self._parameter(piece, own=own) for piece in pieces)

    def _parameter(self, piece: str, *, own: bool) -> str:
        name, equals, value = piece.partition("=")
        if not own or (not equals and piece != "amp"):
            return self.inventions.shape(piece)
        shown = name if re.fullmatch(r"[A-Za-z_]{1,24}", name) else self.inventions.shape(name)
        return f"{shown}{equals}{self._value(name, value)}"

    def _value(self, name: str, value: str) -> str:
        """Where a link stands in LinkedIn's layout is kept; what follows it tells of the recipient."""
        if value in _LOGICAL or name not in _PLACES:
            return value if value in _LOGICAL else self.inventions.shape(value)
        place, end, rest = value.partition(_PLACES[name])
        return re.sub(RUN, self._place, place) + end + self.inventions.shape(rest)

    def _place(self, run: re.Match[str]) -> str:
        word = run.group()
        is_token = len(word) > 5 and re.search(r"\d", word) and re.search(r"[a-z]", word, re.IGNORECASE)
        return self.inventions.word(word) if is_token and "%" not in word else word


def is_wording(piece: str) -> bool:
    """Whether a piece of a link or of HTML is made of LinkedIn's own words."""
    words = re.split(r"[-_.~]", piece)
    return all(not word or word.lower() in _LINK_WORDS or word.lower() in vocabulary() for word in words)
