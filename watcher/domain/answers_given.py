"""What came back to "tell me why": a reason, a polite nothing, or pushing.

The judge of notes reads the answer as it reads a note. What it cannot know is told here: words with which people say
nothing, and words with which they push. They say what a sentence is; a reason can only stand in the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from watcher.domain import verdict
from watcher.domain.kinds import Kind, VerdictKind
from watcher.domain.notes import plain, sentences, unwrapped
from watcher.domain.quoting import own_words
from watcher.domain.tables import answers, courtesies
from watcher.domain.values import Evidence, Invitation, Inviter, Verdict

MOST_OF_IT = 0.6
"""A sentence is what this part of its letters says."""


SURE = 0.95
"""Confidence from which words that stand in no table here are a polite nothing: who gave a reason, and is told that it
was none, is worse off than who is read by a person.
"""

_PARTS = re.compile(r"[,;:،，、；：]|\s[–—-]\s")


class AnswerKind(StrEnum):
    """What an answer is."""

    REASON_GIVEN = "reason_given"
    POLITE_NOTHING = "polite_nothing"
    PUSHY = "pushy"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """What an answer is, and the words that decided."""

    kind: AnswerKind
    evidence: tuple[Evidence, ...]


def read(text: str, inviter: Inviter, language: str | None = None) -> AnswerGiven:
    """Read the plain text of an inviter's answer, with whatever it quotes below; never raises."""
    own = own_words(text, inviter.name)
    spoken = _sentences(own, inviter)
    if not spoken:
        return AnswerGiven(AnswerKind.UNCLEAR, ())
    pushes = [sentence for sentence in spoken if _pushes(sentence)]
    rest = [sentence for sentence in spoken if not _says_no_reason(sentence, inviter)]
    found = _judged("\n".join(rest), inviter, language) if rest else None
    if found and found.kind is VerdictKind.PERSONALISED:
        return AnswerGiven(AnswerKind.REASON_GIVEN, found.evidence)
    if found and not all(map(_pushes, rest)) and not _is_surely_generic(found):
        return AnswerGiven(AnswerKind.UNCLEAR, found.evidence)
    if pushes:
        return AnswerGiven(AnswerKind.PUSHY, (Evidence(pushes[0][:300], "pushes, and gives no reason"),))
    told = found.evidence if found else (Evidence(_longest(spoken), "polite, and gives no reason"),)
    return AnswerGiven(AnswerKind.POLITE_NOTHING, told)


def _is_surely_generic(found: Verdict) -> bool:
    return found.kind is VerdictKind.GENERIC and found.confidence >= SURE


def _sentences(own: str, inviter: Inviter) -> list[str]:
    """The sentences, with wrapped lines joined; a line that says nothing by itself (`Best regards`) stays one."""
    apart = "\n".join(f"\n{line}\n" if _is_courtesy(line, inviter) else line for line in own.split("\n"))
    return [sentence for sentence in sentences(unwrapped(apart)) if plain(sentence)]


def _judged(words: str, inviter: Inviter, language: str | None) -> Verdict:
    return verdict.judge(Invitation(Kind.INVITATION, inviter, words, words, language, None))


def _says_no_reason(sentence: str, inviter: Inviter) -> bool:
    """Whether each of its parts is a courtesy, a polite nothing or a push; or most of it together."""
    parts = [part for part in _PARTS.split(sentence) if plain(part)]
    return (len(parts) > 1 and all(_is_empty(part, inviter) for part in parts)) or _is_empty(sentence, inviter)


def _is_empty(sentence: str, inviter: Inviter) -> bool:
    if _is_courtesy(sentence, inviter):
        return True
    words = plain(sentence)
    known = (pattern for one in answers() for pattern in (*one.nothing, *one.pushy))
    return _covered(words, known) >= MOST_OF_IT * len(words)


def _is_courtesy(sentence: str, inviter: Inviter) -> bool:
    words, name = plain(sentence), plain(inviter.name)
    return f" {words} " in f" {name} " or any(pattern.fullmatch(words) for pattern in courtesies())


def _covered(words: str, patterns: Iterable[re.Pattern[str]]) -> int:
    """How many letters of a sentence the patterns match together."""
    places = {place for pattern in patterns for found in pattern.finditer(words) for place in range(*found.span())}
    return len(places)


def _pushes(sentence: str) -> bool:
    words = plain(sentence)
    return any(pattern.search(words) for one in answers() for pattern in one.pushy)


def _longest(spoken: Sequence[str]) -> str:
    return max(spoken, key=len)[:300]
