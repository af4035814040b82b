"""Makes a verdict on the inviter's own words from what the views say; where they disagree, nobody is judged."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.domain.judging import evidence, scoring
from watcher.domain.judging.scoring import Meaning
from watcher.domain.judging.values import Decision
from watcher.domain.judging.weights import weights
from watcher.domain.kinds import Because, VerdictKind
from watcher.domain.language import is_masked
from watcher.domain.values import Verdict

_GROUND = {
    VerdictKind.GENERIC: Because.BOILERPLATE,
    VerdictKind.PERSONALISED: Because.REASON,
    VerdictKind.UNSURE: Because.UNCLEAR,
}


def judge_words(words: str, language: str | None, meaning: Meaning | None = None) -> Verdict:
    """The verdict on words that are no default sentence; `unsure` where masked, or in a language never learned."""
    learned = weights()
    rule = learned.default if meaning is None else learned.semantic
    found = scoring.scores(words, language, learned, meaning)
    chance = scoring.probability(found, rule)
    told = _is_learned(language, learned.languages) and not is_masked(words)
    kind = _kind(chance, rule) if told and not _disagree(found, rule) else VerdictKind.UNSURE
    return Verdict(kind, _GROUND[kind], evidence.of(words, language, kind, learned.linear), _confidence(kind, chance))


def _is_learned(language: str | None, learned: frozenset[str]) -> bool:
    """Whether there were notes to learn from; where nobody can tell the language, the letters themselves have to."""
    return language is None or language in learned or language.partition("-")[0] in learned


def _kind(chance: float, rule: Decision) -> VerdictKind:
    if chance < rule.generic_below:
        return VerdictKind.GENERIC
    return VerdictKind.PERSONALISED if chance > rule.reason_above else VerdictKind.UNSURE


def _disagree(found: Sequence[float], rule: Decision) -> bool:
    """Whether two views are each sure of the opposite."""
    chances = [scoring.chance(score) for score in found]
    return max(chances) - min(chances) >= rule.apart


def _confidence(kind: VerdictKind, chance: float) -> float:
    """How probable the verdict is; of an unsure one, how probable the likelier side."""
    return round(1 - chance if kind is VerdictKind.GENERIC else max(chance, 1 - chance), 2)
