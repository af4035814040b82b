"""A person's consent, by a browser on this machine or by a code that is typed in on another.

By browser: the code comes back to a page of ours on loopback (RFC 8252 §7.3), bound to this request by `state` and by
PKCE (RFC 7636): whoever else reads it on the way can do nothing with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import WebApplicationClient

from watcher.adapters.oauth import asking
from watcher.adapters.oauth.asking import sign_in_again
from watcher.adapters.oauth.loopback import Redirected, listening
from watcher.adapters.oauth.provider import Provider
from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import Problem, Show, TryAgain
from watcher.ports import Clock

WITHIN = timedelta(minutes=10)
"""How long the person may take in the browser."""


@dataclass(frozen=True, slots=True)
class Request:
    """Where the person consents, and the secret that only we can redeem its code with (PKCE)."""

    address: str
    verifier: str


def by_browser(provider: Provider, user: str, clock: Clock, show: Callable[[str, int], None]) -> Tokens:
    """Consent in a browser on this machine; `show` brings the address before the person, and knows our port.

    Raises Show where consent was not given, TryAgain where the provider fails.
    """
    state = secrets.token_urlsafe(32)
    with listening(provider.loopback, state) as page:
        request = _request(provider, user, page.address, state)
        show(request.address, page.port)
        answer = page.wait(WITHIN)
        if answer is None:
            what = f"nobody signed in within {WITHIN.total_seconds() / 60:.0f} minutes"
            raise Show(sign_in_again(provider, what))
        return asking.redeem(provider, _code(provider, answer), request.verifier, page.address, clock.now())


def _request(provider: Provider, user: str, redirect: str, state: str) -> Request:
    client = WebApplicationClient(provider.client_id)
    verifier = client.create_code_verifier(64)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect,
        "scope": provider.scope,
        "state": state,
        "code_challenge": client.create_code_challenge(verifier, "S256"),
        "code_challenge_method": "S256",
        "login_hint": user,
        **provider.asks,
    }
    return Request(add_params_to_uri(provider.authorize_url, list(asked.items())), verifier)


def _code(provider: Provider, answer: Redirected) -> str:
    if answer.error == "access_denied":
        raise Show(sign_in_again(provider, "consent was not given"))
    if answer.error in {"temporarily_unavailable", "server_error"}:
        raise TryAgain(f"{provider.host} cannot sign anybody in just now ({answer.error})")
    if answer.error or not answer.code:
        what = f"{provider.host} signs nobody in with these settings ({answer.error or 'no code came back'})"
        raise Show(Problem("WATCHER_OAUTH_CLIENT_ID", what, "see docs/sign-in.md for what to register there"))
    return answer.code


def by_device(
    provider: Provider, clock: Clock, show: Callable[[DeviceCode], None], wait: Callable[[timedelta], None]
) -> Tokens:
    """Consent by a code; `show` brings it before the person. Raises Show where this provider offers none."""
    if provider.device_url is None:
        where = "WATCHER_OAUTH_DEVICE_URL" if provider.name == "custom" else "WATCHER_OAUTH_PROVIDER"
        what = f"{provider.name} offers no sign-in by code for mail"
        raise Show(Problem(where, what, "run `watcher login` without --device; docs/sign-in.md tells how from afar"))
    device = asking.begin_device(provider, provider.device_url, clock.now())
    show(device)
    while clock.now() < device.ends:
        wait(device.every)
        answer = _polled(provider, device, clock)
        if isinstance(answer, Tokens):
            return answer
        device = answer
    raise Show(sign_in_again(provider, "the time for signing in is over"))


def _polled(provider: Provider, device: DeviceCode, clock: Clock) -> Tokens | DeviceCode:
    """A question that got lost is asked again (RFC 8628 §3.5)."""
    try:
        return asking.poll_device(provider, device, clock.now())
    except TryAgain:
        return device
