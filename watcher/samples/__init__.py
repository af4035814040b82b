"""Twenty invented mails of every kind, with the readings expected of them: for the demo and for trying templates."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from watcher.domain.values import Person

RECIPIENT = Person("Robin Ashdown", "me@example.test", "Mail engineer")
"""To whom the samples are addressed."""

AUTHSERV = "mx.example.test"
"""The authserv-id of the server that received them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail and the file it stands in."""

    name: str
    content: bytes


def sample_mails() -> tuple[Sample, ...]:
    """All samples, in the order of their names."""
    found = (entry for entry in files(__name__).iterdir() if entry.name.endswith(".eml"))
    return tuple(Sample(entry.name, entry.read_bytes()) for entry in sorted(found, key=lambda entry: entry.name))
