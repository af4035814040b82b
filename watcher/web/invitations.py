"""The list: what waits for the person first, then the newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watcher.domain.kinds import VerdictKind
from watcher.web import views
from watcher.web.browsing import ROWS, pages
from watcher.web.site import Site, asked


@dataclass(frozen=True, slots=True)
class Invitations:
    """All of them, or those that were asked for."""

    site: Site

    def routes(self) -> list[Route]:
        """Where it is found."""
        return [Route("/", self.listing, methods=["GET"])]

    def listing(self, request: Request) -> Response:
        """One page of the list."""
        browsing, desk = asked(request), self.site.desk
        page = desk.ledger.page(browsing.wanted, (browsing.page - 1) * ROWS, ROWS)
        tally = desk.ledger.tally()
        values = {
            "browsing": browsing,
            "waiting_rows": [views.row(one) for one in page.rows if views.needs_person(one)],
            "other_rows": [views.row(one) for one in page.rows if not views.needs_person(one)],
            "total": page.total,
            "pages": pages(page.total),
            "verdicts": [str(kind) for kind in VerdictKind],
            "states": views.choices(tally.states),
            "languages": tally.languages,
            "accounts": sorted(desk.mailboxes),
        }
        return self.site.shown(request, "invitations", values)
