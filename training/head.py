"""The head that reads the meaning of a note: four small networks, learned apart and laid side by side."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from watcher.domain.judging.values import Head, Numbers

NETWORKS = 4
UNITS = 48
ROUNDS = 12
HELD_BACK = 3.0


def fit(meanings: Numbers, reasons: Numbers) -> Head:
    """Learns from meanings, a row of 384 each, and whether each note gives a reason (1) or none (0)."""
    middle, spread = meanings.mean(axis=0), meanings.std(axis=0)
    parts = [_one((meanings - middle) / spread, reasons, seed) for seed in range(NETWORKS)]
    return Head(
        middle=middle,
        spread=spread,
        hidden=np.concatenate([part.coefs_[0] for part in parts], axis=1).astype(np.float16).astype(np.float32),
        hidden_bias=np.concatenate([part.intercepts_[0] for part in parts]).astype(np.float32),
        leave=(np.concatenate([part.coefs_[1][:, 0] for part in parts]) / NETWORKS).astype(np.float32),
        bias=float(np.mean([part.intercepts_[1][0] for part in parts])),
    )


def _one(meanings: Numbers, reasons: Numbers, seed: int) -> MLPClassifier:
    model = MLPClassifier(
        (UNITS,), alpha=HELD_BACK, max_iter=ROUNDS, learning_rate_init=2e-3, batch_size=128, random_state=seed
    )
    with warnings.catch_warnings():  # it is stopped on purpose before it has learned all by heart
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(meanings, reasons > 0)
