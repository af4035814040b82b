"""The process that renders a person's own templates: when it starts, and that it ends, whoever is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapters.processes import Ours, adopting, end_of, first_child, has_computed

from watcher import wiring
from watcher.adapters.rendering import process
from watcher.adapters.rendering.process import CHILD, RenderingProcess
from watcher.adapters.rendering.sandbox import Fault, Kind
from watcher.adapters.templates import FileTemplates
from watcher.errors import GiveUp, TryAgain

LONG = "{% for a in range(99999) %}{% for b in range(120) %}{% endfor %}{% endfor %}done"  # half a second
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


@pytest.fixture
def rendering() -> Iterator[RenderingProcess]:
    one = RenderingProcess()
    yield one
    one.close()


@pytest.fixture
def ours() -> Ours:
    return Ours()


def test_nobody_starts_it_with_the_shipped_templates_alone(tmp_path: Path, ours: Ours) -> None:
    shelf = FileTemplates(tmp_path)
    for entry in shelf.listing():
        with pytest.raises(GiveUp, match="is undefined"):
            shelf.render(entry.language, entry.name, {})
    assert ours.all() == set()


def test_one_process_serves_many_renders_and_ends_when_told(rendering: RenderingProcess, ours: Ours) -> None:
    used = {ours.one() for _ in range(50) if rendering.render("{{ note }}", {"note": "x"})}
    assert len(used) == 1
    rendering.close()
    rendering.close()
    assert ours.all() == set()
    assert rendering.render("{{ note }}", {"note": "again"}) == "again"


def test_it_ends_with_the_object(tmp_path: Path, ours: Ours) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "generic.txt.j2").write_text("Hi")
    assert FileTemplates(tmp_path).render("en", "generic", {}) == "Hi\n"
    assert ours.all() == set()


def test_it_ends_with_the_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: Ours) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    (tmp_path / "own" / "en").mkdir(parents=True)
    (tmp_path / "own" / "en" / "generic.txt.j2").write_text("Hi")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {
        "MAILBOX": f"maildir:{tmp_path}/mail", "MY_ADDRESS": "me@example.test", "MY_NAME": "Robin Ashdown",
        "TEMPLATES": "own", "LEDGER": f"sqlite:///{tmp_path}/ledger.sqlite",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WATCHER_{name}", value)
    with wiring.open_house() as house:
        assert house.templates.render("en", "generic", {}) == "Hi\n"
        assert ours.all()
    assert ours.all() == set()


def test_after_a_limit_there_is_a_fresh_one(rendering: RenderingProcess, ours: Ours) -> None:
    rendering.render("Hi", {})
    before = ours.one()
    assert rendering.render("{{ 'a' * 10**9 }}", {}) == Fault(Kind.MEMORY, "", 1)
    assert rendering.render("Hi", {}) == "Hi"
    assert ours.one() != before


def test_after_a_mistake_it_goes_on(rendering: RenderingProcess, ours: Ours) -> None:
    rendering.render("Hi", {})
    before = ours.one()
    for text in ["{{ nobody }}", "{% if %}", "{{ 'x' * 40000 }}"]:
        assert isinstance(rendering.render(text, {}), Fault)
    assert ours.one() == before


def test_it_is_replaced_before_its_life_ends(
    rendering: RenderingProcess, monkeypatch: pytest.MonkeyPatch, ours: Ours
) -> None:
    monkeypatch.setattr(process, "LIFE_SECONDS", 0)
    assert [rendering.render(LONG, {}) for _ in range(3)] == ["done"] * 3
    assert ours.all() == set()


def test_killed_while_idle_nobody_notices(rendering: RenderingProcess, ours: Ours) -> None:
    for _ in range(3):
        assert rendering.render("Hi", {}) == "Hi"
        os.kill(ours.one(), signal.SIGKILL)
    assert rendering.render("Hi", {}) == "Hi"
    assert len(ours.all()) == 1


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_killed_in_the_middle_of_a_render_it_renders_once_more(rendering: RenderingProcess, ours: Ours) -> None:
    killing = ours.while_rendering(_kill)
    assert rendering.render(LONG, {}) == "done"
    killing.join()


def test_killed_again_and_again_the_template_is_given_up(rendering: RenderingProcess, ours: Ours) -> None:
    killing = ours.while_rendering(_kill, times=2)
    assert rendering.render(ENDLESS, {}) == Fault(Kind.DEATH)
    killing.join()
    assert rendering.render("Hi", {}) == "Hi"


def test_one_that_hangs_is_ended_by_the_clock(rendering: RenderingProcess, ours: Ours) -> None:
    stopping = ours.while_rendering(lambda pid: os.kill(pid, signal.SIGSTOP))
    assert rendering.render(ENDLESS, {}) == Fault(Kind.CLOCK)
    stopping.join()
    assert rendering.render("Hi", {}) == "Hi"


def test_after_an_interrupt_no_answer_comes_late(rendering: RenderingProcess, ours: Ours) -> None:
    interrupting = ours.while_rendering(lambda _: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        rendering.render(ENDLESS, {})
    interrupting.join()
    assert rendering.render("Hi", {}) == "Hi"


PROGRAM = """
import sys
from watcher.adapters.rendering.process import RenderingProcess
rendering = RenderingProcess()
rendering.render("Hi", {})
print("idle", flush=True)
sys.stdin.readline()
rendering.render(sys.argv[1], {})
"""


@pytest.mark.parametrize(("is_idle", "end"), [(True, 0), (False, -signal.SIGIO)])
def test_when_the_program_is_killed_it_ends_at_once(is_idle: bool, end: int) -> None:
    with adopting():
        started = [sys.executable, "-c", PROGRAM, ENDLESS]
        with subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            assert program.stdin and program.stdout  # noqa: PT018 - for the types
            program.stdout.readline()
            child = first_child(program.pid)
            if not is_idle:
                program.stdin.write(b"\n")
                program.stdin.flush()
                has_computed(child, 0.5)
            program.kill()
            program.wait()
        assert end_of(child) == end


@pytest.mark.parametrize(("code", "why"), [("raise SystemExit(3)", "exit code 3"), ("import nothing", "exit code 1")])
def test_one_that_cannot_start_is_the_machines_fault(code: str, why: str, ours: Ours) -> None:
    with pytest.raises(TryAgain, match=rf"the process that renders your own templates does not start \({why}\)"):
        RenderingProcess(code).render("Hi", {})
    assert ours.all() == set()


def test_without_an_interpreter_it_is_the_machines_fault_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TryAgain, match=r"does not start .*No such file"):
        RenderingProcess(CHILD).render("Hi", {})
