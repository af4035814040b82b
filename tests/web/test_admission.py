"""Who is let in: everything that another web site, another user or another program could try is refused, and changes
nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from builders import NOW
from cycle.house import NO_NOTE
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from web.pages import BASE, COOKIE, GIVEN, KEYS, LINK, Visitor, visiting

from watcher.domain.lifecycle import State
from watcher.web import cookies
from watcher.web.admission import Asked, House, refusal
from watcher.web.application import application
from watcher.web.errands import Errands
from watcher.web.keys import Keys, same
from watcher.web.link import Link

FORM = "application/x-www-form-urlencoded"
DISCARD = "/invitations/1/discard"


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(tmp_path, NO_NOTE) as one:
        yield one


@pytest.fixture(scope="module")
def _one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visiting(tmp_path_factory.mktemp("page"), NO_NOTE) as one:
        yield one


@pytest.fixture
def untouched(_one_for_all: Visitor) -> Iterator[Visitor]:
    """Whatever is tried: afterwards all is as before, and nobody has logged in to the mailbox."""
    visitor = _one_for_all.again()
    before = visitor.drafts
    yield visitor
    assert visitor.drafts == before
    assert visitor.house.states() == [State.DRAFTED]
    assert visitor.logins == []


def _post(visitor: Visitor, path: str = DISCARD, body: str = f"token={KEYS.form}", **headers: str | None) -> Response:
    """A form as this page sends it, but for what differs; None leaves a header out."""
    usual: dict[str, str | None] = {"Origin": BASE, "Content-Type": FORM, "Sec-Fetch-Site": "same-origin"}
    given = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = {name: value for name, value in given.items() if value is not None}
    return visitor.client.post(path, content=body.encode(), headers=sent, follow_redirects=False)


def test_the_form_that_all_these_differ_from_is_taken(visitor: Visitor) -> None:
    assert _post(visitor).status_code == 303
    assert (visitor.drafts, visitor.house.states()) == ([], [State.DISCARDED])


# ----------------------------------------------------------------------------------------------------------------- Host


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8765", "127.0.0.1.evil.example:8765", "127.0.0.1:8766", "127.0.0.1",
        "localhost:8765.evil.example", "localhost.:8765", "127.0.0.2:8765", "0.0.0.0:8765", "192.0.2.7:8765",
        "2130706433:8765", "0x7f.1:8765", "127.1:8765", "user@127.0.0.1:8765", "127.0.0.1:8765/",
        "[::ffff:127.0.0.1]:8765",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/invitations/1", "/style.css", "/enter"])
def test_a_name_that_was_pointed_at_this_machine_sees_nothing(untouched: Visitor, host: str, path: str) -> None:
    answer = untouched.get(path, Host=host)
    assert answer.status_code == 421
    assert "Ottoline" not in answer.text
    assert _post(untouched, Host=host, Origin=f"http://{host}").status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LocalHost:8765", "[::1]:8765"])
def test_the_names_of_this_machine_are_let_in(untouched: Visitor, host: str) -> None:
    assert untouched.get("/", Host=host).status_code == 200


def test_two_hosts_are_none(untouched: Visitor) -> None:
    headers = [("Host", "127.0.0.1:8765"), ("Host", "evil.example"), ("Cookie", COOKIE)]
    assert untouched.client.get("/", headers=headers).status_code == 421


# --------------------------------------------------------------------------------------------------------------- Origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "https://127.0.0.1:8765", "http://127.0.0.1:8766", "http://127.0.0.1", "null", "",
        "http://127.0.0.1:8765.evil.example", "http://localhost:8765", "http://127.0.0.1:8765/", "file://", None,
    ],
)  # fmt: skip
def test_a_form_of_another_web_site_is_refused(untouched: Visitor, origin: str | None) -> None:
    assert _post(untouched, Origin=origin).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_so_is_one_that_the_browser_says_comes_from_elsewhere(untouched: Visitor, site: str) -> None:
    assert _post(untouched, Sec_Fetch_Site=site).status_code == 403


def test_a_simple_form_from_another_site_carries_neither_cookie_nor_token(untouched: Visitor) -> None:
    untouched.client.cookies.clear()
    for path in (DISCARD, "/drafts/remove", "/invitations/1/save"):
        answer = _post(
            untouched, path, "text=gone&revision=1", Origin="http://evil.example", Sec_Fetch_Site="cross-site"
        )
        assert answer.status_code == 403


def test_a_script_of_another_site_reads_nothing(untouched: Visitor) -> None:
    answer = untouched.get("/", Origin="http://evil.example")
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = untouched.client.options("/", headers={"Origin": BASE, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 405


# ---------------------------------------------------------------------------------------------------------------- token


@pytest.mark.parametrize(
    "cookie",
    [
        "", "watcher-8765=", f"watcher-8765={GIVEN[:-1]}", f"watcher-8766={GIVEN}",
        f"watcher-8765={KEYS.form}", f"watcher-8765={LINK.token}", "watcher-8765=é",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/invitations/1", "/drafts", "/drafts/remove", "/health", "/nothing"])
def test_whoever_did_not_come_by_the_link_sees_nothing(untouched: Visitor, cookie: str, path: str) -> None:
    untouched.client.cookies.clear()
    answer = untouched.client.get(path, headers={"Cookie": cookie.encode()})
    assert answer.status_code == 403
    assert "Ottoline" not in answer.text
    assert "watcher open" in answer.text


@pytest.mark.parametrize("token", ["", "wrong", GIVEN, LINK.token[:-1], f"{LINK.token}x"])
def test_a_wrong_link_lets_nobody_in(untouched: Visitor, token: str) -> None:
    untouched.client.cookies.clear()
    answer = untouched.get(f"/enter?token={token}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_the_link_gives_a_cookie_that_no_script_and_no_other_site_gets(untouched: Visitor) -> None:
    untouched.client.cookies.clear()
    answer = untouched.get(f"/enter?token={LINK.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, *flags = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
    now = untouched.desk.clock.now()
    assert name == f"watcher-8765={cookies.cookie(KEYS, now)}"
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags)
    assert not any(flag.startswith("domain") for flag in flags)
    assert LINK.token not in answer.headers["set-cookie"]
    assert untouched.get("/").status_code == 200


@pytest.mark.parametrize("body", ["", "token=", "token=wrong", f"token={GIVEN}", f"token={LINK.token}",
                                  f"Token={KEYS.form}", "token=%FF", f"token={KEYS.form}&token=wrong"])  # fmt: skip
def test_a_form_without_the_pages_own_token_is_refused(untouched: Visitor, body: str) -> None:
    assert _post(untouched, body=body).status_code == 403


WORDS = "Dear Ottoline, </textarea><b>these took me an hour"


@pytest.mark.parametrize("has_cookie", [True, False])
def test_what_was_typed_into_a_page_that_is_out_of_date_is_given_back(untouched: Visitor, has_cookie: bool) -> None:
    if not has_cookie:
        untouched.client.cookies.clear()
    answer = _post(untouched, "/invitations/1/save", urlencode({"token": "of last month", "text": WORDS}))
    assert answer.status_code == 403
    assert "copy" in answer.text
    assert str(escape(WORDS)) in answer.text
    assert "<b>" not in answer.text


def test_what_another_site_sends_is_not_shown(untouched: Visitor) -> None:
    body = urlencode({"token": "made up", "text": WORDS})
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        answer = _post(untouched, "/invitations/1/save", body, **headers)
        assert answer.status_code in {403, 421}
        assert "took me an hour" not in answer.text


def test_the_token_stands_in_no_page(untouched: Visitor) -> None:
    for path in ("/", "/invitations/1", "/drafts", "/health"):
        page = untouched.shown(path)
        assert LINK.token not in page
        assert GIVEN not in page
    assert LINK.token not in repr(LINK) + repr(KEYS)


@given(st.text())
def test_nothing_but_the_secret_itself_is_the_same(given: str) -> None:
    assert same(given, KEYS.form) == (given == KEYS.form)
    assert Keys(given).cookie(1) != Keys(given).form


# ------------------------------------------------------------------------------------------------------- type and size


@pytest.mark.parametrize(
    "kind",
    [
        "application/json", "text/plain", "multipart/form-data; boundary=x", "", None, "application/xml",
        "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencodedx",
        f"text/plain, {FORM}",
    ],
)  # fmt: skip
def test_any_other_type_is_refused(untouched: Visitor, kind: str | None) -> None:
    assert _post(untouched, Content_Type=kind).status_code == 415


def test_a_charset_that_is_ours_is_taken(visitor: Visitor) -> None:
    assert _post(visitor, Content_Type=f"{FORM}; charset=UTF-8").status_code == 303


@pytest.mark.parametrize("body", ["x" * (257 << 10), "&".join(f"a{number}=1" for number in range(101))])
def test_what_no_form_holds_is_refused(untouched: Visitor, body: str) -> None:
    assert _post(untouched, body=f"{body}&token={KEYS.form}").status_code in {400, 413}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(untouched: Visitor, method: str) -> None:
    assert untouched.client.request(method, "/", headers={"Origin": BASE}).status_code == 405


@pytest.mark.parametrize("path", ["/", "/drafts", "/health", "/invitations/1", DISCARD])
def test_looking_changes_nothing(untouched: Visitor, path: str) -> None:
    untouched.get(path)
    untouched.client.head(path)


# ----------------------------------------------------------------------------------------------------------------- path


@pytest.mark.parametrize(
    "path",
    [
        "/%69nvitations/1", "/invitations/%31", "/enter%2f..%2finvitations/1", "/style.css/%2e%2e/invitations/1",
        "/style.css/../invitations/1", "//invitations/1", "/./invitations/1", "/style.css%00", "/style.css;/../",
        "/\\drafts", "/style.css%252f..", "/drafts/%72emove", "/é", "http://evil.example/", "/.hidden", "*",
    ],
)  # fmt: skip
@pytest.mark.parametrize("has_cookie", [True, False])
def test_an_encoded_path_is_refused(path: str, has_cookie: bool) -> None:
    cookies = {"watcher-8765": GIVEN} if has_cookie else {}
    asked = Asked("GET", path.encode(), {"host": ["127.0.0.1:8765"]}, cookies)
    refused = refusal(asked, House(LINK, KEYS, frozenset({"/style.css", "/enter"})), NOW)
    assert refused is not None
    assert refused.status == 403


def test_an_encoded_path_is_refused_on_the_way_too(untouched: Visitor) -> None:
    for path in ("/%69nvitations/1", "/invitations/%31/discard"):
        assert untouched.get(path).status_code == 403
        assert _post(untouched, path).status_code == 403


@given(st.binary(max_size=40))
def test_a_path_that_is_let_in_means_the_same_to_all(path: bytes) -> None:
    asked = Asked("GET", path, {"host": ["127.0.0.1:8765"]}, {"watcher-8765": GIVEN})
    if refusal(asked, House(LINK, KEYS), NOW) is None:
        assert b"%" not in path
        assert b"//" not in path
        assert b"/." not in path
        path.decode("ascii")


# -------------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("path", ["/", "/invitations/1", "/nothing", "/style.css", "/page.js", "/icon.svg", "/enter"])
@pytest.mark.parametrize("host", ["127.0.0.1:8765", "evil.example"])
def test_every_answer_forbids_frames_scripts_and_other_hosts(untouched: Visitor, path: str, host: str) -> None:
    headers = untouched.get(path, Host=host).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "form-action")} == {"'self'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_pages_are_kept_by_no_cache(untouched: Visitor) -> None:
    assert untouched.get("/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://[::1]:8765/"])
def test_other_addresses_of_this_machine_have_their_own_hosts(url: str) -> None:
    host, port = ("::1", 8765) if "[" in url else ("127.0.0.1", 80)
    house = House(Link(host, port, "token"), KEYS)
    names = house.hosts
    assert ("127.0.0.1" in names) == (port == 80)
    assert f"[::1]:{port}" in names
    assert house.link.place == url


# ------------------------------------------------------------------------------------------------- answers for machines


def test_what_machines_ask_needs_no_cookie_but_our_host(untouched: Visitor) -> None:
    def well(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("well")

    app = application(untouched.desk, LINK, Errands(), [Route("/healthz", well, methods=["GET"])])
    client = TestClient(app, base_url=BASE)
    assert client.get("/healthz").text == "well"
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/%68ealthz").status_code == 403
    assert client.get("/healthz/").status_code == 403
    assert client.post("/healthz", headers={"Origin": BASE, "Content-Type": FORM}).status_code == 403
    assert client.get("/").status_code == 403
