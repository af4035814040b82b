"""Every draft of the program that may lie in the mailbox, and the way to take away all that nobody touched."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watcher import review
from watcher.domain.lifecycle import LASTING
from watcher.ports import Wanted
from watcher.web import views
from watcher.web.browsing import ROWS, Browsing, pages
from watcher.web.errands import Told
from watcher.web.site import Site, asked, told_at


@dataclass(frozen=True, slots=True)
class Drafts:
    """Those that were made and neither sent nor thrown away."""

    site: Site

    def routes(self) -> list[Route]:
        """Where they are found."""
        return [
            Route("/drafts", self.listing, methods=["GET"]),
            Route("/drafts/remove", self.ask, methods=["GET"]),
            Route("/drafts/remove", self.remove, methods=["POST"]),
        ]

    def listing(self, request: Request) -> Response:
        """One page of them."""
        browsing = asked(request)
        page = self.site.desk.ledger.page(Wanted(states=LASTING), (browsing.page - 1) * ROWS, ROWS)
        values = {
            "browsing": Browsing(page=browsing.page),
            "rows": [views.row(one) for one in page.rows],
            "total": page.total,
            "pages": pages(page.total),
            "untouched": self._untouched(),
        }
        return self.site.shown(request, "drafts", values)

    def ask(self, request: Request) -> Response:
        """Once more: what is removed is gone."""
        return self.site.shown(request, "remove", {"untouched": self._untouched()})

    def remove(self, _request: Request) -> Response:
        """The person means it."""
        errand = self.site.errands.run("drafts", "remove", self._cleared)
        return told_at("/drafts", Browsing(), errand)

    def _untouched(self) -> int:
        desk = self.site.desk
        return sum(len(review.untouched(desk.ledger, name)) for name in desk.mailboxes)

    def _cleared(self) -> Told:
        desk, removed, left = self.site.desk, 0, list[tuple[int, str]]()
        for name in desk.mailboxes:
            if not review.untouched(desk.ledger, name):
                continue
            with desk.hands(name) as hands:
                cleared = review.discard_untouched(hands.account, hands.ports, hands.removal)
            removed += len(cleared.removed)
            left += cleared.left
        words = f"{removed} removed" + (f", {len(left)} left:" if left else ".")
        return Told(words, [f"no. {number}: {why.removeprefix(f'no. {number}: ')}" for number, why in left])
