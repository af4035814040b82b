"""Header values: what tells of kind, genuineness and time stays, names and tokens are replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.header import Header

from watcher.domain.message import decode_words
from watcher.domain.redaction.addresses import HOST, IP, MAIL, Addresses
from watcher.domain.redaction.inventions import RUN, Inventions
from watcher.domain.redaction.known import is_linkedin, vocabulary, words_of
from watcher.domain.redaction.lines import Lines
from watcher.domain.redaction.people import ADDRESS_HEADERS
from watcher.domain.redaction.urls import URL, Links
from watcher.domain.tables import via

_KEPT_HEADERS = frozenset(
    "mime-version date x-linkedin-class x-linkedin-template list-unsubscribe-post precedence auto-submitted"
    " content-language".split()
)
_KEPT_VALUE = re.compile(r"[\w.,:;=+() \t\n-]{1,120}")
_SERVER_HEADERS = re.compile(r"(?:x-)?received|received-spf|(?:arc-)?authentication-results|arc-.*|dkim-signature")

# Words of the headers that servers write, and the names of headers, which a DKIM signature lists.
_SERVER_WORDS = frozenset(
    "1 2 a action all app arc as auth b be bestguesspass bh by c class client compauth content cv d date designate"
    " designates dis dkim dmarc does domain encoding envelope esmtp esmtps esmtpsa fail fbl feedback for from google h"
    " has header helo http https i id ip ipv6 is javamail key linkedin list lmtp mailfrom mailto message microsoft mime"
    " mta mx neutral none not of p pass permerror permitted permits policy pr quarantine reason reject relaxed reply"
    " rsa s sender sha1 sha256 signature simple smtp softfail sp spf subject svr t temperror template tls to transfer"
    " type unknown unsubscribe using v version via was with x yahoo".split()
)
_DKIM_TAG = r"(?:(?<=[\s;])|^)(?:bh|cv|[a-z])(?=\s*=)"

_TIME = r"\d\d:\d\d(?::\d\d)?(?:\s+[+-]\d{4})?(?:\s+\([A-Z]{2,5}\))?"
_DATE = rf"(?:[A-Z][a-z]{{2}},\s+)?\d{{1,2}}\s+[A-Z][a-z]{{2}}\s+\d{{4}}\s+{_TIME}"
_LINKED = rf"(?P<date>{_DATE})|(?P<url>{URL})|(?P<mail>{MAIL})|(?P<ip>{IP})"
_TOKEN = re.compile(rf"{_LINKED}|(?P<run>{RUN})")
_BY_SERVER = re.compile(rf"(?P<tag>{_DKIM_TAG})|{_LINKED}|(?P<host>{HOST})|(?P<run>{RUN})", re.MULTILINE)

_ENCODED = re.compile(r"=\?[^?\s]*\?[bBqQ]\?[^\n]*?\?=(?:\s+=\?[^?\s]*\?[bBqQ]\?[^\n]*?\?=)*")


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one mail."""

    names: frozenset[str]
    addresses: Addresses
    links: Links
    lines: Lines
    inventions: Inventions

    def value(self, name: str, value: str) -> str:
        """The value of one header; `name` in lower case."""
        if name in _KEPT_HEADERS and _KEPT_VALUE.fullmatch(value):
            return value
        if name == "feedback-id":
            return self._feedback_id(value)
        if name == "subject":
            return self._subject(value)
        if name in ADDRESS_HEADERS:
            return self._encoded(value, lambda text: self._tokens(text, self._not_names()))
        if _SERVER_HEADERS.fullmatch(name):
            return self._tokens(value, _SERVER_WORDS, _BY_SERVER)
        return self._encoded(value, lambda text: self._tokens(text, _SERVER_WORDS))

    def _feedback_id(self, value: str) -> str:
        key, colon, rest = value.partition(":")
        template = key if re.fullmatch(r"[A-Za-z]\w*", key) else self.inventions.shape(key)
        return template + colon + self._tokens(rest, ())

    def _subject(self, value: str) -> str:
        if "=?" not in value:
            return self.lines.line(value, is_subject=True)
        return _encoded_word(self.lines.line(decode_words(value), is_subject=True))

    def _not_names(self) -> frozenset[str]:
        """Words beside names: `via LinkedIn`, `Job Alerts`."""
        return (vocabulary() | frozenset(words_of(via().pattern.casefold()))) - self.names

    def _encoded(self, value: str, change: Callable[[str], str]) -> str:
        """Change the text of a header value, and encode anew what was encoded."""
        if "=?" not in value:
            return change(value)
        pieces, at = [], 0
        for run in _ENCODED.finditer(value):
            pieces += [change(value[at : run.start()]), _encoded_word(change(decode_words(run.group())))]
            at = run.end()
        return "".join([*pieces, change(value[at:])])

    def _tokens(self, value: str, kept: Iterable[str], pattern: re.Pattern[str] = _TOKEN) -> str:
        words = frozenset(kept)
        changes: dict[str | None, Callable[[str], str]] = {
            "url": self.links.url,
            "mail": self.addresses.mail,
            "ip": self.addresses.ip,
            "host": self.addresses.host,
            "run": lambda text: self._run(text, words),
        }
        return pattern.sub(lambda token: changes.get(token.lastgroup, str)(token.group()), value)

    def _run(self, text: str, kept: frozenset[str]) -> str:
        is_kept = text.casefold() in kept or is_linkedin(text)
        return text if is_kept and text.casefold() not in self.names else self.inventions.word(text)


def _encoded_word(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=75).encode()
