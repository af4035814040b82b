"""Health: how each mailbox is watched, what is to be done where it is not, and the pause that the person may make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watcher.errors import GiveUp
from watcher.person import pausing
from watcher.web import condition
from watcher.web.browsing import Browsing
from watcher.web.errands import Told
from watcher.web.site import Site, told_at

PAUSES = {"": "until I end it", "1": "for a day", "7": "for a week", "30": "for 30 days"}
"""How long one may pause, by what the form says: in days."""


@dataclass(frozen=True, slots=True)
class Health:
    """Of all mailboxes."""

    site: Site

    def routes(self) -> list[Route]:
        """Where it is found, and where its forms lead."""
        return [
            Route("/health", self.shown, methods=["GET"]),
            Route("/health/pause", self.pause, methods=["POST"]),
            Route("/health/resume", self.resume, methods=["POST"]),
        ]

    def shown(self, request: Request) -> Response:
        """As it stands now."""
        desk = self.site.desk
        now = desk.clock.now()
        mailboxes = [
            condition.told(one.status(now), desk.ledger.paused(name, now), now)
            for name, one in sorted(desk.mailboxes.items())
        ]
        return self.site.shown(request, "health", {"mailboxes": mailboxes, "pauses": PAUSES})

    def pause(self, request: Request) -> Response:
        """No passes for a while."""
        account, days = request.state.form.get("account", ""), request.state.form.get("days", "")
        return self._done(account, ("pause", days), lambda: self._paused(account, days))

    def resume(self, request: Request) -> Response:
        """Go on."""
        account = request.state.form.get("account", "")
        return self._done(account, ("resume",), lambda: self._resumed(account))

    def _done(self, account: str, order: tuple[str, ...], work: Callable[[], Told]) -> Response:
        return told_at("/health", Browsing(), self.site.errands.run(f"health {account}", order, work))

    def _paused(self, account: str, days: str) -> Told:
        self._refuse_unknown(account)
        if days not in PAUSES:
            raise GiveUp("there is no pause of that length: nothing was changed")
        wanted = pausing.begun(self.site.desk.clock.now(), timedelta(days=int(days)) if days else None)
        self.site.desk.ledger.pause(account, wanted)
        return Told(f"{account} is {pausing.told(wanted)}. What you ask for here is done all the same.")

    def _resumed(self, account: str) -> Told:
        self._refuse_unknown(account)
        self.site.desk.ledger.resume(account)
        return Told(f"{account} goes on: what came meanwhile is looked at in the next pass.")

    def _refuse_unknown(self, account: str) -> None:
        if account not in self.site.desk.mailboxes:
            raise GiveUp("there is no such mailbox: nothing was changed")
