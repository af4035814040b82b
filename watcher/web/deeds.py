"""What a person does with one invitation, by the name of the form: each is a use case that the command line has too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from watcher import review
from watcher.domain.kinds import VerdictKind
from watcher.domain.phrases import STATE
from watcher.errors import GiveUp
from watcher.person import correcting
from watcher.ports import Record
from watcher.web.desk import Desk
from watcher.web.errands import Told

Form = Mapping[str, str]
Deed = Callable[[Desk, Record, Form], Told]


def _draft(desk: Desk, record: Record, _form: Form) -> Told:
    with desk.hands(record.account) as hands:
        made = review.draft(record.id, hands.account, hands.ports)
    return _now(made)


def _redraft(desk: Desk, record: Record, form: Form) -> Told:
    _refuse_unseen(desk, record, form)
    choice = review.Choice(form.get("template") or None, form.get("language") or None)
    with desk.hands(record.account) as hands:
        made = review.redraft(record.id, hands.account, hands.ports, hands.removal, choice)
    return _now(made)


def _save(desk: Desk, record: Record, form: Form) -> Told:
    edit = review.Edit(form.get("text", ""), _revision(form.get("revision", "")))
    with desk.hands(record.account) as hands:
        review.save(record.id, edit, hands.account, hands.ports, hands.removal)
    return Told("Saved: your words lie in Drafts, in the place of the draft before.")


def _revision(given: str) -> int:
    """That of the draft which the form was made of; 0, which no draft has, where it says none."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _discard(desk: Desk, record: Record, form: Form) -> Told:
    _refuse_unseen(desk, record, form)
    with desk.hands(record.account) as hands:
        gone = review.discard(record.id, hands.account, hands.ports, hands.removal)
    return Told(f"Done: {gone.reason}. It gets no other draft unless you ask for one.")


def _judge(desk: Desk, record: Record, form: Form) -> Told:
    kind = next((kind for kind in VerdictKind if kind == form.get("verdict")), None)
    if kind not in {VerdictKind.GENERIC, VerdictKind.PERSONALISED}:
        raise GiveUp("an invitation is generic or personalised: nothing was changed")
    with desk.hands(record.account) as hands:
        judged = correcting.judge(record.id, VerdictKind(kind), hands.account, hands.ports, hands.removal)
    return Told(f"Your word is kept, and notes of the same words are judged so from now on; {judged.told}.")


def _leave(desk: Desk, record: Record, _form: Form) -> Told:
    review.leave(record.id, desk.ledger, desk.clock)
    return Told("Left without an answer.")


def _pasted(desk: Desk, record: Record, _form: Form) -> Told:
    review.pasted(record.id, desk.ledger, desk.clock)
    return Told("Kept: you pasted it on LinkedIn. Its draft still lies in Drafts, and is yours to delete.")


def _know(desk: Desk, record: Record, _form: Form) -> Told:
    kept = review.know(record.id, desk.ledger, desk.clock)
    return Told(f"Kept: you know {kept}. They are not asked why they write from now on; this draft stays as it is.")


def _unknow(desk: Desk, record: Record, _form: Form) -> Told:
    return Told(f"Taken back: {review.unknow(record.id, desk.ledger)} is nobody you know.")


def _refuse_unseen(desk: Desk, record: Record, form: Form) -> None:
    """What is taken away is what the person had before them: by now it may hold words of their own."""
    seen, draft = form.get("revision"), review.find(desk.ledger, record.id).draft
    if seen is not None and draft is not None and seen != str(draft.intent.revision):
        raise GiveUp(f"no. {record.id} got another draft meanwhile: look at that one first")


def _now(record: Record) -> Told:
    template = f", by the template {record.draft.intent.template}" if record.draft else ""
    return Told(f"Done: {STATE[record.state]}{template}.")


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "draft": _draft,
        "redraft": _redraft,
        "save": _save,
        "discard": _discard,
        "judge": _judge,
        "leave": _leave,
        "pasted": _pasted,
        "know": _know,
        "unknow": _unknow,
    }
)
