"""Templates on trial: does each render on every sample invitation, also where a card shows less than usual?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.domain import message, reply
from watcher.domain.reading import Trust, read
from watcher.domain.values import Invitation, Inviter, Person, Reading
from watcher.errors import GiveUp
from watcher.ports import Templates

NAMES = ("generic", "boilerplate", "personalised", "unsure", reply.PASTE)
"""What every language needs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one template came out: `problem` is "" where it renders on everything."""

    language: str
    name: str
    origin: str
    problem: str


def sample_readings(samples: Sequence[bytes]) -> tuple[Reading, ...]:
    """The invitations among sample mails, and for each a twin whose card shows nothing but a name."""
    readings = [read(message.parse(content), Trust()) for content in samples]
    whole = [one for one in readings if isinstance(one.found, Invitation)]
    return (*whole, *map(_bare, whole))


def findings(templates: Templates, readings: Sequence[Reading], me: Person) -> Iterator[Finding]:
    """One finding a template, by language and name; a template that a language lacks is a finding too."""
    listed = templates.listing()
    for entry in listed:
        problem = _problem(templates, entry.language, entry.name, readings, me)
        yield Finding(entry.language, entry.name, entry.origin, problem)
    known = {(entry.language, entry.name) for entry in listed}
    for language in sorted({entry.language for entry in listed}):
        for name in NAMES:
            if (language, name) not in known:
                yield Finding(language, name, "nowhere", f"{language}/{name} is missing: every language needs it")


def _problem(templates: Templates, language: str, name: str, readings: Sequence[Reading], me: Person) -> str:
    for reading in readings:
        assert isinstance(reading.found, Invitation), "only invitations are tried"
        try:
            text = templates.render(language, name, reply.template_values(reading, reading.found, me, language))
        except GiveUp as broken:
            return str(broken)
        if not text.strip():
            return f"is empty for the invitation by {reading.found.inviter.name}"
    return ""


def _bare(reading: Reading) -> Reading:
    found = reading.found
    assert isinstance(found, Invitation), "only invitations have a twin"
    return replace(reading, found=replace(found, inviter=Inviter(found.inviter.name, ""), note=None, note_raw=None))
