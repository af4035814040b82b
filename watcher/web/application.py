"""The whole page: its routes behind the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from markupsafe import escape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from watcher.errors import WatcherError
from watcher.web.admission import House, Refusal
from watcher.web.desk import Desk
from watcher.web.door import ENTRANCE, Door, Show
from watcher.web.drafts import Drafts
from watcher.web.errands import Errands
from watcher.web.health import Health
from watcher.web.invitation import OneInvitation
from watcher.web.invitations import Invitations
from watcher.web.keys import Keys
from watcher.web.link import Link
from watcher.web.proof import FIELD, PROOF, proof
from watcher.web.rendering import STATIC, Pages, static
from watcher.web.site import Site
from watcher.web.templates import Templates
from watcher.web.tickets import Tickets

_TITLES = {
    HTTPStatus.FORBIDDEN: "Not let in",
    HTTPStatus.MISDIRECTED_REQUEST: "Another address",
    HTTPStatus.NOT_FOUND: "Nothing here",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not just now",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An error",
}


def application(desk: Desk, link: Link, errands: Errands, more: Sequence[Route] = ()) -> ASGIApp:
    """The page of a desk, opened by `link`. `more` are plain answers for machines, which need no cookie."""
    keys = Keys(link.token)
    pages = Pages(keys.form)
    site = Site(desk, pages, errands)
    house = House(link, keys, frozenset({ENTRANCE, PROOF, *STATIC, *(route.path for route in more)}))
    routes = [
        *(Route(path, _static, methods=["GET"]) for path in STATIC),
        Route(PROOF, _proving(link), methods=["GET"]),
        *more,
        *Invitations(site).routes(),
        *OneInvitation(site).routes(),
        *Drafts(site).routes(),
        *Templates(site).routes(),
        *Health(site).routes(),
    ]
    handlers = dict.fromkeys((HTTPException, WatcherError, Exception), _told_by(pages))
    app = Starlette(routes=routes, exception_handlers=handlers)
    return Door(app, house, _shown_by(pages), Tickets(keys, desk.clock.now()), desk.clock.now)


def _static(request: Request) -> Response:
    return static(request.url.path)


def _proving(link: Link) -> Callable[[Request], Awaitable[Response]]:
    async def prove(request: Request) -> Response:  # no thread: who asks does not wait for those of the pages
        return PlainTextResponse(proof(link, request.query_params.get(FIELD, "")))

    return prove


def _shown_by(pages: Pages) -> Show:
    def show(refusal: Refusal, typed: str) -> Response:
        title = _TITLES.get(refusal.status, "Not taken")
        return pages.html("refused", {"title": title, "words": refusal.words, "typed": escape(typed)}, refusal.status)

    return show


def _told_by(pages: Pages) -> Callable[[Request, Exception], Response]:
    """Errors of a page: what they are called, never what they hold."""

    def show(refusal: Refusal) -> Response:
        return _shown_by(pages)(refusal, "")

    def tell(_request: Request, error: Exception) -> Response:
        match error:
            case HTTPException():
                return show(Refusal(HTTPStatus(error.status_code), "There is no such page here."))
            case WatcherError():
                return show(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"It failed for now: {error}"))
            case _:
                words = f"An error that was not foreseen ({type(error).__name__}). Nothing was changed by it."
                return show(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, words))

    return tell
