"""What a person does with their templates: check, preview, copy, compare, try out, save, restore.

The command line and the page share these. Nothing here touches a mailbox, and no word that the person wrote is lost: a
text is saved whole or not at all, and what gives way to another is moved aside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from functools import cached_property

from watcher import review
from watcher.domain import language, message, own_words, reply
from watcher.domain.choosing import base_of
from watcher.domain.misplaced import LANGUAGE
from watcher.domain.values import Draft, Invitation, Reading
from watcher.domain.variables import VARIABLES, Variable
from watcher.errors import GiveUp, Problem, Show
from watcher.person import trial
from watcher.person.trial import Finding
from watcher.ports import BrokenTemplate, Clock, Record, TemplateFiles, Templates
from watcher.steps.writing import Hand, Writing, invitation_of

PREVIEW_ID = "<preview@example.test>"

_NAME = re.compile(r"[A-Za-z0-9][\w-]*(?:\.[A-Za-z0-9][\w-]*)?")
_MARK = re.compile(r"\{# copied from ([\w-]+)/([\w.-]+), ([0-9a-f]{12}) #\}\n?\Z")
"""The last line of a copy: which shipped template it began as, and the digest of that."""

_ANSWERS = tuple(name for name in trial.USED if name != reply.PASTE)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A template by language and name, as `en/generic.short` is written."""

    language: str
    name: str

    def __str__(self) -> str:
        return f"{self.language}/{self.name}"

    @classmethod
    def of(cls, written: str) -> Key:
        """Raises GiveUp where it is none that a file could have."""
        code, _, name = written.partition("/")
        if not LANGUAGE.fullmatch(code) or not _NAME.fullmatch(name):
            raise GiveUp(f"{written!r} is no template: write LANGUAGE/NAME, such as en/generic or en/generic.short")
        return cls(code, name)


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a text lies now, and what to look at in it."""

    path: str
    warnings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a copy lies now; `kept` is where the text that it replaced was moved, "" where there was none."""

    path: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """What holds once the person's own text gave way, in words, and where it was moved."""

    now: str
    kept: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A template of the person's own beside the shipped one: `lines` of a unified diff, none where they are the same.

    `shipped` is None where nothing is shipped to compare with; `has_moved_on`: the shipped one is not that any more
    which was copied.
    """

    key: Key
    path: str
    shipped: Key | None
    lines: tuple[str, ...]
    has_moved_on: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """One past invitation in two wordings, subject and text; `problem` says why it has no second."""

    number: int
    who: str
    before: Key
    after: Key
    lines: tuple[str, ...]
    problem: str = ""

    @property
    def is_same(self) -> bool:
        """Whether nothing would change."""
        return not self.lines and not self.problem


@dataclass(frozen=True, slots=True)
class _Wording:
    key: Key
    text: str


@dataclass(frozen=True)
class Workshop:
    """A person's templates and what they are tried on; `languages` are those answered in, the first is the fallback."""

    templates: Templates
    files: TemplateFiles
    samples: tuple[Reading, ...]
    hand: Hand
    languages: tuple[str, ...]
    clock: Clock

    # ------------------------------------------------------------------------------------------------- looking at them

    def check(self) -> tuple[Finding, ...]:
        """Everything that is wrong with any template, or worth a look."""
        return trial.findings(self.templates, self.samples, self.hand.me, self.languages)

    def check_text(self, language: str, name: str, text: str, *, renders: bool = True) -> tuple[Finding, ...]:
        """The same of one text that nobody has saved yet; without `renders` only what can be told by reading it."""
        shelf = self.templates.instead(language, name, text)
        examine = trial.of_template if renders else trial.by_reading
        return examine(shelf, language, name, self.samples, self.hand.me)

    def preview(self, written: str, about: Reading, answer_in: str = "", text: str | None = None) -> Draft:
        """The finished message, as it would lie in Drafts; `text` stands for the template where it is not saved yet.

        `written` is a name, with or without its language. Raises GiveUp where the mail is no invitation, there is no
        such template, or it is broken.
        """
        if not isinstance(about.found, Invitation):
            raise GiveUp(f"this mail is no invitation but {about.kind}")
        key = self.key(written, about, answer_in)
        templates = self.templates if text is None else self.templates.instead(key.language, key.name, text)
        writing, now = Writing(templates, self.hand), self.clock.now()
        name = _shown_under(about) if key.name == reply.PASTE else key.name
        return writing.message(about, writing.letter(about, key.language, name, now), PREVIEW_ID, now)

    def key(self, written: str, about: Reading | None = None, answer_in: str = "") -> Key:
        """A template as a person names it: without a language it is the one that answers this invitation."""
        if "/" in written:
            key = Key.of(written)
            if answer_in and answer_in != key.language:
                raise GiveUp(f"{written} names its language already: leave {answer_in} out, or write {key.name} alone")
            return key
        wanted = invitation_of(about).language if about and isinstance(about.found, Invitation) else None
        return Key.of(f"{answer_in or language.choose(wanted, self._answered)}/{written}")

    @staticmethod
    def variables() -> tuple[Variable, ...]:
        """What a template may name."""
        return VARIABLES

    # --------------------------------------------------------------------------------------------------- changing them

    def text(self, key: Key) -> str:
        """What a change begins from: the person's own text, else a copy of the shipped one. Raises GiveUp."""
        self.templates.file(key.language, key.name)  # raises where there is none
        return self.files.own(key.language, key.name) or self._marked(key)

    def copy(self, source: Key, target: Key, *, force: bool = False) -> Copied:
        """Put the template that is in use now into the person's folder, to be changed there.

        Raises GiveUp where there is one already, unless `force`: that one is moved aside then.
        """
        text = self.text(source)
        there = self.files.own(target.language, target.name)
        if there is not None and not force:
            raise GiveUp(f"you have your own {target} already: nothing was changed. --force moves it aside")
        kept = self.files.set_aside(target.language, target.name) if there is not None else ""
        return Copied(self.files.save(target.language, target.name, text), kept)

    def save(self, language: str, name: str, text: str) -> Saved:
        """Put a text in the place of the person's own template, once it is checked.

        Raises Show with every error at its line; nothing is changed then.
        """
        key = Key.of(f"{language}/{name}")
        text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
        found = self.check_text(key.language, key.name, text)
        errors = [one for one in found if one.is_error]
        if errors:
            raise Show(*(Problem(one.where, one.what, one.remedy) for one in errors))
        return Saved(self.files.save(key.language, key.name, text), found)

    def restore(self, language: str, name: str) -> Restored:
        """Use the shipped template again, where there is one; the person's own is moved aside. Raises GiveUp."""
        key = Key.of(f"{language}/{name}")
        if self.files.own(key.language, key.name) is None:
            self.templates.file(key.language, key.name)  # raises where there is none at all
            raise GiveUp(f"you have no {key} of your own: what is used is the shipped one")
        is_shipped = self.files.shipped(key.language, key.name) is not None
        now = "The shipped one is used from now on." if is_shipped else f"There is no {key} any more."
        return Restored(now, self.files.set_aside(key.language, key.name))

    def _marked(self, source: Key) -> str:
        text = self.files.shipped(source.language, source.name) or ""
        return f"{text.rstrip()}\n{{# copied from {source}, {_digest(text)} #}}\n"

    # -------------------------------------------------------------------------------------------------- comparing them

    def differences(self, only: Key | None = None) -> tuple[Difference, ...]:
        """The person's own templates beside the shipped ones. Raises GiveUp where `only` is none of theirs."""
        keys = [Key(one.language, one.name) for one in self.templates.listing() if one.origin != "shipped"]
        if only is not None and only not in keys:
            raise GiveUp(f"you have no {only} of your own, so there is nothing to compare: `watcher templates list`")
        return tuple(self._difference(key) for key in keys if only in {None, key})

    def _difference(self, key: Key) -> Difference:
        own = self.files.own(key.language, key.name) or ""
        mark = _MARK.search(own)
        origin = Key(mark[1], mark[2]) if mark else key
        beside = key if self.files.shipped(key.language, key.name) is not None else origin
        shipped = self.files.shipped(beside.language, beside.name)
        lines = _diff(shipped or "", _MARK.sub("", own), f"shipped {beside}", f"your {key}")
        now = self.files.shipped(origin.language, origin.name)
        has_moved_on = bool(mark and now is not None and _digest(now) != mark[3])
        path = self.templates.file(key.language, key.name)
        return Difference(key, path, beside if shipped is not None else None, lines, has_moved_on)

    # ------------------------------------------------------------------------------------------------ trying them out

    def try_out(self, text: str, language: str, name: str, records: Sequence[Record]) -> tuple[Tried, ...]:
        """What a text that nobody has saved yet would change in the answers to these invitations.

        Only those are told that would be answered by this template before or after; also where its `when` lines change
        which one that is. Raises BrokenTemplate where its block has a flaw: nobody can say then what it would answer.
        """
        key = Key.of(f"{language}/{name}")
        shelf = self.templates.instead(key.language, key.name, text)
        for flaw in shelf.matter(key.language, key.name).flaws:
            raise BrokenTemplate(shelf.file(key.language, key.name), flaw.line, flaw.what, flaw.remedy)
        pairs = ((one, self._wording(self.templates, one), self._wording(shelf, one)) for one in _answerable(records))
        return tuple(_tried(*pair, "now", "new") for pair in pairs if key in {_key(pair[1]), _key(pair[2])})

    def refuse_unasked(self, key: Key, records: Sequence[Record]) -> None:
        """Raises GiveUp where none of these invitations could come to a template of this name, whatever it says."""
        made = [(self._language(one), _base(one)) for one in _answerable(records)]
        names = dict.fromkeys((*_ANSWERS, *(base for _, base in made)))
        codes = dict.fromkeys((*self._answered, *(code for code, _ in made)))
        if base_of(key.name) not in names:
            what = f"no invitation is answered with {base_of(key.name)}"
            raise GiveUp(f"{what}: name another with --as; there are {', '.join(names)}")
        if key.language not in codes:
            what = f"nobody is answered in {key.language!r} (answered: {', '.join(codes)})"
            raise GiveUp(f"{what}: name another with --as, or add it to WATCHER_LANGUAGES")

    def against_drafts(self, records: Sequence[Record], only: Key | None = None) -> tuple[Tried, ...]:
        """How the drafts that were made for these invitations differ from what the templates say now.

        Those in the person's own words are left out. `only`: those of this template, then or now.
        """
        made = [one for one in _answerable(records) if one.draft and one.draft.intent.template != own_words.NAME]
        pairs = ((one, self._made(one), self._wording(self.templates, one)) for one in made)
        wanted = (pair for pair in pairs if only is None or only in {_key(pair[1]), _key(pair[2])})
        return tuple(_tried(*pair, "as drafted", "now") for pair in wanted)

    def _wording(self, templates: Templates, record: Record) -> _Wording | Exception:
        """How these templates answer, or the GiveUp that says why not."""
        reading, writing, at = record.reading, Writing(templates, self.hand), _handled(record)
        code, base = self._language(record), _base(record)
        try:
            name = writing.chosen(reading, base, code, at)
            letter = writing.letter(reading, code, name, at)
        except GiveUp as broken:
            return broken
        found = invitation_of(reading)
        subject = letter.subject or reply.subject_for(reading.source.subject, found.inviter.name)
        return _Wording(Key(code, name), f"Subject: {subject}\n\n{letter.text}")

    def _made(self, record: Record) -> _Wording:
        assert record.draft is not None, "only drafts that were made are compared"
        intent = record.draft.intent
        subject = message.parse(intent.content).subject
        text = review.words(record, self.hand.me, self.templates)
        return _Wording(Key(intent.language, intent.template), f"Subject: {subject}\n\n{text}")

    def _language(self, record: Record) -> str:
        """The draft's, which the person may have chosen; else as it would be chosen now."""
        if record.draft is not None:
            return record.draft.intent.language
        return language.choose(invitation_of(record.reading).language, self._answered)

    @cached_property
    def _answered(self) -> tuple[str, ...]:
        """Without a setting, whatever there are templates for, English first."""
        there = dict.fromkeys(one.language for one in self.templates.listing())
        return self.languages or tuple(sorted(there, key=lambda code: (code != "en", code)))


