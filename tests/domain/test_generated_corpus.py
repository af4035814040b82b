"""Promise: invented mail in every language and disguise is read exactly, and by structure where words are unknown."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from invented_mail import TRUST

from watcher.domain import card, frame, kind, message, names, notes, reading, tables, verdict
from watcher.domain.kinds import Because, Kind
from watcher.domain.reading import Trust
from watcher.domain.values import Invitation, Reading

FOLDER = Path(__file__).parents[1] / "corpus" / "generated"
GENERATE = FOLDER.parent / "generate.py"
EXPECTED: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "expected.jsonl").read_text("utf-8").splitlines()
]
LANGUAGES = [language for language in tables.languages() if language != "und"]


@cache
def _read(name: str) -> Reading:
    return _read_anew(name)


def _read_anew(name: str, trust: Trust = TRUST) -> Reading:
    return reading.read(message.parse(_octets(name)), trust)


def _shown(read: Reading) -> dict[str, Any]:
    found = read.found
    one = found if isinstance(found, Invitation) else None
    return {
        "kind": read.kind,
        "authentic": read.authentic,
        "name": one and one.inviter.name,
        "headline": one and one.inviter.headline,
        "first_name": one and one.inviter.first_name,
        "note": one and one.note,
        "language": found.language,
        "verdict": read.verdict and read.verdict.kind,
        "because": read.verdict and read.verdict.because,
        "invitation_id": one and one.invitation_id,
        "by": read.route and read.route.by,
        "to": read.route and read.route.to,
    }


def _wanted(line: Mapping[str, Any]) -> dict[str, list[str | None]]:
    """The acceptable values of what a line states."""
    flat = {**line, **line["inviter"], **line["route"]}
    return {key: value if isinstance(value, list) else [value] for key, value in flat.items() if value is not None}


def _wrong(read: Reading, line: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _wanted(line)
    wrong = {key: value for key, value in _shown(read).items() if key in wanted and value not in wanted[key]}
    surplus = {key: _shown(read)[key] for key in line["must_be_null"] if _shown(read)[key] is not None}
    return {**wrong, **surplus}


def _of(language: str) -> list[dict[str, Any]]:
    """The mails of one language, by the names of their files."""
    return [line for line in EXPECTED if line["file"].startswith(f"{language}-") and not _other(line, language)]


def _other(line: Mapping[str, Any], language: str) -> bool:
    longer = [code for code in LANGUAGES if code.startswith(f"{language}-")]
    return any(line["file"].startswith(f"{code}-") for code in longer)


# --------------------------------------------------------------------------------------------------------- exactly


@pytest.mark.parametrize("line", EXPECTED, ids=lambda line: line["file"])
def test_a_mail_is_read_exactly(line: dict[str, Any]) -> None:
    assert _wrong(_read(line["file"]), line) == {}


def test_there_are_mails_of_every_language_and_every_kind() -> None:
    assert len(EXPECTED) >= 270
    assert {path.name for path in FOLDER.glob("*.eml")} == {line["file"] for line in EXPECTED}
    assert {line["kind"] for line in EXPECTED} == {str(each) for each in Kind}
    assert [language for language in LANGUAGES if len(_of(language)) < 9] == []
    assert sum(len(_of(language)) for language in LANGUAGES) == len(EXPECTED)


@pytest.mark.parametrize(
    "line", [line for line in EXPECTED if "disagreeing" in line["file"]], ids=lambda line: line["file"]
)
def test_where_the_parts_disagree_the_person_is_told(line: dict[str, Any]) -> None:
    assert any("different notes" in problem for problem in _read(line["file"]).problems)


def test_a_server_that_names_itself_nowhere_is_believed_where_that_is_what_the_person_trusts() -> None:
    silent = [
        line["file"] for line in EXPECTED if b"\nAuthentication-Results: spf=pass (sender IP" in _octets(line["file"])
    ]
    assert len(silent) >= 5
    assert [name for name in silent if _read_anew(name, Trust("-")).authentic != "pass"] == []


def _octets(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_the_generator_writes_these_very_bytes() -> None:
    done = subprocess.run([sys.executable, GENERATE, "--check"], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


# ------------------------------------------------------------------------------------- in a language it never met

SURE = 0.9
"""Only a sentence that was seen in real mail is believed more than this."""


@pytest.fixture(params=LANGUAGES)
def unmet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that the tables do not hold."""
    language = str(request.param)
    for module, name in (
        (card, "chrome"), (frame, "chrome"), (kind, "signals"), (kind, "via"), (names, "via"), (verdict, "courtesies"),
        (notes, "default_notes"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, partial(getattr(tables, name), without=language))
    notes._about_as_long.cache_clear()  # noqa: SLF001 - it remembers the table with the language in it
    yield language
    monkeypatch.undo()
    notes._about_as_long.cache_clear()  # noqa: SLF001 - and now the one without


def test_structure_alone_tells_the_kind_and_the_inviter_and_own_words_stay_own(unmet: str) -> None:
    lines = _of(unmet)
    read = {line["file"]: _read_anew(line["file"]) for line in lines}
    missed = [line["file"] for line in lines if {"kind", "name"} & _wrong(read[line["file"]], line).keys()]
    assert len(missed) <= len(lines) * 0.1, missed
    believed = [line["file"] for line in lines if line["note"] and _is_believed(read[line["file"]])]
    assert believed == []


def _is_believed(read: Reading) -> bool:
    """Whether it is taken for a sentence of LinkedIn's, and surely."""
    return read.verdict is not None and read.verdict.because is Because.DEFAULT_NOTE and read.verdict.confidence >= SURE


def test_only_a_sentence_seen_in_real_mail_is_believed_like_one() -> None:
    seen = {note.text: note.seen for note in tables.default_notes()}
    lines = [line for line in EXPECTED if line["because"] == str(Because.DEFAULT_NOTE)]
    told = {line["file"]: (_is_believed(_read(line["file"])), seen[line["note"]]) for line in lines}
    assert set(told.values()) == {(True, True), (False, False)}
