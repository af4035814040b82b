"""The weights of `domain/data/judge.npz`, read once. `make train` writes it; docs/judging.md tells what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count, takewhile

import numpy as np
from numpy.typing import NDArray

from watcher.domain.judging.network import Layer, Network
from watcher.domain.judging.pieces import FIRST, Pieces
from watcher.domain.judging.values import Decision, Head, Linear, Numbers

Arrays = Mapping[str, NDArray[np.generic]]

LAYER = ("attend", "attended", "widen", "widen_bias", "narrow", "attend_norm", "widen_norm")


@dataclass(frozen=True, slots=True)
class Weights:
    """All that judging has learned: four views, and two rules, without the meaning and with it."""

    linear: Linear
    signs: Numbers
    networks: tuple[Network, ...]
    head: Head
    default: Decision
    semantic: Decision
    languages: frozenset[str]


@cache
def weights() -> Weights:
    """The shipped weights."""
    with files("watcher.domain.data").joinpath("judge.npz").open("rb") as file:
        return of_arrays(dict(np.load(file)))


def of_arrays(arrays: Arrays) -> Weights:
    """The weights as arrays by name hold them."""
    return Weights(
        linear=_linear(arrays),
        signs=_floats(arrays, "signs"),
        networks=_networks(arrays),
        head=Head(**{part: _floats(arrays, f"head_{part}") for part in _HEAD}, bias=float(arrays["head_bias"])),
        default=_decision(arrays, "default"),
        semantic=_decision(arrays, "semantic"),
        languages=frozenset(str(arrays["languages"]).split()),
    )


_HEAD = ("middle", "spread", "hidden", "hidden_bias", "leave")


def _linear(arrays: Arrays) -> Linear:
    scale, rarity_scale, bias = (float(one) for one in arrays["linear_scales"])
    return Linear(arrays["linear"].astype(np.int8), scale, arrays["rarity"].astype(np.uint8), rarity_scale, bias)


def _networks(arrays: Arrays) -> tuple[Network, ...]:
    """The arrays of the first begin with `network0.`, and so on."""
    pieces = _pieces(arrays)
    names = takewhile(lambda name: f"{name}.table" in arrays, (f"network{number}" for number in count()))
    return tuple(_network(_under(arrays, name), pieces) for name in names)


def _under(arrays: Arrays, name: str) -> Arrays:
    return {held.removeprefix(f"{name}."): array for held, array in arrays.items() if held.startswith(f"{name}.")}


def _network(arrays: Arrays, pieces: Pieces) -> Network:
    numbers = takewhile(lambda number: f"layer{number}_attend" in arrays, count())
    return Network(
        pieces=pieces,
        table=arrays["table"].astype(np.int8),
        table_scale=_floats(arrays, "table_scale"),
        enter=_floats(arrays, "enter"),
        places=_floats(arrays, "places"),
        layers=tuple(Layer(*(_floats(arrays, f"layer{number}_{part}") for part in LAYER)) for number in numbers),
        looked_at=_floats(arrays, "looked_at"),
        leave=_floats(arrays, "leave"),
        bias=float(arrays["bias"]),
    )


def _pieces(arrays: Arrays) -> Pieces:
    texts = str(arrays["pieces"]).split("\n")
    odds = arrays["odds"].astype(np.float32).tolist()
    return Pieces({text: (FIRST + at, odds[at]) for at, text in enumerate(texts)}, max(map(len, texts)))


def _decision(arrays: Arrays, way: str) -> Decision:
    below, above, apart = (float(one) for one in arrays[f"{way}_bounds"])
    return Decision(_floats(arrays, f"{way}_mix"), below, above, apart)


def _floats(arrays: Arrays, name: str) -> Numbers:
    return arrays[name].astype(np.float32)
