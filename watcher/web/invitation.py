"""One invitation, and what the person does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watcher import review
from watcher.ports import Record
from watcher.web import views
from watcher.web.deeds import DEEDS
from watcher.web.desk import Watched
from watcher.web.errands import Ending, Errand
from watcher.web.site import Site, asked, told_at

FEWEST_LINES = 10


@dataclass(frozen=True, slots=True)
class OneInvitation:
    """By its number."""

    site: Site

    def routes(self) -> list[Route]:
        """Where it is found, and where its forms lead."""
        return [
            Route("/invitations/{number:int}", self.shown, methods=["GET"]),
            Route("/invitations/{number:int}/{deed}", self.done, methods=["POST"]),
        ]

    def shown(self, request: Request) -> Response:
        """The note and the answer side by side; words that are not saved beside what lies in Drafts meanwhile."""
        number, browsing, desk = request.path_params["number"], asked(request), self.site.desk
        errand = self.site.errand(request)  # before the record: what is told as done has to be seen in it
        record = desk.ledger.show(number)
        if record is None:
            return self.site.missing(request, f"There is no invitation no. {number}.")
        watched = desk.mailboxes.get(record.account)
        unsaved, lying = _unsaved(errand, number), self._text(record, watched)
        words = unsaved or lying
        values = {
            "errand": errand,
            "one": views.whole(record, words),
            "words": escape(words),  # every character as it was typed: what stands here is saved
            "is_unsaved": bool(unsaved),
            "lying": lying,
            "rows": max(FEWEST_LINES, words.count("\n") + 4),
            "browsing": browsing,
            "beside": desk.ledger.beside(browsing.wanted, number),
            "known": self._known(record, watched),
            **_templates(watched),
        }
        return self.site.shown(request, "invitation", values)

    def done(self, request: Request) -> Response:
        """A form was sent: do it, and tell."""
        number, name = request.path_params["number"], request.path_params["deed"]
        deed = DEEDS.get(name)
        record = self.site.desk.ledger.show(number)
        if record is None or deed is None:
            return self.site.missing(request, f"There is nothing like that to do with no. {number}.")
        form: Mapping[str, str] = request.state.form
        unsaved = form.get("text", "") if deed is DEEDS["save"] else ""
        order = (name, frozenset(form.items()))
        errand = self.site.errands.run(str(number), order, lambda: deed(self.site.desk, record, form), unsaved)
        return told_at(f"/invitations/{number}", asked(request), errand)

    @staticmethod
    def _text(record: Record, watched: Watched | None) -> str:
        """What the draft says to the inviter; "" where there is none, or nobody knows any more who answers."""
        if record.draft is None or watched is None:
            return ""
        return review.words(record, watched.account.voice.me, watched.templates)

    def _known(self, record: Record, watched: Watched | None) -> str:
        return review.known(record, watched.account, self.site.desk.ledger) if watched else ""


def _unsaved(errand: Errand | None, number: int) -> str:
    """Words for this invitation that a command was to save, and has not; an address may name that of another."""
    if errand is None or errand.about != str(number) or not errand.unsaved.strip():
        return ""
    return errand.unsaved if errand.told is None or errand.told.ending is not Ending.DONE else ""


def _templates(watched: Watched | None) -> Mapping[str, object]:
    """What a person may choose among."""
    if watched is None:
        return {"templates": (), "codes": ()}
    names = review.template_names(watched.account, watched.templates)
    return {"templates": names, "codes": watched.account.voice.languages}
