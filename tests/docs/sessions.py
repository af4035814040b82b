"""Sessions at a terminal as a document shows them: typed again by a reader, and compared with what comes.

Ports and places of the document stand for those of the servers that run meanwhile. What is typed stands behind the last
`> ` or `: ` of a line; what is typed unseen does not stand there at all.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from documents import Block, is_shown
from shell.terminal import Terminal, at_terminal

LANGUAGE = "session"
_PROMPT = re.compile(r"^( *(?:\[.*\] )?>|.*\[Y/n\]:) ?(.*)$")


@dataclass(frozen=True)
class Reader:
    """Sits in a home of their own; `places` are the document's words and what stands for them here."""

    home: Path
    environment: Mapping[str, str]
    places: Mapping[str, str]
    password: str

    def follow(self, block: Block) -> None:
        """Type what the block shows, and look at all that comes."""
        command, *lines = [line for line in self._here(block.text).splitlines() if line.strip()]
        settings, words = self._command(command.removeprefix("$ "))
        with at_terminal(words, self.home, {**self.environment, **settings}) as terminal:
            for number, line in enumerate(lines):
                self._type(terminal, line, is_hidden="password" in "".join(lines[max(number - 2, 0) : number]))
            terminal.end()
        assert is_shown(tuple(lines), terminal.seen), f"line {block.line}: {command} shows\n{terminal.seen}"
        assert self.password not in terminal.seen

    def _here(self, text: str) -> str:
        for word, here in self.places.items():
            text = text.replace(word, here)
        return text

    @staticmethod
    def _command(command: str) -> tuple[dict[str, str], list[str]]:
        words = shlex.split(command)
        settings = dict(word.split("=", 1) for word in words if re.match(r"WATCHER_\w+=", word))
        assert words[len(settings)] == "watcher", f"nobody has tried {command!r}"
        return settings, [sys.executable, "-P", "-m", *words[len(settings) :]]

    def _type(self, terminal: Terminal, line: str, *, is_hidden: bool) -> None:
        prompt = _PROMPT.match(line)
        if prompt is None:
            return
        terminal.await_words(prompt[1].strip())
        terminal.type(prompt[2] or (self.password if is_hidden else ""))
