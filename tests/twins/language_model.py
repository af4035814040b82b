"""A language model in memory: it says what it is told to, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from watcher.domain.kinds import VerdictKind
from watcher.domain.opinion.grounds import MEANINGS, Ground
from watcher.domain.opinion.question import Question
from watcher.errors import TryAgain

Script = Callable[[Question], str]


def note_of(asked: Question) -> str:
    return "\n".join(asked.data.split("\n")[1:-1])


def label_of(asked: Question, kind: VerdictKind) -> str:
    return next(label for label, meaning in asked.meanings.items() if meaning is kind)


def says(ground: Ground, evidence: str | None = None) -> Script:
    """A good answer; it quotes the note's first line unless told what."""

    def answer(asked: Question) -> str:
        verdict = label_of(asked, MEANINGS[ground].kind)
        quote = note_of(asked).split("\n")[0] if evidence is None else evidence
        return json.dumps({"verdict": verdict, "because": str(ground), "evidence": [quote]})

    return answer


@dataclass
class ModelInMemory:
    """Answers by a script, after it `thinks`, which is told by letting time pass."""

    script: Script
    name: str = "in memory"
    host: str = ""
    asked: list[Question] = field(default_factory=list)
    limits: list[timedelta] = field(default_factory=list)
    thinks: timedelta = timedelta(0)
    let_pass: Callable[[timedelta], None] = lambda _: None

    def ask(self, asked: Question, within: timedelta, stop: Callable[[], bool]) -> str:
        self.asked.append(asked)
        self.limits.append(within)
        self.let_pass(min(self.thinks, within))
        if self.thinks > within:
            raise TryAgain(f"no answer within {within.total_seconds():.0f} s")
        if stop():
            raise TryAgain("it was cut off, as the program ends")
        return self.script(asked)


def fails(wait: float | None = None) -> Script:
    def answer(_asked: Question) -> str:
        raise TryAgain("no answer within 30 s", wait=wait)

    return answer


@dataclass
class KeptInMemory:
    opinions: dict[bytes, str] = field(default_factory=dict)
    spent: dict[date, int] = field(default_factory=dict)

    def find(self, key: bytes) -> str | None:
        return self.opinions.get(key)

    def keep(self, key: bytes, text: str, day: date) -> None:
        assert day.year > 2000
        self.opinions[key] = text

    def spend(self, day: date, most: int) -> bool:
        if self.spent.get(day, 0) >= most:
            return False
        self.spent[day] = self.spent.get(day, 0) + 1
        return True
