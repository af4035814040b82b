"""`watcher init`: asks what a mailbox needs, tries each answer at once, shows what a pass would do, writes `.env`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager

import click
from rich.text import Text

from watcher import wiring
from watcher.cli import login, once, screen
from watcher.cli.options import account
from watcher.cycle import PassReport
from watcher.domain.tokens import Tokens
from watcher.errors import Problem, Show
from watcher.setting_up.asking import Question
from watcher.setting_up.consent import Login
from watcher.setting_up.conversation import MOST_QUESTIONS, SettingUp
from watcher.wiring import SetUp


@click.command()
@click.option("--ask-server", is_flag=True, help="Ask for the mail server although it is known.")
@click.option("--everywhere", is_flag=True, help="Write to your configuration folder, which every folder finds.")
@account
def init(*, ask_server: bool, everywhere: bool, account: str | None) -> None:
    """Set a mailbox up: a few questions, each answer tried at once. Nothing is written before you say yes.

    What your settings hold besides stays as it is; what changes is shown, and the old file is kept as .env.bak.
    """
    _refuse_without_terminal()
    work = wiring.setting_up(account, everywhere=everywhere)
    talk = Terminal()
    talk.tell(
        f"{MOST_QUESTIONS} questions at most. Enter takes what stands in brackets; Ctrl-C leaves all as it was.\n"
    )
    came_out = SettingUp(talk, work.ground(), ask_server, spoken=_spoken()).run()
    _write(talk, work, came_out.answers, came_out.tokens)


def _refuse_without_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        remedy = (
            "`watcher settings > .env` writes every setting down; `chmod 600 .env`, fill in its first part, "
            "then run `watcher doctor`"
        )
        raise Show(Problem("watcher init", "asks questions, and there is no terminal to ask them in", remedy))


def _spoken() -> str:
    """The language of this machine, by the first of the variables that tells one (POSIX, 8.2)."""
    told = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return told.partition("_")[0].partition(".")[0].lower()


def _write(talk: Terminal, work: SetUp, answers: Mapping[str, str], tokens: Tokens | None) -> None:
    changes = work.difference(answers)
    if not changes and tokens is None:
        talk.tell(f"\n{work.place} says all of this already: nothing is to be written.")
    else:
        _show(talk, work, changes)
        if not talk.agrees(f"Write {work.place}?"):
            screen.err().print("Nothing was written.")
            return
        kept = work.write(answers, tokens)
        where = f", what stood there is in {kept.name}" if kept else ""
        talk.tell(f"\nWritten: {work.place}, for you alone to read{where}.")
    _say_what_next(talk, work)


def _show(talk: Terminal, work: SetUp, changes: tuple[str, ...]) -> None:
    """Of a new file the settings alone, of another what changes in it."""
    is_new = not work.sheet.text
    talk.tell(f"\nThis {'will stand' if is_new else 'changes'} in {work.place}:\n")
    for line in changes:
        if is_new and (line.startswith(("@@", "+#")) or line == "+"):
            continue
        shown = "…" if line.startswith("@@") else line.removeprefix("+") if is_new else line
        style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
        screen.err().print(Text(f"  {screen.plain(shown)}", style))
    talk.tell("")


def _say_what_next(talk: Terminal, work: SetUp) -> None:
    of = f" --account {work.name}" if work.name else ""
    talk.tell(
        f"\nNext: `watcher once{of}` makes these drafts, `watcher run` stays and watches, "
        f"`watcher doctor{of}` checks everything."
    )
    if work.name is None and work.place.parent.samefile(os.curdir):
        talk.tell("Run them in this folder: that is where these settings are found.")


class Terminal:
    """Implements `setting_up.asking.Talk` in a terminal, all of it on standard error."""

    def __init__(self) -> None:
        self._err = screen.err()
        self._number = 0

    def ask(self, question: Question) -> str:
        """Until something is answered."""
        self._number += question.is_first
        self._err.print()
        number = f"{self._number}. " if question.is_first else "   "
        head = Text(f"{number}{screen.plain(question.words)}", style="bold")
        if question.hint:
            head.append(f"\n   {screen.plain(question.hint)}", style="not bold dim")
        self._err.print(head)
        if question.choices:
            return self._chosen(question)
        while True:
            typed = self._typed(question)
            if typed:
                return typed

    def _typed(self, question: Question) -> str:
        shown = f" [{'the same' if question.is_secret else screen.plain(question.default)}]" if question.default else ""
        typed: str = click.prompt(
            f"  {shown}", default="", show_default=False, hide_input=question.is_secret, err=True, prompt_suffix=" > "
        )
        return (typed if question.is_secret else typed.strip()) or question.default

    def _chosen(self, question: Question) -> str:
        for number, choice in enumerate(question.choices, 1):
            self._err.print(Text(f"   {number}  {screen.plain(choice)}"))
        default = question.choices.index(question.default) + 1 if question.default in question.choices else None
        number = click.prompt(
            "  ", type=click.IntRange(1, len(question.choices)), default=default, err=True, prompt_suffix=" > "
        )
        return question.choices[number - 1]

    def tell(self, words: str) -> None:
        """As it is."""
        self._err.print(Text(screen.plain(words)))

    def refuse(self, problem: Problem) -> None:
        """What is wrong and what to do, as other commands say it."""
        where = f"{problem.where}: " if problem.where.startswith("WATCHER_") else ""
        told = Text(f"✗ {screen.plain(f'{where}{problem.what}')}", style="red")
        self._err.print(told.append(f"\n  → {screen.plain(problem.remedy)}", style="bold default"))

    def trying(self, words: str) -> AbstractContextManager[object]:
        """A line that is gone when it is done."""
        return self._err.status(Text(f"{screen.plain(words)} …"))

    def agrees(self, words: str) -> bool:
        """Yes or no; Enter is yes."""
        return click.confirm(screen.plain(words), default=True, err=True)

    def consent(self, sign_in: Login) -> Tokens:
        """As `watcher login` has it."""
        return login.consent(sign_in)

    def show(self, report: PassReport) -> None:
        """As `watcher once --dry-run` has it."""
        self._err.print()
        once.print_report(report, dry_run=True)
