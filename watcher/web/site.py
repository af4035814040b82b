"""What every page of the site needs, and what it shows above and below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from watcher.domain.lifecycle import NEEDS_PERSON
from watcher.ports import Tally
from watcher.web.browsing import Browsing, browsing
from watcher.web.desk import Desk
from watcher.web.errands import Errand, Errands
from watcher.web.rendering import Pages

TOLD = "told"
"""In an address: which command's outcome is told. Only its id, so that no link can put words into the page's mouth."""


@dataclass(frozen=True, slots=True)
class Site:
    """The desk, the templates, and the commands under way."""

    desk: Desk
    pages: Pages
    errands: Errands

    def shown(
        self, request: Request, name: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK
    ) -> HTMLResponse:
        """One page, with what stands around it."""
        tally = self.desk.ledger.tally()
        around = {
            "section": _section(request.url.path),
            "waiting": waiting(tally),
            "errand": self.errand(request),
            "again": f"{request.url.path}?{request.url.query}",
            "now": self.desk.clock.now(),
            "several": len(self.desk.mailboxes) > 1,
        }
        return self.pages.html(name, {**around, **values}, status)

    def errand(self, request: Request) -> Errand | None:
        """The command that a page is to tell of, as it is at this moment: it may end while the page is made."""
        found = self.errands.find(request.query_params.get(TOLD, ""))
        return replace(found) if found else None

    def missing(self, request: Request, words: str) -> Response:
        """There is no such thing."""
        return self.shown(request, "missing", {"words": words}, HTTPStatus.NOT_FOUND)


def _section(path: str) -> str:
    """Which entry of the navigation a page belongs to."""
    first = f"/{path.split('/')[1]}"
    return "/" if first == "/invitations" else first


def waiting(tally: Tally) -> int:
    """How many wait for the person."""
    return sum(tally.states.get(state, 0) for state in NEEDS_PERSON)


def asked(request: Request) -> Browsing:
    """The listing that a page belongs to."""
    return browsing(request.query_params)


def told_at(path: str, listing: Browsing, errand: Errand) -> Response:
    """Where a form leads: to the page that tells what came of it, and which can be loaded again without harm."""
    query = listing.query
    return RedirectResponse(f"{path}{query}{'&' if query else '?'}{TOLD}={errand.id}", HTTPStatus.SEE_OTHER)
