"""Sign-in by OAuth 2 (extra `oauth`): a person's consent, the tokens it gives, how they are kept and renewed.

oauthlib knows the forms of the protocol and opens no connection, so every request goes through `adapters.exchange`,
which is bounded, checks certificates and follows no redirect. It was chosen before Authlib (which needs cryptography
and knows no device code for clients), and before msal and google-auth-oauthlib (one provider each, and requests too).
"""

from watcher.adapters.oauth.access import KeptTokens
from watcher.adapters.oauth.consent import by_browser, by_device
from watcher.adapters.oauth.provider import Provider, custom, google, microsoft
from watcher.adapters.oauth.store import KeyringStore, Place, Store, TokenFile

__all__ = [
    "KeptTokens",
    "KeyringStore",
    "Place",
    "Provider",
    "Store",
    "TokenFile",
    "by_browser",
    "by_device",
    "custom",
    "google",
    "microsoft",
]
