"""Generic or personalised: does the note give a reason of its own?

No note and LinkedIn's default sentence are generic. Greetings, thanks and good wishes around a default sentence add no
reason; any other words of the inviter's own are judged by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from watcher.domain.judging.decision import judge_words
from watcher.domain.judging.scoring import Meaning
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.notes import Found, find_default, plain
from watcher.domain.tables import courtesies
from watcher.domain.values import Evidence, Invitation, Verdict

_PARTS = re.compile(r"[,;:،，、；：]|\s[–—-]\s")
_CALL = re.compile(r"[^\W\d_][\w'’-]*[,:]")

_DASHED = re.compile(r"[-–—/~]\s*(?=\w)")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NAME_WORDS = 3
_NAME_LETTERS = 14
_NAME_LETTERS_UNSPACED = 5

_FEW_LETTERS = 40
"""So few words beside a default sentence are a courtesy that no table holds, or a reason too short to be missed."""

_UNSEEN_CAP = 0.85
"""Confidence in a sentence that was reported or translated, but never seen in real mail."""


def judge(invitation: Invitation, meaning: Meaning | None = None) -> Verdict:
    """Judge the note of one invitation; by its meaning as well where there is something that tells it."""
    if invitation.note is None:
        return Verdict(VerdictKind.GENERIC, Because.NO_NOTE, (), 0.97)
    default = find_default(invitation.note)
    if default is None:
        return judge_words(invitation.note, invitation.language, meaning)
    rest = _without_courtesies(default.rest, invitation)
    if not rest:
        return _default(default)
    own = judge_words(rest, invitation.language, meaning)
    if own.kind is VerdictKind.GENERIC and len(plain(rest)) <= _FEW_LETTERS:
        own = replace(own, kind=VerdictKind.UNSURE, because=Because.UNCLEAR)
    return _beside(default, own)


def _default(found: Found) -> Verdict:
    confidence = found.ratio / 100 * (0.99 if found.known.seen else _UNSEEN_CAP)
    return Verdict(VerdictKind.GENERIC, Because.DEFAULT_NOTE, (_default_evidence(found),), round(confidence, 2))


def _beside(found: Found, own: Verdict) -> Verdict:
    """The verdict on what stands beside a default sentence, and the sentence itself as the last piece of evidence."""
    return replace(own, evidence=(*own.evidence, _default_evidence(found)))


def _default_evidence(found: Found) -> Evidence:
    origin = "seen in real mail" if found.known.seen else "not yet seen in real mail"
    why = f"{found.ratio:.0f} % LinkedIn's default sentence ({found.known.language}, {origin})"
    return Evidence(found.words, why)


def _without_courtesies(rest: str, invitation: Invitation) -> str:
    """What is left without lines that add nothing; where greeting, wishes and names are all there is, nothing."""
    lines = [line for line in rest.split("\n") if line.strip()]
    if _is_frame(lines, invitation):
        return ""
    return "\n".join(line for line in lines if not _adds_nothing(line, invitation) and not _calls_by_name(line))


def _is_frame(lines: Sequence[str], invitation: Invitation) -> bool:
    """Whether all parts are courtesies, or names behind one: `Dear Helen,`, `Regards, A. K. Mensah`, `- Robert`."""
    behind = False
    for line in lines:
        for part in filter(str.strip, _PARTS.split(line)):
            if _is_courtesy(part, invitation):
                behind = True
            elif not ((behind or _DASHED.match(line)) and _may_be_name(part)):
                return False
    return True


def _may_be_name(part: str) -> bool:
    """Few words, each with a capital; in a script without capitals, few letters."""
    words = _DASHED.sub("", part).split()
    if not part.isupper() and part.lower() == part.upper():
        return len(part.strip()) <= (_NAME_LETTERS_UNSPACED if _UNSPACED.search(part) else _NAME_LETTERS)
    return len(words) <= _NAME_WORDS and all(word[0].isupper() for word in words)


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
