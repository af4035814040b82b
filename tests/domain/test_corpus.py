"""Every mail of tests/corpus is read as its expected line says. A list there holds the acceptable values."""

import json
from pathlib import Path

import pytest

from watcher.domain import message, reading
from watcher.domain.reading import Trust
from watcher.domain.values import Invitation, Reading

CORPUS = Path(__file__).parents[1] / "corpus"
EXPECTED = [json.loads(line) for line in (CORPUS / "expected.jsonl").read_text("utf-8").splitlines()]
TRUST = Trust("mx.example.test")


def _read(name: str) -> Reading:
    return reading.read(message.parse((CORPUS / name).read_bytes()), TRUST)


def _shown(read: Reading) -> dict[str, str | None]:
    found = read.found
    invitation = found if isinstance(found, Invitation) else None
    return {
        "kind": str(read.kind),
        "authentic": str(read.authentic),
        "name": invitation.inviter.name if invitation else None,
        "headline": invitation.inviter.headline if invitation else None,
        "note": invitation.note if invitation else None,
        "language": found.language,
        "verdict": str(read.verdict.kind) if read.verdict else None,
        "because": str(read.verdict.because) if read.verdict else None,
        "invitation_id": invitation.invitation_id if invitation else None,
        "by": str(read.route.by) if read.route else None,
        "to": read.route.to if read.route else None,
    }


def _wanted(expected: dict[str, object]) -> dict[str, object]:
    inviter, route = expected["inviter"], expected["route"]
    assert isinstance(inviter, dict)
    assert isinstance(route, dict)
    flat = {**expected, "name": inviter["name"], "headline": inviter["headline"], "by": route["by"], "to": route["to"]}
    return {field: value for field, value in flat.items() if value is not None}


def _acceptable(value: object) -> list[str | None]:
    values = value if isinstance(value, list) else [value]
    return [" ".join(one.split()) if isinstance(one, str) else None for one in values]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_reads_real_mail_as_expected(expected: dict[str, object]) -> None:
    shown, wanted = _shown(_read(str(expected["file"]))), _wanted(expected)
    for field, value in shown.items():
        if field in wanted:
            assert (" ".join(value.split()) if value else None) in _acceptable(wanted[field]), field


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_what_must_be_absent_is_absent(expected: dict[str, object]) -> None:
    shown, absent = _shown(_read(str(expected["file"]))), expected["must_be_null"]
    assert isinstance(absent, list)
    assert [field for field in absent if shown[field] is not None] == []
