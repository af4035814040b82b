"""Templates on trial: what is wrong with each, on every sample invitation, also where a card shows less than usual.

An error is what would hold an invitation or shame the person; a warning is what they should look at. Nothing stops at
the first: whoever mends a template sees all of it at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from watcher.domain import front_matter, leftovers, message, pasting, reply
from watcher.domain.choosing import base_of
from watcher.domain.kinds import RouteBy
from watcher.domain.misplaced import SUFFIX, misplaced, nearest
from watcher.domain.reading import Trust, read
from watcher.domain.values import Invitation, Inviter, Person, Reading
from watcher.errors import GiveUp
from watcher.ports import BrokenTemplate, Templates
from watcher.steps.writing import invitation_of

NAMES = ("generic", "boilerplate", "personalised", "unsure", reply.PASTE)
"""What every language needs."""

USED = (*NAMES, reply.KNOWN)
"""What something is answered with, or ended with."""

LONG_FOR_LINKEDIN = 1_900
"""Characters: LinkedIn takes more as a message, yet this is all that its InMail takes."""

LONG_FOR_MAIL = 2_500
"""Characters, some 400 words: nobody reads more from a stranger."""

_GAPS = re.compile(r" ,| \.(?!\.)|(?<=\S)  +(?=\S)|\(\s*\)")
"""What a value leaves behind that is not there."""


class Gravity(StrEnum):
    """Whether a finding has to be mended, or looked at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one template: where, what, and what to do. `line` is None where it is the whole file's."""

    language: str
    name: str
    file: str
    line: int | None
    gravity: Gravity
    what: str
    remedy: str

    @property
    def is_error(self) -> bool:
        """Whether it has to be mended."""
        return self.gravity is Gravity.ERROR

    @property
    def where(self) -> str:
        """As editors jump to it."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class _Occasion:
    """An invitation to try on; `lacks` is the variable that this twin of a sample has nothing in."""

    reading: Reading
    lacks: str = ""


def sample_readings(samples: Sequence[bytes]) -> tuple[Reading, ...]:
    """The invitations among sample mails, and for each a twin whose card shows nothing but a name."""
    readings = [read(message.parse(content), Trust()) for content in samples]
    whole = [one for one in readings if isinstance(one.found, Invitation)]
    return (*whole, *map(_bare, whole))


def findings(
    templates: Templates, readings: Sequence[Reading], me: Person, languages: Iterable[str] = ()
) -> tuple[Finding, ...]:
    """Everything about every template, by language and name; also what a language lacks, and which of `languages`, and
    what lies in the person's folder without being used.
    """
    listed = [(entry.language, entry.name) for entry in templates.listing()]
    found = [one for key in listed for one in of_template(templates, *key, readings, me)]
    found += [*_missing({*listed}, languages), *_unused(templates)]
    return tuple(sorted(found, key=lambda one: (one.language, one.name, one.line or 0)))


def of_template(
    templates: Templates, language: str, name: str, readings: Sequence[Reading], me: Person
) -> tuple[Finding, ...]:
    """Everything about one template, by line."""
    return _by_line(_Examined(templates, language, name, me).findings(readings))


def by_reading(
    templates: Templates, language: str, name: str, readings: Sequence[Reading], me: Person
) -> tuple[Finding, ...]:
    """The part of it that can be told without rendering the template."""
    return _by_line(_Examined(templates, language, name, me).findings(readings, renders=False))


def _by_line(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.line or 0))


@dataclass(frozen=True, slots=True)
class _Examined:
    """One template under examination."""

    templates: Templates
    language: str
    name: str
    me: Person

    def findings(self, readings: Sequence[Reading], *, renders: bool = True) -> Iterator[Finding]:
        """As far as it can be gone on: what cannot be read is not rendered."""
        try:
            matter = self.templates.matter(self.language, self.name)
            yield from self._misplaced(matter)
            yield from self._leftovers(matter)
            stopping = [*self._flaws(matter), *self._mistakes(readings[0])]
            yield from stopping or (self._rendered(readings, matter) if renders else ())
        except BrokenTemplate as broken:
            yield self._broken(broken)

    # ---------------------------------------------------------------------------------------- what stands in the file

    def _flaws(self, matter: front_matter.Matter) -> Iterator[Finding]:
        return (self._error(flaw.line, flaw.what, flaw.remedy) for flaw in matter.flaws)

    def _mistakes(self, reading: Reading) -> Iterator[Finding]:
        return map(self._broken, self.templates.mistakes(self.language, self.name, self._values(reading)))

    def _misplaced(self, matter: front_matter.Matter) -> Iterator[Finding]:
        """A block where it has no effect."""
        base = base_of(self.name)
        if base == reply.PASTE:
            lines = [line for line in (matter.subject_line, matter.when_line) if line]
            if lines or base != self.name:
                what = "this block ends other drafts: it has neither a subject nor variants"
                yield self._error(next(iter(lines), None), what, "take that out")
        elif base == self.name and matter.when:
            remedy = f"call the file {self.name}.something, beside the {self.name} that answers all others"
            yield self._error(matter.when_line, "`when` has an effect in a variant alone", remedy)
        elif base != self.name and not self._has(base):
            what = f"there is no {self.language}/{base} of which this would be a variant"
            yield self._warning(None, what, self._unused)
        elif base not in USED:
            yield self._warning(None, f"nothing is answered with {base}: there are {', '.join(USED)}", self._unused)

    @property
    def _unused(self) -> str:
        """What to do about a name that nothing asks for."""
        wanted = nearest(self.name, USED)
        begin = f"call it {wanted}{SUFFIX}; as it is " if wanted else ""
        return f"{begin}nothing uses it, unless you name it when you redraft"

    def _has(self, name: str) -> bool:
        try:
            return bool(self.templates.file(self.language, name))
        except GiveUp:
            return False

    def _leftovers(self, matter: front_matter.Matter) -> Iterator[Finding]:
        subject = "\n" * (matter.subject_line - 1) + matter.subject
        for left in (*leftovers.find(subject), *leftovers.find(matter.text)):
            remedy = f'fill it in, or write {{{{ "{left.words}" }}}} if it is to be read so'
            yield self._error(left.line, f"{left.words!r} looks like a place that nobody filled in", remedy)

    # --------------------------------------------------------------------------------------------- what comes out of it

    def _rendered(self, readings: Sequence[Reading], matter: front_matter.Matter) -> Iterator[Finding]:
        """On every invitation, until one breaks it; each finding is told for the first that shows it."""
        told = set[str]()
        for occasion in _occasions(readings):
            values = self._values(occasion.reading)
            text = self.templates.render(self.language, self.name, values)
            subject = self.templates.subject(self.language, self.name, values)
            for kind, finding in self._of_letter(subject, text, occasion, matter):
                if kind not in told:
                    told.add(kind)
                    yield finding

    def _of_letter(
        self, subject: str, text: str, occasion: _Occasion, matter: front_matter.Matter
    ) -> Iterator[tuple[str, Finding]]:
        """Each finding with what it is a case of."""
        inviter = invitation_of(occasion.reading).inviter.name
        if not text.strip():
            what = f"it comes out empty for the invitation by {inviter}"
            yield "empty", self._error(None, what, "write what it says there, outside of every `if`")
        elif self.name != reply.PASTE:
            yield from self._length(text, occasion)
        if occasion.lacks:
            yield from self._holes(f"{subject}\n{text}", occasion.lacks, matter)

    def _length(self, text: str, occasion: _Occasion) -> Iterator[tuple[str, Finding]]:
        count = pasting.length(text.strip())
        route = occasion.reading.route
        on_linkedin = route is not None and route.by is RouteBy.LINKEDIN
        bound = LONG_FOR_LINKEDIN if on_linkedin else LONG_FOR_MAIL
        said = f"it grows to {count:,} characters"
        if on_linkedin and count > pasting.MESSAGE:
            remedy = "shorten it, or what it quotes"
            yield "length", self._error(None, f"{said}: LinkedIn takes {pasting.MESSAGE:,} in a message", remedy)
        elif count > bound:
            place = "on LinkedIn" if on_linkedin else "in a mail from a stranger"
            yield f"long {place}", self._warning(None, f"{said}: more than {bound:,} are much {place}", "shorten it")

    def _holes(self, text: str, variable: str, matter: front_matter.Matter) -> Iterator[tuple[str, Finding]]:
        """What a text says where this variable has nothing."""
        line = _line_of(variable, matter)
        if line is None:
            return
        asked = f"ask first: {{% if {variable} %}} … {{% endif %}}"
        hole = next((each for each in text.splitlines() if re.search(r"\bNone\b", each)), None)
        if hole is not None and "None" not in matter.text:
            what = f"where {variable} has nothing it reads “{_clipped(hole)}”"
            yield f"none {variable}", self._error(line, what, asked)
        gap = next((each for each in text.splitlines() if _GAPS.search(each)), None)
        if gap is not None and not _GAPS.search(matter.text):
            yield (
                f"gap {variable}",
                self._warning(line, f"where {variable} has nothing it reads “{_clipped(gap)}”", asked),
            )

    def _values(self, reading: Reading) -> Mapping[str, object]:
        return reply.template_values(reading, invitation_of(reading), self.me, self.language)

    # -------------------------------------------------------------------------------------------------- how it is told

    def _broken(self, broken: BrokenTemplate) -> Finding:
        remedy = broken.remedy or "docs/templates.md tells what a template may name and do"
        return Finding(self.language, self.name, broken.file, broken.line, Gravity.ERROR, broken.what, remedy)

    def _error(self, line: int | None, what: str, remedy: str) -> Finding:
        return Finding(self.language, self.name, self._file, line, Gravity.ERROR, what, remedy)

    def _warning(self, line: int | None, what: str, remedy: str) -> Finding:
        return replace(self._error(line, what, remedy), gravity=Gravity.WARNING)

    @property
    def _file(self) -> str:
        return self.templates.file(self.language, self.name)


def _missing(known: set[tuple[str, str]], languages: Iterable[str]) -> Iterator[Finding]:
    there = sorted({language for language, _ in known})
    for code in languages:
        if code not in there:
            remedy = f"WATCHER_LANGUAGES names it: write its {len(NAMES)} templates, or take it out there"
            yield Finding(code, "", f"{code}/", None, Gravity.ERROR, "there are no templates in this language", remedy)
    for code in there:
        for name in NAMES:
            if (code, name) not in known:
                what, begin = "it is missing: every language needs it", f"copy en/{name} --as {code}/{name}"
                yield Finding(code, name, f"{code}/{name}", None, Gravity.ERROR, what, f"`watcher templates {begin}`")


def _unused(templates: Templates) -> Iterator[Finding]:
    for entry in templates.entries():
        found = misplaced(entry, USED)
        if found is not None:
            gravity = Gravity.ERROR if found.is_error else Gravity.WARNING
            name = entry.name.removesuffix(SUFFIX)
            yield Finding(entry.folder, name, templates.place(entry), None, gravity, found.what, found.remedy)


_LACKING = ("inviter.headline", "inviter.company", "inviter.first_name", "note")


def _occasions(readings: Sequence[Reading]) -> Iterator[_Occasion]:
    """Every reading, and the fullest once for each value that a mail may lack, without that."""
    yield from map(_Occasion, readings)
    fullest = max(readings, key=_shown)
    yield from (_Occasion(_without(fullest, variable), variable) for variable in _LACKING)


def _shown(reading: Reading) -> int:
    found = invitation_of(reading)
    return sum(map(bool, (found.note, found.inviter.headline, found.inviter.company, found.inviter.first_name)))


def _without(reading: Reading, variable: str) -> Reading:
    found = invitation_of(reading)
    match variable:
        case "note":
            return replace(reading, found=replace(found, note=None, note_raw=None))
        case "inviter.first_name":
            inviter = replace(found.inviter, first_name="")
        case "inviter.company":
            inviter = replace(found.inviter, company=None)
        case _:
            inviter = replace(found.inviter, headline=None)
    return replace(reading, found=replace(found, inviter=inviter))


def _bare(reading: Reading) -> Reading:
    found = invitation_of(reading)
    return replace(reading, found=replace(found, inviter=Inviter(found.inviter.name, ""), note=None, note_raw=None))


def _line_of(variable: str, matter: front_matter.Matter) -> int | None:
    """The first line that puts this variable into the text; the greeting stands for the first name."""
    names = "|".join(map(re.escape, (variable, *(["inviter.greeting"] if variable == "inviter.first_name" else []))))
    used = re.compile(rf"\{{\{{(?:(?!\{{\{{)[^}}])*\b(?:{names})\b")
    if matter.subject and used.search(matter.subject):
        return matter.subject_line
    lines = enumerate(matter.text.split("\n"), 1)
    return next((number for number, line in lines if used.search(line)), None)


def _clipped(line: str) -> str:
    return line.strip() if len(line.strip()) <= 80 else f"{line.strip()[:80]}…"
