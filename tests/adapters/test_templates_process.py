"""The process that renders a person's own templates: does the same as this one, holds nothing, is not believed."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from adapters.processes import Ours
from hypothesis import given
from hypothesis import strategies as st
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_TESTS

from watcher.adapters.rendering import sandbox
from watcher.adapters.rendering.limits import LONGEST
from watcher.adapters.rendering.process import RenderingProcess
from watcher.adapters.rendering.sandbox import Fault, Kind

CANARY = "canary-4711-of-the-environment"
MAPPINGS = st.dictionaries(st.text(), st.none() | st.text())


@pytest.fixture
def rendering() -> Iterator[RenderingProcess]:
    one = RenderingProcess()
    yield one
    one.close()


@pytest.fixture(scope="module")
def kept() -> Iterator[RenderingProcess]:
    """One for many renders that leave it whole."""
    one = RenderingProcess()
    yield one
    one.close()


@pytest.fixture
def ours() -> Ours:
    return Ours()


# ------------------------------------------------------------------------------------------- the same as in process


def _no_addresses(outcome: str | Fault) -> str:
    return re.sub("0x[0-9a-f]+", "0x", repr(outcome))


@pytest.mark.parametrize("value", ["note", "'<b>a</b> www.example.test 7'", "[3, 1, 2]", "7.5", "{'b': 1, 'a': 2}"])
def test_every_filter_and_test_of_jinja_does_the_same_there(kept: RenderingProcess, value: str) -> None:
    values = {"note": "Ein Wort,\nund  noch eins &amp; “mehr”"}
    uses = [f"{value} | {name}{more}" for name in DEFAULT_FILTERS for more in ("", "(2)", "('a', 'b')")]
    uses += [f"{value} is {name}{more}" for name in DEFAULT_TESTS for more in ("", "(2)")]
    uses += [r"'\N{SNOWMAN}\x41\u0416'"]
    rendered = 0
    for use in uses:
        if "| random" not in use:
            here, there = (one.render(f"\n{{{{ {use} }}}}", values) for one in (sandbox, kept))
            assert _no_addresses(there) == _no_addresses(here), use
            rendered += isinstance(there, str)
    assert rendered > 50


@given(note=st.text(), inviter=MAPPINGS)
def test_every_value_comes_out_as_it_does_here(kept: RenderingProcess, note: str, inviter: dict[str, object]) -> None:
    text = "{{ note }}|{% for name, value in inviter | dictsort %}{{ name }}={{ value }};{% endfor %}"
    values = {"note": note, "inviter": inviter}
    assert kept.render(text, values) == sandbox.render(text, values)


@given(
    st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "if", "note", "for x in", " ", "\n", "'", "end", "|", "(", "1"]))
)
def test_every_mistake_is_told_as_it_is_here(kept: RenderingProcess, parts: list[str]) -> None:
    text = "".join(parts)
    assert kept.render(text, {"note": "x"}) == sandbox.render(text, {"note": "x"})


def test_threads_get_each_their_own_text_from_one_process(rendering: RenderingProcess, ours: Ours) -> None:
    rendering.render("Hi", {})
    child = ours.one()
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda n: rendering.render("{{ note }}", {"note": str(n) * 500}), range(200)))
    assert texts == [str(n) * 500 for n in range(200)]
    assert ours.one() == child


# -------------------------------------------------------------------------------------------- what the process holds


def test_it_holds_no_secret_and_nothing_that_is_open_here(
    rendering: RenderingProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: Ours
) -> None:
    monkeypatch.setenv("WATCHER_IMAP_PASSWORD", CANARY)
    with (tmp_path / "ledger.sqlite").open("w") as ledger, socket.socket() as server:
        for one in (ledger, server):
            os.set_inheritable(one.fileno(), True)
        assert rendering.render("Hi", {}) == "Hi"
        proc = Path(f"/proc/{ours.one()}")
        opened = {path.name: path.readlink() for path in (proc / "fd").iterdir()}
    assert (proc / "environ").read_bytes() == b""
    assert CANARY.encode() not in (proc / "cmdline").read_bytes()
    assert opened.pop("0").name.startswith("socket:")
    assert opened == {"1": Path("/dev/null"), "2": Path("/dev/null")}
    assert (proc / "cwd").readlink() == Path("/")
    assert os.getsid(ours.one()) == ours.one(), "the terminal's interrupt is not for it"


def test_the_kernel_limits_it(rendering: RenderingProcess, ours: Ours) -> None:
    rendering.render("Hi", {})
    told = Path(f"/proc/{ours.one()}/limits").read_text("ascii")
    soft, hard = ({line[:25].strip(): line[25:].split()[n] for line in told.splitlines()[1:]} for n in (0, 1))
    for name, most in [("Max core file size", 0), ("Max file size", 0), ("Max processes", 0), ("Max open files", 3)]:
        assert int(hard[name]) == most
    assert int(hard["Max address space"]) < 512 << 20
    assert int(hard["Max cpu time"]) <= 120
    assert int(soft["Max cpu time"]) <= 4, "of this one render"


# What a template could do at most, if it broke out of Jinja: the code runs where a render would.
BROKEN_OUT = """
import os, socket, sys
sys.path += sys.argv[1:]
from watcher.adapters.rendering import child
def attempt(what):
    try:
        what()
    except BaseException as error:
        return type(error).__name__
    return "done"
