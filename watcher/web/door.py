"""The door: every request passes it, in both directions, whatever page it asks for.

What `admission` refuses goes no further, and changes nothing. Every answer, a refusal too, tells the browser to load
nothing from elsewhere, to run no script but ours, and to show the page in no frame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watcher.web.admission import Asked, House, Refusal, form_refusal, refusal
from watcher.web.keys import same
from watcher.web.tickets import FIELD, Tickets

LARGEST_FORM = 256 << 10
MOST_FIELDS = 100
ENTRANCE = "/enter"
REMEMBERED_DAYS = 30

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: under that a browser sends its own forms with `Origin: null` (Fetch, “append a request
    # `Origin` header”).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), clipboard-write=(self)",
}

Show = Callable[[Refusal], Response]
"""Makes the page that says why somebody was not let in."""


@dataclass(frozen=True, slots=True)
class Door:
    """Stands before the application; `show` words a refusal, `now` is when a ticket comes in."""

    app: ASGIApp
    house: House
    show: Show
    tickets: Tickets
    now: Callable[[], datetime]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls an application."""
        if scope["type"] != "http":
            return  # no WebSocket is accepted, and the server asks for no lifespan
        request = Request(scope, receive)
        answer = await self._answered_here(request)
        try:
            await (answer or self.app)(scope, receive, _with_headers(send))
        except Exception as error:  # noqa: BLE001 - it was answered; its own words may hold what stands in a mail
            structlog.get_logger().error("a page failed", kind=type(error).__name__)

    async def _answered_here(self, request: Request) -> Response | None:
        """What the door itself answers; None where the request goes on."""
        refused = refusal(_asked(request), self.house)
        if refused is None and request.method == "POST":
            form = await _form(request)
            refused = form if isinstance(form, Refusal) else form_refusal(form, self.house)
            request.state.form = form
        if refused is not None:
            return self.show(refused)
        return self._let_in(request) if request.url.path == ENTRANCE else None

    def _let_in(self, request: Request) -> Response:
        """Who comes by the link or a ticket gets the cookie; neither stays in an address that could be passed on."""
        asked = request.query_params
        if not same(asked.get("token", ""), self.house.keys.token) and not self.tickets.take(
            asked.get(FIELD, ""), self.now()
        ):
            words = "This link is not the right one, or not any more: `watcher open` follows the one that is."
            return self.show(Refusal(HTTPStatus.FORBIDDEN, words))
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            self.house.cookie_name,
            self.house.keys.cookie,
            max_age=REMEMBERED_DAYS * 86_400,
            path="/",
            httponly=True,
            samesite="strict",
        )
        return answer


def _asked(request: Request) -> Asked:
    headers: dict[str, list[str]] = defaultdict(list)
    for name, value in request.headers.items():
        headers[name.lower()].append(value)
    raw_path = request.scope.get("raw_path") or request.url.path.encode()
    return Asked(request.method, raw_path.partition(b"?")[0], headers, request.cookies)


async def _form(request: Request) -> dict[str, str] | Refusal:
    """The fields of a form; of one that comes twice, the last."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is far more than a draft can hold.")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read.")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
