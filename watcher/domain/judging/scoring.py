"""How much speaks for a reason: one score a view of the note, in log odds; positive is personalised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from watcher.domain.judging import grams, signs
from watcher.domain.judging.network import Network
from watcher.domain.judging.values import Decision, Linear, Numbers
from watcher.domain.judging.weights import Weights

SUREST = 4.0
"""A view may be no surer than these log odds (98 %): it has not seen enough to be."""


class Meaning(Protocol):
    """What tells the meaning of a text as 384 numbers; texts of one meaning lie near each other in any language."""

    def __call__(self, text: str) -> Numbers:
        """Where a text stands among all meanings; of length 1."""
        ...


def by_runs(words: str, linear: Linear) -> float:
    """What the short runs of letters say: each by its weight, the rare ones the more."""
    buckets, shares = grams.counted(grams.runs(grams.folded(words)))
    shares = shares * (linear.rarity[buckets] * np.float32(linear.rarity_scale))
    shares /= np.sqrt((shares**2).sum()) or 1
    return float(shares @ linear.weights[buckets].astype(np.float32)) * linear.scale + linear.bias


def by_signs(words: str, language: str | None, weights: Numbers) -> float:
    """What the phrases say that a person would look for; 0 where there are none."""
    return float(np.dot(weights, np.array(signs.counted(words, language), np.float32)))


def by_networks(words: str, networks: Sequence[Network]) -> float:
    """What the networks say on average: they learned alike from other beginnings, and err apart."""
    return sum(network.score(words) for network in networks) / len(networks)


def scores(words: str, language: str | None, learned: Weights, meaning: Meaning | None = None) -> tuple[float, ...]:
    """The score of each view: runs of letters, signs, the networks and, where something tells it, the meaning."""
    own = (
        by_runs(words, learned.linear),
        by_signs(words, language, learned.signs),
        by_networks(words, learned.networks),
    )
    found = own if meaning is None else (*own, learned.head.score(meaning(words)))
    return tuple(max(-SUREST, min(SUREST, score)) for score in found)


def probability(found: Sequence[float], decision: Decision) -> float:
    """That the note gives a reason, from 0 to 1, as the tuning part of tests/notes taught it."""
    bias, *shares = (float(one) for one in decision.mix)
    return chance(bias + sum(share * score for share, score in zip(shares, found, strict=True)))


def chance(odds: float) -> float:
    """Log odds as a probability."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
