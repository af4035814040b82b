"""The link that opens the page: where it is, and the token. Whoever has it is let in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """`token` lies in a file of its own beside the ledger, which nobody else may read."""

    host: str
    port: int
    token: str = field(repr=False)

    @property
    def place(self) -> str:
        """Where the page is, without the token."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"{self.place}enter?token={self.token}"
