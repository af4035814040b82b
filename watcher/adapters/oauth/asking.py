"""Asks the provider's token and device endpoints, and sorts what it answers by what the caller does next.

An answer without tokens is never taken for an end of the consent unless it says so by the codes of RFC 6749 §5.2: what
the network or a proxy may have put there is worth another try.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import DeviceClient, OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.parameters import parse_token_response

from watcher.adapters.exchange import Answer, endpoint, post
from watcher.adapters.oauth.provider import Provider
from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import NotSignedIn, Problem, Show, TryAgain

WITHIN = 15.0
"""Seconds for one request as a whole."""

MOST_WORDS = 200
_LONGEST = timedelta(days=3660)

_CONSENT_IS_OVER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_CLIENT_IS_WRONG = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})
_PENDING = frozenset({"authorization_pending", "slow_down"})
_NOT_GIVEN = {
    "expired_token": "the time for signing in is over",
    "access_denied": "consent was not given",
    "authorization_declined": "consent was not given",  # Microsoft's own name for it
}


class ConsentOver(NotSignedIn):
    """The provider gives nothing more for this consent: the person has to sign in again."""


def redeem(provider: Provider, code: str, verifier: str, redirect: str, now: datetime) -> Tokens:
    """Tokens for the code that came back with the person's consent (RFC 6749 §4.1.3, RFC 7636 §4.5)."""
    client = WebApplicationClient(provider.client_id)
    secret = provider.client_secret or None
    body = client.prepare_request_body(code, redirect, code_verifier=verifier, client_secret=secret)
    return _tokens(provider, body, now, (code, verifier))


def renew(provider: Provider, refresh: str, now: datetime) -> Tokens:
    """New tokens for a refresh token (RFC 6749 §6). The scope is not sent: it stays what was consented to."""
    client = WebApplicationClient(provider.client_id)
    known = {"client_id": provider.client_id} | _secret(provider)
    return _tokens(provider, client.prepare_refresh_body(refresh_token=refresh, **known), now, (refresh,))


def begin_device(provider: Provider, address: str, now: datetime) -> DeviceCode:
    """Ask for a code that the person types in elsewhere (RFC 8628 §3.1)."""
    asked = {"client_id": provider.client_id, "scope": provider.scope}
    answer = _answer(provider, address, urlencode(asked), ())
    try:
        whole = answer.get("verification_uri_complete")
        return DeviceCode(
            code=str(answer["device_code"]),
            user_code=_harmless(str(answer["user_code"])),
            address=_harmless(str(answer.get("verification_uri") or answer["verification_url"])),
            whole_address=_harmless(str(whole)) if whole else None,
            ends=now + timedelta(seconds=_seconds(answer["expires_in"])),
            every=timedelta(seconds=_seconds(answer.get("interval", 5))),
        )
    except (KeyError, ValueError, TypeError, OverflowError):
        raise _not_understood(provider) from None


def poll_device(provider: Provider, device: DeviceCode, now: datetime) -> Tokens | DeviceCode:
    """The tokens, or the code again, to be asked for later and perhaps less often (RFC 8628 §3.5)."""
    client = DeviceClient(provider.client_id)
    body = client.prepare_request_body(device.code, include_client_id=True, **_secret(provider))
    try:
        return _tokens(provider, body, now, (device.code,))
    except _Pending as pending:
        slower = timedelta(seconds=5) if pending.is_too_fast else timedelta()
        return replace(device, every=device.every + slower)


class _Pending(Exception):  # noqa: N818 - nothing is wrong
    """The person has not decided yet."""

    def __init__(self, *, is_too_fast: bool) -> None:
        self.is_too_fast = is_too_fast
        super().__init__()


def _secret(provider: Provider) -> dict[str, str]:
    return {"client_secret": provider.client_secret} if provider.client_secret else {}


