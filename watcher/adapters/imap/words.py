"""What a server's own words mean: whether a refusal will pass, and for how long it wants to be left alone."""

from __future__ import annotations

import re

# RFC 5530 §3: the person is refused, whatever else is said ("too many login failures").
_LASTING = re.compile(r"\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\b", re.IGNORECASE)
# Response codes of RFC 5530 and RFC 9051, and what Gmail, Exchange and Yahoo write without any.
_PASSING = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\b"
    r"|back[\s-]?off|throttl|too many|simultaneous|try (?:again|later)|temporar",
    re.IGNORECASE,
)
_BACK_OFF = re.compile(r"back[\s-]?off(?: time)?\D{0,20}(\d{1,9})\s*(s\b|sec|m\b|min|h\b|hr|hour)?", re.IGNORECASE)
_SECONDS = {"": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def is_passing(words: str) -> bool:
    """Whether a NO is about the server's trouble of the moment, not about what was asked."""
    return _LASTING.search(words) is None and _PASSING.search(words) is not None


def told_wait(words: str) -> float | None:
    """Seconds for which the server wants to be left alone: Gmail's and Exchange's bare number is in milliseconds."""
    told = _BACK_OFF.search(words)
    return int(told[1]) * _SECONDS[(told[2] or "")[:1].lower()] if told else None


MOST_WORDS = 300


def plain(error: Exception) -> str:
    """An error's words on one line, cut short."""
    return on_one_line(error)[:MOST_WORDS]


def on_one_line(error: Exception | str) -> str:
    """The same whole."""
    return " ".join(str(error).split())
