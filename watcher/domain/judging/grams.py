"""Short runs of letters, the first of the two views of a note: each run of up to six characters counts in one of
2^20 buckets, found by a hash. Works in any script, and knows nothing but what stands in the notes it learned from.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

BITS = 20
LONGEST = 6
_PRIME = np.uint32(0x9E3779B1)
_DIGIT = re.compile(r"\d")
_BLANKS = re.compile(r"\s+")

Buckets = NDArray[np.uint32]


def folded(text: str) -> str:
    """The text as runs are taken from it: without case, every digit a 0, one blank at each end."""
    plain = _DIGIT.sub("0", unicodedata.normalize("NFKC", text).casefold())
    return f" {_BLANKS.sub(' ', plain).strip()} "


def runs(text: str) -> list[Buckets]:
    """The buckets of every run of a folded text, by length from 1 on, each in the order of where it begins."""
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    hashes = np.zeros(len(letters), np.uint32)
    found = []
    for length in range(1, min(LONGEST, len(letters)) + 1):
        hashes = hashes[: len(letters) - length + 1] * _PRIME + letters[length - 1 :]
        found.append(_mixed(hashes, length))
    return found


def counted(found: list[Buckets]) -> tuple[Buckets, NDArray[np.float32]]:
    """Each bucket once, and its weight: 1 + log of how often, all together of length 1."""
    buckets, counts = np.unique(np.concatenate(found), return_counts=True)
    weights = 1 + np.log(counts)
    return buckets, (weights / np.sqrt((weights**2).sum())).astype(np.float32)


def _mixed(hashes: Buckets, length: int) -> Buckets:
    """Spreads the hashes evenly (the finaliser of MurmurHash 3), apart by length."""
    mixed = hashes ^ np.uint32(length * 0x85EBCA6B & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return (mixed ^ (mixed >> np.uint32(16))) >> np.uint32(32 - BITS)
