"""A reader who types what a document shows, on a machine of their own: an empty home, a checkout, a mailbox.

The reader knows only the commands named here; a document that shows another one has to teach it here first.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from documents import ROOT, Block, Step, is_shown

WIDTH = "240"
"""Columns of the terminal: wide, so that no line of an output is broken."""

ADVICE = re.compile(r"set this.*: (WATCHER_TRUSTED_AUTHSERV)=(\S+)")


def installable() -> frozenset[str]:
    """What pip may be told to install from a checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return frozenset({".", *(f".[{extra}]" for extra in project["optional-dependencies"])})


def distribution() -> str:
    """What pip may be told to take away."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"])


def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@dataclass(slots=True)
class Reader:
    """Follows one document; `folder` is the checkout they are in, `environment` what their shell exports."""

    home: Path
    environment: dict[str, str]
    folder: Path = field(init=False)
    virtual: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folder = self.home / "checkout"
        for name in ("templates", "watcher/samples"):
            shutil.copytree(ROOT / name, self.folder / name)
        for settings in ROOT.glob("*.env"):
            shutil.copy(settings, self.folder)
        own = {"HOME": str(self.home), "COLUMNS": WIDTH, "PATH": os.environ["PATH"], "WATCHER_LOG_LEVEL": "debug"}
        self.environment = own | self.environment

    def write(self, block: Block) -> None:
        """Save a block that names its file."""
        place = self._inside(block.title)
        assert place.parent.is_dir(), f"line {block.line}: {block.title} has no folder yet"
        place.write_text(block.text, "utf-8")

    def take(self, step: Step) -> None:
        """Type one command and look at what comes."""
        words = shlex.split(step.command)
        known = {
            "watcher": self._watcher, "make": self._make, "export": self._export, "pip": self._pip, "pipx": self._pip,
            "python3": self._venv, ".": self._activate, "cp": self._files, "chmod": self._files,
            "mkdir": self._files, "rm": self._files,
        }  # fmt: skip
        assert words[0] in known, f"line {step.line}: nobody has tried {step.command!r}"
        known[words[0]](words, step)

    def _watcher(self, words: list[str], step: Step) -> None:
        if words[1:] == ["run"]:
            code, printed = self._until_first_pass(words)
        else:
            code, printed = self._run(words)
        assert code == step.code, f"line {step.line}: {step.command} ends with {code}\n{printed}"
        if step.output is not None:
            assert is_shown(step.output, printed), f"line {step.line}: {step.command} prints\n{printed}"
            self._follow_advice(step, printed)

    def _run(self, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            self._command(words), env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _until_first_pass(self, words: list[str]) -> tuple[int, str]:
        """Let it watch until a pass is logged, then end it as a service manager would."""
        with subprocess.Popen(
            self._command(words), env=self.environment, cwd=self.folder, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr is not None, "it is a pipe"
            said = []
            for line in running.stderr:
                said.append(line)
                if "] pass " in line:
                    running.send_signal(signal.SIGTERM)
        return running.returncode, "".join(said)

    @staticmethod
    def _command(words: list[str]) -> list[str]:
        # -P: the checkout's own folder `watcher` holds only samples here.
        return [sys.executable, "-P", "-m", "watcher", *words[1:]]

    def _follow_advice(self, step: Step, printed: str) -> None:
        """Where the document shows the doctor's proposal, the reader sets what it proposes."""
        proposed = ADVICE.search(printed)
        if proposed and ADVICE.search("\n".join(step.output or ())):
            self.environment[proposed[1]] = proposed[2]

    def _make(self, words: list[str], step: Step) -> None:
        assert set(words[1:]) <= targets(), f"line {step.line}: the Makefile does not know {step.command!r}"

    def _export(self, words: list[str], _step: Step) -> None:
        for word in words[1:]:
            name, _, value = word.partition("=")
            self.environment[name] = value

    def _pip(self, words: list[str], step: Step) -> None:
        known = {"install": installable(), "uninstall": frozenset({distribution()})}
        assert set(words[2:]) <= known[words[1]], f"line {step.line}: {step.command!r} names nothing of this project"

    def _venv(self, words: list[str], step: Step) -> None:
        assert words[1:3] == ["-m", "venv"], f"line {step.line}: nobody has tried {step.command!r}"
        self.virtual.add(words[3])

    def _activate(self, words: list[str], step: Step) -> None:
        environment = words[1].removesuffix("/bin/activate")
        assert environment in self.virtual, f"line {step.line}: {environment} was not made before"

    def _files(self, words: list[str], step: Step) -> None:
        paths = [word for word in words[1:] if not word.startswith("-") and not word.isdigit()]
        assert all(map(self._inside, paths)), "nothing but the reader's own files"
        home = [re.sub(r"^~(?=/)", str(self.home), word) for word in words]
        done = subprocess.run(home, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == step.code, f"line {step.line}: {step.command}: {done.stderr}"

    def _inside(self, path: str) -> Path:
        place = (self.folder / re.sub(r"^~(?=/)", str(self.home), path)).resolve()
        assert place.is_relative_to(self.home.resolve()), f"{path} lies outside the reader's home"
        return place
