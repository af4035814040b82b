"""What the list of templates shows: each with what it answers and where it comes from, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType

from watcher.domain import reply
from watcher.domain.choosing import base_of
from watcher.errors import GiveUp
from watcher.person.workshop import Key, Workshop
from watcher.ports import TemplateSource

ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "generic": "an invitation without a note, or with LinkedIn's default sentence",
        "boilerplate": "a note that would fit anybody",
        "personalised": "a note with a reason of its own",
        "unsure": "a note that you should read yourself",
        reply.KNOWN: "somebody you know",
        reply.PASTE: "nobody: it is the block under a draft that is to be pasted on LinkedIn",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One template. `path` is "" where it is the shipped one; `when` are the lines that say when a variant is used.

    `has_moved_on`: the shipped one is not that any more which the person's own was copied from. `problem` says why the
    file cannot be used.
    """

    key: Key
    path: str
    answers: str
    is_variant: bool
    when: tuple[str, ...] = ()
    has_moved_on: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The templates of one language; `is_answered`: the person answers in it."""

    language: str
    entries: tuple[Entry, ...]
    is_answered: bool


def groups(workshop: Workshop) -> tuple[Group, ...]:
    """All of them: first the languages that the person answers in, in their order, then the others by the alphabet."""
    listed = groupby(workshop.templates.listing(), lambda one: one.language)
    found = {code: tuple(_entry(workshop, one) for one in there) for code, there in listed}
    answered = [code for code in workshop.languages or found if code in found]
    order = dict.fromkeys([*answered, *found])
    return tuple(Group(code, found[code], code in answered) for code in order)


def entry(workshop: Workshop, key: Key) -> Entry:
    """One of them; it has to be there."""
    return next(_entry(workshop, one) for one in workshop.templates.listing() if _key(one) == key)


def _key(source: TemplateSource) -> Key:
    return Key(source.language, source.name)


def _entry(workshop: Workshop, source: TemplateSource) -> Entry:
    key, path = _key(source), "" if source.origin == "shipped" else source.origin
    base = base_of(key.name)
    plain = Entry(key, path, ANSWERS.get(base, ""), base != key.name)
    try:
        matter = workshop.templates.matter(key.language, key.name)
        has_moved_on = bool(path) and workshop.differences(key)[0].has_moved_on
    except GiveUp as unreadable:
        return replace(plain, problem=str(unreadable))
    when = tuple(f"{one.asks}: {', '.join(one.words)}" for one in matter.when)
    problem = "; ".join(f"line {flaw.line}: {flaw.what}" for flaw in matter.flaws)
    return replace(plain, when=when, has_moved_on=has_moved_on, problem=problem)
