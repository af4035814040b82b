"""What takes minutes to learn or to tell, kept in build/training by all that it follows from: texts, labels, and the
code that learns. So a second `make train` is quick, and never takes what an older one left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from training import e5, network, offsets, table
from training.network import Examples
from training.offsets import Tuned
from watcher.domain.judging.values import Head, Numbers

FOLDER = Path(__file__).parents[1] / "build" / "training"
_HEAD = ("middle", "spread", "hidden", "hidden_bias", "leave", "bias")

Arrays = dict[str, NDArray[np.generic]]


def _code(module: ModuleType) -> bytes:
    return Path(str(module.__file__)).read_bytes()


_TUNING = (_code(e5), _code(offsets), _code(table))


def tuned(texts: Sequence[str], reasons: Numbers) -> Tuned:
    """`offsets.learn`."""

    def learn() -> Arrays:
        found = offsets.learn(texts, reasons)
        head = {f"head.{part}": np.asarray(getattr(found.head, part)) for part in _HEAD}
        return head | {f"offsets.{name}": np.asarray(rows) for name, rows in found.offsets.items()}

    arrays = _kept("tuned", [*_TUNING, *texts, reasons.tobytes()], learn)
    *parts, bias = (arrays[f"head.{part}"] for part in _HEAD)
    moved = {name.removeprefix("offsets."): rows for name, rows in arrays.items() if name.startswith("offsets.")}
    return Tuned(moved, Head(*parts, float(bias)))


def meanings(texts: Sequence[str], by: Tuned) -> Numbers:
    """`by.meanings`."""
    told = [*_TUNING, *texts, *(row.tobytes() for row in by.by_tensor().values())]
    return _kept("meanings", told, lambda: {"rows": by.meanings(texts)})["rows"].astype(np.float32)


def networks(examples: Examples, rows: Numbers) -> Arrays:
    """`network.fit`, once for each of the networks."""
    cuts = np.array([number for cut in examples.cut for number in [*cut, -1]])
    told = [_code(network), *(array.tobytes() for array in (cuts, examples.reasons, examples.meanings, rows))]
    found: Arrays = {}
    for seed in range(network.NETWORKS):
        arrays = _kept(f"network{seed}", told, partial(network.fit, examples, rows, seed))
        found |= {f"network{seed}.{name}": array for name, array in arrays.items()}
    return found


def _kept(what: str, follows_from: Sequence[str | bytes], make: Callable[[], Arrays]) -> Arrays:
    digest = sha256()
    for part in follows_from:
        digest.update(sha256(part if isinstance(part, bytes) else part.encode()).digest())
    path = FOLDER / f"{what}-{digest.hexdigest()[:16]}.npz"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        np.savez(path, **make())  # type: ignore[arg-type]
    with np.load(path) as held:
        return dict(held)