def _shown_under(about: Reading) -> str:
    """The answer that the block on where to paste stands under."""
    assert about.verdict is not None, "an invitation is always judged"
    return reply.template_name(about.verdict)


def _answerable(records: Sequence[Record]) -> Iterator[Record]:
    return (one for one in records if isinstance(one.reading.found, Invitation) and one.reading.verdict)


def _base(record: Record) -> str:
    """The template whose variants are in question; the one of its draft may be that for people one knows."""
    assert record.reading.verdict is not None, "an invitation is always judged"
    name = record.draft.intent.template if record.draft else own_words.NAME
    return base_of(name) if name != own_words.NAME else reply.template_name(record.reading.verdict)


def _handled(record: Record) -> datetime:
    """When it was answered, or first seen; on the clock of this machine, which is the person's."""
    return (record.draft.intent.at if record.draft else record.seen_at).astimezone()


def _key(wording: _Wording | Exception) -> Key | None:
    return wording.key if isinstance(wording, _Wording) else None


def _tried(record: Record, before: _Wording | Exception, after: _Wording | Exception, then: str, now: str) -> Tried:
    who = invitation_of(record.reading).inviter.name
    first, second = _key(before), _key(after)
    either = first or second
    assert either is not None, "one of the two was chosen because of its key"
    if isinstance(after, Exception):
        return Tried(record.id, who, either, either, (), str(after))
    old = before.text if isinstance(before, _Wording) else ""
    lines = _diff(old, after.text, f"{either} {then}", f"{after.key} {now}")
    return Tried(record.id, who, either, after.key, lines)


def _diff(before: str, after: str, of: str, to: str) -> tuple[str, ...]:
    return tuple(unified_diff(_lines(before), _lines(after), of, to, lineterm="", n=2))


def _lines(text: str) -> list[str]:
    """Without what no reader sees: blanks at the end of a line, and how the text ends."""
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
