"""The token that opens the page, and what is derived from it: what the browser keeps, and what its forms carry.

Neither can be turned back into the token, nor one into the other: a cookie that leaks fills in no form.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """Of one page. `token` is a random text of at least 32 octets, known to nobody but who may read its file."""

    token: str = field(repr=False)

    def cookie(self, ends: int) -> str:
        """What proves the cookie of a browser, which ends at this second since 1970."""
        return self._derived(f"cookie {ends}")

    @property
    def form(self) -> str:
        """What each form of the page carries."""
        return self._derived("form")

    def ticket(self, ends: int, number: str) -> str:
        """What proves a ticket that ends at this second since 1970."""
        return self._derived(f"ticket {ends} {number}")

    def proof(self, port: int, number: str) -> str:
        """What proves that the page at this port is ours, to who asked with this number."""
        return self._derived(f"proof {port} {number}")

    def _derived(self, use: str) -> str:
        return hmac.new(self.token.encode(), f"invitation-watcher page {use}".encode(), "sha256").hexdigest()


def same(given: str, right: str) -> bool:
    """Compare without telling by the time taken how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
