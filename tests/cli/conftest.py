"""The command line in this process, in a folder and a home of its own; and as a process, where that matters."""

import os
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from cli.command import Watcher
from shell.program import Home, Ran

from watcher.cli.commands import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, without any setting."""
    for name in [name for name in os.environ if name.startswith(("WATCHER_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def watcher(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Watcher:
    assert folder.is_dir()

    def run(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Home:
    """The program as a process of its own, without any setting."""
    return Home(tmp_path, {})