def render(source, values):
    return " ".join(map(attempt, [
        lambda: open("/etc/passwd"), lambda: socket.socket(), lambda: os.pipe(), lambda: bytearray(1 << 28)
    ])) + " " + str(dict(os.environ))
child.render = render
child.main()
"""


def test_one_that_broke_out_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_IMAP_PASSWORD", CANARY)
    rendering = RenderingProcess(BROKEN_OUT)
    told = rendering.render("Hi", {})
    rendering.close()
    assert isinstance(told, str)
    assert told.startswith("OSError OSError OSError MemoryError {")
    assert CANARY not in told


# ------------------------------------------------------------------------------------------ an answer is not trusted

ANSWERING = """
import os, time
def say(content): os.write(0, len(content).to_bytes(4, "big") + content)
say(b"{}")
os.read(0, 1 << 20)
"""


@pytest.mark.parametrize(
    "code",
    [
        "say(b'no JSON')",
        "say(b'\\xff\\xfe')",
        "say(b'[' * 100000)",
        "say(b'9' * 10000)",
        "say(b'[]')",
        "say(b'{}')",
        "say(b'{\"text\": 7}')",
        "say(b'{\"text\": null}')",
        f"say(b'{{\"text\": \"' + b'x' * {LONGEST + 1} + b'\"}}')",
        'say(b\'{"kind": "polite", "said": "", "line": 1}\')',
        'say(b\'{"kind": "mistake", "said": "", "line": "1"}\')',
        'say(b\'{"kind": "mistake", "said": "%s", "line": 1}\' % (b"x" * 501))',
        'say(b\'{"text": "Hi", "more": "\' + b\'x\' * 400000 + b\'"}\')',
        "os.write(0, b'\\xff\\xff\\xff\\xff' + b'x' * 100000); time.sleep(60)",
        "os.write(0, b'\\x00\\x00')",
        "os.write(0, b'\\x00\\x00\\x00\\x09{}')",
        "os.close(0); time.sleep(60)",
        "os.abort()",
        "os._exit(0)",
    ],
)
def test_an_answer_that_is_none_is_the_end_of_that_process(code: str, ours: Ours) -> None:
    rendering = RenderingProcess(ANSWERING + code)
    assert rendering.render("Hi", {}) == Fault(Kind.DEATH)
    assert ours.all() == set()


def test_one_that_the_kernel_ended_computed_too_long() -> None:
    rendering = RenderingProcess(f"{ANSWERING}os.kill(os.getpid(), {signal.SIGXCPU:d})")
    assert rendering.render("Hi", {}) == Fault(Kind.TIME)


@pytest.mark.parametrize("line", ["0", "-1", "99999999", "1" * 400])
def test_a_line_that_no_template_has_is_not_told(line: str) -> None:
    rendering = RenderingProcess(f'{ANSWERING}say(b\'{{"kind": "time", "said": "", "line": {line}}}\')')
    assert rendering.render("Hi", {}) == Fault(Kind.TIME)
