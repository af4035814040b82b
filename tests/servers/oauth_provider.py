"""An OAuth provider on loopback: consent, tokens, device codes, and the introspection that a mail server asks.

RFC 6749 (code, refresh with rotation), RFC 7636 (PKCE, checked), RFC 8628 (device code), RFC 7662 (introspection), RFC
6749 §10.4: a refresh token that comes back after it was replaced ends the whole consent. It does at once what a person
does who consents; `trouble` and `script` make it fail.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, CLIENT_SECRET = "client-4711", "c4n4ry-client-secret"
MAIL = "mail offline_access"


@dataclass
class Consent:
    """What a person consented to, and the one refresh token that holds for it now."""

    user: str
    refresh: str
    is_over: bool = False
    spent: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    fields: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


@dataclass
class OAuthProvider:
    """A running provider. `lifetime` is what it says of its tokens, in seconds; they end by `expire` or `revoke`."""

    port: int = 0
    user: str = "me@example.test"
    lifetime: int | None = 3600
    refresh_lifetime: int | None = None
    rotates: bool = True
    denies: str = ""
    interval: int = 1
    pending: int = 0
    too_fast: int = 0
    introspection: int = 200
    script: Reply | None = None
    """What the token endpoint says to the next request, instead of doing it."""
    cuts_after: bool = False
    """Whether the next answer of the token endpoint gets lost on the way, after it did what was asked."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    _good: dict[str, Consent] = field(default_factory=dict)
    _codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    _devices: dict[str, bool] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    over: Event = field(default_factory=Event)

    # ----------------------------------------------------------------------------------------- what tests do and ask

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def environment(self) -> dict[str, str]:
        """Settings of the program for this provider."""
        return {
            "WATCHER_OAUTH_PROVIDER": "custom",
            "WATCHER_OAUTH_CLIENT_ID": CLIENT,
            "WATCHER_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "WATCHER_OAUTH_AUTHORIZE_URL": self.url("authorize?realm=mail"),
            "WATCHER_OAUTH_TOKEN_URL": self.url("token"),
            "WATCHER_OAUTH_DEVICE_URL": self.url("device"),
            "WATCHER_OAUTH_SCOPE": MAIL,
        }

    def expire(self) -> None:
        """Every access token has ended, as after an hour."""
        self._good.clear()

    def revoke(self) -> None:
        """The person took the consent back in their account's settings."""
        self._good.clear()
        for consent in self.consents:
            consent.is_over = True

    def grant(self) -> dict[str, Any]:
        """Tokens of a new consent, as the token endpoint would give them."""
        consent = Consent(self.user, _secret("refresh"))
        self.consents.append(consent)
        return self._tokens(consent, consent.refresh)

    def times_asked(self, grant: str) -> int:
        return sum(1 for place, form in self.asked if place == "token" and form.get("grant_type", "").endswith(grant))

    # ----------------------------------------------------------------------------------------------------- endpoints

    def authorize(self, told: dict[str, str]) -> Reply:
        """The person consents at once, or not at all."""
        assert told["response_type"] == "code"
        assert told["client_id"] == CLIENT
        assert told["code_challenge_method"] == "S256"
        assert told["realm"] == "mail"
        self.asked.append(("authorize", told))
        answer = {"error": self.denies} if self.denies else {"code": self._code(told)}
        target = f"{told['redirect_uri']}?{urlencode(answer | {'state': told['state']})}"
        return Reply(302, b"", {"Location": target})

    def _code(self, told: dict[str, str]) -> str:
        code = _secret("code")
        self._codes[code] = (told["code_challenge"], told["redirect_uri"])
        return code

    def token(self, form: dict[str, str]) -> Reply:
        with self._lock:
            self.asked.append(("token", form))
            if self.script is not None:
                reply, self.script = self.script, None
                return reply
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                return _error("invalid_client", status=401)
            kinds = {"authorization_code": self._by_code, "refresh_token": self._by_refresh, _DEVICE: self._by_device}
            return kinds[form["grant_type"]](form)

    def _by_code(self, form: dict[str, str]) -> Reply:
        challenge, redirect = self._codes.pop(form["code"], ("", ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge or redirect != form["redirect_uri"]:
            return _error("invalid_grant")
        return _json(self.grant())

    def _by_refresh(self, form: dict[str, str]) -> Reply:
        told = form["refresh_token"]
        consent = next((one for one in self.consents if told == one.refresh or told in one.spent), None)
        if consent is None or consent.is_over or told in consent.spent:
            if consent is not None:
                consent.is_over = True  # somebody else has it too
            return _error("invalid_grant", f"the token {told} is expired or revoked")
        if not self.rotates:
            return _json(self._tokens(consent, None))
        consent.spent.add(told)
        consent.refresh = _secret("refresh")
        return _json(self._tokens(consent, consent.refresh))

    def device(self, form: dict[str, str]) -> Reply:
        self.asked.append(("device", form))
        code = _secret("device")
        self._devices[code] = True
        return _json(
            {
                "device_code": code,
                "user_code": "WDJB-MJHT",
                "verification_uri": "https://login.example.test/device",
                "verification_uri_complete": "https://login.example.test/device?code=WDJB-MJHT",
                "expires_in": 600,
                "interval": self.interval,
            }
        )

    def _by_device(self, form: dict[str, str]) -> Reply:
        if form["device_code"] not in self._devices:
            return _error("invalid_grant")
        if self.denies:
            return _error(self.denies)
        if self.too_fast:
            self.too_fast -= 1
            return _error("slow_down")
        if self.pending:
            self.pending -= 1
            return _error("authorization_pending")
        del self._devices[form["device_code"]]
        return _json(self.grant())

    def introspect(self, form: dict[str, str]) -> Reply:
        if self.introspection != 200:
            return Reply(self.introspection, b"")
        consent = self._good.get(form.get("token", ""))
        if consent is None:
            return _json({"active": False})
        return _json({"active": True, "username": consent.user, "scope": MAIL})

    def _tokens(self, consent: Consent, refresh: str | None) -> dict[str, Any]:
        access = _secret("access")
        self._good[access] = consent
        told = {"access_token": access, "token_type": "bearer", "expires_in": self.lifetime, "refresh_token": refresh}
        told["refresh_token_expires_in"] = self.refresh_lifetime
        return {name: value for name, value in told.items() if value is not None}


_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def _secret(kind: str) -> str:
    return f"c4n4ry-{kind}-{secrets.token_urlsafe(12)}"


def _json(content: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(content).encode())


def _error(code: str, words: str = "", status: int = 400) -> Reply:
    return Reply(status, json.dumps({"error": code, "error_description": words}).encode())


@contextmanager
def running() -> Iterator[OAuthProvider]:
    """A fresh provider until the block ends."""
    provider = OAuthProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - the other side may hang up
    provider.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(provider: OAuthProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            assert address.path == "/authorize"
            self._send(provider.authorize(_one_each(address.query)))

        def do_POST(self) -> None:
            place = urlsplit(self.path).path.strip("/")
            form = _one_each(self.rfile.read(int(self.headers["Content-Length"])).decode())
            reply = getattr(provider, place)(form) if place in _ENDPOINTS else Reply(404, b"{}")
            if place == "token" and provider.cuts_after:
                provider.cuts_after = False
                self.close_connection = True
                return
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in {**reply.fields, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


_ENDPOINTS = frozenset({"token", "device", "introspect"})


def _one_each(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def visit(address: str) -> tuple[int, str]:
    """What a browser does with an address that sends it elsewhere: status and page of where it ends up."""
    for _ in range(3):
        parts = urlsplit(address)
        connection = HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        response = connection.getresponse()
        page = response.read().decode()
        target = response.headers.get("Location")
        connection.close()
        if target is None:
            return response.status, page
        address = target
    raise AssertionError("sent elsewhere without end")


def dovecot_extra(place: str) -> str:
    """What Dovecot's settings need to take tokens; `place` is a file that `oauth2_settings` fills."""
    return f"""
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {place}
}}
"""


def oauth2_settings(provider: OAuthProvider) -> str:
    """The file that Dovecot's passdb reads."""
    return f"""
introspection_url = {provider.url("introspect")}
introspection_mode = post
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""
