"""A mail server in one line, as a person types it: `host`, `host:143`, `host:1143 starttls`."""

from __future__ import annotations

import re

from watcher.errors import Problem, Show

USUAL_PORT = {"tls": 993, "starttls": 143, "none": 143}
"""By the values of WATCHER_IMAP_SECURITY (RFC 8314 §3.2)."""

_LINE = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?(?:\s+(tls|starttls|none))?", re.IGNORECASE)


def as_typed(host: str, port: int, security: str) -> str:
    """The shortest line that says this."""
    shown = f"[{host}]" if ":" in host else host
    if port == USUAL_PORT[security] and security != "none":
        return shown if security == "tls" else f"{shown}:{port}"
    is_understood = security == "tls" and port != USUAL_PORT["starttls"]
    return f"{shown}:{port}" if is_understood else f"{shown}:{port} {security}"


def read(typed: str) -> tuple[str, int, str]:
    """Host, port and security: on port 143 a server wants STARTTLS, on any other TLS. Raises Show."""
    found = _LINE.fullmatch(typed.strip())
    port = int(found[2]) if found and found[2] else None
    if found is None or port == 0 or (port or 0) > 65535:
        remedy = "write it as imap.example.org, or with its port and tls or starttls: imap.example.org:143 starttls"
        raise Show(Problem("server", f"{typed!r} is no name of a server", remedy))
    security = (found[3] or ("starttls" if port == 143 else "tls")).lower()
    return found[1].strip("[]"), port or USUAL_PORT[security], security
