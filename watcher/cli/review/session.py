"""One person's walk: a key in, a deed done, the screen drawn anew.

A deed is done over a connection of its own, as from the page. What nothing takes back asks once more.
"""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import click
from rich.console import RenderableType

from watcher import review
from watcher.cli.review import face, unsaved
from watcher.cli.review.editor import Edited, edited
from watcher.cli.review.face import NOT_SAVED, Place
from watcher.cli.review.terminal import (
    DOWN,
    ENTER,
    ESCAPE,
    LEFT,
    PAGE_DOWN,
    PAGE_UP,
    RESIZED,
    RIGHT,
    UP,
    Room,
    Screen,
    Terminal,
)
from watcher.cli.screen import plain
from watcher.domain.kinds import VerdictKind
from watcher.domain.lifecycle import State
from watcher.errors import GiveUp, Show, TryAgain
from watcher.person import reviewing
from watcher.person.reviewing import Step, Walk
from watcher.ports import Record
from watcher.web import views
from watcher.web.deeds import DEEDS
from watcher.web.desk import Desk, Watched
from watcher.web.views import Draft, Whole

_CHOICES = "123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Seen:
    """One invitation as it is looked at; `watched` is None where its mailbox is not set up any more."""

    record: Record
    watched: Watched | None
    words: str
    known: str
    whole: Whole
    unsaved: face.Unsaved | None

    @property
    def answer(self) -> tuple[str, Draft] | None:
        """The words that stand as the answer, measured: the person's own, unless another draft came beside them."""
        if self.unsaved and not self.unsaved.is_beside:
            return self.unsaved.words, self.unsaved.measured
        return (self.words, self.whole.draft) if self.whole.draft else None


