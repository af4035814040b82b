"""Everybody who listens hears everything that happens; one that fails harms neither the watch nor the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.ports import Clock
from watcher.watching.happenings import Happening, Listener, PartBroke


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells `listeners`; that one of them fails is told the others, once until it hears again."""

    listeners: Sequence[Listener]
    clock: Clock
    _deaf: set[int] = field(default_factory=set)

    def tell(self, happening: Happening) -> None:
        """Never raises."""
        for listener in self.listeners:
            error = _hear(listener, happening)
            if error is None:
                self._deaf.discard(id(listener))
            elif id(listener) not in self._deaf:
                self._deaf.add(id(listener))
                self._tell_of(listener, error)

    def _tell_of(self, failing: Listener, error: Exception) -> None:
        now = self.clock.now()
        broke = PartBroke(type(failing).__name__.strip("_"), now, type(error).__name__, now)
        for listener in self.listeners:
            if listener is not failing:
                _hear(listener, broke)


def _hear(listener: Listener, happening: Happening) -> Exception | None:
    try:
        listener.hear(happening)
    except Exception as error:  # noqa: BLE001 - a listener is anybody's code
        return error
    return None
