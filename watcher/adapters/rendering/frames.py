"""What the program and its child send each other: four octets of length (big-endian), then JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping


def framed(told: Mapping[str, object]) -> bytes:
    """One frame."""
    content = json.dumps(told).encode()
    return len(content).to_bytes(4, "big") + content


def unframed(take: Callable[[int], bytes], most: int) -> object:
    """The next frame; `take` gives so many octets. Raises ValueError (or RecursionError) where it is none.

    `most`: octets of its content; a longer one is refused before it is read.
    """
    length = int.from_bytes(take(4), "big")
    if length > most:
        raise ValueError(f"a frame of {length} octets")
    return json.loads(take(length))
