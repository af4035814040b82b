"""A second opinion on a note: when a language model is asked, how often, for how long, and what is kept of it.

A note is shown with names replaced, twice, with other labels in another order: only where both answers say the same is
it an opinion. Answers are kept under a keyed hash, so the same note is never asked about again. Whatever fails leaves
the verdict as it was; a model that fails once is not asked again in that pass.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from watcher.domain.kinds import VerdictKind
from watcher.domain.opinion import answer
from watcher.domain.opinion.combining import combine, is_open, unasked
from watcher.domain.opinion.grounds import Opinion
from watcher.domain.opinion.instructions import instruction
from watcher.domain.opinion.placeholders import Hidden, Shown, hide
from watcher.domain.opinion.question import LONGEST_NOTE, VERSION, Question, question
from watcher.domain.values import Invitation, Person, Reading, Verdict
from watcher.errors import TryAgain
from watcher.ports import Clock

PASS_LIMIT = 4
"""All questions of one pass together take no longer than so many time limits of one note."""

LONGEST_REST = timedelta(days=1)
"""A model that wishes to be left alone for longer is asked again after this."""

TRIAL = "Great to meet you at the Maildir workshop in Aarhus on Tuesday. Here are the slides you asked me for."
"""A note with a reason, invented, on which a model is tried."""

Stop = Callable[[], bool]


class LanguageModel(Protocol):
    """A model that answers a question in words of its own."""

    @property
    def name(self) -> str:
        """Which one: what was kept of another's answers does not count."""

    @property
    def host(self) -> str:
        """The machine it runs on; "" for this one."""

    def ask(self, asked: Question, within: timedelta, stop: Stop) -> str:
        """Its answer as it stands. Raises TryAgain where there is none in time, or `stop` says so meanwhile."""


class KeptOpinions(Protocol):
    """What is remembered of opinions: nothing in it can be read. Raises TryAgain."""

    def find(self, key: bytes) -> str | None:
        """What was kept under a key."""

    def keep(self, key: bytes, text: str, day: date) -> None:
        """Keep it."""

    def spend(self, day: date, most: int) -> bool:
        """Count one more question of this day; False where there were `most` already."""


class NotAsked(Exception):  # noqa: N818 - says what was done
    """The model was not asked for a reason of our own; `str()` says which."""


@dataclass(slots=True)
class SecondJudge:
    """A language model, and the bounds within which it is asked."""

    model: LanguageModel
    kept: KeptOpinions
    seed: Callable[[], bytes]
    secret: bytes
    me: Person
    within: timedelta
    per_day: int
    rests_until: datetime | None = None

    def answers_well(self) -> bool:
        """Whether the model says of a note of ours what anybody would. Raises TryAgain."""
        asked = question(TRIAL, self.seed())
        opinion = answer.read(self.model.ask(asked, self.within, lambda: False), asked, TRIAL)
        return opinion is not None and opinion.kind is VerdictKind.PERSONALISED

    def shown(self, invitation: Invitation) -> Shown:
        """The note as the model may see it."""
        who = invitation.inviter
        hidden = Hidden(who.name or who.first_name, self.me.name, (who.company,) if who.company else ())
        return hide(invitation.note or "", hidden, invitation.language)

    def known(self, shown: Shown) -> Opinion | None:
        """What is kept of an earlier answer to the same note. Raises TryAgain."""
        text = self.kept.find(self._key(shown))
        return answer.kept_opinion(text, shown.text) if text else None

    def ask(self, shown: Shown, within: timedelta, clock: Clock, stop: Stop) -> Opinion | None:
        """What the model thinks; None where it says nothing that counts. Raises TryAgain and NotAsked."""
        ends = clock.now() + within
        first = self._answer(shown, ends, clock, stop)
        second = self._answer(shown, ends, clock, stop) if first else None
        opinion = answer.agreed(first, second) if first and second else None
        if opinion is not None:
            self.kept.keep(self._key(shown), answer.kept(opinion), clock.now().date())
        return opinion

    def _answer(self, shown: Shown, ends: datetime, clock: Clock, stop: Stop) -> Opinion | None:
        now = clock.now()
        self._refuse(now)
        asked = question(shown.text, self.seed())
        try:
            words = self.model.ask(asked, ends - now, stop)
        except TryAgain as failure:
            if failure.wait is not None:
                self.rests_until = now + min(timedelta(seconds=failure.wait), LONGEST_REST)
            raise
        return answer.read(words, asked, shown.text)

    def _refuse(self, now: datetime) -> None:
        if self.rests_until is not None and now < self.rests_until:
            raise NotAsked(f"it wishes to be left alone until {self.rests_until:%F %T %Z}")
        if not self.kept.spend(now.date(), self.per_day):
            raise NotAsked(f"its {self.per_day} questions of the day are spent (WATCHER_LLM_PER_DAY)")

    def _key(self, shown: Shown) -> bytes:
        words = "\x1f".join([str(VERSION), self.model.name, shown.text]).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, b"opinion\x1f" + words, sha256).digest()


@dataclass(slots=True)
class Opinions:
    """Second opinions during one pass; without a `judge` every verdict stays as it is."""

    judge: SecondJudge | None
    clock: Clock
    stop: Stop
    problem: str = ""
    _spent: timedelta = field(default_factory=timedelta)

    def on(self, reading: Reading, *, may_ask: bool) -> Reading:
        """A reading with what the model thinks of its note; where it may not be asked, what is kept alone counts."""
        found, verdict = reading.found, reading.verdict
        if self.judge is None or verdict is None or not isinstance(found, Invitation) or not is_open(verdict):
            return reading
        return replace(reading, verdict=self._judged(self.judge, found, verdict, may_ask=may_ask))

    def _judged(self, judge: SecondJudge, found: Invitation, verdict: Verdict, *, may_ask: bool) -> Verdict:
        if len(found.note or "") > LONGEST_NOTE:
            return verdict
        order = instruction(found.note or "")
        if order is not None:
            return unasked(verdict, order)
        if self.problem:
            return verdict
        shown = judge.shown(found)
        try:
            opinion = judge.known(shown)
            if opinion is None and may_ask:
                opinion = self._asked(judge, shown)
        except (TryAgain, NotAsked) as failure:
            self.problem = str(failure)
            return verdict
        return combine(verdict, opinion, shown)

    def _asked(self, judge: SecondJudge, shown: Shown) -> Opinion | None:
        left = judge.within * PASS_LIMIT - self._spent
        if left <= timedelta(0):
            raise NotAsked("its time in one pass is spent")
        began = self.clock.now()
        try:
            return judge.ask(shown, min(judge.within, left), self.clock, self.stop)
        finally:
            self._spent += max(self.clock.now() - began, timedelta(0))
