"""Mail as it came, before anything is decoded: a header block and the text parts that were fetched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawPart:
    """One text part as it travelled: `body` is still in its content-transfer-encoding."""

    content_type: str  # text/plain or text/html, lower case
    charset: str
    encoding: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A mail's header block and its text parts; `size` is the whole mail's, in octets. `is_cut`: more text is there."""

    header: bytes
    parts: tuple[RawPart, ...]
    size: int
    is_cut: bool = False
