"""The frozen parts of what judging has learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """For each bucket of `grams` a weight (positive speaks for a reason) and how rare it is: bytes and their scales."""

    weights: NDArray[np.int8]
    scale: float
    rarity: NDArray[np.uint8]
    rarity_scale: float
    bias: float


@dataclass(frozen=True, slots=True)
class Head:
    """What reads the meaning of a note, 384 numbers, by one layer of U units: (384), (384), (384, U), (U), (U)."""

    middle: Numbers
    spread: Numbers
    hidden: Numbers
    hidden_bias: Numbers
    leave: Numbers
    bias: float

    def score(self, meaning: Numbers) -> float:
        """Log odds that a note of this meaning gives a reason."""
        seen = ((meaning - self.middle) / self.spread)[:, None]
        units = np.maximum((seen * self.hidden).sum(axis=0) + self.hidden_bias, 0)
        return float(units @ self.leave) + self.bias


@dataclass(frozen=True, slots=True)
class Decision:
    """How scores become a probability (`mix`: bias, then a weight a score), and from where on it is a verdict.

    Views whose own probabilities lie `apart` or more disagree, and what they disagree on stays unsure.
    """

    mix: Numbers
    generic_below: float
    reason_above: float
    apart: float
