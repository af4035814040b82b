"""Learns what to add to the biases and gains of multilingual-e5-small's upper layers, so that the meaning it tells of a
note answers our question, and the head that reads the answer (BitFit, Ben Zaken et al. 2022).

The matrices stay as they are, in 4 bits, and so nobody has to ship them. What leaves the lower layers is the same in
every round, and told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from training import e5
from watcher.domain.judging.values import Head, Numbers

MOVED = 6
"""How many layers, from above."""

UNITS = 64
ROUNDS = 3
BATCH = 32
SPEED = 3e-3
DROPPED = 0.1
DOUBT = 0.03
"""The share of labels taken to be wrong."""

_TOLD_AT_ONCE = 64
_SAMPLED = 6
"""Of so many notes one tells around what, and how far, meanings spread."""

Tree = dict[str, Any]
Places = list[NDArray[np.float16]]
"""What leaves the lower layers, a row a piece, for each text."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was learned: the offsets by name of layer's tensor, and the head of the meanings told with them."""

    offsets: Tree
    head: Head

    def meanings(self, texts: Sequence[str]) -> Numbers:
        """The meanings of these texts, a row of 384 each."""
        return _meanings(_lower(tuple(texts)), e5.moved(_upper(), self.offsets))

    def by_tensor(self) -> dict[str, NDArray[np.generic]]:
        """The offsets by name of tensor, as `watcher.adapters.semantic` adds them."""
        names = {
            f"l{e5.LAYERS - MOVED + at}.{name}": row
            for name, rows in self.offsets.items()
            for at, row in enumerate(rows)
        }
        return {name: np.asarray(row, np.float16) for name, row in names.items()}


AS_IT_IS = Tuned(e5.no_offsets(MOVED), Head(*[np.zeros(1, np.float32)] * 5, 0.0))
"""The model as the package brings it, and no head."""


def learn(texts: Sequence[str], reasons: Numbers) -> Tuned:
    """Learns from texts and whether each gives a reason (1) or none (0), `ROUNDS` times."""
    lower, upper, random = _lower(tuple(texts)), _upper(), np.random.RandomState(0)
    untouched = _meanings(lower[::_SAMPLED], upper)
    middle, spread = untouched.mean(axis=0), untouched.std(axis=0)
    tree, key = _start(random), jax.random.PRNGKey(0)
    steps = ROUNDS * (len(texts) // BATCH)
    pace = optax.warmup_cosine_decay_schedule(0, SPEED, steps // 12, steps)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(pace, b2=0.98))
    state = rule.init(tree)

    @jax.jit  # type: ignore[untyped-decorator]
    def step(tree: Tree, state: Any, batch: Any, key: Any) -> Any:  # noqa: ANN401 - trees of arrays
        gradient = jax.grad(_loss)(tree, upper, (middle, spread), batch, key)
        change, state = rule.update(gradient, state, tree)
        return optax.apply_updates(tree, change), state

    for _ in range(ROUNDS):
        for places, here, chosen in _batches(lower, random):
            key, own_key = jax.random.split(key)
            tree, state = step(tree, state, (places, here, reasons[chosen]), own_key)
    return _learned(tree, middle, spread)


def _learned(tree: Tree, middle: Numbers, spread: Numbers) -> Tuned:
    """Rounded as it is shipped, so that what is measured here is what is used."""
    offsets = {name: jnp.asarray(rows, jnp.float16).astype(jnp.float32) for name, rows in tree["offsets"].items()}
    hidden, hidden_bias, leave = (np.asarray(tree[name], np.float32) for name in ("hidden", "hidden_bias", "leave"))
    return Tuned(offsets, Head(middle, spread, hidden, hidden_bias, leave, float(tree["bias"])))


def _start(random: np.random.RandomState) -> Tree:
    tree = {
        "hidden": random.standard_normal((384, UNITS)).astype(np.float32) / np.sqrt(384),
        "hidden_bias": np.zeros(UNITS),
        "leave": random.standard_normal(UNITS) * 0.3 / np.sqrt(UNITS),
        "bias": np.zeros(()),
    }
    arrays = {name: jnp.asarray(value, jnp.float32) for name, value in tree.items()}
    return {**arrays, "offsets": e5.no_offsets(MOVED)}


def _loss(tree: Tree, upper: Tree, around: Any, batch: Any, key: Any) -> Any:  # noqa: ANN401 - trees of arrays
    places, here, reasons = batch
    out = e5.through(places, here, e5.moved(upper, tree["offsets"]), jax.random.split(key, MOVED), DROPPED)
    seen = (e5.pooled(out, here) - around[0]) / around[1]
    scores = jax.nn.relu(seen @ tree["hidden"] + tree["hidden_bias"]) @ tree["leave"] + tree["bias"]
    return optax.sigmoid_binary_cross_entropy(scores, reasons * (1 - 2 * DOUBT) + DOUBT).mean()


def _upper() -> Tree:
    return e5.layers(e5.LAYERS - MOVED, e5.LAYERS)


@lru_cache(maxsize=1)
def _lower(texts: tuple[str, ...]) -> Places:
    """Kept for the texts of the last call: they are learned from, and then told."""
    cuts = [e5.cut(text) for text in texts]
    lower, told = e5.layers(0, e5.LAYERS - MOVED), jax.jit(e5.through)
    out: Places = [np.empty(0, np.float16)] * len(texts)
    for chosen in e5.by_length(np.array([len(one) for one in cuts]), _TOLD_AT_ONCE):
        left = np.asarray(told(*e5.entered([cuts[at] for at in chosen]), lower), np.float16)
        for at, rows in zip(chosen, left, strict=True):
            out[at] = rows[: len(cuts[at])].copy()
    return out


def _meanings(lower: Places, upper: Tree) -> Numbers:
    told = jax.jit(lambda places, here, upper: e5.pooled(e5.through(places, here, upper), here))
    out = np.empty((len(lower), 384), np.float32)
    for chosen in e5.by_length(np.array([len(places) for places in lower]), _TOLD_AT_ONCE):
        out[chosen] = told(*_laid([lower[at] for at in chosen]), upper)
    return out


def _batches(lower: Places, random: np.random.RandomState) -> Iterator[tuple[Any, Any, NDArray[np.int64]]]:
    """All notes once, in a new order; those of one batch about as long."""
    lengths = np.array([len(places) for places in lower])
    batches: list[NDArray[np.int64]] = []
    for part in np.array_split(random.permutation(len(lower)), 8):
        batches += [part[one] for one in e5.by_length(lengths[part], BATCH) if len(one) == BATCH]
    for index in random.permutation(len(batches)):
        chosen = batches[index]
        yield *_laid([lower[at] for at in chosen]), chosen


def _laid(rows: Sequence[NDArray[np.float16]]) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    width = e5.padded(max(map(len, rows)))
    places = np.zeros((len(rows), width, 384), np.float16)
    here = np.zeros((len(rows), width), np.bool_)
    for at, row in enumerate(rows):
        places[at, : len(row)] = row
        here[at, : len(row)] = True
    return places, here
