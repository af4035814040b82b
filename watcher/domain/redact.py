"""A mail without personal data."""

from __future__ import annotations


def redact(content: bytes) -> bytes:
    """The mail's shape."""
    return content[:0]
