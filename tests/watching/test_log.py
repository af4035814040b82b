"""The log: each line names its mailbox and its invitation, and no person above `debug`, whatever happens."""

import io
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from builders import NOW, a_reading, a_sighting, an_invitation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from watching.attended import a_report, an_outcome

from watcher.adapters.ledger import SqlLedger
from watcher.cli.log import Log, configure, trouble
from watcher.domain.lifecycle import State
from watcher.domain.values import Inviter
from watcher.errors import Problem, Show
from watcher.ports import BrokenTemplate
from watcher.watching.happenings import (
    GaveUp,
    Happening,
    KeptOld,
    Listening,
    PartBroke,
    PassEnded,
    PassFailed,
    Rest,
    Resting,
    Started,
    Stopping,
)

ADDRESS = "canary.moreau@example.test"
Heard = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def heard(capsys: pytest.CaptureFixture[str]) -> Heard:
    """What the log says, as JSON, of these happenings."""

    def lines(*happenings: Happening, level: str = "info") -> list[dict[str, Any]]:
        capsys.readouterr()
        configure("json", level)
        log = Log()
        for happening in happenings:
            log.hear(happening)
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return lines


def _show(words: str) -> Show:
    return Show(Problem("WATCHER_IMAP_USER", words, "mend it"))


EVERYTHING: list[Happening] = [
    Started("anna", NOW),
    PassEnded("anna", NOW, replace(a_report(an_outcome(), an_outcome(State.HELD)), unheard="no answer"), NOW),
    PassFailed("anna", NOW, f"the server says: no user {ADDRESS}", NOW + timedelta(minutes=1)),
    GaveUp("anna", NOW, _show(f"<{ADDRESS}> is not let in")),
    Resting("anna", NOW, Rest.PAUSED, None),
    Listening("anna", NOW),
    KeptOld("anna", NOW, _show(f"{ADDRESS} is in two files")),
]


def test_every_line_of_a_mailbox_names_it(heard: Heard) -> None:
    lines = heard(*EVERYTHING, level="debug")
    assert len(lines) == len(EVERYTHING) + 3
    assert {line["account"] for line in lines} == {"anna"}
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


def test_a_line_about_an_invitation_has_its_number(heard: Heard, ledger: SqlLedger) -> None:
    record = ledger.record(a_sighting(), State.HELD, "", NOW)
    lines = heard(PassEnded("anna", NOW, a_report(replace(an_outcome(State.HELD), record=record)), NOW))
    (line,) = [line for line in lines if line["event"] == "invitation"]
    assert (line["id"], line["state"], line["account"]) == (record.id, "held", "anna")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_address_of_others_words_stands_above_debug(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(form, "info")
    log = Log()
    for happening in (*EVERYTHING, PartBroke("ears", NOW, ADDRESS, NOW), Stopping(NOW)):
        log.hear(happening)
    trouble("summaries", f"TryAgain: {ADDRESS}")
    said = capsys.readouterr().err
    assert "canary" not in said
    assert said.replace("\\u2026", "…").count("…@…") == 5


def test_a_mailbox_without_a_name_is_named_by_its_own_address(heard: Heard) -> None:
    assert [line["account"] for line in heard(Started("me@example.test", NOW))] == ["me@example.test"]


def test_of_a_broken_template_file_and_line_are_told_and_none_of_what_it_said(heard: Heard) -> None:
    """Jinja's own words may quote a note, as those of a wrong name in brackets do."""
    in_line = str(BrokenTemplate("own/mine/en/generic.txt.j2", 3, "'dict' has no 'c4n4ry'"))
    as_a_whole = str(BrokenTemplate("/home/x/own words/en/ask.txt.j2", None, "it cannot be read", "save it"))
    others = ["the server refused the draft: c4n4ry.txt.j2, line 3: no", "the note could be read either way", ""]
    reasons = [in_line, in_line, as_a_whole, *others]
    held = [replace(an_outcome(State.HELD), reason=reason) for reason in reasons]
    lines = heard(PassEnded("anna", NOW, a_report(*held, replace(an_outcome(), reason=in_line)), NOW))
    told = [(line["template"], line["line"], line["held"]) for line in lines if line["level"] == "warning"]
    assert told == [("own/mine/en/generic.txt.j2", 3, 2), ("/home/x/own words/en/ask.txt.j2", None, 1)]
    assert "c4n4ry" not in json.dumps(lines)


@pytest.mark.parametrize(
    "trouble", [PassFailed("anna", NOW, "Connection refused", NOW), GaveUp("anna", NOW, _show("not accepted"))]
)
def test_that_a_mailbox_works_again_is_told_once(heard: Heard, trouble: Happening) -> None:
    well = PassEnded("anna", NOW, a_report(), NOW)
    stopped = PassEnded("anna", NOW, a_report(completed=False), NOW)
    lines = heard(well, trouble, trouble, PassEnded("bert", NOW, a_report(), NOW), stopped, well, well)
    assert [(line["event"], line["account"]) for line in lines[2:]] == [("works again", "anna")]


_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(_words, _words, _words, st.sampled_from(State))
def test_whoever_writes_what_none_of_it_stands_there(
    heard: Heard, name: str, note: str, reason: str, state: State
) -> None:
    mark = "c4n4ry"
    inviter = Inviter(mark + name, mark, mark + note, mark, f"https://www.linkedin.com/in/{mark}")
    found = an_invitation(inviter=inviter, note=mark + note, note_raw=note + mark, invitation_id=mark)
    source = replace(a_reading().source, subject=mark + name, sender=f"{mark}@example.test", message_id=mark)
    outcome = replace(an_outcome(state, found=found, source=source), reason=mark + reason)
    lines = heard(PassEnded("anna", NOW, a_report(outcome), NOW))
    assert len(lines) == 2
    assert mark not in json.dumps(lines)


def test_what_libraries_warn_of_has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    logging.getLogger("apscheduler.scheduler").error("broke for %s", ADDRESS)
    logging.getLogger("apscheduler.scheduler").warning("not told")
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["library"], line["level"]) == ("broke for …@…", "apscheduler.scheduler", "error")


def test_at_debug_everything_may_stand(heard: Heard) -> None:
    configure("json", "debug")
    structlog.get_logger().debug("seen", sender=ADDRESS)
    assert heard(Listening("anna", NOW), level="debug")[0]["event"] == "listening"


class NobodyReads(io.StringIO):
    """Standard error after the terminal was closed."""

    def write(self, _words: str) -> int:
        raise OSError("Input/output error")


def test_where_nobody_takes_the_log_any_more_whoever_tells_of_trouble_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms and notices are told by threads that do so; the log is not all that a person has."""
    monkeypatch.setattr("sys.stderr", NobodyReads())
    configure("text", "info")
    trouble("telling", "notify-send is not installed")