@dataclass(slots=True)
class Session:
    """The walk, what was told last, and the way back from what was done last."""

    desk: Desk
    terminal: Terminal
    walk: Walk
    told: str = "Press ? for the keys."
    scroll: int = 0
    _room: Room = field(default_factory=Room)
    _back: tuple[int, Step] | None = None
    _unsaved: unsaved.Unsaved = field(default_factory=unsaved.Unsaved)
    _with_history: bool = False

    def run(self) -> None:
        """Until the person quits, or their terminal is gone. However it ends, they are given what was not saved."""
        try:
            with self.terminal.taken():
                self._go()
        finally:
            for number, words in self._unsaved.all():
                click.echo(f"— what could not be saved of no. {number}:", err=True)
                click.echo(f"\n{plain(words).strip()}\n")

    def _go(self) -> None:
        while True:
            one = self._look()
            self._draw(one)
            try:
                key = self.terminal.key()
            except EOFError:
                return
            if key == "q":
                return
            self._obey(key, one)

    # ----------------------------------------------------------------------------------------------------- what is seen

    def _look(self) -> Seen:
        desk, record = self.desk, review.find(self.desk.ledger, self.walk.here)
        watched = desk.mailboxes.get(record.account)
        words = review.words(record, watched.account.voice.me, watched.templates) if watched and record.draft else ""
        known = review.known(record, watched.account, desk.ledger) if watched else ""
        return Seen(record, watched, words, known, views.whole(record, words), self._not_saved(record, words))

    def _not_saved(self, record: Record, words: str) -> face.Unsaved | None:
        """What the person wrote for this one; None also where its draft says the same by now."""
        kept = self._unsaved.of(record.id)
        if kept is None or kept.words.strip() == words.strip():
            return None
        measured = views.whole(record, kept.words).draft
        return face.Unsaved(kept.words, measured, measured.revision != kept.revision) if measured else None

    def _draw(self, one: Seen) -> None:
        several = one.record.account if len(self.desk.mailboxes) > 1 else ""
        place = Place(self.walk.place + 1, len(self.walk.numbers), several)
        shown = [*face.body(one.whole, one.known, one.words, one.unsaved), *self._history(one)]
        could_read_on = self._can_read_on
        self._room = self._shown(Screen(face.top(one.whole, place), shown, face.foot(self.told, self._offered(one))))
        if could_read_on is not self._can_read_on:  # the keys below tell of it
            foot = face.foot(self.told, self._offered(one))
            self._room = self._shown(Screen(face.top(one.whole, place), shown, foot))

    def _shown(self, drawn: Screen) -> Room:
        room = self.terminal.draw(drawn, self.scroll)
        self.scroll = min(self.scroll, room.most)
        return room

    @property
    def _can_read_on(self) -> bool:
        return self.scroll < self._room.most

    def _history(self, one: Seen) -> Sequence[RenderableType]:
        return face.history(one.whole.history) if self._with_history else ()

    def _offered(self, one: Seen) -> Mapping[str, str]:
        """The keys that do something with this one, in short."""
        deeds, whole = one.whole.deeds, one.whole
        kinds = {kind: key for key, kind in _VERDICTS.items()}
        offered = {
            "e": "edit" if deeds.save else "",
            "d": "draft" if deeds.draft else "",
            "r": "redraft" if deeds.redraft else "",
            "x": "remove" if one.record.state is State.DRAFTED else "leave" if deeds.discard or deeds.leave else "",
            **{kinds[kind]: str(kind) for kind in deeds.judge},
            "i": ("not known" if one.known else "known") if deeds.know else "",
            "c": "copy" if whole.draft else "",
            "o": "open" if whole.place or whole.row.profile else "",
            "m": "pasted" if deeds.pasted else "",
            "u": "undo" if self._back else "",
            "space": "read on" if self._can_read_on else "",
        }
        always = {"j k": "next, previous", "?": "help", "q": "quit"}
        return {key: words for key, words in offered.items() if words} | always

    # ------------------------------------------------------------------------------------------------------- keys

    def _obey(self, key: str, one: Seen) -> None:
        if key in {RESIZED, ESCAPE}:  # over a slow line an arrow's first octet comes alone: it must not quit
            return
        self.told = ""
        if key in _STEPS:
            self._move(_STEPS[key])
        elif key in _SCROLLS:
            self._scroll(key)
        elif key in _VERDICTS:
            self._judge(one, _VERDICTS[key])
        else:
            self._doings().get(key, self._nothing)(one)

    def _doings(self) -> Mapping[str, Callable[[Seen], None]]:
        return {
            "e": self._edit, "d": self._draft, "x": self._discard, "r": self._redraft, "i": self._know,
            "c": self._copy, "o": self._open, "m": self._pasted, "u": self._undo, "h": self._show_history,
            "?": self._help,
        }  # fmt: skip

    def _nothing(self, _one: Seen) -> None:
        self.told = "That key does nothing here: ? shows those that do."

    def _scroll(self, key: str) -> None:
        lines = _SCROLLS[key] * (1 if key in {DOWN, UP} else max(self._room.page - 1, 1))
        self.scroll = max(0, min(self.scroll + lines, self._room.most))

    def _move(self, by: int) -> None:
        walked = self.walk.moved(by)
        if walked == self.walk:
            self.told = "That was the last one: q quits." if by > 0 else "This is the first one."
        self.walk, self.scroll = walked, 0

    def _judge(self, one: Seen, kind: VerdictKind) -> None:
        if kind not in one.whole.deeds.judge:
            self.told = f"It is judged {kind} already." if one.whole.row.verdict else "There is nothing to judge."
            return
        self._do(one, Step("judge", {"verdict": str(kind)}))

    def _draft(self, one: Seen) -> None:
        self._do_if(one, one.whole.deeds.draft, Step("draft"))

    def _discard(self, one: Seen) -> None:
        deeds = one.whole.deeds
        self._do_if(one, deeds.discard or deeds.leave, Step("discard" if deeds.discard else "leave"))

    def _pasted(self, one: Seen) -> None:
        self._do_if(one, one.whole.deeds.pasted, Step("pasted"))

    def _know(self, one: Seen) -> None:
        self._do_if(one, one.whole.deeds.know, Step("unknow" if one.known else "know"))

    def _edit(self, one: Seen) -> None:
        if not one.whole.deeds.save or one.whole.draft is None:
            self.told = _not_now(one)
            return
        words = self._to_edit(one)
        if words is None:
            return
        try:
            with self.terminal.lent():
                came = edited(words)
        except OSError as broken:
            self.told = f"No file can be written for your editor: {broken}."
            return
        self._take_up(one, one.whole.draft.revision, came)

    def _to_edit(self, one: Seen) -> str | None:
        """What the editor opens; None where the person thought better of it.

        Where another draft came beside words that are not saved, the person says which: they have both before them.
        """
        if one.unsaved is None or not one.unsaved.is_beside:
            return one.unsaved.words if one.unsaved else one.words
        mine, theirs = "your words, which then take its place", "that draft; your words are shown when you quit"
        chosen = self._chosen("Another draft came meanwhile. Which do you edit?", (mine, theirs))
        if chosen == theirs:
            self._unsaved.set_aside(one.record.id)
            return one.words
        return one.unsaved.words if chosen else None

    def _take_up(self, one: Seen, revision: int, came: Edited) -> None:
        """What was written becomes the draft; until then, and where the editor failed, it is kept."""
        number, words = one.record.id, came.words
        if words is None or not words.strip():
            self.told = came.trouble or ("Nothing was changed." if words is None else _NO_WORDS)
            return
        if words.strip() == one.words.strip():
            self._unsaved.drop(number)
            self.told = "Nothing was changed."
            return
        self._unsaved.keep(number, unsaved.Kept(words, revision))
        if came.trouble:
            self.told = f"{came.trouble} {_KEPT}"
        elif self._do(one, Step("save", {"text": words, "revision": str(revision)})):
            self._unsaved.drop(number)
        else:
            self.told += f" {_KEPT}"

    def _redraft(self, one: Seen) -> None:
        if not one.whole.deeds.redraft or one.watched is None:
            self.told = _not_now(one)
            return
        account, names = one.watched.account, review.template_names(one.watched.account, one.watched.templates)
        template = self._chosen("Which template?", ("as the verdict says", *names))
        if template is None:
            return
        languages = account.voice.languages
        language = self._chosen("In which language?", ("as before", *languages)) if len(languages) > 1 else "as before"
        if language is None:
            return
        if language not in languages:
            language = one.whole.draft.language if one.whole.draft else ""
        self._do(one, Step("redraft", {"template": template if template in names else "", "language": language}))

    def _copy(self, one: Seen) -> None:
        if one.answer is None:
            self.told = "There is no text to copy."
            return
        words, draft = one.answer
        text = plain(words).strip()
        with self.terminal.lent():
            self.terminal.copy(text)
            if draft is not one.whole.draft:
                click.echo(f"— {NOT_SAVED}", err=True)
            click.echo(f"\n{text}\n")
            click.echo("— copied, if your terminal allows it; else copy it from here.", err=True)
            if one.whole.place:
                click.echo(f"— {draft.length:,} characters: {draft.fits}.", err=True)
                click.echo(f"— paste it there, as your reply: {one.whole.place}", err=True)
            click.pause("— press any key to go on", err=True)
        self.told = "Copied, if your terminal allows it; the text stands above in your terminal as well."

    def _open(self, one: Seen) -> None:
        place = one.whole.place or one.whole.row.profile
        if not place:
            self.told = "There is nothing to open on LinkedIn: the answer goes by mail."
        elif _has_browser() and webbrowser.open(place):
            self.told = f"Opened {place}"
        else:
            self.told = f"There is no browser here. Open {place}"

    def _undo(self, _one: Seen) -> None:
        if self._back is None:
            self.told = "There is nothing to take back."
            return
        number, step = self._back
        self.walk = self.walk.led_to(number)
        if self._do(self._look(), step, is_undo=True):
            self.told = f"Taken back. {self.told}"
            self._back = None

    def _help(self, _one: Seen) -> None:
        self._ask(face.help_lines(), "Any key goes back.")

    def _show_history(self, _one: Seen) -> None:
        self._with_history = not self._with_history
        self.scroll = sys.maxsize if self._with_history else 0

    # ------------------------------------------------------------------------------------------------- what is done

    def _do_if(self, one: Seen, is_offered: str, step: Step) -> None:
        if not is_offered:
            self.told = _not_now(one)
        elif reviewing.is_for_good(one.record, step) and not self._is_meant(one, is_offered):
            self.told = "Nothing was changed."
        else:
            self._do(one, step)

    def _is_meant(self, one: Seen, words: str) -> bool:
        key = RESIZED
        while key == RESIZED:
            self.told = f"{words}? This cannot be taken back. Press y if you mean it."
            self._draw(one)
            key = self._key_or_end()
        return key == "y"

    def _do(self, one: Seen, step: Step, *, is_undo: bool = False) -> bool:
        """Do it and tell what came of it; whether it was done."""
        if step.deed not in _KEPT_HERE:
            self.told = "Your mail server is asked …"
            self._draw(one)
        try:
            told = DEEDS[step.deed](self.desk, one.record, {**_seen(one), **step.form})
        except (GiveUp, Show) as refused:
            self.told = _sentence(str(refused))
            return False
        except TryAgain as trouble:
            self.told = f"It failed for now: {trouble}. Try again in a while."
            return False
        self.told = " ".join([told.words, *told.lines])
        after = review.find(self.desk.ledger, one.record.id)
        way = None if is_undo else reviewing.way_back(one.record, one.words, step, after)
        self._back = (one.record.id, way) if way else None
        return True

    # ------------------------------------------------------------------------------------------------------ questions

    def _chosen(self, question: str, choices: Sequence[str]) -> str | None:
        """One of these, by its key; None where the person thought better of it."""
        lines = face.question(question, zip(_CHOICES, choices, strict=False))
        key = self._ask(lines, "Enter takes the first. Any other key goes back.")
        if key == ENTER:
            return choices[0]
        place = _CHOICES.find(key) if len(key) == 1 else -1
        if 0 <= place < len(choices):
            return choices[place]
        self.told = "Nothing was changed."
        return None

    def _ask(self, lines: Sequence[RenderableType], told: str) -> str:
        while True:
            self.terminal.draw(Screen([], lines, face.foot(told, {})))
            key = self._key_or_end()
            if key != RESIZED:
                return key

    def _key_or_end(self) -> str:
        try:
            return self.terminal.key()
        except EOFError:
            return ESCAPE


_KEPT_HERE = frozenset({"leave", "pasted", "know", "unknow"})
"""Deeds that the ledger alone is told of."""

_KEPT = "What you wrote is kept here: e shows it again, and so does quitting."
_NO_WORDS = "There were no words: nothing was changed."

_STEPS: Mapping[str, int] = {"j": 1, "k": -1, RIGHT: 1, LEFT: -1, "n": 1}
_SCROLLS: Mapping[str, int] = {DOWN: 1, UP: -1, PAGE_DOWN: 1, PAGE_UP: -1, "b": -1}
_VERDICTS: Mapping[str, VerdictKind] = {"g": VerdictKind.GENERIC, "p": VerdictKind.PERSONALISED}


def _seen(one: Seen) -> Mapping[str, str]:
    """Which draft the person has before them."""
    return {"revision": str(one.whole.draft.revision)} if one.whole.draft else {}


def _not_now(one: Seen) -> str:
    return _sentence(f"this is not to be done now: {one.whole.row.state_words}")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _has_browser() -> bool:
    """A browser of the text kind would take the terminal, and one on the far end of ssh is seen by nobody."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
