"""`watcher demo`: the whole job with nothing set up, and nothing left behind."""

import json
import sys
from pathlib import Path

import pytest
from cli.command import Watcher
from shell.program import Home

SAMPLES = Path(__file__).parents[2] / "watcher" / "samples"
EXPECTED = [json.loads(line) for line in (SAMPLES / "expected.jsonl").read_text("utf-8").splitlines()]
OF_A_PASS = {
    "mailbox", "looked_at", "invitations", "drafted", "held", "skipped", "failed", "round_trips", "bytes_in",
    "bytes_out", "seconds", "next_from", "noticed",
}  # fmt: skip


def test_as_json_it_prints_json_lines_alone_and_leaves_nothing_behind(process: Home) -> None:
    temporary = process.folder / "temporary"
    temporary.mkdir()
    ran = process.run("demo", "--json", TMPDIR=str(temporary))
    assert (ran.code, ran.err) == (0, "")
    *outcomes, summary = ran.lines
    assert set(summary) == OF_A_PASS
    assert summary["drafted"] == sum(one["state"] == "drafted" for one in outcomes) > 5
    assert summary["held"] == sum(one["state"] == "held" for one in outcomes)
    assert sorted(process.folder.rglob("*")) == [temporary]


def test_it_comes_to_the_expected_verdicts(watcher: Watcher) -> None:
    *outcomes, _ = watcher("demo", "--json").lines
    wanted = {
        (one["inviter"], one["verdict"], one["because"], one["route"])
        for one in EXPECTED
        if one["kind"] == "invitation"
    }
    told = {
        (one["inviter"]["name"], one["verdict"], one["because"], one["route"]["by"]) for one in outcomes
    }  # the reminder belongs to an invitation that was seen
    assert told == wanted
    for one in outcomes:
        assert (one["draft"] is not None) == (one["state"] == "drafted")
        assert {"id", "state", "draft", "source", "kind", "route"} <= set(one)


def test_no_setting_of_the_person_has_a_part_in_it(process: Home) -> None:
    env = process.folder / ".env"
    env.write_text("WATCHER_IMAP_HOST=imap.example.test\nWATCHER_NONSENSE=1\nWATCHER_MY_NAME=Edda Holm\n")
    env.chmod(0o644)
    ran = process.run("demo", WATCHER_IMAP_PORT="imap", WATCHER_LEDGER="sqlite:////nowhere/ledger", WATCHER_WEB="x:1")
    assert ran.code == 0
    assert "Edda" not in ran.out
    assert sorted(process.folder.iterdir()) == [env]


@pytest.mark.parametrize("words", [(), ("--no-web",)])
def test_for_people_it_shows_mails_verdicts_and_a_draft_and_says_what_comes_next(
    watcher: Watcher, words: tuple[str, ...]
) -> None:
    ran = watcher("demo", *words)
    assert ran.code == 0
    for said in (
        "Ottoline Marsh",
        "generic: no words of their own",
        "drafted",
        "a draft",
        "nothing sent",
        "Other mail, left alone",
    ):
        assert said in ran.out
    assert "watcher init" in ran.err


def test_without_the_embedded_server_it_says_how_to_get_it(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymap", None)
    ran = watcher("demo")
    assert (ran.code, ran.out) == (2, "")
    assert "pip install 'invitation-watcher[demo]'" in ran.err
