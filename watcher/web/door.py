"""The door: every request passes it, in both directions, whatever page it asks for.

What `admission` refuses goes no further, and changes nothing. Every answer, a refusal too, tells the browser to load
nothing from elsewhere, to run no script but ours, and to show the page in no frame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watcher.web import cookies
from watcher.web.admission import Asked, House, Refusal, form_refusal, has_cookie, refusal
from watcher.web.keys import same
from watcher.web.tickets import FIELD, Tickets

LARGEST_FORM = 256 << 10
MOST_FIELDS = 100
ENTRANCE = "/enter"

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

Show = Callable[[Refusal, str], Response]
"""Makes the page that says why somebody was not let in, with words of theirs that would be lost."""


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
        try:
            answer = await self._answered_here(request)
            await (answer or self.app)(scope, receive, _with_headers(send, self._renewal(request, answer)))
        except ClientDisconnect:
            pass  # a form that was broken off: nothing was done, and nobody waits for an answer
        except Exception as error:  # noqa: BLE001 - it is answered; its own words may hold what stands in a mail
            structlog.get_logger().error("a page failed", kind=type(error).__name__)

    async def _answered_here(self, request: Request) -> Response | None:
        """What the door itself answers; None where the request goes on."""
        refused, form = refusal(_asked(request), self.house, self.now()), dict[str, str]()
        if request.method == "POST" and (refused is None or refused.is_of_our_page):
            read = await _form(request)
            if isinstance(read, Refusal):
                return self.show(refused or read, "")
            form = request.state.form = read
            refused = refused or form_refusal(form, self.house)
        if refused is not None:
            return self.show(refused, _typed(form) if refused.is_of_our_page else "")
        return self._let_in(request) if request.url.path == ENTRANCE else None

    def _let_in(self, request: Request) -> Response:
        """Who comes by the link or a ticket gets the cookie; neither stays in an address that could be passed on."""
        if request.method != "GET":  # a HEAD, as programs send that look at links, would spend the ticket
            return self.show(Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This address is opened, and nothing else."), "")
        if not self._is_admitted(request):
            words = "This link is not the right one, or not any more: `watcher open` follows the one that is."
            return self.show(Refusal(HTTPStatus.FORBIDDEN, words), "")
        return RedirectResponse("/", HTTPStatus.SEE_OTHER, {"Set-Cookie": self._cookie()})

    def _is_admitted(self, request: Request) -> bool:
        """A ticket is spent by who is in already too: others may have read it."""
        given, now = request.query_params, self.now()
        return (
            self.tickets.take(given.get(FIELD, ""), now)
            or same(given.get("token", ""), self.house.keys.token)
            or has_cookie(_asked(request), self.house, now)
        )

    def _renewal(self, request: Request, answer: Response | None) -> str:
        """A new cookie for who uses the page with one of an earlier day; "" for all others."""
        given = request.cookies.get(self.house.cookie_name, "")
        is_due = answer is None and cookies.is_to_be_renewed(self.house.keys, given, self.now())
        return self._cookie() if is_due else ""

    def _cookie(self) -> str:
        value, lasts = cookies.cookie(self.house.keys, self.now()), int(cookies.LASTS.total_seconds())
        return f"{self.house.cookie_name}={value}; Max-Age={lasts}; Path=/; HttpOnly; SameSite=Strict"


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


def _typed(form: Mapping[str, str]) -> str:
    """Words in a form that a person may have been long about."""
    return form.get("text", "").replace("\r\n", "\n").strip()


def _with_headers(send: Send, cookie: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
            if cookie:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return sending
