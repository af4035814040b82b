"""Between the ledger's rows and the values of the core; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping

from watcher.domain.kinds import Authentic, Because, Kind, RouteBy, VerdictKind
from watcher.domain.lifecycle import By, State
from watcher.domain.names import compared
from watcher.domain.searching import sought
from watcher.domain.values import (
    Evidence,
    Invitation,
    Inviter,
    NotInvitation,
    Reading,
    Route,
    Source,
    Verdict,
)
from watcher.ports import DraftRecord, Intent, Location, Move, PassSummary, Record, Sighting

Columns = dict[str, Any]


def of_sighting(sighting: Sighting) -> Columns:
    """The columns of a row that is written for the first time, but for state, reason and times."""
    return {
        "account": sighting.account,
        "key": sighting.key,
        "received": sighting.received,
        **asdict(sighting.location),
        **_of_reading(sighting.reading),
        "sought": _sought(sighting.reading),
    }


def _sought(reading: Reading) -> str:
    """Of what is no invitation, sender and subject alone."""
    found, mail = reading.found, (reading.source.sender, reading.source.subject)
    if isinstance(found, NotInvitation):
        return sought(*mail)
    inviter = found.inviter
    return sought(inviter.name, inviter.headline, inviter.company, found.note, *mail)


def _of_reading(reading: Reading) -> Columns:
    source, route = reading.source, reading.route
    return {
        "kind": str(reading.kind),
        "authentic": str(reading.authentic),
        **_of_found(reading.found),
        **of_verdict(reading.verdict),
        "route_by": str(route.by) if route else None,
        "route_to": route.to if route else None,
        "route_url": route.url if route else None,
        "problems": list(reading.problems),
        "source_message_id": source.message_id,
        "source_references": list(source.references),
        "subject": source.subject,
        "sender": source.sender,
        "date": source.date,
    }


def _of_found(found: Invitation | NotInvitation) -> Columns:
    if isinstance(found, NotInvitation):
        return {"language": found.language, "not_because": found.reason}
    return {
        **asdict(found.inviter),
        "person": compared(found.inviter.name),
        "note": found.note,
        "note_raw": found.note_raw,
        "language": found.language,
        "linkedin_id": found.invitation_id,
    }


def of_verdict(verdict: Verdict | None) -> Columns:
    """The columns of what is thought of an invitation."""
    if verdict is None:
        return {"verdict": None, "because": None, "confidence": None, "evidence": []}
    return {
        "verdict": str(verdict.kind),
        "because": str(verdict.because),
        "confidence": verdict.confidence,
        "evidence": [asdict(evidence) for evidence in verdict.evidence],
    }


def of_intent(record_id: int, intent: Intent) -> Columns:
    """The columns of a draft about to be appended."""
    columns = asdict(intent)
    return {"invitation_id": record_id, "intended_at": columns.pop("at"), **columns}


def of_summary(summary: PassSummary) -> Columns:
    """The columns of a pass."""
    return {**asdict(summary), "skipped": dict(summary.skipped)}


def to_record(row: RowMapping, draft: RowMapping | None, moves: Sequence[RowMapping] = ()) -> Record:
    """A row with its live draft and its history."""
    return Record(
        id=row["id"],
        account=row["account"],
        key=row["key"],
        state=State(row["state"]),
        reason=row["reason"],
        reading=_to_reading(row),
        location=Location(row["folder"], row["uidvalidity"], row["uid"]),
        received=row["received"],
        seen_at=row["seen_at"],
        updated_at=row["updated_at"],
        draft=_to_draft(draft) if draft else None,
        history=tuple(_to_move(move) for move in moves),
    )


def to_summary(row: RowMapping) -> PassSummary:
    """A pass that was kept."""
    return PassSummary(**{name: value for name, value in row.items() if name != "id"})


def _to_reading(row: RowMapping) -> Reading:
    return Reading(
        found=_to_found(row),
        authentic=Authentic(row["authentic"]),
        source=Source(
            row["source_message_id"], tuple(row["source_references"]), row["subject"], row["sender"], row["date"]
        ),
        verdict=_to_verdict(row),
        route=Route(RouteBy(row["route_by"]), row["route_to"], row["route_url"]) if row["route_by"] else None,
        problems=tuple(row["problems"]),
    )


def _to_found(row: RowMapping) -> Invitation | NotInvitation:
    kind = Kind(row["kind"])
    if row["not_because"] is not None:
        return NotInvitation(kind, row["not_because"], row["language"])
    inviter = Inviter(row["name"], row["first_name"], row["headline"], row["company"], row["profile_url"])
    return Invitation(kind, inviter, row["note"], row["note_raw"], row["language"], row["linkedin_id"])


def _to_verdict(row: RowMapping) -> Verdict | None:
    if row["verdict"] is None:
        return None
    evidence = tuple(Evidence(**entry) for entry in row["evidence"])
    return Verdict(VerdictKind(row["verdict"]), Because(row["because"]), evidence, row["confidence"])


def _to_draft(row: RowMapping) -> DraftRecord:
    intent = Intent(
        revision=row["revision"],
        message_id=row["message_id"],
        body_hash=row["body_hash"],
        template=row["template"],
        language=row["language"],
        folder=row["folder"],
        uidvalidity=row["uidvalidity"],
        uidnext=row["uidnext"],
        at=row["intended_at"],
        content=row["content"],
    )
    return DraftRecord(intent, row["uid"], row["drafted_at"], row["absent_since"])


def _to_move(row: RowMapping) -> Move:
    start = State(row["start"]) if row["start"] else None
    return Move(row["at"], start, State(row["end"]), By(row["by"]), row["reason"])
