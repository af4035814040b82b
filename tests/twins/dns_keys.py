"""Keys in memory that keep the port's promises; it also tells what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.errors import TryAgain


@dataclass
class KeysInMemory:
    """`records` by name without the last dot; names in `failing` give no answer."""

    records: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def txt(self, name: str) -> tuple[bytes, ...]:
        key = name.rstrip(".").lower()
        self.asked.append(key)
        if key in self.failing:
            raise TryAgain("DNS does not answer")
        return self.records.get(key, ())
