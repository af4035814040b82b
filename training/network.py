"""The network view: learns from the labels and, for what they are too few to teach, to foretell the meaning that
the large model tells of each note (distillation, Hinton et al. 2015).

A piece's place is a projection of its row in the large model's table, the same for all pieces, plus a little of its
own: so what is learned in one language holds for the same words in another. It runs in one thread, as the order of
sums counts.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from training import table
from watcher.domain.judging.network import HEADS
from watcher.domain.judging.pieces import FIRST, LONGEST, Pieces
from watcher.domain.judging.values import Numbers

NETWORKS = 1
PIECES = 19_000
STEPS = 31
"""As finely the places of pieces are told, to either side."""

NARROW = 64
WIDTH = 128
FORWARD = 256
LAYERS = 1
ROUNDS = 16
BATCH = 64
SPEED = 3e-3
OWN_SPEED = 0.2
"""How fast a piece's own part of its place moves, against the rest."""

DROPPED = 0.1
MASKED = 0.15
"""Shares of numbers and of pieces that are hidden in training, so that none is relied on."""

MEANING = 2.0
"""What foretelling the meaning counts against the label."""

Tree = dict[str, Any]
Texts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Examples:
    """Notes as pieces, whether each gives a reason, and the meaning each has (standardised)."""

    cut: list[list[int]]
    reasons: Numbers
    meanings: Numbers


def pieces_for(texts: Texts) -> tuple[Pieces, Numbers]:
    """The pieces that these texts need most, with every letter that stands in them; and their rows of the table."""
    vocabulary = table.read()
    everything = Pieces(_known(vocabulary, range(len(vocabulary.pieces))), max(map(len, vocabulary.pieces)))
    counts = Counter(number - FIRST for text in texts for number in everything.cut(text) if number >= FIRST)
    letters = {letter for text in texts for letter in text} | {"▁"}
    single = [number for number, piece in enumerate(vocabulary.pieces) if piece in letters]
    common = sorted(counts, key=lambda number: (-counts[number], number))
    kept = [number for number in dict.fromkeys([*single, *common]) if "\n" not in vocabulary.pieces[number]][:PIECES]
    known = _known(vocabulary, kept)
    return Pieces(known, max(map(len, known))), vocabulary.rows(kept)


def _known(vocabulary: table.Vocabulary, numbers: Sequence[int]) -> dict[str, tuple[int, float]]:
    odds = vocabulary.odds.astype(np.float16).astype(float)
    return {vocabulary.pieces[number]: (FIRST + at, float(odds[number])) for at, number in enumerate(numbers)}


def fit(examples: Examples, rows: Numbers, seed: int) -> dict[str, NDArray[np.generic]]:
    """A network's arrays, by the names that `watcher.domain.judging.weights` reads."""
    rows = _levelled(examples, rows)
    learned = _learn(examples, rows, seed)
    places = np.asarray(rows @ learned["project"] + learned["own"])
    scale = np.abs(places).max(axis=0) / STEPS
    kept = {name: np.asarray(value, np.float16) for name, value in learned.items() if name not in _TRAINING_ONLY}
    return {
        **kept,
        "table": np.rint(places / scale).astype(np.int8),
        "table_scale": scale.astype(np.float32),
        "bias": np.float32(learned["bias"]),
    }


_TRAINING_ONLY = frozenset({"project", "own", "foretell", "foretell_bias", "bias"})


def _levelled(examples: Examples, rows: Numbers) -> Numbers:
    """The rows around the mean of the texts, with the two empty places before them."""
    counts = np.bincount([number for cut in examples.cut for number in cut], minlength=len(rows) + FIRST)[FIRST:] + 1.0
    mean = (rows * counts[:, None]).sum(axis=0) / counts.sum()
    return np.concatenate([np.zeros((FIRST, rows.shape[1])), (rows - mean) / rows.std()]).astype(np.float32)


def _start(count: int, random: np.random.RandomState) -> Tree:
    def drawn(*shape: int, size: float = 1.0) -> Numbers:
        return (random.standard_normal(shape) * size / np.sqrt(shape[0])).astype(np.float32)

    tree: Tree = {
        "project": drawn(table.WIDTH, NARROW, size=0.5),
        "own": np.zeros((count, NARROW), np.float32),
        "enter": drawn(NARROW, WIDTH),
        "places": drawn(LONGEST, WIDTH, size=0.1),
        "looked_at": drawn(WIDTH, 1)[:, 0],
        "leave": drawn(3 * WIDTH, 1, size=0.3)[:, 0],
        "bias": np.zeros((), np.float32),
        "foretell": drawn(3 * WIDTH, table.WIDTH, size=0.3),
        "foretell_bias": np.zeros(table.WIDTH, np.float32),
    }
    for layer in range(LAYERS):
        tree |= {
            f"layer{layer}_attend": drawn(WIDTH, 3 * WIDTH),
            f"layer{layer}_attended": drawn(WIDTH, WIDTH, size=0.5),
            f"layer{layer}_widen": drawn(WIDTH, FORWARD),
            f"layer{layer}_widen_bias": np.zeros(FORWARD, np.float32),
            f"layer{layer}_narrow": drawn(FORWARD, WIDTH, size=0.5),
            f"layer{layer}_attend_norm": np.ones(WIDTH, np.float32),
            f"layer{layer}_widen_norm": np.ones(WIDTH, np.float32),
        }
    return {name: jnp.asarray(value) for name, value in tree.items()}


