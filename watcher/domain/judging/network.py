"""The second view: a small network over pieces of words, with attention (Vaswani et al. 2017), pre-normalised.

Each piece has a place in a table that was squeezed out of multilingual-e5-small's, so that words of one meaning lie
near each other in every language, also in those with few notes to learn from. All of it is numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watcher.domain.judging.pieces import Pieces
from watcher.domain.judging.values import Numbers

HEADS = 4
_ROWS = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """One round of attention and thinking; shapes for width H: (H, 3H), (H, H), (H, F), (F), (F, H), (H), (H)."""

    attend: Numbers
    attended: Numbers
    widen: Numbers
    widen_bias: Numbers
    narrow: Numbers
    attend_norm: Numbers
    widen_norm: Numbers


@dataclass(frozen=True, slots=True)
class Network:
    """The table (a row a piece, bytes and a scale a column), what reads it, and what sums up."""

    pieces: Pieces
    table: NDArray[np.int8]
    table_scale: Numbers
    enter: Numbers
    places: Numbers
    layers: tuple[Layer, ...]
    looked_at: Numbers
    leave: Numbers
    bias: float

    def score(self, text: str) -> float:
        """Log odds that the text gives a reason; 0 for no text at all."""
        numbers = self.pieces.cut(text)
        if not numbers:
            return 0.0
        places = self.table[numbers].astype(np.float32) * self.table_scale
        at = _times(places, self.enter) + self.places[: len(numbers)]
        for layer in self.layers:
            at = at + _attended(at, layer)
            at = at + _thought(at, layer)
        return float(_summed(at, self.looked_at) @ self.leave) + self.bias


def _attended(at: Numbers, layer: Layer) -> Numbers:
    """What each piece takes from all the others."""
    asked, offered, told = (
        _heads(part) for part in np.split(_times(_normed(at, layer.attend_norm), layer.attend), 3, axis=1)
    )
    share = _softmax(asked @ offered.transpose(0, 2, 1) / np.float32(asked.shape[2] ** 0.5))
    taken = (share @ told).transpose(1, 0, 2).reshape(at.shape)
    return _times(taken, layer.attended)


def _thought(at: Numbers, layer: Layer) -> Numbers:
    """What each piece makes of what it has."""
    wide: Numbers = np.maximum(_times(_normed(at, layer.widen_norm), layer.widen) + layer.widen_bias, np.float32(0))
    return _times(wide, layer.narrow)


def _summed(at: Numbers, looked_at: Numbers) -> Numbers:
    """All pieces as one: their mean, their highest, and those that are looked at."""
    weights = _softmax((at * looked_at).sum(axis=1))
    return np.concatenate([at.mean(axis=0), at.max(axis=0), (weights[:, None] * at).sum(axis=0)])


def _times(at: Numbers, weights: Numbers) -> Numbers:
    """Rows times weights, four rows at a time: a larger product would be shared among threads, which takes fifty times
    as long as the product itself where the other cores are busy (OpenBLAS, `SMP_THRESHOLD_MIN` in interface/gemm.c).
    """
    padded = np.zeros((-(-len(at) // _ROWS), _ROWS, at.shape[1]), np.float32)
    padded.reshape(-1, at.shape[1])[: len(at)] = at
    product: Numbers = (padded @ weights).reshape(-1, weights.shape[1])[: len(at)]
    return product


def _heads(part: Numbers) -> Numbers:
    return part.reshape(len(part), HEADS, -1).transpose(1, 0, 2)


def _normed(at: Numbers, gain: Numbers) -> Numbers:
    centred = at - at.mean(axis=1, keepdims=True)
    normed: Numbers = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(1e-5)) * gain
    return normed


def _softmax(scores: Numbers) -> Numbers:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Numbers = raised / raised.sum(axis=-1, keepdims=True)
    return shares
