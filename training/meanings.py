"""The meaning of every note, told by the model of the extra `semantic`; kept in build/, as telling takes minutes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from watcher.adapters.semantic import E5Meaning

KEPT = Path(__file__).parents[1] / "build" / "training" / "meanings.npz"


def told(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row of 384 numbers for each text."""
    known = _kept()
    tell = E5Meaning()
    missing = dict.fromkeys(text for text in texts if _key(text) not in known)
    known |= {_key(text): tell(text) for text in missing}
    if missing:
        _keep(known)
    return np.stack([known[_key(text)] for text in texts])


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]


def _kept() -> dict[str, NDArray[np.float32]]:
    if not KEPT.exists():
        return {}
    with np.load(KEPT) as held:
        return dict(zip(held["keys"].tolist(), held["meanings"], strict=True))


def _keep(known: dict[str, NDArray[np.float32]]) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    np.savez(KEPT, keys=np.array(list(known)), meanings=np.stack(list(known.values())))
