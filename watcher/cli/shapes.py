"""The JSON that scripts read. Names and shapes are fixed; everything behind them is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from watcher.cycle import PassReport
from watcher.domain.values import Invitation, Inviter, Reading, Verdict
from watcher.ports import DraftRecord, Move, Pause, Record
from watcher.steps.acting import Outcome

Shape = dict[str, Any]
_NOBODY = Inviter("", "")


def of_reading(reading: Reading, source: str) -> Shape:
    """What `watcher explain` says of one message."""
    found = reading.found
    invitation = found if isinstance(found, Invitation) else None
    return {
        "source": source,
        "kind": str(reading.kind),
        "authentic": str(reading.authentic),
        "inviter": _inviter(invitation),
        "note": invitation.note if invitation else None,
        "note_raw": invitation.note_raw if invitation else None,
        "language": found.language,
        **_verdict(reading.verdict),
        "invitation_id": invitation.invitation_id if invitation else None,
        "route": _route(reading),
        "problems": list(reading.problems),
        "reason": None if isinstance(found, Invitation) else found.reason,
    }


def of_note(number: object, language: str | None, verdict: Verdict) -> Shape:
    """What `watcher explain --notes` says of one note."""
    return {"id": number, "language": language, **_verdict(verdict)}


def of_outcome(outcome: Outcome) -> Shape:
    """What `watcher once` says of one invitation."""
    record = outcome.record
    shape = of_reading(outcome.reading, _location(record))
    draft = of_draft(record.draft) if record and record.draft else None
    return shape | {
        "id": record.id if record else None,
        "state": str(outcome.state),
        "state_reason": outcome.reason,
        "draft": draft,
    }


def of_record(record: Record) -> Shape:
    """What `watcher drafts` says of one row."""
    shape = of_reading(record.reading, _location(record))
    return shape | {
        "id": record.id,
        "mailbox": record.account,
        "state": str(record.state),
        "state_reason": record.reason,
        "received": _moment(record.received),
        "subject": record.reading.source.subject,
        "draft": of_draft(record.draft) if record.draft else None,
        "history": [_move(move) for move in record.history],
    }


def of_draft(draft: DraftRecord) -> Shape:
    """Where a draft stands."""
    intent = draft.intent
    return {
        "folder": intent.folder,
        "uid": draft.uid or None,
        "message_id": intent.message_id,
        "template": intent.template,
        "language": intent.language,
        "revision": intent.revision,
    }


def print_pass(report: PassReport, say: Callable[[Shape], None]) -> None:
    """Everything `watcher once --json` and `watcher demo --json` print: one object an invitation, then the pass."""
    for outcome in report.outcomes:
        say(of_outcome(outcome))
    say(of_pass(report))


def of_pass(report: PassReport) -> Shape:
    """The last line of `watcher once --json`."""
    summary = report.summary
    return {
        "mailbox": summary.account,
        "looked_at": summary.looked_at,
        "invitations": summary.invitations,
        "drafted": summary.drafted,
        "held": summary.held,
        "skipped": dict(summary.skipped),
        "failed": summary.failed,
        "noticed": dict(Counter(str(record.state) for record in report.noticed)),
        **asdict(report.traffic),
        "seconds": round((summary.ended - summary.started).total_seconds(), 3),
        "next_from": dict(report.next_from),
    }


def of_pause(account: str, pause: Pause) -> Shape:
    """The line of `watcher once --json` where no pass is begun."""
    until = _moment(pause.until) if pause.until else None
    return {"mailbox": account, "paused": _moment(pause.at), "until": until}


def _inviter(invitation: Invitation | None) -> Mapping[str, str | None]:
    shown = asdict(invitation.inviter if invitation else _NOBODY)
    return {name: value or None for name, value in shown.items()}


def _verdict(verdict: Verdict | None) -> Shape:
    if verdict is None:
        return {"verdict": None, "because": None, "evidence": [], "confidence": None}
    return {
        "verdict": str(verdict.kind),
        "because": str(verdict.because),
        "evidence": [asdict(evidence) for evidence in verdict.evidence],
        "confidence": verdict.confidence,
    }


def _route(reading: Reading) -> Shape | None:
    route = reading.route
    return {"by": str(route.by), "to": route.to, "url": route.url} if route else None


def _location(record: Record | None) -> str:
    return f"{record.location.folder}:{record.location.uid}" if record else ""


def _move(move: Move) -> Shape:
    return {
        "at": _moment(move.at),
        "from": str(move.start) if move.start else None,
        "to": str(move.end),
        "by": str(move.by),
        "reason": move.reason,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