def _learn(examples: Examples, rows: Numbers, seed: int) -> Tree:
    """Adam over all notes, `ROUNDS` times."""
    random = np.random.RandomState(seed)
    tree, key, table_rows = _start(len(rows), random), jax.random.PRNGKey(seed), jnp.asarray(rows)
    steps = ROUNDS * (len(examples.cut) // BATCH)
    pace = optax.warmup_cosine_decay_schedule(0, SPEED, steps // 10, steps)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(pace, b2=0.98, weight_decay=0.05))
    state = rule.init(tree)

    @jax.jit  # type: ignore[untyped-decorator]
    def step(tree: Tree, state: Any, batch: Any, key: Any) -> Any:  # noqa: ANN401 - trees of arrays
        gradient = jax.grad(_loss)(tree, table_rows, batch, key)
        change, state = rule.update(gradient, state, tree)
        return optax.apply_updates(tree, {**change, "own": change["own"] * OWN_SPEED}), state

    for _ in range(ROUNDS):
        for batch in _batches(examples, random):
            key, own_key = jax.random.split(key)
            tree, state = step(tree, state, batch, own_key)
    return {name: np.asarray(value) for name, value in tree.items()}


def _batches(examples: Examples, random: np.random.RandomState) -> Iterator[tuple[Any, Any, Any]]:
    """All notes once, in a new order; those of one batch about as long."""
    lengths = np.array([len(cut) for cut in examples.cut])
    batches: list[NDArray[np.int64]] = []
    for part in np.array_split(random.permutation(len(lengths)), 6):
        by_length = part[np.argsort(lengths[part], kind="stable")]
        batches += [by_length[at : at + BATCH] for at in range(0, len(part) - BATCH + 1, BATCH)]
    for index in random.permutation(len(batches)):
        chosen = batches[index]
        yield _padded([examples.cut[at] for at in chosen]), examples.reasons[chosen], examples.meanings[chosen]


def _padded(cut: Sequence[Sequence[int]]) -> NDArray[np.int32]:
    width = -(-max(1, *map(len, cut)) // 30) * 30
    padded = np.zeros((len(cut), width), np.int32)
    for at, numbers in enumerate(cut):
        padded[at, : len(numbers)] = numbers
    return padded


def _loss(tree: Tree, rows: Any, batch: tuple[Any, Any, Any], key: Any) -> Any:  # noqa: ANN401 - trees of arrays
    numbers, reasons, meanings = batch
    score, foretold = _forward(tree, rows, numbers, key)
    label = optax.sigmoid_binary_cross_entropy(score, reasons * 0.94 + 0.03).mean()
    return label + MEANING * ((foretold - meanings) ** 2).mean()


def _forward(tree: Tree, rows: Any, numbers: Any, key: Any) -> Any:  # noqa: ANN401 - trees of arrays
    """The network of `watcher.domain.judging.network`, for a batch, with some of it hidden."""
    keys = iter(jax.random.split(key, 3 + 2 * LAYERS))
    here = numbers > 0
    numbers = jnp.where(jax.random.uniform(next(keys), numbers.shape) < MASKED, jnp.where(here, 1, 0), numbers)
    entered = (rows[numbers] @ tree["project"] + tree["own"][numbers]) * here[..., None]
    at = _dropped(entered, next(keys)) @ tree["enter"] + tree["places"][: numbers.shape[1]]
    for layer in range(LAYERS):
        part = {name.partition("_")[2]: value for name, value in tree.items() if name.startswith(f"layer{layer}_")}
        at = at + _dropped(_attended(at, here, part), next(keys))
        wide = jax.nn.relu(_normed(at, part["widen_norm"]) @ part["widen"] + part["widen_bias"])
        at = at + _dropped(wide @ part["narrow"], next(keys))
    whole = _dropped(_summed(at, here, tree["looked_at"]), next(keys))
    return whole @ tree["leave"] + tree["bias"], whole @ tree["foretell"] + tree["foretell_bias"]


def _dropped(at: Any, key: Any) -> Any:  # noqa: ANN401 - trees of arrays
    bound = round(DROPPED * 256)
    return at * (jax.random.bits(key, at.shape, jnp.uint8) >= bound) / (1 - bound / 256)


def _attended(at: Any, here: Any, part: Tree) -> Any:  # noqa: ANN401 - trees of arrays
    count, width, _ = at.shape

    def heads(one: Any) -> Any:  # noqa: ANN401 - trees of arrays
        return one.reshape(count, width, HEADS, -1).transpose(0, 2, 1, 3)

    asked, offered, told = map(heads, jnp.split(_normed(at, part["attend_norm"]) @ part["attend"], 3, axis=-1))
    scores = asked @ offered.transpose(0, 1, 3, 2) / np.sqrt(WIDTH / HEADS)
    share = jax.nn.softmax(jnp.where(here[:, None, None], scores, -1e9), axis=-1)
    return (share @ told).transpose(0, 2, 1, 3).reshape(count, width, -1) @ part["attended"]


def _normed(at: Any, gain: Any) -> Any:  # noqa: ANN401 - trees of arrays
    centred = at - at.mean(axis=-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * gain


def _summed(at: Any, here: Any, looked_at: Any) -> Any:  # noqa: ANN401 - trees of arrays
    seen = here[..., None]
    weights = jax.nn.softmax(jnp.where(here, at @ looked_at, -1e9), axis=-1)
    mean = (at * seen).sum(axis=1) / jnp.maximum(1, seen.sum(axis=1))
    highest = jnp.where(seen, at, -1e9).max(axis=1)
    return jnp.concatenate([mean, highest, (at * weights[..., None]).sum(axis=1)], axis=-1)
