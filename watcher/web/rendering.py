"""Pages from templates: every value is text, whatever it holds. The templates are this program's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from watcher import __version__
from watcher.web.admission import TOKEN_FIELD

NAVIGATION = (("/", "Invitations"), ("/drafts", "Drafts"), ("/templates", "Templates"), ("/health", "Health"))
"""What stands above every page."""

# Controls but tab and line end, and what turns the writing around: each is shown as a mark, so that nothing hides.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

STATIC = {
    "/style.css": "text/css; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
    "/editor.js": "text/javascript; charset=utf-8",
    "/icon.svg": "image/svg+xml",
}
"""The files of the page itself, with their types. They show nothing of the person."""


def visible(value: object) -> object:
    """A value as a page shows it."""
    return _HIDDEN.sub("\ufffd", value.replace("\r\n", "\n")) if type(value) is str else value


def said(words: str) -> Markup:
    """Words of this program's own, with its commands set apart: what stands between backticks is code."""
    pieces = [escape(visible(piece)) for piece in words.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


def when(moment: datetime, now: datetime) -> str:
    """A moment as one says it, in the zone of this machine: `today 09:30`, `24 Nov`, `3 May 2025`."""
    local, today = moment.astimezone(), now.astimezone().date()
    days = (today - local.date()).days
    if days in {0, 1}:
        return f"{('today', 'yesterday')[days]} {local:%H:%M}"
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


@dataclass(slots=True)
class Pages:
    """Renders one page. `form_token` is what every form carries."""

    form_token: str
    _environment: Environment = field(init=False)

    def __post_init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("watcher.web", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=visible,
        )
        self._environment.globals |= {
            "form_token": self.form_token,
            "token_field": TOKEN_FIELD,
            "navigation": NAVIGATION,
            "version": __version__,
        }
        self._environment.filters |= {"when": when, "exactly": exactly, "said": said}

    def html(self, name: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
        """One page."""
        return HTMLResponse(self._environment.get_template(f"{name}.html.j2").render(values), status)


def exactly(moment: datetime) -> str:
    """A moment to the minute, in the zone of this machine."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def static(path: str) -> Response:
    """One of the page's own files."""
    content = files("watcher.web").joinpath("pages", path.removeprefix("/")).read_bytes()
    return Response(content, media_type=STATIC[path], headers={"Cache-Control": "no-cache"})
