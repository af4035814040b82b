"""Whom to ask for consent and tokens, and what each of the large ones wants in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Provider:
    """An authorisation server and the client that the person registered there.

    `device_url` is None where it offers no device code. `loopback` is the host by which it lets its answer come back to
    this machine. `asks` is sent besides when a person is asked for consent.
    """

    name: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    device_url: str | None
    scope: str
    loopback: str = "127.0.0.1"
    asks: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call it; a custom one by where they sign in."""
        return urlsplit(self.authorize_url).hostname or self.name if self.name == "custom" else self.name.title()

    @property
    def host(self) -> str:
        """Who answers, in words for the person."""
        return urlsplit(self.token_url).hostname or self.token_url


def google(client_id: str, client_secret: str) -> Provider:
    """Google (https://developers.google.com/identity/protocols/oauth2/native-app).

    Its device codes give no access to mail, so none is offered
    (https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes). `prompt` has it give a
    refresh token each time, which it does else for the first consent only.
    """
    return Provider(
        name="google",
        client_id=client_id,
        client_secret=client_secret,
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        device_url=None,
        scope="https://mail.google.com/",
        asks={"access_type": "offline", "prompt": "consent"},
    )


def microsoft(client_id: str, client_secret: str, tenant: str) -> Provider:
    """Microsoft (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).

    The port of a redirect is disregarded for `localhost` alone, not for 127.0.0.1
    (https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions). The scope is Exchange's own:
    https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
    """
    base = f"https://login.microsoftonline.com/{quote(tenant, safe='')}/oauth2/v2.0"
    return Provider(
        name="microsoft",
        client_id=client_id,
        client_secret=client_secret,
        authorize_url=f"{base}/authorize",
        token_url=f"{base}/token",
        device_url=f"{base}/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        loopback="localhost",
    )


def custom(  # noqa: PLR0913, PLR0917 - one argument a setting
    client_id: str, client_secret: str, authorize_url: str, token_url: str, device_url: str | None, scope: str
) -> Provider:
    """Any other: all of it from settings."""
    return Provider("custom", client_id, client_secret, authorize_url, token_url, device_url, scope)
