"""Turns scores into a probability and sets where a verdict begins; learns from the tuning part alone."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from watcher.domain.judging.values import Decision, Numbers

REASON_LOST = 0.025
"""At most this share of the tuning part's real reasons may be called generic; of others it becomes a little more."""

UNSURE = 0.07
"""At most this share of its clear notes may be left unsure; of others, too, it becomes a little more."""

SPARED = 0.15
"""An unsure note costs this share of a wrong one: what is wrong one time in seven is better left to the person."""

_STEPS = np.round(np.arange(0.10, 0.91, 0.02), 2)
_APART = (0.80, 0.85, 0.90, 0.95, 2.0)

Flags = NDArray[np.bool_]


def decision(scores: Numbers, reasons: Flags) -> Decision:
    """The rule for these scores, a row a note: the one that keeps the promises best."""
    mix = _mix(scores, reasons)
    chances = 1 / (1 + np.exp(-(mix[0] + scores @ mix[1:])))
    own = 1 / (1 + np.exp(-scores))
    between = own.max(axis=1) - own.min(axis=1)
    bounds = [(low, high) for low, high in itertools.product(_STEPS, _STEPS) if low <= high]
    choices = itertools.product(bounds, _APART)
    (low, high), apart = max(choices, key=lambda one: _worth(*one[0], between >= one[1], chances, reasons))
    return Decision(mix, float(low), float(high), apart)


def _mix(scores: Numbers, reasons: Flags) -> Numbers:
    """Platt's scaling over all scores at once: a bias, then a weight for each column of `scores`."""
    model = LogisticRegression(C=1.0, solver="liblinear", random_state=0).fit(scores, reasons)
    return np.concatenate([model.intercept_, model.coef_[0]]).astype(np.float32)


def _worth(low: float, high: float, torn: Flags, chances: Numbers, reasons: Flags) -> tuple[bool, bool, float]:
    """First that not too much is left unsure; then that not too many reasons are lost; then the fewest errors."""
    generic, reason = (chances < low) & ~torn, (chances > high) & ~torn
    lost = float((generic & reasons).mean())
    unsure = 1 - float((generic | reason).mean())
    wrong = lost + float((reason & ~reasons).mean())
    return unsure <= UNSURE, lost <= REASON_LOST * float(reasons.mean()), -wrong - SPARED * unsure
