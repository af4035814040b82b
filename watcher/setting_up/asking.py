"""What a conversation asks with and tries on: questions, the person, the ground that answers are tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from watcher.cycle import PassReport
from watcher.domain.genuine import Proposal
from watcher.domain.tokens import Tokens
from watcher.errors import Problem
from watcher.ports import Mailbox, MailDns, Road
from watcher.setting_up.consent import JustGiven, Login


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `default` is what Enter takes; of a secret it is not shown. `choices` are the only answers."""

    words: str
    hint: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    is_secret: bool = False
    is_first: bool = True
    """Whether it is one of the eight; else it follows from an answer that did not work."""


class Talk(Protocol):
    """The person, however they are reached. Whatever they break off with goes through."""

    def ask(self, question: Question) -> str:
        """Their answer, without blanks around it unless it is a secret; never "" where there is a default."""

    def tell(self, words: str) -> None:
        """Something that went well, or that they should know."""

    def refuse(self, problem: Problem) -> None:
        """Something that did not work, and what to do."""

    def trying(self, words: str) -> AbstractContextManager[object]:
        """Meanwhile something is tried that takes a moment."""

    def agrees(self, words: str) -> bool:
        """Yes or no."""

    def consent(self, login: Login) -> Tokens:
        """Have them sign in with their provider."""

    def show(self, report: PassReport) -> None:
        """What a pass would do."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What answers are tried on. Each raises Show or TryAgain where it does not work.

    `now` is what the settings say by now; `languages` are those that have templates.
    """

    dns: MailDns
    languages: frozenset[str]
    now: Callable[[str], str]
    road: Callable[[Mapping[str, str]], Road]
    connect: Callable[[Mapping[str, str], JustGiven | None], Mailbox]
    login: Callable[[Mapping[str, str]], Login]
    proposals: Callable[[Mailbox], Sequence[Proposal]]
    check: Callable[[Mapping[str, str]], None]
    dry_pass: Callable[[Mapping[str, str], JustGiven | None], PassReport]


@dataclass(frozen=True, slots=True)
class Set:
    """What came out: the settings, and the tokens of a sign-in by OAuth that are still to be kept."""

    answers: Mapping[str, str]
    tokens: Tokens | None
