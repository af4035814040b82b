"""The linear views: logistic regression on runs of letters, its weights rounded to bytes, and on signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from training.notes import Note
from watcher.domain.judging import grams, signs
from watcher.domain.judging.values import Linear, Numbers

STRENGTH = 16.0
"""How little the weights are held back (C); chosen on the tuning part."""

FEWEST = 3
"""A bucket that fewer notes than these hold has no weight."""

STEPS, RARITY_STEPS = 15, 5
"""As finely weights, to either side, and rarity are told; the largest weights, one in `_CLIPPED`, as the next."""

_CLIPPED = 2000


def fit(texts: Sequence[str], reasons: Numbers) -> Linear:
    """Learns from texts and whether each gives a reason (1) or none (0)."""
    matrix = _matrix(texts)
    holding = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity, rarity_scale = _rarity(holding, len(texts))
    weighed = normalize(matrix @ diags(rarity * rarity_scale)) @ diags((holding >= FEWEST) * 1.0)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(weighed, reasons > 0)
    weights, scale = _told(model.coef_[0])
    return Linear(weights, scale, rarity, rarity_scale, float(model.intercept_[0]))


def _told(weights: Numbers) -> tuple[NDArray[np.int8], float]:
    """Weights in steps, and the width of one."""
    sizes = np.abs(weights[weights != 0])
    scale = float(np.quantile(sizes, 1 - 1 / _CLIPPED)) / STEPS
    return np.clip(np.rint(weights / scale), -STEPS, STEPS).astype(np.int8), scale


def fit_signs(notes: Sequence[Note], reasons: Numbers) -> Numbers:
    """What each sign weighs."""
    counted = np.array([signs.counted(note.note, note.lang) for note in notes])
    model = LogisticRegression(fit_intercept=False, solver="liblinear", random_state=0).fit(counted, reasons > 0)
    return model.coef_[0].astype(np.float32)


def _matrix(texts: Sequence[str]) -> csr_matrix:
    counted = [grams.counted(grams.runs(grams.folded(text))) for text in texts]
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in counted)])
    columns, values = (np.concatenate(part) for part in zip(*counted, strict=True))
    return csr_matrix((values, columns, starts), shape=(len(texts), 1 << grams.BITS))


def _rarity(holding: NDArray[np.int64], notes: int) -> tuple[NDArray[np.uint8], float]:
    """How rare each bucket is (1 + log of the notes for each that holds it), in steps, and the height of one."""
    rarity = 1 + np.log((1 + notes) / (1 + holding))
    scale = float(rarity.max()) / RARITY_STEPS
    return np.rint(rarity / scale).astype(np.uint8), scale