def _tokens(provider: Provider, body: str, now: datetime, secrets: tuple[str, ...]) -> Tokens:
    answer = _answer(provider, provider.token_url, body, secrets)
    try:
        known = parse_token_response(json.dumps(answer))
        if str(known.get("token_type", "Bearer")).lower() != "bearer":
            raise _not_understood(provider)
        return Tokens(
            access=_token(known["access_token"]),
            ends=_moment(known.get("expires_in"), now),
            refresh=_token(known["refresh_token"]) if known.get("refresh_token") else None,
            since=now,
            refresh_ends=_moment(known.get("refresh_token_expires_in"), now),
        )
    except (OAuth2Error, KeyError, ValueError, TypeError, OverflowError):
        raise _not_understood(provider) from None


def _token(value: object) -> str:
    """Of the characters that RFC 6749 appendix A.12 allows: anything else would break the line it is sent on."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise ValueError("is no token")
    return value


def _moment(seconds: object, now: datetime) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=_seconds(seconds))


def _seconds(value: Any) -> float:  # noqa: ANN401 - of somebody else's JSON
    """Some write the number as a text. Raises ValueError, TypeError."""
    return min(max(0.0, float(value)), _LONGEST.total_seconds())


def _answer(provider: Provider, address: str, body: str, secrets: tuple[str, ...]) -> Mapping[str, Any]:
    """What the provider answers, where that is what was asked for. Raises TryAgain, Show, ConsentOver, _Pending."""
    fields = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = post(endpoint(address), fields | {"User-Agent": "watcher"}, body.encode("ascii"), WITHIN, _never)
    except TryAgain as failure:
        raise TryAgain(f"{provider.host} gives no token just now: {failure}") from failure
    content = _json(answer)
    if answer.status == 200 and content is not None and "error" not in content:
        return content
    raise _refusal(provider, answer, content or {}, (*secrets, provider.client_secret))


def _never() -> bool:
    return False


def _json(answer: Answer) -> Mapping[str, Any] | None:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _refusal(provider: Provider, answer: Answer, content: Mapping[str, Any], secrets: tuple[str, ...]) -> Exception:
    code = content.get("error")
    said = _said(content, secrets)
    if code in _PENDING:
        return _Pending(is_too_fast=code == "slow_down")
    if code in _CONSENT_IS_OVER:
        return ConsentOver(sign_in_again(provider, f"{provider.host} no longer accepts the sign-in ({said})"))
    if code in _NOT_GIVEN:
        return Show(sign_in_again(provider, _NOT_GIVEN[code]))
    if code in _CLIENT_IS_WRONG:
        where = "WATCHER_OAUTH_SCOPE" if code == "invalid_scope" else "WATCHER_OAUTH_CLIENT_ID"
        remedy = "see docs/sign-in.md for what to register there"
        return Show(Problem(where, f"{provider.host} refuses it ({said})", remedy))
    if 300 <= answer.status < 400:
        what = f"{provider.host} sends elsewhere (HTTP {answer.status}), which is not followed"
        return Show(Problem("WATCHER_OAUTH_TOKEN_URL", what, "write the address that it sends to, if you trust it"))
    words = f" ({said})" if said else ""
    what = f"{provider.host} gives no token just now: it answers HTTP {answer.status}{words}"
    return TryAgain(what, wait=answer.retry_after)


def sign_in_again(provider: Provider, what: str) -> Problem:
    """The one thing to do where there is no consent, or none any more."""
    return Problem(f"WATCHER_OAUTH_PROVIDER={provider.name}", what, "sign in: run `watcher login`")


def _said(content: Mapping[str, Any], secrets: tuple[str, ...]) -> str:
    """The provider's own words, on one line and without anything it may repeat of what it was told."""
    told = [content[name] for name in ("error", "error_description") if isinstance(content.get(name), str)]
    words = _harmless(": ".join(told))
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    return words[:MOST_WORDS]


def _harmless(words: str) -> str:
    """On one line, and nothing that a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())


def _not_understood(provider: Provider) -> TryAgain:
    return TryAgain(f"{provider.host} gives no token just now: its answer is not understood")
