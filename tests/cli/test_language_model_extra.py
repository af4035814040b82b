"""A language model without its extra is told, and without a language model nothing of it is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli.command import Watcher

_BY_THE_EXTRA = ("watcher.adapters.language_model", "watcher.adapters.exchange")
MAILDIR = {"WATCHER_MY_NAME": "Robin Ashdown", "WATCHER_MY_ADDRESS": "me@example.test"}


def test_without_the_extra_it_says_what_to_install(
    watcher: Watcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cur", "new", "tmp"):
        (folder / "Mail" / name).mkdir(parents=True)
    settings = MAILDIR | {"WATCHER_LLM_URL": "http://127.0.0.1:9/v1", "WATCHER_LLM_MODEL": "m"}
    for name, value in (settings | {"WATCHER_MAILBOX": f"maildir:{folder}/Mail"}).items():
        monkeypatch.setenv(name, value)
    for name in [name for name in sys.modules if name.startswith(_BY_THE_EXTRA)]:
        monkeypatch.delitem(sys.modules, name)
    for name in _BY_THE_EXTRA:
        monkeypatch.delattr(name, raising=False)
    monkeypatch.setitem(sys.modules, "urllib3", None)
    monkeypatch.setitem(sys.modules, "urllib3.connection", None)
    ran = watcher("once")
    assert ran.code == 2
    assert "WATCHER_LLM_URL" in ran.err
    assert "invitation-watcher[llm]" in ran.err


def test_who_sets_no_model_loads_none() -> None:
    code = (
        "import sys, watcher.cli.commands; print([m for m in sys.modules if 'urllib3' in m or 'language_model' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
