"""Generic or personalised: does the note give a reason of its own?

No note and LinkedIn's default sentence are generic. Words of the inviter's own are `unsure` here: a person looks.
Greetings, thanks and good wishes around a default sentence add no reason.
"""

from __future__ import annotations

import re

from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.notes import Found, find_default, plain
from watcher.domain.tables import courtesies
from watcher.domain.values import Evidence, Invitation, Verdict

_PARTS = re.compile(r"[,;:،，、；：]|\s[–—-]\s")
_CALL = re.compile(r"[^\W\d_][\w'’-]*[,:]")

_UNSEEN_CAP = 0.85
"""Confidence in a sentence that was reported or translated, but never seen in real mail."""


def judge(invitation: Invitation) -> Verdict:
    """Judge the note of one invitation."""
    if invitation.note is None:
        return Verdict(VerdictKind.GENERIC, Because.NO_NOTE, (), 0.97)
    default = find_default(invitation.note)
    if default is None:
        return _own_words(invitation.note)
    rest = _without_courtesies(default.rest, invitation)
    return _default(default) if not rest else _own_words(rest, default)


def _default(found: Found) -> Verdict:
    confidence = found.ratio / 100 * (0.99 if found.known.seen else _UNSEEN_CAP)
    return Verdict(VerdictKind.GENERIC, Because.DEFAULT_NOTE, (_default_evidence(found),), round(confidence, 2))


def _own_words(words: str, default: Found | None = None) -> Verdict:
    evidence = [Evidence(words[:300], "the inviter's own words: read them yourself")]
    if default:
        evidence.append(_default_evidence(default))
    return Verdict(VerdictKind.UNSURE, Because.UNCLEAR, tuple(evidence), 0.5)


def _default_evidence(found: Found) -> Evidence:
    origin = "seen in real mail" if found.known.seen else "not yet seen in real mail"
    why = f"{found.ratio:.0f} % LinkedIn's default sentence ({found.known.language}, {origin})"
    return Evidence(found.words, why)


def _without_courtesies(rest: str, invitation: Invitation) -> str:
    lines = [line for line in rest.split("\n") if line.strip()]
    return "\n".join(line for line in lines if not _adds_nothing(line, invitation) and not _calls_by_name(line))


def _adds_nothing(line: str, invitation: Invitation) -> bool:
    """A courtesy, or several on one line: `Hi Anna, hope you're well`, `Best, Tom`."""
    return _is_courtesy(line, invitation) or all(_is_courtesy(one, invitation) for one in _PARTS.split(line))


def _calls_by_name(line: str) -> bool:
    """`Anna,` before a sentence: one word, a name by its capital, and a mark that goes on."""
    return bool(_CALL.fullmatch(line)) and line[0].isupper()


def _is_courtesy(line: str, invitation: Invitation) -> bool:
    """A greeting, a sign-off, a wish, or the inviter's name."""
    words = plain(line)
    name = plain(invitation.inviter.name)
    if not words or f" {words} " in f" {name} ":
        return True
    without_name = re.sub(rf"\b({'|'.join(map(re.escape, name.split())) or '$^'})\b", "", words)
    return any(pattern.fullmatch(" ".join(without_name.split())) for pattern in courtesies())
